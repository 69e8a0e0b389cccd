using System.Collections.Concurrent;

namespace MgPrint.PowerShell.Cmdlets;

/// <summary>
/// PowerShell's own thread while it waits for a response. Script blocks run on no other, so every step begins here, also
/// behind a compiled one that went on in a thread of its own.
/// </summary>
/// <param name="stopping">Cancelled when nobody waits for the answer any more.</param>
internal sealed class PipelineThread(CancellationToken stopping) : TaskScheduler, IDisposable
{
    // A step in front that blocks on its response keeps the thread from the step that it waits for.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    private readonly int _id = Environment.CurrentManagedThreadId;
    private readonly BlockingCollection<Task> _wanted = [];

    /// <summary>Waits for an answer, and does meanwhile what other threads want of this one.</summary>
    public T Await<T>(Task<T> answering)
    {
        if (!answering.IsCompleted)
        {
            _ = answering.ContinueWith(_ => End(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, Default);
            foreach (Task work in _wanted.GetConsumingEnumerable(stopping))
            {
                TryExecuteTask(work);
            }
        }

        return answering.GetAwaiter().GetResult();
    }

    /// <summary>Calls a step for the task that it gives back.</summary>
    /// <exception cref="TimeoutException">The thread was not free.</exception>
    public Task<T?> Start<T>(Func<T?> call)
        where T : Task => Environment.CurrentManagedThreadId == _id ? Task.FromResult(call()) : StartHere(call);

    private async Task<T?> StartHere<T>(Func<T?> call)
        where T : Task
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        patience.CancelAfter(LongestWait);
        Task<T?> begun = Task.Factory.StartNew(call, patience.Token, TaskCreationOptions.HideScheduler, this);
        try
        {
            return await begun.ConfigureAwait(false);
        }
        catch (TaskCanceledException) when (begun.IsCanceled && !stopping.IsCancellationRequested)
        {
            throw new TimeoutException(
                "PowerShell's thread is not free for this step, since a step in front of it waits there for its response. "
                + "Let that step give back the task in place of waiting for it");
        }
    }

    private void End()
    {
        try
        {
            _wanted.CompleteAdding();
        }
        catch (ObjectDisposedException)
        {
            // The pipeline was stopped before the answer came.
        }
    }

    public void Dispose() => _wanted.Dispose();

    protected override void QueueTask(Task task) => _wanted.Add(task, stopping);

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => _wanted;
}
