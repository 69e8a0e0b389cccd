using System.Management.Automation;
using System.Security;

namespace PwshHost;

/// <summary>Reads from the terminal in a way that a stop can end.</summary>
internal sealed class Keyboard(Interruption interruption)
{
    /// <summary>One line, or null at the end of input.</summary>
    public string? ReadLine() => Read(Console.ReadLine);

    /// <summary>A line that is shown as stars.</summary>
    public SecureString ReadSecret(ScreenStream echo) => Read(() =>
    {
        var secret = new SecureString();
        while (true)
        {
            var key = Console.ReadKey(intercept: true);
            if (key.Key == ConsoleKey.Enter)
            {
                echo.WriteLine("");
                secret.MakeReadOnly();
                return secret;
            }

            if (key.Key == ConsoleKey.Backspace)
            {
                if (secret.Length > 0)
                {
                    secret.RemoveAt(secret.Length - 1);
                    echo.WriteRaw("\b \b");
                }
            }
            else if (!char.IsControl(key.KeyChar))
            {
                secret.AppendChar(key.KeyChar);
                echo.WriteRaw("*");
            }
        }
    });

    // A read of the terminal cannot be called back. It goes on in the background when the pipeline is stopped, and ends
    // with the process, which is what a stop leads to.
    private T Read<T>(Func<T> read)
    {
        var reading = Task.Factory.StartNew(read, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            reading.Wait(interruption.Token);
            return reading.Result;
        }
        catch (OperationCanceledException)
        {
            throw new PipelineStoppedException();
        }
    }
}
