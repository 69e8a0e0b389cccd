using System.Management.Automation;

namespace PwshHost;

/// <summary>When colours are wanted, and which escape sequence stands for which.</summary>
internal static class Colors
{
    /// <summary>Follows NO_COLOR and the monochrome terminals, as pwsh does (about_ANSI_Terminals).</summary>
    public static void FollowEnvironment()
    {
        var terminal = Environment.GetEnvironmentVariable("TERM");
        if (Environment.GetEnvironmentVariable("NO_COLOR") is not null || terminal is "xterm-mono" or "xtermm")
        {
            PSStyle.Instance.OutputRendering = OutputRendering.PlainText;
        }
    }

    /// <summary>The sequence that sets both colours.</summary>
    public static string Sequence(ConsoleColor foreground, ConsoleColor background) =>
        PSStyle.MapForegroundColorToEscapeSequence(foreground) + PSStyle.MapBackgroundColorToEscapeSequence(background);
}
