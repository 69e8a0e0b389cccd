using System.Management.Automation;
using System.Security;

namespace PwshHost;

/// <summary>The keys of the terminal; a stop ends every wait for them.</summary>
internal sealed class Keyboard(Interruption interruption)
{
    /// <summary>One line, or null at the end of input.</summary>
    public string? ReadLine() => Read(Console.ReadLine);

    /// <summary>One key.</summary>
    /// <param name="intercept">True to keep it off the screen.</param>
    public ConsoleKeyInfo ReadKey(bool intercept) => Read(() => Console.ReadKey(intercept));

    /// <summary>A line that is shown as stars.</summary>
    public SecureString ReadSecret(ScreenStream echo)
    {
        var secret = new SecureString();
        while (true)
        {
            var key = ReadKey(intercept: true);
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
    }

    private T Read<T>(Func<T> read) =>
        Abandonable.Run(read, interruption.Token, out var value) ? value! : throw new PipelineStoppedException();
}
