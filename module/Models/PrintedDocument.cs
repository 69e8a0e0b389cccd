namespace MgPrint.PowerShell.Models;

/// <summary>
/// A document that the service has, and the job that prints it. Started is not printed: the state says how the job stood.
/// </summary>
public sealed class PrintedDocument
{
    /// <summary>The file that was printed; null for bytes that were in no file.</summary>
    public string? Path { get; private init; }

    /// <summary>What the document is called.</summary>
    public string Name { get; private init; } = "";

    /// <summary>The share as it was named; null where an id was given.</summary>
    public string? Share { get; private init; }

    /// <summary>The id of the share; null for a job on a printer.</summary>
    public string? PrinterShareId { get; private init; }

    /// <summary>The id of the printer; null for a job on a share.</summary>
    public string? PrinterId { get; private init; }

    /// <summary>The id of the job.</summary>
    public string PrintJobId { get; private init; } = "";

    /// <summary>The id of the job's document.</summary>
    public string PrintDocumentId { get; private init; } = "";

    /// <summary>The state of the job when it was last looked at, such as processing or completed.</summary>
    public string? State { get; private init; }

    /// <summary>Details of the state, such as interpreting or releaseWait.</summary>
    public string[] Details { get; private init; } = [];

    /// <summary>Whether a printer has taken the job.</summary>
    public bool IsAcquiredByPrinter { get; private init; }

    /// <summary>The document's size in bytes.</summary>
    public long Bytes { get; private init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Duration { get; private init; }

    /// <summary>Whether nothing was done, since a record says that the same document was handed over before.</summary>
    public bool Skipped { get; private init; }

    /// <summary>The document's name.</summary>
    public override string ToString() => DisplayText.Clean(Name);

    /// <summary>What a print came to.</summary>
    internal static PrintedDocument From(EngineResult result, PlannedDocument document)
    {
        Dictionary<string, object?> printed = JsonTree.ObjectIn(result.Json)!;
        var status = printed["status"] as Dictionary<string, object?> ?? [];
        PrintDestination printer = document.Target.Printer!;
        string parent = (string)printed["parentId"]!;
        bool isPrinter = printer.To.PrinterId is not null;
        return new PrintedDocument
        {
            Path = document.Source.Path,
            Name = document.Name,
            Share = printer.To.ShareName,
            PrinterShareId = isPrinter ? null : parent,
            PrinterId = isPrinter ? parent : null,
            PrintJobId = (string)printed["printJobId"]!,
            PrintDocumentId = (string)printed["printDocumentId"]!,
            State = DisplayText.Clean(status["state"] as string),
            Details = [.. (status["details"] as IEnumerable<object?> ?? []).OfType<string>().Select(text => DisplayText.Clean(text))],
            IsAcquiredByPrinter = status["isAcquiredByPrinter"] is true,
            Bytes = result.BytesTotal,
            Duration = result.Elapsed,
            Skipped = printed["skipped"] is true,
        };
    }
}
