using System.Collections.Concurrent;
using System.Management.Automation;

namespace MgPrint.PowerShell.Cmdlets;

/// <summary>
/// PowerShell's own thread while it waits for an answer. Script blocks run on no other; a compiled step that goes on in a
/// thread of its own may have some behind it, and they are brought here.
/// </summary>
/// <param name="stopping">Cancelled when nobody waits for the answer any more.</param>
internal sealed class PipelineThread(CancellationToken stopping) : IDisposable
{
    // A step in front that blocks on its answer keeps the thread from the script block that it waits for.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly int _id = Environment.CurrentManagedThreadId;
    private readonly BlockingCollection<Action> _wanted = [];

    /// <summary>Waits for an answer, and does meanwhile what other threads want of this one.</summary>
    /// <exception cref="OperationCanceledException">The pipeline was stopped, or a step cancelled the request.</exception>
    public T Await<T>(Task<T> answering)
    {
        if (!answering.IsCompleted)
        {
            _ = answering.ContinueWith(_ => End(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            foreach (Action work in _wanted.GetConsumingEnumerable(stopping))
            {
                work();
            }
        }

        return answering.GetAwaiter().GetResult();
    }

    /// <summary>Calls a step for the task that it gives back: here if it is a script, wherever we are if it is not.</summary>
    /// <exception cref="TimeoutException">The thread was not free.</exception>
    public Task<T?> Start<T>(Delegate step, Func<T?> call)
        where T : Task =>
        Environment.CurrentManagedThreadId == _id || !IsScript(step) ? Task.FromResult(call()) : StartHere(call);

    private async Task<T?> StartHere<T>(Func<T?> call)
        where T : Task
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var given = new TaskCompletionSource<T?>(TaskCreationOptions.RunContinuationsAsynchronously);
        _wanted.Add(
            () =>
            {
                if (!begun.TrySetResult())
                {
                    return;
                }

                try
                {
                    given.TrySetResult(call());
                }
                catch (Exception failed)
                {
                    given.TrySetException(failed);
                }
            },
            stopping);
        try
        {
            await begun.Task.WaitAsync(Patience, stopping).ConfigureAwait(false);
        }
        catch (TimeoutException) when (begun.TrySetCanceled())
        {
            throw new TimeoutException(
                "PowerShell's thread is not free for this script block, since a step in front of it waits there for its answer. "
                + "Let that step give back the task in place of waiting for it");
        }

        return await given.Task.ConfigureAwait(false);
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

    /// <inheritdoc/>
    public void Dispose() => _wanted.Dispose();

    /// <summary>Whether PowerShell made a delegate of a script block, be it behind another delegate that only passes on.</summary>
    private static bool IsScript(Delegate step) =>
        // What a compiled expression refers to; the framework has the class and shows it in no reference assembly.
        step.Target?.GetType() is { FullName: "System.Runtime.CompilerServices.Closure" } closure
        && closure.GetField("Constants")?.GetValue(step.Target) is object[] constants
        && Array.Exists(constants, constant => constant is ScriptBlock || (constant is Delegate inner && IsScript(inner)));
}
