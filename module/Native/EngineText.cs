using System.Globalization;
using System.Text;

namespace MgPrint.PowerShell.Native;

/// <summary>Text on its way to the engine.</summary>
internal static class EngineText
{
    // The engine's own bound; no honest text comes near it.
    private const int MostBytes = 16 * 1024 * 1024;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The text in UTF-8, exactly.</summary>
    /// <param name="text">The text.</param>
    /// <param name="what">What it is, for the error.</param>
    /// <exception cref="EngineException">It is too long, or holds half of a character, which UTF-8 cannot say: another text would be meant.</exception>
    public static byte[] Encode(string text, string what)
    {
        try
        {
            byte[] bytes = Strict.GetBytes(text);
            return bytes.Length <= MostBytes
                ? bytes
                : throw Refused(
                    string.Create(CultureInfo.InvariantCulture, $"The {what} has {bytes.Length} bytes, of at most {MostBytes} that can be sent. Nothing was sent."),
                    $"Give a shorter {what}.");
        }
        catch (EncoderFallbackException)
        {
            throw Refused($"The {what} holds half of a character (a lone surrogate), which cannot be sent.", $"Give the {what} as it was shown to you.");
        }
    }

    private static EngineException Refused(string message, string nextStep) => new(new EngineError
    {
        Status = EngineStatus.InvalidText,
        Id = nameof(EngineStatus.InvalidText),
        Message = message,
        NextStep = nextStep,
    });
}
