using System.Diagnostics;

namespace MgPrint.PowerShell.Cmdlets;

/// <summary>When the next progress bar may be drawn: ten times a second at most, all bars of a call together.</summary>
internal sealed class ProgressPace
{
    private static readonly TimeSpan BetweenUpdates = TimeSpan.FromMilliseconds(100);

    private readonly Stopwatch _sinceUpdate = new();

    /// <summary>How long until a bar may be drawn.</summary>
    public TimeSpan Wait =>
        _sinceUpdate.IsRunning && _sinceUpdate.Elapsed < BetweenUpdates ? BetweenUpdates - _sinceUpdate.Elapsed : TimeSpan.Zero;

    public void Drawn() => _sinceUpdate.Restart();
}

/// <summary>The progress bar of one document. It never holds a URL.</summary>
/// <param name="activity">What it says, such as "Sending a.pdf".</param>
internal sealed class UploadProgress(Cmdlet cmdlet, string activity)
{
    private static int _lastActivityId;

    private readonly int _activityId = Interlocked.Increment(ref _lastActivityId) & int.MaxValue;
    private EngineEvent? _held;
    private bool _isShown;

    /// <summary>Whether there is something to show that was not shown.</summary>
    public bool IsDue => _held is not null;

    /// <summary>When it was drawn last, as a timestamp of the system's clock; 0 for never.</summary>
    public long LastDrawn { get; private set; }

    /// <summary>How the document's print job stands, in words; empty where there is none.</summary>
    public string Job { get; set; } = "";

    /// <summary>Keeps what happened until it may be drawn; the newest counts.</summary>
    public void Hold(EngineEvent latest) => _held = latest;

    /// <summary>Draws how far the upload is, or that it waits for a retry.</summary>
    public void Draw()
    {
        if (_held is not EngineEvent latest)
        {
            return;
        }

        _held = null;
        LastDrawn = Stopwatch.GetTimestamp();
        switch (latest.Kind)
        {
            case EngineEventKind.Job: Draw(Job); break;
            // The wait first: a bar has one line, and the reason may not fit.
            case EngineEventKind.Retry: Draw($"{EngineCmdlet.WaitInWords(latest)}: {DisplayText.Clean(latest.Text)}"); break;
            default: Draw(StatusOf(latest), PercentOf(latest), SecondsLeft(latest)); break;
        }
    }

    public void End()
    {
        _held = null;
        if (_isShown)
        {
            _isShown = false;
            cmdlet.WriteProgress(new ProgressRecord(_activityId, activity, "Done") { RecordType = ProgressRecordType.Completed });
        }
    }

    /// <summary>Takes the bar away where that still can be done: a pipeline that is stopped takes no more of them.</summary>
    public void TryEnd()
    {
        try
        {
            End();
        }
        catch (PipelineStoppedException)
        {
            // The host takes them away itself.
        }
    }

    /// <summary>Draws a status.</summary>
    public void Draw(string status, int percent = -1, int secondsLeft = -1)
    {
        _isShown = true;
        cmdlet.WriteProgress(
            new ProgressRecord(_activityId, activity, status) { PercentComplete = percent, SecondsRemaining = secondsLeft });
    }

    private static string StatusOf(EngineEvent next) => next.BytesDone == next.BytesTotal && next.BytesTotal > 0
        ? $"{Amount(next.BytesTotal)} sent, waiting for the service"
        : next.BytesPerSecond > 0
        ? $"{Amount(next.BytesDone)} of {Amount(next.BytesTotal)}, {Amount(next.BytesPerSecond)}/s"
        : $"{Amount(next.BytesDone)} of {Amount(next.BytesTotal)}";

    private static int PercentOf(EngineEvent next) =>
        next.BytesTotal > 0 ? (int)Math.Clamp(next.BytesDone * 100.0 / next.BytesTotal, 0, 100) : -1;

    private static int SecondsLeft(EngineEvent next) =>
        next.BytesPerSecond > 0 ? (int)Math.Min((next.BytesTotal - next.BytesDone) / next.BytesPerSecond, int.MaxValue) : -1;

    private static string Amount(long bytes) => bytes switch
    {
        < 1024 => $"{bytes} B",
        < 1024 * 1024 => $"{bytes / 1024.0:0.0} KiB",
        < 1024 * 1024 * 1024 => $"{bytes / (1024.0 * 1024):0.0} MiB",
        _ => $"{bytes / (1024.0 * 1024 * 1024):0.00} GiB",
    };
}
