namespace PwshHost;

/// <summary>
/// A blocking read that cannot be called back: when a stop is asked for it is left behind on a thread of its own, and ends
/// with the process, which is what a stop leads to.
/// </summary>
internal static class Abandonable
{
    /// <summary>Runs <paramref name="read"/>; false when the stop came first.</summary>
    public static bool Run<T>(Func<T> read, CancellationToken stop, out T? result)
    {
        var reading = Task.Factory.StartNew(
            read, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            reading.Wait(stop);
            result = reading.Result;
            return true;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            result = default;
            return false;
        }
    }
}
