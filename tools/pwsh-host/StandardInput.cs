namespace PwshHost;

/// <summary>Lines of standard input, read so that a stop does not have to wait for the next one.</summary>
internal static class StandardInput
{
    /// <summary>The next line, or null at the end of input or once a stop was asked for.</summary>
    public static string? ReadLine(CancellationToken stop) =>
        Abandonable.Run(Console.In.ReadLine, stop, out var line) ? line : null;
}
