using System.Management.Automation.Host;

namespace PwshHost;

/// <summary>What is known of the terminal, if there is one.</summary>
internal static class Terminal
{
    private static readonly Size _usual = new(80, 24);

    /// <summary>Columns and rows; 80 by 24 where there is no terminal, or one that does not know its size.</summary>
    public static Size Size
    {
        get
        {
            try
            {
                var size = new Size(Console.WindowWidth, Console.WindowHeight);
                return size is { Width: > 0, Height: > 0 } ? size : _usual;
            }
            catch (IOException)
            {
                return _usual;
            }
        }
    }
}
