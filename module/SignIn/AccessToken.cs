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
    private const string What = "access token";

    private readonly EngineOptions _kept = new();

    private AccessToken(NativeStr utf8)
    {
        Digest = Convert.ToHexString(SHA256.HashData(utf8.Span));
        Claims = TokenClaims.Read(utf8.Span);
        Engine.OptionsSetText(_kept, EngineOption.AccessToken, utf8);
    }

    /// <summary>Tells it from other tokens.</summary>
    public string Digest { get; }

    public TokenClaims Claims { get; }

    /// <summary>Whether it is the token in these characters, of which nothing stays behind.</summary>
    public bool Is(ReadOnlySpan<char> characters)
    {
        using var arguments = new NativeArguments();
        return Convert.ToHexString(SHA256.HashData(arguments.Text(characters, What).Span)) == Digest;
    }

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
    /// <param name="source">Where they come from, in words that follow "of"; null for a parameter.</param>
    /// <exception cref="EngineException">They are no token, in words that do not show them.</exception>
    public static AccessToken From(ReadOnlySpan<char> characters, string? source = null)
    {
        string? fault = characters.SequenceEqual("System.Security.SecureString")
            ? "is the name of the type SecureString, which a SecureString becomes when it is turned into text"
            : characters.Trim() is ['"' or '\'', ..] or [.., '"' or '\''] ? "begins or ends with a quotation mark"
            : null;
        if (fault is not null)
        {
            throw new EngineException(EngineError.Of(
                EngineStatus.InvalidArgument, $"The access token {(source is null ? "" : $"of {source} ")}{fault}. Nothing was sent.",
                "Give the token itself, such as (Get-AzAccessToken -ResourceTypeName MSGraph -AsSecureString).Token to "
                    + "Connect-MgPrint -AccessToken."));
        }

        using var arguments = new NativeArguments();
        return new AccessToken(arguments.Text(characters, What));
    }

    /// <summary>Settings of a client that is to send it, to be disposed of.</summary>
    /// <exception cref="EngineException">It was wiped.</exception>
    public EngineOptions NewOptions() => _kept.Copy();

    /// <summary>Wipes it. A call that has begun in another runspace ends with an error, where it still needs it.</summary>
    public void Wipe()
    {
        IsWiped = true;
        _kept.Free();
    }

    /// <summary>Whether it is of no use any more.</summary>
    public bool IsWiped { get; private set; }
}
