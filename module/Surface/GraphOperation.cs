using System.Text.RegularExpressions;

namespace MgPrint.PowerShell.Surface;

/// <summary>A row of the table: one request that a cmdlet can make.</summary>
/// <param name="Path">The path below the service's version, with the place of each id in braces.</param>
/// <param name="Ids">The names of those ids, in the path's order.</param>
/// <param name="What">What is being done, as in "The service refused to …".</param>
/// <param name="ItemId">The name of the id that an object of the result has.</param>
/// <param name="Permissions">What the service asks of a token, where that is known.</param>
internal sealed record GraphOperation(
    GraphKind Kind, string Method, string Path, string[] Ids, string Set, string What,
    Func<ModelSchema>? Body, Func<ModelSchema>? Result, string? ItemId, NeededPermissions Permissions)
{
    public bool TakesIdentity => Ids.Length > 0 && Kind is not (GraphKind.List or GraphKind.RefList);

    /// <summary>
    /// Whether a request whose response was lost may be sent again: one that creates something may have done so. An unused
    /// upload session costs nothing.
    /// </summary>
    public bool IsRepeatable => Method != "POST" || Result?.Invoke().IsResult == true;

    /// <summary>The path with each id as one segment, whatever is in it.</summary>
    public string Address(IReadOnlyDictionary<string, string> ids) => Fill(ids, Uri.EscapeDataString);

    /// <summary>The path as a person reads it.</summary>
    public string Shown(IReadOnlyDictionary<string, string> ids) => Fill(ids, id => id);

    /// <summary>The ids of an object in the result, which has one of its own.</summary>
    public Dictionary<string, string> IdsOf(OpenModel result, IReadOnlyDictionary<string, string> ids)
    {
        var all = new Dictionary<string, string>(ids);
        if (ItemId is not null && result.OwnId is string id)
        {
            all[ItemId] = id;
        }

        return all;
    }

    private string Fill(IReadOnlyDictionary<string, string> ids, Func<string, string> write) =>
        string.Format(CultureInfo.InvariantCulture, Path, [.. Ids.Select(id => write(ids[id]))]);
}

/// <summary>What a failed request was about: the target object of its error record.</summary>
/// <param name="Ids">The ids in its path, by their names.</param>
/// <param name="Headers">The caller's headers, secret ones masked; null where none were given.</param>
/// <param name="Body">What was to be sent.</param>
public sealed record RequestedResource(IReadOnlyDictionary<string, string> Ids, IReadOnlyDictionary<string, string>? Headers, object? Body)
{
    /// <summary>The printer that was named.</summary>
    public string? PrinterId => Ids.GetValueOrDefault(nameof(PrinterId));

    /// <summary>The printer share that was named.</summary>
    public string? PrinterShareId => Ids.GetValueOrDefault(nameof(PrinterShareId));

    /// <summary>The job that was named.</summary>
    public string? PrintJobId => Ids.GetValueOrDefault(nameof(PrintJobId));

    /// <summary>The document that was named.</summary>
    public string? PrintDocumentId => Ids.GetValueOrDefault(nameof(PrintDocumentId));

    /// <summary>The ids, in a form that fits an error's first lines.</summary>
    public override string ToString() => string.Join(", ", Ids.Select(id => $"{InWords(id.Key)} '{DisplayText.Clean(id.Value)}'"));

    /// <summary>PrintDocumentId → document, PrinterShareId → printer share.</summary>
    internal static string InWords(string id)
    {
        string name = id.StartsWith("Print", StringComparison.Ordinal) && char.IsAsciiLetterUpper(id[5]) ? id[5..^2] : id[..^2];
        IEnumerable<string> letters = name.Select(letter => char.IsAsciiLetterUpper(letter) ? $" {letter}" : $"{letter}");
        return string.Concat(letters).TrimStart().ToLowerInvariant();
    }
}
