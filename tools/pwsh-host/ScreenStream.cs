using System.Management.Automation;
using System.Management.Automation.Internal;
using System.Text;

namespace PwshHost;

/// <summary>One of the two output streams: decides on colours, and keeps out of the way of the progress.</summary>
internal sealed class ScreenStream(TextWriter writer, bool isTerminal, Lock turn, ProgressView? progress)
{
    private const char Escape = '\u001b';

    // A redirected stream does not move the terminal's cursor.
    private readonly ProgressView? _progress = isTerminal ? progress : null;

    /// <summary>True when a person reads this stream.</summary>
    public bool IsTerminal => isTerminal;

    /// <summary>Writes a text from the engine; <paramref name="style"/> is an escape sequence, used where colours are.</summary>
    public void Write(string text, string style = "") => WriteRaw(Render(text, style));

    /// <summary>Writes a line from the engine.</summary>
    public void WriteLine(string text, string style = "") => WriteRaw(Render(text, style) + Environment.NewLine);

    /// <summary>Writes a text as it is.</summary>
    public void WriteRaw(string text)
    {
        lock (turn)
        {
            _progress?.Hide();
            writer.Write(text);
            _progress?.Wrote(text);
        }
    }

    public void Flush() => writer.Flush();

    private string Render(string text, string style)
    {
        var styled = PSStyle.Instance.OutputRendering switch
        {
            OutputRendering.Ansi => true,
            OutputRendering.PlainText => false,
            _ => isTerminal && Screen.IsCapable,
        };
        if (!styled)
        {
            return text.Contains(Escape) ? new StringDecorated(text).ToString(OutputRendering.PlainText) : text;
        }

        // Text that brings its own colours keeps them.
        return style.Length == 0 || text.Contains(Escape) ? text : style + text + PSStyle.Instance.Reset;
    }
}

/// <summary>What takes the place of <see cref="Console.Out"/> and <see cref="Console.Error"/> while progress may be drawn.</summary>
internal sealed class ScreenWriter(ScreenStream stream, Encoding encoding) : TextWriter
{
    public override Encoding Encoding => encoding;

    public override void Write(char value) => stream.WriteRaw(value.ToString());

    public override void Write(char[] buffer, int index, int count) => stream.WriteRaw(new string(buffer, index, count));

    public override void Write(ReadOnlySpan<char> buffer) => stream.WriteRaw(buffer.ToString());

    public override void Write(string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            stream.WriteRaw(value);
        }
    }

    public override void WriteLine() => stream.WriteRaw(Environment.NewLine);

    public override void WriteLine(string? value) => stream.WriteRaw(value + Environment.NewLine);

    public override void Flush() => stream.Flush();
}
