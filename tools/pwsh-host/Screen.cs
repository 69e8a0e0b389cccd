using System.Management.Automation;

namespace PwshHost;

/// <summary>Standard output and standard error, and the progress that is drawn below what they have written.</summary>
internal sealed class Screen : IDisposable
{
    private readonly Lock _turn = new();
    private readonly ProgressView? _progress;

    public Screen()
    {
        Colors.FollowEnvironment();
        var drawable = !Console.IsErrorRedirected && IsCapable;
        _progress = drawable ? new ProgressView(Console.Error, _turn) : null;
        Output = new ScreenStream(Console.Out, !Console.IsOutputRedirected, _turn, _progress);
        Error = new ScreenStream(Console.Error, !Console.IsErrorRedirected, _turn, _progress);

        // A script that writes by [Console] must not write into the middle of a progress line.
        if (_progress is not null)
        {
            Console.SetOut(new ScreenWriter(Output, Console.OutputEncoding));
            Console.SetError(new ScreenWriter(Error, Console.OutputEncoding));
        }
    }

    /// <summary>True unless TERM says that escape sequences mean nothing here.</summary>
    public static bool IsCapable { get; } = !string.Equals(Environment.GetEnvironmentVariable("TERM"), "dumb", StringComparison.OrdinalIgnoreCase);

    public ScreenStream Output { get; }

    public ScreenStream Error { get; }

    /// <summary>Takes in the state of one activity; nothing happens without a terminal.</summary>
    public void ShowProgress(long sourceId, ProgressRecord record) => _progress?.Update(sourceId, record);

    /// <summary>Takes the progress off the screen, and leaves the terminal as it was found.</summary>
    public void Dispose()
    {
        _progress?.Dispose();
        if (Output.IsTerminal && IsCapable)
        {
            // The runtime switches the arrow and number keys to application mode, and never back.
            Output.WriteRaw("\u001b[?1l\u001b>");
        }
    }

    /// <summary>Another program is about to write to the terminal.</summary>
    public void BeginForeignOutput() => _progress?.Suspend();

    /// <summary>The other program has ended.</summary>
    public void EndForeignOutput() => _progress?.Resume();
}
