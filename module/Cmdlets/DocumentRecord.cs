namespace MgPrint.PowerShell.Cmdlets;

/// <summary>One record of Send-MgPrintDocument: which document goes where, made out of what was named and what was piped.</summary>
/// <param name="cmdlet">The cmdlet, as PowerShell has bound it for this record.</param>
internal sealed class DocumentRecord(SendMgPrintDocument cmdlet)
{
    /// <summary>What was piped as a whole.</summary>
    private object? PipedObject => cmdlet.IsNamed(nameof(cmdlet.UploadSession)) ? null : cmdlet.UploadSession;

    private PipedDocument Piped => new(PipedObject);

    private DocumentFiles Files => new(cmdlet.SessionState.Path);

    /// <exception cref="InputException">It names no document, or no place for one; nothing was sent.</exception>
    public PlannedDocument Plan()
    {
        if (cmdlet.IsDocumentNamed && NamedValues.Unwrap(PipedObject) is FileSystemInfo)
        {
            throw DocumentCmdlet.TwoDocuments();
        }

        DocumentSource source = cmdlet.ParameterSetName switch
        {
            SendMgPrintDocument.ByStream => new StreamDocument(cmdlet.InputStream),
            SendMgPrintDocument.ByContent => new BytesDocument(cmdlet.Content),
            SendMgPrintDocument.ByLiteralPath => new FileDocument(Files.One(cmdlet.LiteralPath, isLiteral: true)),
            _ => new FileDocument(File()),
        };
        UploadTarget target = Target();
        string? name = Said(cmdlet.DocumentName, nameof(cmdlet.DocumentName)) ?? source.Name;
        if (target.Address is not null && string.IsNullOrEmpty(name))
        {
            throw new InputException(
                "DocumentNameMissing", "The document has no name of its own: give one with -DocumentName.");
        }

        return new PlannedDocument(
            source, target, name ?? source.Shown, target.Address is null
                ? null
                : ContentTypes.For(Said(cmdlet.ContentType, nameof(cmdlet.ContentType)), source, name, cmdlet.StoppingToken),
            ResumeFileOf(target));
    }

    /// <summary>The file: the one that was named, or else the one that the piped object names.</summary>
    private string File() => cmdlet.Path is not null ? Files.One(cmdlet.Path, isLiteral: false)
        : Piped.LiteralPath is string literal ? Files.One([literal], isLiteral: true)
        : Piped.Path is string path ? Files.One([path], isLiteral: false)
        : throw new InputException(
            "SourceMissing",
            "There is no document to send. Give a file with -Path or -LiteralPath, or pipe in an object with such a property; or give "
                + "-InputStream or -Content. A text that is piped in is taken for an upload URL.");

    /// <summary>Where this record's document goes. What is piped means what it looks like: a session, or the ids of a document.</summary>
    private UploadTarget Target()
    {
        UploadTarget? session = cmdlet.IsNamed(nameof(cmdlet.UploadSession)) ? UploadTarget.Of(cmdlet.UploadSession) : null;
        UploadTarget? url = cmdlet.IsNamed(nameof(cmdlet.UploadUrl)) ? UploadTarget.Of(cmdlet.UploadUrl) : null;
        UploadTarget? piped = Piped.Session;
        // A session that knows its document is a session, and so is one beside a default for one of the ids.
        bool isDocumentMeant = session is null && url is null ? piped is null || cmdlet.IsWholeAddressNamed : IsWholeAddressGiven;
        PrintDocumentAddress? address = isDocumentMeant ? Address() : null;
        // An object that comes with a document, and does not name one itself, can only be meant as its session.
        bool isMeantAsSession = PipedObject is not null && !Piped.IsFile
            && (cmdlet.ParameterSetName != SendMgPrintDocument.ByPath || cmdlet.IsNamed(nameof(cmdlet.Path)));
        UploadTarget target = UploadTarget.OneOf(session, url, piped, address is null ? null : UploadTarget.Of(address))
            ?? (isMeantAsSession ? UploadTarget.Of(PipedObject) : throw UploadTarget.Missing());
        return target.Address is not null || !cmdlet.IsNamed(nameof(cmdlet.ContentType))
            ? target
            : throw new InputException(
                "AmbiguousTarget", "-ContentType is for an upload session that this command creates; the one that was given has its "
                    + "content type already.");
    }

    private bool IsWholeAddressGiven =>
        (Said(cmdlet.PrinterId, nameof(cmdlet.PrinterId)) ?? Said(cmdlet.PrinterShareId, nameof(cmdlet.PrinterShareId))) is not null
        && Said(cmdlet.PrintJobId, nameof(cmdlet.PrintJobId)) is not null
        && Said(cmdlet.PrintDocumentId, nameof(cmdlet.PrintDocumentId)) is not null;

    private PrintDocumentAddress? Address() => PrintDocumentAddress.TryOf(
        cmdlet.PrinterId ?? Piped.Text(nameof(cmdlet.PrinterId)), cmdlet.PrinterShareId ?? Piped.Text(nameof(cmdlet.PrinterShareId)),
        cmdlet.PrintJobId ?? Piped.Text(nameof(cmdlet.PrintJobId)), cmdlet.PrintDocumentId ?? Piped.Text(nameof(cmdlet.PrintDocumentId)));

    /// <summary>A text that was given or piped; null for none.</summary>
    private string? Said(string? bound, string name) => string.IsNullOrEmpty(bound) ? Piped.Text(name) : bound;

    /// <summary>The document as it was given, for an error that comes before its path was looked at.</summary>
    public FailedDocument? Given()
    {
        try
        {
            string? path = cmdlet.ParameterSetName switch
            {
                SendMgPrintDocument.ByPath => cmdlet.Path is null ? Piped.LiteralPath ?? Piped.Path : string.Join(", ", cmdlet.Path),
                SendMgPrintDocument.ByLiteralPath => string.Join(", ", cmdlet.LiteralPath),
                _ => null,
            };
            // Of PSPath, the provider's name is no part of the file's.
            path = path?[(path.IndexOf("::", StringComparison.Ordinal) is int provider and >= 0 ? provider + 2 : 0)..];
            return new FailedDocument
            {
                Path = path,
                DocumentName = Said(cmdlet.DocumentName, nameof(cmdlet.DocumentName)) ?? System.IO.Path.GetFileName(path),
                PrinterId = cmdlet.PrinterId ?? Piped.Text(nameof(cmdlet.PrinterId)),
                PrinterShareId = cmdlet.PrinterShareId ?? Piped.Text(nameof(cmdlet.PrinterShareId)),
                PrintJobId = cmdlet.PrintJobId ?? Piped.Text(nameof(cmdlet.PrintJobId)),
                PrintDocumentId = cmdlet.PrintDocumentId ?? Piped.Text(nameof(cmdlet.PrintDocumentId)),
            };
        }
        catch (InputException)
        {
            // The piped object itself cannot be read.
            return null;
        }
    }

    private string? ResumeFileOf(UploadTarget target)
    {
        if (cmdlet.ResumeFile is not null)
        {
            return Files.InFileSystem(cmdlet.ResumeFile);
        }

        // Named by what the document goes to, so that the same command finds it again; a digest, since that may be a secret.
        return cmdlet.ResumeDirectory is null
            ? null
            : System.IO.Path.Combine(Files.InFileSystem(cmdlet.ResumeDirectory), $"{target.Digest:x32}.mgprint-resume");
    }
}
