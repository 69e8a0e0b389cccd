namespace MgPrint.PowerShell.Runtime;

/// <summary>What a failed request was about: the target object of its error record.</summary>
/// <param name="PrinterId">The printer that was named.</param>
/// <param name="PrintJobId">The job that was named.</param>
/// <param name="PrintDocumentId">The document that was named.</param>
/// <param name="Headers">The caller's headers, secret ones masked; null where none were given.</param>
/// <param name="Body">What was to be sent.</param>
public sealed record RequestedDocument(
    string? PrinterId, string? PrintJobId, string? PrintDocumentId, IReadOnlyDictionary<string, string>? Headers, object? Body)
{
    /// <summary>The ids, in a form that fits an error's first lines.</summary>
    public override string ToString() =>
        $"printer '{DisplayText.Clean(PrinterId)}', job '{DisplayText.Clean(PrintJobId)}', document '{DisplayText.Clean(PrintDocumentId)}'";
}
