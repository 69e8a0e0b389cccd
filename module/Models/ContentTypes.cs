using System.Collections;
using System.Management.Automation;
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
}

/// <summary>Offers the content types of printable documents.</summary>
internal sealed class ContentTypeCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        string word = (wordToComplete ?? "").Trim('\'', '"');
        return ContentTypes.All
            .Where(type => type.Contains(word, StringComparison.OrdinalIgnoreCase))
            .Select(type => new CompletionResult(type, type, CompletionResultType.ParameterValue, type));
    }
}
