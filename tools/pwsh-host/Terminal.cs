using System.Management.Automation.Host;

namespace PwshHost;

/// <summary>What is known of the terminal, if there is one.</summary>
internal static class Terminal
{
    /// <summary>Columns and rows; the console's own fallback (80 by 24) where there is no terminal.</summary>
    public static Size Size
    {
        get
        {
            try
            {
                return new Size(Math.Max(Console.WindowWidth, 1), Math.Max(Console.WindowHeight, 1));
            }
            catch (IOException)
            {
                return new Size(80, 24);
            }
        }
    }
}
