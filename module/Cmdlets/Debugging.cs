using Debugger = System.Diagnostics.Debugger;

namespace MgPrint.PowerShell.Cmdlets;

/// <summary>The wait of -Break.</summary>
internal static class Debugging
{
    private static readonly TimeSpan BetweenDots = TimeSpan.FromMilliseconds(100);
    private const int DotsInALine = 50;

    /// <summary>Waits until a debugger is attached, writing dots to standard error, and then breaks into it.</summary>
    public static void WaitForDebugger(CancellationToken stopping)
    {
        for (int dots = 0; !Debugger.IsAttached; dots++)
        {
            if (dots % DotsInALine == 0)
            {
                Console.Error.WriteLine(
                    $"{(dots > 0 ? Environment.NewLine : "")}Waiting for debugger to attach to process {Environment.ProcessId}");
            }

            if (stopping.WaitHandle.WaitOne(BetweenDots))
            {
                throw new PipelineStoppedException();
            }

            Console.Error.Write(".");
        }

        Debugger.Break();
    }
}
