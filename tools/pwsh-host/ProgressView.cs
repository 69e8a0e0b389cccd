using System.Globalization;
using System.Management.Automation;
using System.Text;

namespace PwshHost;

/// <summary>
/// The running activities, one line each, drawn below the last line of output and redrawn in place. The cursor rests at the
/// start of the first of these lines, where the next output belongs.
/// </summary>
internal sealed class ProgressView : IDisposable
{
    // Ten times a second is as often as an eye follows numbers.
    private static readonly TimeSpan _interval = TimeSpan.FromMilliseconds(100);

    private readonly TextWriter _terminal;
    private readonly Lock _turn;
    private readonly Timer _timer;
    private readonly List<Activity> _activities = [];
    private long _lastDrawn = long.MinValue / 2;
    private int _linesShown;
    private bool _suspended;
    private bool _midLine;
    private bool _positionUnknown;

    public ProgressView(TextWriter terminal, Lock turn)
    {
        _terminal = terminal;
        _turn = turn;
        _timer = new Timer(_ => DrawPending(), null, Timeout.Infinite, Timeout.Infinite);
    }

    /// <summary>Takes in the state of one activity, and shows it now or within a tenth of a second.</summary>
    public void Update(long sourceId, ProgressRecord record)
    {
        lock (_turn)
        {
            var key = (sourceId, record.ActivityId);
            var index = _activities.FindIndex(activity => activity.Key == key);
            if (record.RecordType == ProgressRecordType.Completed)
            {
                if (index >= 0)
                {
                    _activities.RemoveAt(index);
                }
            }
            else if (index >= 0)
            {
                _activities[index] = new Activity(key, record);
            }
            else
            {
                _activities.Add(new Activity(key, record));
            }

            if (_activities.Count == 0)
            {
                Hide();
            }
            else if (Environment.TickCount64 - _lastDrawn >= _interval.TotalMilliseconds)
            {
                Draw();
            }
            else
            {
                _timer.Change(_interval, Timeout.InfiniteTimeSpan);
            }
        }
    }

    /// <summary>Takes the lines off the screen; the caller holds the turn and is about to write.</summary>
    public void Hide()
    {
        if (_linesShown > 0)
        {
            _terminal.Write("\r\u001b[J");
            _linesShown = 0;
        }
    }

    /// <summary>Notes where a text has left the cursor; the caller holds the turn.</summary>
    public void Wrote(string text)
    {
        if (text.Length == 0)
        {
            return;
        }

        _midLine = text[^1] is not ('\n' or '\r');
        if (_activities.Count > 0 && !_midLine)
        {
            _timer.Change(_interval, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Leaves the terminal to another program.</summary>
    public void Suspend()
    {
        lock (_turn)
        {
            Hide();
            _suspended = true;
        }
    }

    /// <summary>Takes the terminal back; where the other program has left the cursor is not known.</summary>
    public void Resume()
    {
        lock (_turn)
        {
            _suspended = false;
            _midLine = false;
            _positionUnknown = true;
        }
    }

    /// <summary>Forgets all activities, and takes them off the screen.</summary>
    public void Dispose()
    {
        lock (_turn)
        {
            _timer.Dispose();
            _activities.Clear();
            Hide();
            _suspended = true;
        }
    }

    private void DrawPending()
    {
        lock (_turn)
        {
            if (_activities.Count > 0)
            {
                Draw();
            }
        }
    }

    private void Draw()
    {
        // A line of output that is not finished (a question, a row of dots) is not to be torn.
        if (_suspended || _midLine)
        {
            return;
        }

        var size = Terminal.Size;
        var lines = ProgressLines.Of(_activities, size.Width - 1, size.Height - 1);
        var frame = new StringBuilder();
        if (_positionUnknown)
        {
            // A full row of blanks wraps exactly when the cursor was not in the first column: what stands there is kept.
            frame.Append(' ', size.Width);
            _positionUnknown = false;
        }

        frame.Append('\r');
        foreach (var line in lines)
        {
            frame.Append(line).Append("\u001b[K\n");
        }

        frame.Append("\u001b[J");
        if (lines.Count > 0)
        {
            frame.Append(CultureInfo.InvariantCulture, $"\u001b[{lines.Count}A");
        }

        _terminal.Write(frame.ToString());
        _terminal.Flush();
        _linesShown = lines.Count;
        _lastDrawn = Environment.TickCount64;
    }
}

/// <summary>One activity of a cmdlet, and its latest record.</summary>
internal readonly record struct Activity((long Source, int Id) Key, ProgressRecord Record);
