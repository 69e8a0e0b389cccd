namespace MgPrint.PowerShell.Runtime;

/// <summary>
/// Text as it may reach a screen or a log. What a server, a file name or a parameter brings may hold escape sequences
/// that drive a terminal, or direction marks that make a line read as another one.
/// </summary>
internal static class DisplayText
{
    private const int Longest = 4096;

    /// <summary>The text without control, escape and bidirectional characters, cut at 4 KiB; line breaks become spaces.</summary>
    public static string Clean(string? text, int longest = Longest) => Clean(text, longest, keepLines: false);

    /// <summary>The same for text of several lines, whose line breaks stay.</summary>
    public static string CleanLines(string? text) => Clean(text, Longest, keepLines: true);

    /// <summary>A URL without user, query and fragment, which is where secrets are; never throws.</summary>
    public static string Url(string? url)
    {
        if (string.IsNullOrEmpty(url))
        {
            return "";
        }

        int end = url.IndexOfAny(['?', '#']);
        string shown = end < 0 ? url : url[..end];
        int authority = shown.IndexOf("://", StringComparison.Ordinal) + 1;
        if (authority == 0)
        {
            // Who knows what it is: a token given in the URL's place, perhaps.
            return "(not an address)";
        }

        int path = shown.IndexOf('/', authority + 2);
        int user = shown.LastIndexOf('@', (path < 0 ? shown.Length : path) - 1);
        return Clean(user > authority ? string.Concat(shown.AsSpan(0, authority + 2), shown.AsSpan(user + 1)) : shown);
    }

    private static string Clean(string? text, int longest, bool keepLines)
    {
        var cleaned = new StringBuilder();
        foreach (Rune rune in text.AsSpan().EnumerateRunes())
        {
            if (cleaned.Length + rune.Utf16SequenceLength > longest)
            {
                return cleaned.Append('…').ToString();
            }

            cleaned.Append(IsHarmless(rune, keepLines) ? rune : rune.Value is '\n' or '\r' or '\t' ? new Rune(' ') : Rune.ReplacementChar);
        }

        return cleaned.ToString();
    }

    private static bool IsHarmless(Rune rune, bool keepLines) => Rune.GetUnicodeCategory(rune) switch
    {
        // A lone carriage return would let a text overwrite the line it stands in.
        UnicodeCategory.Control => keepLines && rune.Value == '\n',
        // Format characters hold the bidirectional marks; the joiners among them are part of ordinary words and emoji.
        UnicodeCategory.Format => rune.Value is 0x200C or 0x200D,
        UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => false,
        _ => true,
    };
}
