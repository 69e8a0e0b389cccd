using System.Security.Authentication;

namespace MgPrint.PowerShell.Runtime;

/// <summary>Error records of the engine's errors: stable ids, true categories, one sentence, and the next step.</summary>
internal static class ErrorRecords
{
    /// <param name="endpoint">Whose token the request had, to say why it was not enough.</param>
    public static ErrorRecord From(EngineError error, object? target, NeededPermissions needed, ServiceEndpoint? endpoint = null)
    {
        error = WithSignIn(error);
        (ErrorCategory category, Exception exception) = KindOf(error.Status, error.Message);
        ErrorRecord record = error.Status == EngineStatus.RequestFailed
            ? ServiceErrorRecords.From(error, target, needed, endpoint)
            : new(exception, error.Id.Length > 0 ? error.Id : error.Status.ToString(), category, target)
            {
                ErrorDetails = DetailsOf(error, "", NeededPermissions.None),
            };
        // The target object stays as it is; its name is part of what a screen shows.
        record.CategoryInfo.TargetName = DisplayText.Clean(target?.ToString());
        return record;
    }

    /// <summary>
    /// What a screen shows of an error: the message, and the ids of the request. PowerShell shows the recommended action
    /// below them, so that they need not say it too.
    /// </summary>
    /// <param name="endpoint">Whose token the request had.</param>
    public static ErrorDetails DetailsOf(EngineError error, string name, NeededPermissions needed, ServiceEndpoint? endpoint = null)
    {
        error = WithSignIn(error);
        string nextStep = error.Status == EngineStatus.RequestFailed
            && ServiceErrorRecords.SignInAdvice(error, needed, endpoint) is string advice
            ? advice
            // Of a range, since a request to an upload URL has no id; the engine knows no parameters.
            : error is { HttpStatus: 413, ClientRequestId: "" } ? $"{error.NextStep} Give it with -ChunkSize."
            : error.NextStep;
        return new ErrorDetails(name + error.Message + IdsOfTheRequest(error)) { RecommendedAction = nextStep };
    }

    /// <summary>The engine does not know the ways to sign in; these are the words for them.</summary>
    private static EngineError WithSignIn(EngineError error) => error switch
    {
        { Status: EngineStatus.AuthenticationNeeded, Id: SignInErrors.NoTokenId } => SignInErrors.NoToken(),
        { Status: EngineStatus.InvalidHandle } => SignInErrors.Ended(),
        _ => error,
    };

    /// <summary>What a support case needs, where the service may have seen the request: a line with its ids.</summary>
    private static string IdsOfTheRequest(EngineError error)
    {
        if (error.HttpStatus == 0
            && error.Status is not (
                EngineStatus.Timeout or EngineStatus.ConnectionFailed or EngineStatus.UnexpectedResponse or EngineStatus.ResponseTooLarge))
        {
            return "";
        }

        string ids = string.Join(", ", HttpHeaders.WithIds(error)
            .Where(header => header.Key.EndsWith(HttpHeaders.RequestId, StringComparison.OrdinalIgnoreCase))
            .Select(header => DisplayText.Clean($"{header.Key} {string.Join(",", header.Value)}")));
        return ids.Length > 0 ? $"{Environment.NewLine}{ids}" : "";
    }

    private static (ErrorCategory Category, Exception Exception) KindOf(EngineStatus status, string message) => status switch
    {
        EngineStatus.AuthenticationNeeded => (ErrorCategory.AuthenticationError, new AuthenticationException(message)),
        EngineStatus.TlsFailed => (ErrorCategory.SecurityError, new AuthenticationException(message)),
        EngineStatus.ConnectionFailed or EngineStatus.ProxyFailed => (ErrorCategory.ConnectionError, new HttpRequestException(message)),
        EngineStatus.RedirectRefused => (ErrorCategory.SecurityError, new HttpRequestException(message)),
        EngineStatus.UnexpectedResponse => (ErrorCategory.InvalidResult, new HttpRequestException(message)),
        EngineStatus.ResponseTooLarge => (ErrorCategory.LimitsExceeded, new HttpRequestException(message)),
        EngineStatus.SessionGone => (ErrorCategory.ObjectNotFound, new HttpRequestException(message)),
        EngineStatus.ShareNotFound => (ErrorCategory.ObjectNotFound, new InvalidOperationException(message)),
        EngineStatus.Timeout => (ErrorCategory.OperationTimeout, new TimeoutException(message)),
        EngineStatus.Cancelled => (ErrorCategory.OperationStopped, new OperationCanceledException(message)),
        EngineStatus.SourceNotFound => (ErrorCategory.ObjectNotFound, new FileNotFoundException(message)),
        EngineStatus.SourceUnreadable => (ErrorCategory.PermissionDenied, new UnauthorizedAccessException(message)),
        EngineStatus.SourceNotAFile => (ErrorCategory.InvalidType, new IOException(message)),
        EngineStatus.SourceEmpty or EngineStatus.SourceChanged or EngineStatus.SizeMismatch =>
            (ErrorCategory.InvalidData, new IOException(message)),
        EngineStatus.ResumeFileRefused => (ErrorCategory.SecurityError, new IOException(message)),
        EngineStatus.ResumeFileInUse => (ErrorCategory.ResourceBusy, new IOException(message)),
        EngineStatus.ResumeFileFailed or EngineStatus.TargetFailed => (ErrorCategory.WriteError, new IOException(message)),
        EngineStatus.InvalidArgument or EngineStatus.InvalidText or (>= EngineStatus.InvalidEndpoint and <= EngineStatus.InvalidBody) =>
            (ErrorCategory.InvalidArgument, new ArgumentException(message)),
        _ => (ErrorCategory.NotSpecified, new InvalidOperationException(message)),
    };
}
