using MgPrint.PowerShell.Models;
using MgPrint.PowerShell.Runtime;

namespace MgPrint.PowerShell.Cmdlets;

/// <summary>One record of Send-MgPrintDocument: which document goes where, made out of what was named and what was piped.</summary>
/// <param name="cmdlet">The cmdlet, as PowerShell has bound it for this record.</param>
/// <param name="named">Which parameters the command line named.</param>
internal sealed class DocumentRecord(SendMgPrintDocument cmdlet, NamedParameters named)
{
    /// <summary>What was piped as a whole.</summary>
    private object? PipedObject => named.Has(nameof(cmdlet.UploadSession)) ? null : cmdlet.UploadSession;

    private PipedDocument Piped => new(PipedObject);

    private DocumentFiles Files => new(cmdlet.SessionState.Path);

    /// <summary>What the record asks for.</summary>
    /// <exception cref="DocumentException">It names no document, or no place for one; nothing was sent.</exception>
    public PlannedDocument Plan()
    {
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
            throw new DocumentException("DocumentNameMissing", "The document has no name of its own: give one with -DocumentName. Nothing was sent.");
        }

        return new PlannedDocument(source, target, name ?? source.Shown, target.Address is null ? null : TypeOf(source, name), ResumeFileOf(target));
    }

    /// <summary>The file: the one that was named, or else the one that the piped object names.</summary>
    private string File() => cmdlet.Path is not null ? Files.One(cmdlet.Path, isLiteral: false)
        : Piped.LiteralPath is string literal ? Files.One([literal], isLiteral: true)
        : Piped.Path is string path ? Files.One([path], isLiteral: false)
        : throw new DocumentException(
            "SourceMissing",
            "There is no document to send. Give a file with -Path or -LiteralPath, or pipe in an object with such a property; or give -InputStream or -Content. A text that is piped in is taken for an upload URL.");

    /// <summary>Where this record's document goes. What is piped means what it looks like: a session, or the ids of a document.</summary>
    private UploadTarget Target()
    {
        bool isSessionNamed = named.Has(nameof(cmdlet.UploadSession));
        bool isUrlNamed = named.Has(nameof(cmdlet.UploadUrl));
        UploadTarget? session = isSessionNamed ? UploadTarget.Of(cmdlet.UploadSession) : null;
        UploadTarget? url = isUrlNamed ? UploadTarget.Of(cmdlet.UploadUrl) : null;
        UploadTarget? piped = Piped.Session;
        // An object with both an uploadUrl and ids is a session that knows its document.
        PrintDocumentAddress? address = piped is null || named.Ids || named.Has(nameof(cmdlet.PrinterShareId)) ? Address() : null;
        // What comes with a document that was named can only be meant as its session.
        bool isMeantAsSession = PipedObject is not null && (cmdlet.ParameterSetName != SendMgPrintDocument.ByPath || named.Has(nameof(cmdlet.Path)));
        UploadTarget target = UploadTarget.OneOf(session, url, piped, address is null ? null : UploadTarget.Of(address))
            ?? (isMeantAsSession ? UploadTarget.Of(PipedObject) : throw UploadTarget.Missing());
        return target.Address is not null || !named.Has(nameof(cmdlet.ContentType))
            ? target
            : throw new DocumentException("AmbiguousTarget", "-ContentType is for an upload session that this command creates; the one that was given has its content type already.");
    }

    private PrintDocumentAddress? Address() => PrintDocumentAddress.TryOf(
        cmdlet.PrinterId ?? Piped.Text(nameof(cmdlet.PrinterId)), cmdlet.PrinterShareId ?? Piped.Text(nameof(cmdlet.PrinterShareId)),
        cmdlet.PrintJobId ?? Piped.Text(nameof(cmdlet.PrintJobId)), cmdlet.PrintDocumentId ?? Piped.Text(nameof(cmdlet.PrintDocumentId)));

    /// <summary>A text that was given or piped; null for none.</summary>
    private string? Said(string? bound, string name) => string.IsNullOrEmpty(bound) ? Piped.Text(name) : bound;

    /// <summary>The document as it was given, for an error that comes before its path was looked at.</summary>
    public string? GivenName()
    {
        try
        {
            return cmdlet.ParameterSetName switch
            {
                SendMgPrintDocument.ByPath => cmdlet.Path is null ? Piped.LiteralPath ?? Piped.Path : string.Join(", ", cmdlet.Path),
                SendMgPrintDocument.ByLiteralPath => string.Join(", ", cmdlet.LiteralPath),
                _ => Said(cmdlet.DocumentName, nameof(cmdlet.DocumentName)),
            };
        }
        catch (DocumentException)
        {
            // What was piped is what cannot be read.
            return null;
        }
    }

    private string TypeOf(DocumentSource source, string? name) =>
        Said(cmdlet.ContentType, nameof(cmdlet.ContentType)) ?? ContentTypes.Of(source.Path) ?? ContentTypes.Of(name) ?? throw new DocumentException(
            "ContentTypeUnknown",
            $"What '{DisplayText.Clean(name)}' is cannot be told from the ending of its name. Give its type with -ContentType, such as application/pdf. Nothing was sent.",
            target: source.Path ?? name);

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
