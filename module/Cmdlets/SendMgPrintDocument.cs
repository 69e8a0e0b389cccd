namespace MgPrint.PowerShell.Cmdlets;

/// <summary>Sends documents, range by range: through an upload session, or to a print document whose session it creates itself.</summary>
[Cmdlet(VerbsCommunications.Send, "MgPrintDocument", DefaultParameterSetName = ByPath, SupportsShouldProcess = true,
    ConfirmImpact = ConfirmImpact.Medium, HelpUri = UploadHelpUrl)]
[OutputType(typeof(SentDocument))]
public sealed class SendMgPrintDocument : DocumentCmdlet
{
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
    }

    /// <summary>Whether the command line gives every id of the document.</summary>
    private bool IsWholeAddressNamed =>
        (IsNamed(nameof(PrinterId)) || IsNamed(nameof(PrinterShareId))) && IsNamed(nameof(PrintJobId)) && IsNamed(nameof(PrintDocumentId));

    private protected override bool IsForOneDocument =>
        IsNamed(nameof(UploadSession)) || IsNamed(nameof(UploadUrl)) || IsNamed(nameof(ResumeFile)) || IsWholeAddressNamed;

    private protected override string Verb => "Send";

    private protected override IEnumerable<PlannedDocument> Plan()
    {
        (DocumentSource Source, InputException? Fault)[] sources = [.. Sources()];
        if (sources is not [(DocumentSource source, var fault)])
        {
            throw new InputException(
                "MoreThanOneFile",
                $"{sources.Length} files are named, '{DisplayText.Clean(sources[0].Source.Name)}' and "
                    + $"'{DisplayText.Clean(sources[1].Source.Name)}' among them; an upload session takes one document. Give each file a "
                    + "session or a print document of its own.");
        }

        if (fault is not null)
        {
            throw fault;
        }

        UploadTarget target = Target();
        string? name = Said(DocumentName) ?? source.Name;
        if (target.Address is not null && string.IsNullOrEmpty(name))
        {
            throw NameMissing();
        }

        string? type = target.Address is null ? null : ContentTypes.For(Said(ContentType), source, name, StoppingToken);
        yield return new PlannedDocument(source, target, name ?? source.Shown, type, ResumeFileOf(target));
    }

    /// <summary>Where this record's document goes. What is piped means what it looks like: a session, or the ids of a document.</summary>
    private UploadTarget Target()
    {
        UploadTarget? session = IsNamed(nameof(UploadSession)) ? UploadTarget.Of(UploadSession) : null;
        UploadTarget? url = IsNamed(nameof(UploadUrl)) ? UploadTarget.Of(UploadUrl) : null;
        UploadTarget? piped = Piped.Session;
        // A session that knows its document is a session, and so is one beside a default for one of the ids.
        bool isDocumentMeant = session is null && url is null ? piped is null || IsWholeAddressNamed : IsWholeAddressGiven;
        PrintDocumentAddress? address = isDocumentMeant
            ? PrintDocumentAddress.TryOf(Said(PrinterId), Said(PrinterShareId), Said(PrintJobId), Said(PrintDocumentId))
            : null;
        // An object that comes with a document, and does not name one itself, can only be meant as its session.
        bool isMeantAsSession = PipedObject is not null && !Piped.IsFile && (ParameterSetName != ByPath || IsNamed(nameof(Path)));
        UploadTarget target = UploadTarget.OneOf(session, url, piped, address is null ? null : new UploadTarget { Address = address })
            ?? (isMeantAsSession ? UploadTarget.Of(PipedObject) : throw UploadTarget.Missing());
        return target.Address is not null || !IsNamed(nameof(ContentType))
            ? target
            : throw new InputException(
                "AmbiguousTarget", "-ContentType is for an upload session that this command creates; the one that was given has its "
                    + "content type already.");
    }

    private bool IsWholeAddressGiven =>
        (Said(PrinterId) ?? Said(PrinterShareId)) is not null && Said(PrintJobId) is not null && Said(PrintDocumentId) is not null;

    private protected override bool IsDocumentPiped => Piped.IsFile;

    private protected override object? PipedObject => IsNamed(nameof(UploadSession)) ? null : UploadSession;

    /// <summary>
    /// Named by what the document goes to, so that the same command finds it again; a digest, since that may be a secret.
    /// </summary>
    private string? ResumeFileOf(UploadTarget target) => ResumeFile is not null ? Files.InFileSystem(ResumeFile)
        : ResumeDirectory is null ? null
        : System.IO.Path.Combine(Files.InFileSystem(ResumeDirectory), $"{target.Digest}.mgprint-resume");

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

        using EngineRequest request = EngineRequest.NewSession(client, address, document.Name, document.ContentType ?? "", GivenHeaders);
        return client.StartUpload(request, source, options);
    }

    private protected override object ResultOf(EngineResult result, DocumentUpload upload) => SentDocument.From(result, upload.Document);
}
