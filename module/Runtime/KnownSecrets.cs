using System.Text.RegularExpressions;

namespace MgPrint.PowerShell.Runtime;

/// <summary>
/// The secrets of one call. What a server answers, or a library says, may repeat them; so whatever becomes part of an
/// error passes here first.
/// </summary>
internal sealed partial class KnownSecrets
{
    // Shorter texts occur by chance, and to mask them would make an error unreadable.
    private const int ShortestSecret = 6;

    private readonly List<string> _secrets = [];

    /// <summary>Adds a token, or any other text that must never be shown.</summary>
    public KnownSecrets Add(string? secret)
    {
        if (secret?.Length >= ShortestSecret && !_secrets.Contains(secret))
        {
            _secrets.Add(secret);
            _secrets.Sort((left, right) => right.Length.CompareTo(left.Length));
        }

        return this;
    }

    /// <summary>Adds the values of secret headers; of <c>Bearer abc</c> the <c>abc</c> alone is secret too.</summary>
    public KnownSecrets AddHeaders(IEnumerable<KeyValuePair<string, string>> headers)
    {
        foreach ((string name, string value) in headers)
        {
            if (HttpHeaders.IsSecret(name))
            {
                Add(value);
                Add(value[(value.LastIndexOf(' ') + 1)..]);
            }
        }

        return this;
    }

    /// <summary>Adds the password for a proxy, wherever it was given.</summary>
    public KnownSecrets AddProxy(ProxyChoice? proxy)
    {
        Add(proxy?.Credential?.Password);
        if (Uri.TryCreate(proxy?.Address, UriKind.Absolute, out Uri? address) && address.UserInfo.Length > 0)
        {
            string password = address.UserInfo[(address.UserInfo.IndexOf(':', StringComparison.Ordinal) + 1)..];
            Add(password);
            Add(Uri.UnescapeDataString(password));
        }

        return this;
    }

    /// <summary>Adds what is secret of an upload URL: its query, and each value in it.</summary>
    public KnownSecrets AddUploadUrl(string? url)
    {
        if (url?.Contains("://", StringComparison.Ordinal) != true)
        {
            // No address at all: a token that was given in its place, perhaps.
            return Add(url);
        }

        int query = url.IndexOf('?', StringComparison.Ordinal);
        if (query < 0)
        {
            return this;
        }

        Add(url[(query + 1)..]);
        foreach (string pair in url[(query + 1)..].Split('&', '#'))
        {
            string value = pair[(pair.IndexOf('=', StringComparison.Ordinal) + 1)..];
            Add(value);
            Add(Uri.UnescapeDataString(value));
        }

        return this;
    }

    /// <summary>The text with every secret masked, whatever the letter case: percent escapes come in small hex digits too.</summary>
    public string Mask(string text)
    {
        foreach (string secret in _secrets)
        {
            text = text.Replace(secret, HttpHeaders.Masked, StringComparison.OrdinalIgnoreCase);
        }

        return text;
    }

    /// <summary>The same where an upload URL may stand that nobody knows here, in words of the caller's steps or of the service: no URL keeps its query.</summary>
    public string MaskWithUrls(string text) => Query().Replace(Mask(text), "");

    [GeneratedRegex("""(?<=://[^\s"'<>?#]*)[?#][^\s"'<>]*""")]
    private static partial Regex Query();
}
