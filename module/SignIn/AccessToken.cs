using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security;
using System.Security.Cryptography;

namespace MgPrint.PowerShell.SignIn;

/// <summary>
/// An access token in the engine's memory. No managed string is made of it, since none can be wiped; what is kept here is a
/// digest that tells it from others, and what it says of itself.
/// </summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable",
    Justification = "Calls of several runspaces share a token; the handle's finalizer frees it after the last of them, and Wipe before.")]
internal sealed class AccessToken
{
    private readonly EngineOptions _kept = new();

    private AccessToken(ReadOnlySpan<byte> utf8)
    {
        Digest = Convert.ToHexString(SHA256.HashData(utf8));
        Claims = TokenClaims.Read(utf8);
        _kept.With(EngineOption.AccessToken, utf8);
    }

    /// <summary>Tells it from other tokens.</summary>
    public string Digest { get; }

    public TokenClaims Claims { get; }

    /// <summary>Whether it is the token in these characters, of which nothing stays behind.</summary>
    public bool Is(ReadOnlySpan<char> characters) => InUtf8(characters, utf8 => Convert.ToHexString(SHA256.HashData(utf8)) == Digest);

    /// <summary>The token that a SecureString holds.</summary>
    public static unsafe AccessToken From(SecureString secret)
    {
        nint copy = Marshal.SecureStringToGlobalAllocUnicode(secret);
        try
        {
            return From(new ReadOnlySpan<char>((char*)copy, secret.Length));
        }
        finally
        {
            Marshal.ZeroFreeGlobalAllocUnicode(copy);
        }
    }

    /// <summary>The token in characters that belong to somebody else.</summary>
    /// <exception cref="EngineException">They are no token, in words that do not show them.</exception>
    public static AccessToken From(ReadOnlySpan<char> characters)
    {
        string? fault = characters.SequenceEqual("System.Security.SecureString")
            ? "is the name of the type SecureString, which a SecureString becomes when it is turned into text"
            : characters.Trim() is ['"' or '\'', ..] or [.., '"' or '\''] ? "begins or ends with a quotation mark"
            : null;
        return fault is null ? InUtf8(characters, static utf8 => new AccessToken(utf8)) : throw new EngineException(EngineError.Of(
            EngineStatus.InvalidArgument, $"The access token {fault}. Nothing was sent.",
            "Give the token itself, such as (Get-AzAccessToken -ResourceTypeName MSGraph -AsSecureString).Token to "
                + "Connect-MgPrint -AccessToken."));
    }

    private delegate T Use<T>(ReadOnlySpan<byte> utf8);

    private static unsafe T InUtf8<T>(ReadOnlySpan<char> characters, Use<T> use)
    {
        // Outside the collected heap, where nothing moves and leaves a copy behind.
        int size = Encoding.UTF8.GetByteCount(characters);
        void* memory = NativeMemory.Alloc((nuint)Math.Max(size, 1));
        try
        {
            var utf8 = new Span<byte>(memory, size);
            Encoding.UTF8.GetBytes(characters, utf8);
            return use(utf8);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(new Span<byte>(memory, size));
            NativeMemory.Free(memory);
        }
    }

    /// <summary>Settings of a client that is to send it, to be disposed of.</summary>
    /// <exception cref="EngineException">It was wiped.</exception>
    public EngineOptions NewOptions() => _kept.Copy();

    /// <summary>Wipes it. A call that has begun in another runspace ends with an error, where it still needs it.</summary>
    public void Wipe() => _kept.Free();
}
