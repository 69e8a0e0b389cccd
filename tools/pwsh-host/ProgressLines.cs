using System.Globalization;
using System.Management.Automation;
using System.Text;

namespace PwshHost;

/// <summary>Activities as lines of text: <c>Sending report.pdf  [=======>      ]  52%  2.3 MB of 4.5 MB  0:04 left</c>.</summary>
internal static class ProgressLines
{
    private const int BarWidth = 24;

    // A wider terminal does not make a longer line easier to read.
    private const int WidestLine = 120;

    /// <summary>At most <paramref name="rows"/> lines of at most <paramref name="columns"/> columns, children below their parents.</summary>
    public static List<string> Of(IReadOnlyList<Activity> activities, int columns, int rows)
    {
        var lines = new List<string>();
        foreach (var root in activities.Where(activity => !activities.Any(other => IsParent(other, activity))))
        {
            Append(root, 0);
        }

        return lines;

        void Append(Activity activity, int depth)
        {
            if (lines.Count >= rows)
            {
                return;
            }

            lines.Add(Line(activity.Record, depth, Math.Min(columns, WidestLine)));
            foreach (var child in activities.Where(child => IsParent(activity, child)))
            {
                // A chain of parents that closes on itself must not draw for ever.
                if (depth < 8)
                {
                    Append(child, depth + 1);
                }
            }
        }
    }

    private static bool IsParent(Activity parent, Activity child) =>
        parent.Key != child.Key && parent.Key.Id == child.Record.ParentActivityId && parent.Key.Source == child.Key.Source;

    private static string Line(ProgressRecord record, int depth, int columns)
    {
        var line = new StringBuilder();
        line.Append(' ', depth * 2).Append(Plain(record.Activity));
        if (record.PercentComplete >= 0)
        {
            line.Append("  ").Append(Bar(record.PercentComplete)).Append(CultureInfo.InvariantCulture, $" {record.PercentComplete,3}%");
        }

        AppendPart(line, record.StatusDescription);
        AppendPart(line, record.CurrentOperation);
        if (record.SecondsRemaining >= 0)
        {
            AppendPart(line, $"{Duration(record.SecondsRemaining)} left");
        }

        return Cells.Fit(line.ToString(), columns);
    }

    private static void AppendPart(StringBuilder line, string? part)
    {
        if (!string.IsNullOrWhiteSpace(part))
        {
            line.Append("  ").Append(Plain(part));
        }
    }

    private static string Bar(int percent)
    {
        var filled = BarWidth * Math.Clamp(percent, 0, 100) / 100;
        return $"[{new string('=', filled)}{(filled < BarWidth ? ">" : "")}".PadRight(BarWidth + 1) + "]";
    }

    private static string Duration(int seconds) => seconds < 3600
        ? $"{seconds / 60}:{seconds % 60:00}"
        : $"{seconds / 3600}:{seconds / 60 % 60:00}:{seconds % 60:00}";

    // A line break or an escape sequence in a file's name must not move the cursor.
    private static string Plain(string text) =>
        text.Any(char.IsControl) ? string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c)) : text;
}
