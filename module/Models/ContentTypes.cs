using System.Management.Automation.Language;

namespace MgPrint.PowerShell.Models;

/// <summary>The content types of printable documents, and the endings of file names that stand for them.</summary>
internal static class ContentTypes
{
    /// <summary>
    /// Ending and type, those first that every printer of the service takes or is documented to take. Which of them a
    /// printer takes is one of its capabilities, and the service's own to refuse.
    /// </summary>
    private static readonly (string Ending, string ContentType)[] Known =
    [
        (".pdf", "application/pdf"),
        (".oxps", "application/oxps"),
        (".xps", "application/vnd.ms-xpsdocument"),
        (".pwg", "image/pwg-raster"),
        (".urf", "image/urf"),
        (".jpg", "image/jpeg"),
        (".jpeg", "image/jpeg"),
        (".png", "image/png"),
        (".tif", "image/tiff"),
        (".tiff", "image/tiff"),
        (".txt", "text/plain"),
        (".ps", "application/postscript"),
        (".pcl", "application/vnd.hp-pcl"),
    ];

    /// <summary>Each type once.</summary>
    public static IEnumerable<string> All => Known.Select(known => known.ContentType).Distinct();

    /// <summary>The type that a file name's ending stands for; null for one that is not known, which is never guessed.</summary>
    public static string? Of(string? name) =>
        Array.Find(Known, known => Path.GetExtension(name ?? "").Equals(known.Ending, StringComparison.OrdinalIgnoreCase)).ContentType;

    /// <summary>The type that was given for a document, or that its name stands for.</summary>
    /// <exception cref="InputException">What was given is none, or nothing tells the type; or there is no such document.</exception>
    public static string For(string? given, DocumentSource source, string? name, CancellationToken stopping)
    {
        if (string.IsNullOrEmpty(given))
        {
            return Of(source.Path) ?? Of(name) ?? throw Unknown(source, name, stopping);
        }

        string whole = Of($".{given.TrimStart('.')}") is string known
            ? $"{known} is the whole name."
            : "Give its whole name, such as application/pdf.";
        return given.Contains('/', StringComparison.Ordinal) ? given : throw new InputException(
            "InvalidContentType", $"'{DisplayText.Clean(given)}' is no content type. {whole}");
    }

    private static InputException Unknown(DocumentSource source, string? name, CancellationToken stopping)
    {
        // A file that is not there is the better news.
        source.Check(stopping);
        return new InputException(
            "ContentTypeUnknown",
            $"The extension of '{DisplayText.Clean(name)}' stands for no content type of printable documents. Convert the document to "
                + "PDF; or give its content type with -ContentType where the printer takes it.");
    }
}

/// <summary>Offers the content types of printable documents.</summary>
internal sealed class ContentTypeCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        string word = (wordToComplete ?? "").Trim('\'', '"');
        return ContentTypes.All
            .Where(type => type.Contains(word, StringComparison.OrdinalIgnoreCase))
            .Select(type => new CompletionResult(type, type, CompletionResultType.ParameterValue, type));
    }
}
