using System.Security;
using System.Security.Cryptography;
using Microsoft.Graph.PowerShell.Cmdlets;

namespace MgPrint.PowerShell.Cmdlets;

/// <summary>
/// Where a document goes: to the upload URL of a session, or to a print document whose session is yet to be created.
/// </summary>
internal sealed class UploadTarget
{
    private const string UploadUrl = "UploadUrl";

    /// <summary>The upload URL, byte for byte; it holds a secret. Null when there is no session yet.</summary>
    public string? Url { get; init; }

    /// <summary>The bytes that the session was created for, where they are known.</summary>
    public long? DocumentSize { get; init; }

    /// <summary>The print document; null when there is a session.</summary>
    public PrintDocumentAddress? Address { get; init; }

    /// <summary>The share or printer for which a job is made; null where there is one already.</summary>
    public PrintDestination? Printer { get; init; }

    /// <summary>What the service asks of a token: nothing where there is a session.</summary>
    public NeededPermissions Permissions => Printer is not null ? ToPrint : Address?.Parent switch
    {
        null => NeededPermissions.None,
        EngineJobParent.Share => NewMgPrintShareJobDocumentUploadSession.OwnRows[0].Permissions,
        _ => NewMgPrintPrinterJobDocumentUploadSession.OwnRows[0].Permissions,
    };

    // An app by itself may not print at all.
    private static readonly NeededPermissions ToPrint =
        NeededPermissions.Of("PrinterShare.ReadBasic.All? PrintJob.ReadWrite|PrintJob.ReadWrite.All|PrintJob.Create", "- !");

    /// <summary>Tells this target from others; a digest, since a session's URL is a secret.</summary>
    public string Digest => DigestOf(Address?.Path ?? Url!);

    /// <summary>The digest of a text, for the name of a file.</summary>
    public static string DigestOf(string text) =>
        Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)), 0, 16).ToLowerInvariant();

    /// <summary>The target of a session, an object with an uploadUrl, a URL or a SecureString.</summary>
    public static UploadTarget Of(object? given) => TryOf(given) ?? throw NoUploadUrl();

    /// <summary>The same; null when what was given has no upload URL.</summary>
    public static UploadTarget? TryOf(object? given) => NamedValues.Unwrap(given) switch
    {
        null => null,
        IList { Count: 1 } list and not IDictionary => TryOf(list[0]),
        MicrosoftGraphUploadSession session => ToUrl(session.UploadUrl, session.DocumentSize),
        string url when !url.AsSpan().TrimStart().StartsWith("{") => ToUrl(url),
        Uri or SecureString => ToUrl(NamedValues.Unwrap(given)),
        _ => ToUrl(ValueIn(given!, UploadUrl)),
    };

    /// <summary>The one that was given, of all ways to give one; null for none.</summary>
    public static UploadTarget? OneOf(params UploadTarget?[] ways)
    {
        UploadTarget[] given = [.. ways.OfType<UploadTarget>()];
        return given.Length < 2 ? given.FirstOrDefault() : throw new InputException(
            "AmbiguousTarget", "The document has several destinations. Give one of them: an upload session, an upload URL, or the ids of a "
                + "print document.");
    }

    /// <summary>Nothing says where the document goes.</summary>
    public static InputException Missing() => new(
        "TargetMissing",
        "There is nowhere to send the document to. Pipe in or give an upload session (-UploadSession), an upload URL (-UploadUrl), or a "
            + "print document (-PrinterId or -PrinterShareId, with -PrintJobId and -PrintDocumentId).");

    /// <summary>A value that an object of any kind has under a name, whatever the letter case.</summary>
    public static object? ValueIn(object given, string name)
    {
        // A row is looked up by name, not read whole for each of its columns.
        bool isRow = NamedValues.Unwrap(given) is PSObject && NamedValues.ModelNameOf(given) is null;
        if (isRow || !NamedValues.CanRead(given))
        {
            return PSObject.AsPSObject(given).Properties[name]?.Value;
        }

        try
        {
            return NamedValues.Read(given, "").Find(entry => NamedValues.Same(entry.Key, name)).Value;
        }
        catch (PSInvalidCastException unreadable)
        {
            throw new InputException("InvalidUploadSession", unreadable.Message);
        }
    }

    /// <summary>An id or a name as text, such as the number that JSON or a script may have for it; null for what is neither.</summary>
    public static string? TextOf(object? value) => NamedValues.Unwrap(value) switch
    {
        string text => text,
        Guid id => id.ToString(),
        IConvertible number and not bool => Convert.ToString(number, CultureInfo.InvariantCulture),
        _ => null,
    };

    /// <summary>Where the document goes, without the URL's secret.</summary>
    public override string ToString() => Printer?.ToString() ?? Address?.ToString() ?? $"the upload session {DisplayText.Url(Url)}";

    private static UploadTarget? ToUrl(object? value, long? documentSize = null) => NamedValues.Unwrap(value) switch
    {
        // A URL that was read from a file ends with the file's line break.
        string url when !string.IsNullOrWhiteSpace(url) => new() { Url = url.Trim(), DocumentSize = documentSize },
        SecureString url => new() { Url = new NetworkCredential("", url).Password.Trim(), DocumentSize = documentSize },
        Uri url => new() { Url = url.OriginalString, DocumentSize = documentSize },
        _ => null,
    };

    // No target object: what was given may hold a secret under another name.
    private static InputException NoUploadUrl() => new(
        "InvalidUploadSession",
        "What was given has no uploadUrl, so it is no upload session. Create one with New-MgPrintUploadSession, and give what it "
            + "answers, its UploadUrl, or any object with an uploadUrl.");
}

/// <summary>A print document by the ids of what it belongs to.</summary>
/// <param name="Parent">Whether the job is a printer's or a share's.</param>
internal sealed record PrintDocumentAddress(EngineJobParent Parent, string ParentId, string PrintJobId, string PrintDocumentId)
{
    /// <summary>Tells it from every other; an id that holds a slash looks like none of two.</summary>
    public string Path =>
        $"{(Parent == EngineJobParent.Share ? "shares" : "printers")}/{Escape(ParentId)}"
            + $"/jobs/{Escape(PrintJobId)}/documents/{Escape(PrintDocumentId)}";

    /// <summary>The document of an object's own ids; null when it has none of them.</summary>
    public static PrintDocumentAddress? TryOf(string? printer, string? share, string? job, string? document)
    {
        string parent = $"{printer}{share}";
        if (string.IsNullOrEmpty($"{parent}{job}{document}"))
        {
            return null;
        }

        if (!string.IsNullOrEmpty(printer) && !string.IsNullOrEmpty(share))
        {
            throw new InputException(
                "AmbiguousTarget", "A print job belongs to a printer or to a share of one: give -PrinterId or -PrinterShareId, not both.");
        }

        (string? Id, string Name)[] parts =
            [(parent, "-PrinterId (or -PrinterShareId)"), (job, "-PrintJobId"), (document, "-PrintDocumentId")];
        string[] missing = [.. parts.Where(part => string.IsNullOrEmpty(part.Id)).Select(part => part.Name)];
        return missing.Length == 0
            ? new(string.IsNullOrEmpty(share) ? EngineJobParent.Printer : EngineJobParent.Share, parent, job!, document!)
            : throw new InputException(
                "IncompleteTarget", "To create the upload session of a print document, "
                    + $"{string.Join(" and ", missing)} {(missing.Length == 1 ? "is" : "are")} needed too.");
    }

    public override string ToString() =>
        $"the print document '{DisplayText.Clean(PrintDocumentId)}' of the job '{DisplayText.Clean(PrintJobId)}' on the "
            + $"{(Parent == EngineJobParent.Share ? "printer share" : "printer")} '{DisplayText.Clean(ParentId)}'";

    private static string Escape(string id) => Uri.EscapeDataString(id);
}
