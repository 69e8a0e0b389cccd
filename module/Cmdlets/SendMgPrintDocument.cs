namespace MgPrint.PowerShell.Cmdlets;

/// <summary>Sends documents, range by range: through an upload session, or to a print document whose session it creates itself.</summary>
[Cmdlet(VerbsCommunications.Send, "MgPrintDocument", DefaultParameterSetName = ByPath, SupportsShouldProcess = true,
    ConfirmImpact = ConfirmImpact.Medium, HelpUri = UploadHelpUrl)]
[OutputType(typeof(SentDocument))]
public sealed class SendMgPrintDocument : DocumentCmdlet
{
    private readonly HashSet<UInt128> _known = [];
    private PlannedDocument? _held;
    private bool _isForOneDocument;

    /// <summary>The session to send it through: what New-MgPrintUploadSession answers, or any object with an uploadUrl.</summary>
    [Parameter(ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "An upload session, or any object with an uploadUrl")]
    [NotLogged]
    [ValidateNotNull]
    public object? UploadSession { get; set => field = NotLoggedAttribute.Unwrap(value); }

    /// <summary>The session's URL, as text or SecureString. A URL that is typed stays in the history and in transcripts.</summary>
    // Not by property name: the object that has it is a session, and comes whole.
    [Parameter(HelpMessage = "The upload URL of a session, as text or SecureString")]
    [NotLogged]
    public object? UploadUrl { get; set => field = NotLoggedAttribute.Unwrap(value); }

    /// <summary>The printer whose job the document is of.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, HelpMessage = "The unique identifier of printer")]
    public string? PrinterId { get; set; }

    /// <summary>The printer share whose job the document is of.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, HelpMessage = "The unique identifier of printerShare")]
    public string? PrinterShareId { get; set; }

    /// <summary>The job that the document is of.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, HelpMessage = "The unique identifier of printJob")]
    public string? PrintJobId { get; set; }

    /// <summary>The document for which a session is created.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, HelpMessage = "The unique identifier of printDocument")]
    public string? PrintDocumentId { get; set; }

    /// <summary>A file that makes the same command go on with the same upload.</summary>
    [Parameter(ParameterSetName = ByPath, HelpMessage = "A file that makes the same command go on where it stopped")]
    [Parameter(ParameterSetName = ByLiteralPath, HelpMessage = "A file that makes the same command go on where it stopped")]
    [ValidateNotNullOrEmpty]
    public string? ResumeFile { get; set; }

    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        if (ResumeFile is not null && ResumeDirectory is not null)
        {
            throw new InputException(
                "AmbiguousResumeFile", "Give -ResumeFile for one document, or -ResumeDirectory for several, not both.");
        }

        _isForOneDocument =
            IsNamed(nameof(UploadSession)) || IsNamed(nameof(UploadUrl)) || IsNamed(nameof(ResumeFile)) || IsWholeAddressNamed;
    }

    /// <summary>Whether the command line gives every id of the document.</summary>
    internal bool IsWholeAddressNamed =>
        (IsNamed(nameof(PrinterId)) || IsNamed(nameof(PrinterShareId))) && IsNamed(nameof(PrintJobId)) && IsNamed(nameof(PrintDocumentId));

    private protected override string Activity => "Sending";

    private protected override void SendHeld()
    {
        if (_held is not null)
        {
            Send(_held);
        }
    }

    private protected override FailedDocument? Given() => new DocumentRecord(this).Given();

    private protected override void Take(PlannedDocument document)
    {
        if (!ShouldProcess(document.Target.ToString(), $"Send {document.Source.Shown}"))
        {
            return;
        }

        if (!_isForOneDocument)
        {
            Send(document);
        }
        else if (_held is null)
        {
            // Sent at the end, when it is sure that no second one comes.
            _held = document;
        }
        else
        {
            throw new InputException(
                "MoreThanOneFile",
                $"'{_held.ShownName}' and '{document.ShownName}' were given for {document.Target}, which takes one document. Nothing was "
                    + "sent. Give each file a session or a print document of its own"
                    + (ResumeFile is null ? "." : ", and a resume file by -ResumeDirectory."));
        }
    }

    private protected override IEnumerable<PlannedDocument> Plan()
    {
        PlannedDocument document = new DocumentRecord(this).Plan();
        if (!_isForOneDocument && !_known.Add(document.Target.Digest))
        {
            throw new InputException(
                "MoreThanOneFile", $"{document.Target} was given before in this pipeline, and takes one document.");
        }

        if (IsWhatIf)
        {
            document.Source.Check(StoppingToken);
        }

        yield return document;
    }

    private protected override EngineOperation Start(PlannedDocument document, EngineClient client, EngineOptions options)
    {
        options.With(EngineOption.ResumeFile, document.ResumeFile)
            .With(EngineOption.ResumeIdentity, document.ResumeFile is null ? null : document.Target.Address?.Path);
        EngineSource source = document.Source.ToEngine(document.Name);
        if (document.Target.Address is not PrintDocumentAddress address)
        {
            return client.StartUpload(
                document.Target.Url!, source, options.With(EngineOption.ExpectedSize, document.Target.DocumentSize));
        }

        var asked = new EngineDocument(
            address.Parent, address.ParentId, address.PrintJobId, address.PrintDocumentId, document.Name, document.ContentType ?? "");
        using EngineRequest request = EngineRequest.NewSession(client, asked, GivenHeaders);
        return client.StartUpload(request, source, options);
    }

    private protected override object ResultOf(EngineResult result, DocumentUpload upload) => SentDocument.From(result, upload.Document);
}
