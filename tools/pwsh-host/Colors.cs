using System.Management.Automation;

namespace PwshHost;

/// <summary>When colours are wanted, and which escape sequence stands for which.</summary>
internal static class Colors
{
    /// <summary>The colour that the terminal has chosen, which cannot be known; the value is .NET's own for it.</summary>
    public const ConsoleColor OfTheTerminal = (ConsoleColor)(-1);

    /// <summary>Follows NO_COLOR and the monochrome terminals, as pwsh does (about_ANSI_Terminals).</summary>
    public static void FollowEnvironment()
    {
        var terminal = Environment.GetEnvironmentVariable("TERM");
        if (Environment.GetEnvironmentVariable("NO_COLOR") is not null || terminal is "xterm-mono" or "xtermm")
        {
            PSStyle.Instance.OutputRendering = OutputRendering.PlainText;
        }
    }

    /// <summary>The sequence that sets both colours, or leaves them to the terminal.</summary>
    public static string Sequence(ConsoleColor foreground, ConsoleColor background) =>
        (Enum.IsDefined(foreground) ? PSStyle.MapForegroundColorToEscapeSequence(foreground) : "")
        + (Enum.IsDefined(background) ? PSStyle.MapBackgroundColorToEscapeSequence(background) : "");
}
