namespace MgPrint.PowerShell.Cmdlets;

/// <summary>What the cmdlets that act on an upload session itself have in common: which one is meant, and one operation on it.</summary>
public abstract class UploadSessionCmdlet : UploadCmdlet
{
    private protected const string ByUrl = "UploadUrl";
    private const string BySession = "UploadSession";

    /// <summary>The session's URL, as text or SecureString. A URL that is typed stays in the history and in transcripts.</summary>
    [Parameter(
        ParameterSetName = ByUrl, Mandatory = true, Position = 0, HelpMessage = "The upload URL of a session, as text or SecureString")]
    [NotLogged]
    [ValidateNotNull]
    public object UploadUrl { get; set => field = NotLoggedAttribute.Unwrap(value)!; } = null!;

    /// <summary>The session: what New-MgPrintUploadSession answers, or any object with an uploadUrl.</summary>
    [Parameter(ParameterSetName = BySession, Mandatory = true, ValueFromPipeline = true,
        HelpMessage = "An upload session, or any object with an uploadUrl")]
    [NotLogged]
    [ValidateNotNull]
    public object UploadSession { get; set => field = NotLoggedAttribute.Unwrap(value)!; } = null!;

    /// <summary>Acts on one session. Nothing was sent yet.</summary>
    private protected abstract void Process(UploadTarget session);

    protected override void ProcessRecord()
    {
        ForgetResponseHeaders();
        try
        {
            _ = GivenHeaders;
            Process(UploadTarget.Of(ParameterSetName == ByUrl ? UploadUrl : UploadSession));
        }
        catch (InputException invalid)
        {
            WriteError(invalid.ToRecord());
        }
    }

    /// <summary>Runs an operation on a session; null when it failed, which an error record says.</summary>
    /// <param name="expectedSize">The size of the document, for an operation that takes it.</param>
    private protected EngineResult? Run(UploadTarget session, long? expectedSize, EngineSessionAction action)
    {
        EngineLibrary.EnsureLoaded();
        try
        {
            ConnectionSettings connection = ConnectionTo(session);
            using EngineOptions options = UploadOptions(GivenHeaders).With(EngineOption.ExpectedSize, expectedSize);
            using EngineOperation operation = ClientCache.For(connection).StartSession(action, session.Url!, options);
            EngineResult result = Complete(operation);
            KeepResponseHeaders(result.HeadersJson);
            return result;
        }
        catch (EngineException failure)
        {
            KeepResponseHeaders(failure.Error.ResponseHeadersJson);
            WriteError(RecordOf(failure.Error, DisplayText.Url(session.Url), session.Permissions));
            return null;
        }
    }
}
