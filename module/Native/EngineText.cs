using System.Runtime.InteropServices;

namespace MgPrint.PowerShell.Native;

/// <summary>Text on its way to the engine: outside the collected heap, where nothing leaves a copy, and wiped when it is let go.</summary>
internal readonly unsafe ref struct EngineText
{
    // The engine's own bound; no honest text comes near it.
    private const int MostBytes = 16 * 1024 * 1024;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <param name="what">What it is, for the error.</param>
    public EngineText(string text, string what)
    {
        int count = Check(text, what);
        var data = (byte*)NativeMemory.Alloc((nuint)Math.Max(count, 1));
        Strict.GetBytes(text, new Span<byte>(data, count));
        Str = new NativeStr { Data = data, Length = (nuint)count };
    }

    /// <summary>The text as the engine takes it.</summary>
    public NativeStr Str { get; }

    /// <summary>Wipes it and lets it go.</summary>
    public void Dispose()
    {
        NativeMemory.Clear(Str.Data, Str.Length);
        NativeMemory.Free(Str.Data);
    }

    /// <summary>Looks whether a text can be sent; gives its length in UTF-8.</summary>
    /// <param name="what">What it is, for the error.</param>
    /// <exception cref="EngineException">It is too long, or holds half of a character, which UTF-8 cannot say: another text
    /// would be meant.</exception>
    public static int Check(string text, string what)
    {
        int count;
        try
        {
            count = Strict.GetByteCount(text);
        }
        catch (EncoderFallbackException)
        {
            throw Refused(
                $"The {what} holds half of a character (a lone surrogate), which cannot be sent.",
                $"Give the {what} as it was shown to you.");
        }

        return count <= MostBytes
            ? count
            : throw Refused(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The {what} has {count} bytes, of at most {MostBytes} that can be sent. Nothing was sent."),
                $"Give a shorter {what}.");
    }

    private static EngineException Refused(string message, string nextStep) =>
        new(EngineError.Of(EngineStatus.InvalidText, message, nextStep));
}
