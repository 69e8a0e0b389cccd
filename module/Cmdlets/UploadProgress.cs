using System.Diagnostics;
using System.Management.Automation;
using MgPrint.PowerShell.Native;

namespace MgPrint.PowerShell.Cmdlets;

/// <summary>The progress bar of one document, drawn at most ten times a second. It never holds a URL.</summary>
internal sealed class UploadProgress
{
    private static readonly TimeSpan BetweenUpdates = TimeSpan.FromMilliseconds(100);
    private static int _lastActivityId;

    private readonly Cmdlet _cmdlet;
    private readonly bool _isWanted;
    private readonly int _activityId;
    private readonly string _activity;
    private readonly Stopwatch _sinceUpdate = new();
    private EngineEvent? _held;
    private bool _isShown;

    public UploadProgress(PSCmdlet cmdlet, string name)
    {
        _cmdlet = cmdlet;
        _isWanted = cmdlet.GetVariableValue("ProgressPreference") is not ActionPreference preference
            || preference is not (ActionPreference.SilentlyContinue or ActionPreference.Ignore);
        _activityId = Interlocked.Increment(ref _lastActivityId) & int.MaxValue;
        _activity = $"Sending {(name.Length > 0 ? name : "a document")}";
    }

    /// <summary>Shows how far the upload is, or that it waits for a retry; what comes too soon is held back and shown later.</summary>
    /// <param name="next">What happened; null when nothing did for as long as this method said.</param>
    /// <returns>How long to wait for the next event before something held back is due.</returns>
    public TimeSpan Show(EngineEvent? next)
    {
        if (!_isWanted)
        {
            return Timeout.InfiniteTimeSpan;
        }

        _held = next ?? _held;
        TimeSpan wait = _isShown ? BetweenUpdates - _sinceUpdate.Elapsed : TimeSpan.Zero;
        if (_held is not EngineEvent latest)
        {
            return Timeout.InfiniteTimeSpan;
        }

        if (wait > TimeSpan.Zero)
        {
            return wait;
        }

        _held = null;
        Draw(latest);
        return Timeout.InfiniteTimeSpan;
    }

    /// <summary>Takes the bar away.</summary>
    public void End()
    {
        if (_isShown)
        {
            _cmdlet.WriteProgress(new ProgressRecord(_activityId, _activity, "Done") { RecordType = ProgressRecordType.Completed });
            _isShown = false;
        }
    }

    private void Draw(EngineEvent latest)
    {
        if (latest.Kind == EngineEventKind.Retry)
        {
            Write(EngineCmdlet.InWords(latest), -1, -1);
        }
        else
        {
            Write(StatusOf(latest), PercentOf(latest), SecondsLeft(latest));
        }
    }

    private void Write(string status, int percent, int secondsLeft)
    {
        _isShown = true;
        _sinceUpdate.Restart();
        _cmdlet.WriteProgress(new ProgressRecord(_activityId, _activity, status) { PercentComplete = percent, SecondsRemaining = secondsLeft });
    }

    private static string StatusOf(EngineEvent next) => next.BytesPerSecond > 0
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
