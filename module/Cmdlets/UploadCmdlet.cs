namespace MgPrint.PowerShell.Cmdlets;

/// <summary>What the cmdlets that talk to an upload URL have in common: how they connect.</summary>
public abstract class UploadCmdlet : EngineCmdlet
{
    private protected const string UploadHelpUrl = "https://learn.microsoft.com/graph/upload-data-to-upload-session";

    private List<KeyValuePair<string, string>>? _givenHeaders;

    /// <summary>Seconds of silence on a connection before it counts as lost.</summary>
    [Parameter(HelpMessage = "Seconds without a byte in either direction before a connection counts as lost")]
    [ValidateRange(1, 86_400)]
    public int TimeoutSec { get; set; } = 60;

    /// <summary>Headers of the requests beside the module's own.</summary>
    [Parameter(HelpMessage = "Optional headers that will be added to the requests")]
    [ValidateNotNull]
    public override IDictionary? Headers { get; set; }

    /// <summary>The name of a variable that takes the last answer's headers; global, unless it names a scope.</summary>
    [Parameter(HelpMessage = "A variable for the headers of the last answer")]
    [Alias("RHV")]
    public string? ResponseHeadersVariable { get; set; }

    /// <summary>The proxy to go through.</summary>
    [Parameter(HelpMessage = "The URI for the proxy server to use")]
    [ProxyTransformation]
    public Uri? Proxy { get; set; }

    /// <summary>Who to be at the proxy.</summary>
    [Parameter(HelpMessage = "The user name and password for the proxy")]
    [ValidateNotNull]
    [Credential]
    public PSCredential? ProxyCredential { get; set; }

    /// <summary>To be who runs this process at the proxy, which is refused: it is there as Microsoft's command has it.</summary>
    [Parameter(HelpMessage = "Not supported: use ProxyCredential")]
    public SwitchParameter ProxyUseDefaultCredentials { get; set; }

    /// <summary>A file of certificates to trust beside the system's.</summary>
    [Parameter(HelpMessage = "A PEM file of certificates to trust beside the system's")]
    [ValidateNotNullOrEmpty]
    public string? CACertificate { get; set; }

    /// <summary>The caller's headers. They are looked at before anything else is done for a record.</summary>
    private protected List<KeyValuePair<string, string>> GivenHeaders => _givenHeaders ??= HttpHeaders.From(Headers);

    /// <summary>How to reach an upload URL, or Graph for what has none yet.</summary>
    private protected ConnectionSettings ConnectionTo(UploadTarget target)
    {
        string? certificates = CACertificate is null ? null : new DocumentFiles(SessionState).InFileSystem(CACertificate);
        if (target.Url is string url)
        {
            // No token goes to an upload URL, which is its own secret.
            return Connection(CurrentSignIn.ResolveForUploadUrl(this), ProxyTo(url), certificates);
        }

        ServiceEndpoint endpoint = SignedIn(target.Permissions, GivenHeaders);
        // The upload goes the way that its request to Graph goes.
        bool isForEveryHost = ProxyChoice.IsForEveryHost(ProxyParameters, out ProxyChoice? proxy);
        return Connection(endpoint, isForEveryHost ? proxy : ProxyTo(endpoint.Url), certificates);
    }

    private ProxyChoice? ProxyTo(string url) => ProxyChoice.For(ProxyParameters, url, StoppingToken);

    /// <summary>The time-out that the command line gives, or else the environment; null for neither.</summary>
    private protected long? AskedTimeout => IsNamed(nameof(TimeoutSec)) ? TimeoutSec * 1000L : TimeoutFromEnvironment();

    /// <summary>Settings of an operation on an upload URL, with the caller's headers.</summary>
    private protected EngineOptions UploadOptions(IEnumerable<KeyValuePair<string, string>> headers)
    {
        EngineOptions options = OperationOptions().With(EngineOption.IdleTimeoutMilliseconds, AskedTimeout ?? TimeoutSec * 1000L);
        foreach ((string name, string value) in headers)
        {
            options.With(EngineOption.UploadHeader, $"{name}: {value}", "value of a header");
        }

        return options;
    }

    /// <summary>
    /// The record of an error of the engine: the document's name, what happened, the id of the request, and what to do. Where
    /// the service refused, the exception has the rest of its response.
    /// </summary>
    internal static ErrorRecord RecordOf(EngineError error, object? target, NeededPermissions needed, ServiceEndpoint? endpoint = null)
    {
        ErrorRecord record = ErrorRecords.From(error, target, needed, endpoint);
        string name = target is FailedDocument document ? $"'{DisplayText.Clean(document.DocumentName)}': " : "";
        record.ErrorDetails = ErrorRecords.DetailsOf(error, name, needed, endpoint);
        return record;
    }
}
