namespace MgPrint.PowerShell.Runtime;

/// <summary>
/// Work that may wait for a network or a share and cannot be told to stop. Another thread does it, so that Ctrl+C leaves it
/// behind.
/// </summary>
internal static class Stoppable
{
    /// <summary>What the work gives, or throws.</summary>
    /// <param name="work">It must need nothing of PowerShell's own thread.</param>
    public static T Run<T>(Func<T> work, CancellationToken stopping)
    {
        try
        {
            return Task.Run(work, CancellationToken.None).WaitAsync(stopping).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
    }
}
