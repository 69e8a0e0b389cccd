namespace MgPrint.PowerShell.Cmdlets;

// The parameters.
public abstract partial class DocumentCmdlet
{
    // A set says where the bytes are. Where they go is told by what was given: each way goes with each set.
    internal const string ByPath = "Path";
    internal const string ByLiteralPath = "LiteralPath";
    internal const string ByStream = "InputStream";
    internal const string ByContent = "Content";

    /// <summary>The file to send; wildcards may stand in it, and must match one file.</summary>
    // Not mandatory: PowerShell tries the default set first, and once an id of a piped row is bound in it, it looks for a
    // -LiteralPath no more, and would ask for this one. What a row says is read here instead.
    [Parameter(ParameterSetName = ByPath, Position = 0, ValueFromPipelineByPropertyName = true, HelpMessage = "The file to send")]
    [AllowEmptyCollection]
    [AllowEmptyString]
    [SupportsWildcards]
    [Alias("FullName")]
    public string[]? Path { get; set; }

    /// <summary>The file to send, every character as it is.</summary>
    [Parameter(ParameterSetName = ByLiteralPath, Mandatory = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "The file to send, without wildcards")]
    [ValidateNotNullOrEmpty]
    [Alias("PSPath", "LP")]
    public string[] LiteralPath { get; set; } = null!;

    /// <summary>A stream that can seek; all of it is sent.</summary>
    [Parameter(ParameterSetName = ByStream, Mandatory = true, HelpMessage = "A stream that can seek, to send from its beginning")]
    [ValidateNotNull]
    public Stream InputStream { get; set; } = null!;

    /// <summary>The document's bytes.</summary>
    [Parameter(ParameterSetName = ByContent, Mandatory = true, HelpMessage = "The bytes to send")]
    [ValidateNotNull]
    [AllowEmptyCollection]
    public byte[] Content { get; set; } = null!;

    /// <summary>What the document is called.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, HelpMessage = "The document's name; the file's own by default")]
    public string? DocumentName { get; set; }

    /// <summary>What the document is.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true,
        HelpMessage = "The document's content (MIME) type; from the file name's extension by default")]
    [ArgumentCompleter(typeof(ContentTypeCompleter))]
    public string? ContentType { get; set; }

    /// <summary>Bytes of one range.</summary>
    [Parameter(HelpMessage = "Bytes of one range, at most 9,999,999")]
    [ValidateRange(1, 9_999_999)]
    public int ChunkSize { get; set; } = 8_192_000;

    /// <summary>Ranges under way at once.</summary>
    [Parameter(HelpMessage = "Ranges of one document under way at once, 1 to 4")]
    [ValidateRange(1, 4)]
    public int MaxConcurrency { get; set; } = 4;

    /// <summary>Documents under way at once.</summary>
    [Parameter(HelpMessage = "Documents under way at once")]
    [ValidateRange(1, 1000)]
    public int ThrottleLimit { get; set; } = 4;

    /// <summary>Tries in a row without progress before the upload is given up.</summary>
    [Parameter(HelpMessage = "Tries in a row without progress before giving up")]
    [ValidateRange(0, 1000)]
    public int MaxRetry { get; set; } = 8;

    /// <summary>A folder with such a file for each document.</summary>
    [Parameter(ParameterSetName = ByPath, HelpMessage = "A folder with such a file for each document")]
    [Parameter(ParameterSetName = ByLiteralPath, HelpMessage = "A folder with such a file for each document")]
    [ValidateNotNullOrEmpty]
    public string? ResumeDirectory { get; set; }
}
