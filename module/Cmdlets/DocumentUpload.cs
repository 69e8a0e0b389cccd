namespace MgPrint.PowerShell.Cmdlets;

/// <summary>A document that was asked to be sent, and where to. Nothing of it was sent.</summary>
/// <param name="ContentType">What the service is told that it is, where the session is yet to be created.</param>
/// <param name="ResumeFile">The file that makes the same call go on; null for none.</param>
internal sealed record PlannedDocument(DocumentSource Source, UploadTarget Target, string Name, string? ContentType, string? ResumeFile)
{
    /// <summary>The document as an error's target, with the job that was made for it.</summary>
    public FailedDocument ErrorTarget(string? printJobId = null, string? printDocumentId = null, bool mayBePrinted = false) => new()
    {
        Path = Source.Path,
        DocumentName = Name.Length == 0 ? null : Name,
        ContentType = ContentType,
        PrinterId = PrinterId,
        PrinterShareId = PrinterShareId,
        Share = Target.Printer?.To.ShareName,
        Configuration = Target.Printer?.Asked,
        PrintJobId = Target.Address?.PrintJobId ?? printJobId,
        PrintDocumentId = Target.Address?.PrintDocumentId ?? printDocumentId,
        MayBePrinted = mayBePrinted,
    };

    /// <summary>What a pipeline may have once: a resume file, and a session or a print document; null for a share.</summary>
    public string? Key => ResumeFile ?? (Target.Printer is null ? Target.Digest : null);

    /// <summary>What is wrong with this document alone; it is not sent.</summary>
    public InputException? Fault { get; init; }

    /// <summary>The id of the printer; null where it goes to a share or a session.</summary>
    public string? PrinterId =>
        Target.Printer?.To.PrinterId ?? (Target.Address?.Parent == EngineJobParent.Printer ? Target.Address.ParentId : null);

    /// <summary>The id of the share; null where it goes to a printer or a session, or where only its name is known.</summary>
    public string? PrinterShareId =>
        Target.Printer?.To.ShareId ?? (Target.Address?.Parent == EngineJobParent.Share ? Target.Address.ParentId : null);

    /// <summary>The document as messages call it.</summary>
    public string ShownName => DisplayText.Clean(Name);

    /// <summary>What a message about it begins with.</summary>
    public string Prefix => $"'{ShownName}': ";
}

/// <summary>A document on its way.</summary>
internal sealed record DocumentUpload(
    PlannedDocument Document, EngineOperation Operation, UploadProgress Progress, ConnectionSettings Graph) : IDisposable
{
    private (string? JobId, string? DocumentId) _made;
    private string? _startedJob;
    private bool _isNamed;

    /// <summary>Reads the events that are left, and gives the warnings about its jobs for a command that ends before it.</summary>
    /// <param name="timeout">How long to wait for each event.</param>
    public IEnumerable<string> PendingWarnings(TimeSpan timeout)
    {
        while (Operation.Next(timeout) is { Kind: not EngineEventKind.Finished } next)
        {
            if (next.Kind == EngineEventKind.Job)
            {
                JobChanged(next);
            }
            else if (next.Kind == EngineEventKind.JobLeft)
            {
                yield return Document.Prefix + LeftoverOf(next);
            }
        }

        if (_startedJob is string job && !_isNamed)
        {
            _isNamed = true;
            yield return $"{Document.Prefix}Print job {job} was started and goes on, though this command was stopped. "
                + (Document.ResumeFile is null ? "Printed again, the document is there twice." : "The same command goes on with it.");
        }
    }

    /// <summary>The record of how it failed.</summary>
    public ErrorRecord ToRecord(EngineError error) =>
        UploadCmdlet.RecordOf(
            error, Document.ErrorTarget(_made.JobId, _made.DocumentId, error.Status == EngineStatus.StartUnconfirmed),
            Document.Target.Permissions, Graph.Endpoint);

    /// <summary>Its job was made, or stands otherwise than before.</summary>
    public void JobChanged(EngineEvent next)
    {
        if (JsonTree.ObjectIn(next.Text) is { } job && job["status"] is Dictionary<string, object?> status)
        {
            _made = ($"{job["printJobId"]}", $"{job["printDocumentId"]}");
            _startedJob = status["state"] is "paused" ? null : DisplayText.Clean(_made.JobId);
            Progress.Job = DisplayText.Clean($"Print job {job["printJobId"]} is {status["state"]}");
            Progress.Hold(next);
        }
    }

    /// <summary>A job that waits for a document, with the line that cancels it.</summary>
    public string LeftoverOf(EngineEvent next)
    {
        Dictionary<string, object?>? job = JsonTree.ObjectIn(next.Text);
        (string id, string parent) = (DisplayText.Clean($"{job?["printJobId"]}"), DisplayText.Clean($"{job?["parentId"]}"));
        string cancel = Document.PrinterId is null ? "Stop-MgPrintShareJob -PrinterShareId" : "Stop-MgPrintPrinterJob -PrinterId";
        return $"Print job {id} may be left over: it waits for a document that may never come, or could not be canceled. Unless another "
            + $"command is about to use it, cancel it: {cancel} {parent} -PrintJobId {id}";
    }

    public void Dispose() => Operation.Dispose();
}
