using System.Text;

namespace MgPrint.PowerShell.Native;

/// <summary>Text on its way to the engine.</summary>
internal static class EngineText
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The text in UTF-8, exactly.</summary>
    /// <param name="text">The text.</param>
    /// <param name="what">What it is, for the error.</param>
    /// <exception cref="EngineException">It holds half of a character, which UTF-8 cannot say: another text would be meant.</exception>
    public static byte[] Encode(string text, string what)
    {
        try
        {
            return Strict.GetBytes(text);
        }
        catch (EncoderFallbackException)
        {
            throw new EngineException(new EngineError
            {
                Status = EngineStatus.InvalidText,
                Id = nameof(EngineStatus.InvalidText),
                Message = $"The {what} holds half of a character (a lone surrogate), which cannot be sent.",
                NextStep = $"Give the {what} as it was shown to you.",
            });
        }
    }
}
