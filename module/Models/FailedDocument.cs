namespace MgPrint.PowerShell.Models;

/// <summary>
/// A document that was not sent or printed: the target object of its error. Piped to Out-MgPrinter, or to Send-MgPrintDocument
/// where it went to a print document, it is tried again; an upload URL is a secret and not kept.
/// </summary>
public sealed class FailedDocument
{
    /// <summary>The file; null for bytes that were in no file.</summary>
    public string? Path { get; init; }

    /// <summary>What the document was called.</summary>
    public string? DocumentName { get; init; }

    /// <summary>Its content (MIME) type, where a session was to be created.</summary>
    public string? ContentType { get; init; }

    /// <summary>The printer whose job it is of; null where that was a share or a session.</summary>
    public string? PrinterId { get; init; }

    /// <summary>The printer share whose job it is of; null where that was a printer or a session.</summary>
    public string? PrinterShareId { get; init; }

    /// <summary>The name of the share, where it was to be printed; Out-MgPrinter takes it.</summary>
    public string? Share { get; init; }

    /// <summary>How it was to be printed; Out-MgPrinter takes it.</summary>
    public IDictionary? Configuration { get; init; }

    /// <summary>The job; null where it went to a session.</summary>
    public string? PrintJobId { get; init; }

    /// <summary>The print document; null where it went to a session.</summary>
    public string? PrintDocumentId { get; init; }

    /// <summary>Whether its job was to be started and nothing says whether it was: Out-MgPrinter then does not print it again.</summary>
    public bool MayBePrinted { get; init; }

    /// <summary>The file, or else the name.</summary>
    public override string ToString() => DisplayText.Clean(Path ?? DocumentName);
}
