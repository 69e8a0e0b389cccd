namespace MgPrint.PowerShell.Models;

/// <summary>A document that the service has.</summary>
public sealed class SentDocument
{
    /// <summary>The file that was sent; null for bytes that were in no file.</summary>
    public string? Path { get; private init; }

    /// <summary>The document's name, as the service has it; the one it was sent under where the service did not say.</summary>
    public string Name { get; private init; } = "";

    /// <summary>The document's content (MIME) type, where the service said it or was told it.</summary>
    public string? ContentType { get; private init; }

    /// <summary>The document's size in bytes.</summary>
    public long Bytes { get; private init; }

    /// <summary>The service's id of the document, where it said it or was told it.</summary>
    public string? DocumentId { get; private init; }

    /// <summary>The printer whose job it is of; null where that was a share or a session.</summary>
    public string? PrinterId { get; private init; }

    /// <summary>The printer share whose job it is of; null where that was a printer or a session.</summary>
    public string? PrinterShareId { get; private init; }

    /// <summary>The job; null where it went to a session.</summary>
    public string? PrintJobId { get; private init; }

    /// <summary>The print document; null where it went to a session.</summary>
    public string? PrintDocumentId { get; private init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Duration { get; private init; }

    /// <summary>
    /// Bytes a second, over the whole time: of those that were sent in it, and not by an earlier upload that this one went on
    /// with.
    /// </summary>
    public long BytesPerSecond { get; private init; }

    /// <summary>How many requests were sent again.</summary>
    public int Retries { get; private init; }

    /// <summary>Whether the service said that it has the whole document; false when only that last answer was lost.</summary>
    public bool Confirmed { get; private init; }

    /// <summary>The document's name.</summary>
    public override string ToString() => DisplayText.Clean(Name);

    /// <summary>What an upload came to.</summary>
    internal static SentDocument From(EngineResult result, PlannedDocument document)
    {
        (string name, string? contentType, string? documentId) =
            (document.Name, document.ContentType, document.Target.Address?.PrintDocumentId);
        // Other Graph uploads end with an empty 201: then the file's own name is all there is.
        Dictionary<string, object?> answer = JsonTree.ObjectIn(result.Json) ?? [];
        return new SentDocument
        {
            Path = document.Source.Path,
            Name = Said("documentName", name) ?? Said("displayName", name) ?? name,
            ContentType = Said("contentType", contentType) ?? contentType,
            Bytes = result.BytesTotal,
            DocumentId = Said("id", documentId) ?? documentId,
            PrinterId = document.PrinterId,
            PrinterShareId = document.PrinterShareId,
            PrintJobId = document.Target.Address?.PrintJobId,
            PrintDocumentId = documentId,
            Duration = result.Elapsed,
            BytesPerSecond = result.Elapsed > TimeSpan.Zero
                ? (long)(Math.Min(result.BytesSent, result.BytesTotal) / result.Elapsed.TotalSeconds)
                : 0,
            Retries = (int)result.Retries,
            Confirmed = result.Confirmed,
        };

        // What the caller called it stays, whatever is in it.
        string? Said(string name, string? told) =>
            answer.FirstOrDefault(
                member => NamedValues.Same(member.Key, name) && member.Value is string { Length: > 0 }).Value is string said
                ? said == told ? said : DisplayText.Clean(said)
                : null;
    }
}
