using System.Globalization;
using System.Management.Automation;
using MgPrint.PowerShell.Models;
using MgPrint.PowerShell.Native;
using MgPrint.PowerShell.Runtime;

namespace MgPrint.PowerShell.Cmdlets;

/// <summary>Sends a file through an upload session, range by range.</summary>
[Cmdlet(VerbsCommunications.Send, "MgPrintDocument", DefaultParameterSetName = BySession, SupportsShouldProcess = true,
    ConfirmImpact = ConfirmImpact.Medium, HelpUri = "https://learn.microsoft.com/graph/upload-data-to-upload-session")]
[OutputType(typeof(SentDocument))]
public sealed class SendMgPrintDocument : EngineCmdlet
{
    private const string BySession = "UploadSession";
    private const string ByUrl = "UploadUrl";

    /// <summary>The file to send.</summary>
    [Parameter(Mandatory = true, Position = 0, HelpMessage = "The file to send")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>The session to send it through: what New-MgPrintUploadSession answers, or any object with an uploadUrl.</summary>
    [Parameter(ParameterSetName = BySession, Mandatory = true, ValueFromPipeline = true,
        HelpMessage = "An upload session, or any object with an uploadUrl")]
    [ValidateNotNull]
    public object UploadSession { get; set; } = null!;

    /// <summary>The session's URL, as text or SecureString. A URL that is typed stays in the history and in transcripts.</summary>
    [Parameter(ParameterSetName = ByUrl, Mandatory = true, HelpMessage = "The upload URL of a session, as text or SecureString")]
    [ValidateNotNull]
    public object UploadUrl { get; set; } = null!;

    /// <summary>Bytes of one range.</summary>
    [Parameter(HelpMessage = "Bytes of one range, at most 9,999,999")]
    [ValidateRange(1, 9_999_999)]
    public int ChunkSize { get; set; } = 8_192_000;

    /// <summary>Ranges under way at once.</summary>
    [Parameter(HelpMessage = "Ranges under way at once, 1 to 4")]
    [ValidateRange(1, 4)]
    public int MaxConcurrency { get; set; } = 4;

    /// <summary>Seconds of silence on a connection before it counts as lost.</summary>
    [Parameter(HelpMessage = "Seconds without a byte in either direction before a connection counts as lost")]
    [ValidateRange(1, 86_400)]
    public int TimeoutSec { get; set; } = 60;

    /// <summary>Tries in a row without progress before the upload is given up.</summary>
    [Parameter(HelpMessage = "Tries in a row without progress before giving up")]
    [ValidateRange(0, 1000)]
    public int MaxRetry { get; set; } = 8;

    /// <summary>The proxy to go through.</summary>
    [Parameter(HelpMessage = "The URI for the proxy server to use")]
    public Uri? Proxy { get; set; }

    /// <summary>Who to be at the proxy.</summary>
    [Parameter(HelpMessage = "The user name and password for the proxy")]
    public PSCredential? ProxyCredential { get; set; }

    /// <summary>To be who runs this process at the proxy.</summary>
    [Parameter(HelpMessage = "Use the default credentials for the proxy")]
    public SwitchParameter ProxyUseDefaultCredentials { get; set; }

    /// <summary>A file of certificates to trust beside the system's.</summary>
    [Parameter(HelpMessage = "A PEM file of certificates to trust beside the system's")]
    [ValidateNotNullOrEmpty]
    public string? CACertificate { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        RefuseDefaultCredentials(ProxyUseDefaultCredentials);
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        UploadTarget target;
        string file;
        try
        {
            target = UploadTarget.Of(ParameterSetName == ByUrl ? UploadUrl : UploadSession);
            file = FullPath();
        }
        catch (UploadTargetException invalid)
        {
            WriteError(invalid.ToRecord());
            return;
        }
        catch (Exception invalid) when (invalid is ItemNotFoundException or System.Management.Automation.DriveNotFoundException or ProviderNotFoundException or NotSupportedException or ArgumentException)
        {
            WriteError(new ErrorRecord(invalid, "InvalidPath", ErrorCategory.InvalidArgument, Path));
            return;
        }

        string name = DisplayText.Clean(System.IO.Path.GetFileName(file));
        if (ShouldProcess($"Send the file '{DisplayText.Clean(file)}' to {target}"))
        {
            Send(file, name, target);
        }
    }

    private void Send(string file, string name, UploadTarget target)
    {
        ConnectionSettings connection = Connection(
            ServiceEndpoint.FromEnvironment().WithoutToken(), Proxy, ProxyCredential, target.Url, CertificateFile());
        KnownSecrets secrets = new KnownSecrets().AddUploadUrl(target.Url).AddProxy(connection.Proxy);
        var progress = new UploadProgress(this, name);
        try
        {
            EngineClient client = ClientCache.For(connection);
            using EngineOptions options = Options(target);
            using EngineOperation operation = client.StartUpload(target.Url, file, options.Handle);
            EngineResult result = Complete(operation, secrets, next => Report(next, progress));
            WriteObject(SentDocument.From(result, file));
            if (!result.Confirmed)
            {
                WriteWarning($"Every byte of '{name}' was sent, but the service's last answer was lost and the session is gone. "
                    + "The document is most likely complete; the state of its print job would confirm it.");
            }
        }
        catch (EngineException failure)
        {
            WriteError(ErrorRecords.From(failure.Error, file, secrets));
        }
        catch (EngineUnavailableException failure)
        {
            ThrowTerminatingError(ErrorRecords.From(failure));
        }
        finally
        {
            progress.End();
        }
    }

    private EngineOptions Options(UploadTarget target) => OperationOptions()
        .With(EngineOption.ChunkSize, ChunkSize)
        .With(EngineOption.MaxConcurrency, MaxConcurrency)
        .With(EngineOption.SilenceTimeoutMilliseconds, TimeoutSec * 1000L)
        .With(EngineOption.MaxRetry, MaxRetry)
        .With(EngineOption.ExpectedSize, target.DocumentSize);

    private TimeSpan Report(EngineEvent? next, UploadProgress progress)
    {
        if (next is EngineEvent { Kind: EngineEventKind.Retry } retry)
        {
            WriteRetry(retry);
        }

        return progress.Show(next);
    }

    private string? CertificateFile() => CACertificate is null ? null : GetUnresolvedProviderPathFromPSPath(CACertificate);

    /// <summary>The engine opens files by the operating system's own absolute paths; drives and $PWD are PowerShell's.</summary>
    private string FullPath()
    {
        string path = SessionState.Path.GetUnresolvedProviderPathFromPSPath(Path, out ProviderInfo provider, out _);
        return provider.Name == "FileSystem"
            ? path
            : throw new NotSupportedException(string.Create(CultureInfo.InvariantCulture,
                $"'{DisplayText.Clean(Path)}' is not a file: it belongs to PowerShell's provider {provider.Name}. Give a path in the file system."));
    }
}
