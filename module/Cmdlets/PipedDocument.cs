namespace MgPrint.PowerShell.Cmdlets;

/// <summary>
/// A piped object as a whole: an upload session, or one that names a document. It is read here for what PowerShell binds
/// to no parameter: a dictionary's entries, which are no properties, and a literal path, which it looks for no more once an
/// id was bound in the default parameter set.
/// </summary>
/// <param name="value">The object; null where nothing was piped.</param>
internal readonly struct PipedDocument(object? value)
{
    /// <summary>Its upload session; null when it has none.</summary>
    public UploadTarget? Session => UploadTarget.TryOf(value) ?? UploadTarget.TryOf(Value(nameof(SendMgPrintDocument.UploadSession)));

    /// <summary>The path that it names, every character as it is.</summary>
    public string? LiteralPath => Text(nameof(SendMgPrintDocument.LiteralPath)) ?? Text("PSPath");

    /// <summary>The path that it names, in which wildcards may stand.</summary>
    public string? Path => Text(nameof(SendMgPrintDocument.Path)) ?? Text("FullName");

    /// <summary>Whether it is a file or a folder, such as Get-ChildItem puts out.</summary>
    public bool IsFile => NamedValues.Unwrap(value) is FileSystemInfo || Value("PSProvider") is not null;

    /// <summary>The id of the share that it is; null for anything else.</summary>
    public string? Share => value is not null
        && PSObject.AsPSObject(value).TypeNames.Any(name => name.EndsWith(".MicrosoftGraphPrinterShare", StringComparison.Ordinal))
        ? Text("Id")
        : null;

    /// <summary>A text or a number of it as text; null when it has none, or an empty one.</summary>
    public string? Text(string name) => UploadTarget.TextOf(Value(name)) is { Length: > 0 } text ? text
        : name == nameof(OutMgPrinter.PrinterShareId) ? Share ?? IdInPath(name)
        : IdInPath(name);

    /// <summary>An id of the path that a job or a document came from; of a job, that of its only document too.</summary>
    private string? IdInPath(string name)
    {
        object? given = NamedValues.Unwrap(value);
        return given is not (IMicrosoftGraphPrintJob or IMicrosoftGraphPrintDocument) || given is not OpenModel { Ids: { } ids } ? null
            : ids.TryGetValue(name, out string? id) ? id
            : name == nameof(SendMgPrintDocument.PrintDocumentId) && given is IMicrosoftGraphPrintJob { Documents: [{ Id: string only }] }
            ? only
            : null;
    }

    /// <summary>What it has under a name; a text has nothing, though PowerShell may have noted on it where it was read.</summary>
    public object? Value(string name) => NamedValues.Unwrap(value) is null or string ? null : UploadTarget.ValueIn(value!, name);
}
