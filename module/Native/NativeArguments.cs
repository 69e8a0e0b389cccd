using System.Buffers;
using System.Runtime.InteropServices;

namespace MgPrint.PowerShell.Native;

/// <summary><c>mgprint_str</c>: text or bytes, of the caller's on the way in, and of a handle's on the way out.</summary>
internal unsafe partial struct NativeStr
{
    public NativeStr(byte* data, int length)
    {
        Data = data;
        Len = (nuint)length;
    }

    public readonly ReadOnlySpan<byte> Span => new(Data, checked((int)Len));

    public readonly string Text() => Encoding.UTF8.GetString(Span);
}

/// <summary>
/// Texts and bytes on their way to the engine, for one call. Texts are outside the collected heap, where nothing leaves a copy, and
/// wiped when the call is over.
/// </summary>
internal sealed unsafe class NativeArguments : IDisposable
{
    // The engine's own bound; no honest text comes near it.
    private const int MostBytes = 16 * 1024 * 1024;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    // A list of structs would be compiled for them, at the first call.
    private Kept? _texts;
    private List<MemoryHandle>? _pinned;

    /// <summary>A text as the engine takes it.</summary>
    /// <param name="what">What it is, for the error.</param>
    public NativeStr Text(ReadOnlySpan<char> text, string what)
    {
        int count = Check(text, what);
        var native = new NativeStr((byte*)NativeMemory.Alloc((nuint)Math.Max(count, 1)), count);
        _texts = new Kept(native, _texts);
        Strict.GetBytes(text, new Span<byte>(native.Data, count));
        return native;
    }

    /// <summary>Bytes where they are.</summary>
    public NativeStr Bytes(byte[] bytes)
    {
        MemoryHandle pinned = bytes.AsMemory().Pin();
        (_pinned ??= []).Add(pinned);
        return new NativeStr((byte*)pinned.Pointer, bytes.Length);
    }

    public void Dispose()
    {
        for (; _texts is not null; _texts = _texts.Next)
        {
            NativeMemory.Clear(_texts.Text.Data, _texts.Text.Len);
            NativeMemory.Free(_texts.Text.Data);
        }

        _pinned?.ForEach(pinned => pinned.Dispose());
    }

    /// <summary>Looks whether a text can be sent; gives its length in UTF-8.</summary>
    /// <param name="what">What it is, for the error.</param>
    /// <exception cref="EngineException">It is too long, or holds half of a character, which UTF-8 cannot say: another text
    /// would be meant.</exception>
    public static int Check(ReadOnlySpan<char> text, string what)
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

    /// <summary>A text to be wiped, and those before it.</summary>
    private sealed class Kept(NativeStr text, Kept? next)
    {
        public readonly NativeStr Text = text;
        public readonly Kept? Next = next;
    }

    private static EngineException Refused(string message, string nextStep) =>
        new(EngineError.Of(EngineStatus.InvalidText, message, nextStep));
}
