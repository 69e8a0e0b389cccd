using System.Security.Authentication;

namespace MgPrint.PowerShell.Runtime;

/// <summary>Error records of the engine's errors: stable ids, true categories, one sentence, and the next step.</summary>
internal static class ErrorRecords
{
    /// <param name="isAppOnly">Whether the token of the call is an app's own, to tell why it was not enough.</param>
    public static ErrorRecord From(EngineError error, object? target, NeededPermissions needed, bool isAppOnly = false)
    {
        ErrorRecord record = error.Status == EngineStatus.RequestFailed
            ? ServiceErrorRecords.From(error, target, needed, isAppOnly)
            : OfTheEngine(error, target);
        // The target object stays as it is; its name is part of what a screen shows.
        record.CategoryInfo.TargetName = DisplayText.Clean(target?.ToString());
        return record;
    }

    /// <summary>The record of an engine that cannot be used.</summary>
    public static ErrorRecord From(EngineUnavailableException failure) => new(failure, failure.ErrorId, ErrorCategory.NotInstalled, null);

    private static ErrorRecord OfTheEngine(EngineError error, object? target)
    {
        error = WithSignIn(error);
        string id = error.Id.Length > 0 ? error.Id : error.Status.ToString();
        return new ErrorRecord(ExceptionOf(error.Status, error.Message), id, CategoryOf(error.Status), target)
        {
            ErrorDetails = DetailsOf(error, "", NeededPermissions.None),
        };
    }

    /// <summary>
    /// What a screen shows of an error: the message, and the ids of the request. PowerShell shows the recommended action
    /// below them, so that they need not say it too.
    /// </summary>
    /// <param name="isAppOnly">Whether the token of the call is an app's own.</param>
    public static ErrorDetails DetailsOf(EngineError error, string name, NeededPermissions needed, bool isAppOnly = false)
    {
        error = WithSignIn(error);
        string nextStep = error.Status == EngineStatus.RequestFailed
            && ServiceErrorRecords.PermissionAdvice(error, needed, isAppOnly) is string advice
            ? advice
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

    /// <summary>What a support case needs, where the service may have seen the request: its ids, one a line.</summary>
    private static string IdsOfTheRequest(EngineError error)
    {
        if (error.HttpStatus == 0
            && error.Status is not (
                EngineStatus.Timeout or EngineStatus.ConnectionFailed or EngineStatus.UnexpectedResponse or EngineStatus.ResponseTooLarge))
        {
            return "";
        }

        Dictionary<string, IEnumerable<string>> headers = HttpHeaders.WithIds(error);
        var text = new StringBuilder();
        HttpHeaders.AppendLines(
            text, headers.Where(header => header.Key.EndsWith(HttpHeaders.RequestId, StringComparison.OrdinalIgnoreCase)));
        return text.Length > 0 ? $"{Environment.NewLine}{Environment.NewLine}{text}" : "";
    }

    private static Exception ExceptionOf(EngineStatus status, string message) => status switch
    {
        EngineStatus.AuthenticationNeeded or EngineStatus.TlsFailed => new AuthenticationException(message),
        EngineStatus.ConnectionFailed or EngineStatus.ProxyFailed => new HttpRequestException(message),
        EngineStatus.Timeout => new TimeoutException(message),
        EngineStatus.Cancelled => new OperationCanceledException(message),
        EngineStatus.SourceNotFound => new FileNotFoundException(message),
        EngineStatus.SourceUnreadable => new UnauthorizedAccessException(message),
        EngineStatus.SourceNotAFile or EngineStatus.SourceEmpty or EngineStatus.SourceChanged or EngineStatus.SizeMismatch
            or EngineStatus.ResumeFileRefused or EngineStatus.ResumeFileInUse or EngineStatus.ResumeFileFailed => new IOException(message),
        EngineStatus.UnexpectedResponse or EngineStatus.ResponseTooLarge or EngineStatus.RedirectRefused or EngineStatus.SessionGone =>
            new HttpRequestException(message),
        EngineStatus.InvalidArgument or EngineStatus.InvalidText or (>= EngineStatus.InvalidEndpoint and <= EngineStatus.InvalidBody) =>
            new ArgumentException(message),
        _ => new InvalidOperationException(message),
    };

    private static ErrorCategory CategoryOf(EngineStatus status) => status switch
    {
        EngineStatus.AuthenticationNeeded => ErrorCategory.AuthenticationError,
        EngineStatus.ConnectionFailed or EngineStatus.ProxyFailed => ErrorCategory.ConnectionError,
        EngineStatus.TlsFailed or EngineStatus.RedirectRefused => ErrorCategory.SecurityError,
        EngineStatus.Timeout => ErrorCategory.OperationTimeout,
        EngineStatus.Cancelled => ErrorCategory.OperationStopped,
        EngineStatus.SourceNotFound or EngineStatus.SessionGone or EngineStatus.ShareNotFound => ErrorCategory.ObjectNotFound,
        EngineStatus.SourceUnreadable => ErrorCategory.PermissionDenied,
        EngineStatus.SourceNotAFile => ErrorCategory.InvalidType,
        EngineStatus.SourceEmpty or EngineStatus.SourceChanged or EngineStatus.SizeMismatch => ErrorCategory.InvalidData,
        EngineStatus.ResumeFileRefused => ErrorCategory.SecurityError,
        EngineStatus.ResumeFileInUse => ErrorCategory.ResourceBusy,
        EngineStatus.ResumeFileFailed => ErrorCategory.WriteError,
        EngineStatus.UnexpectedResponse => ErrorCategory.InvalidResult,
        EngineStatus.ResponseTooLarge => ErrorCategory.LimitsExceeded,
        EngineStatus.InvalidArgument or EngineStatus.InvalidText
            or (>= EngineStatus.InvalidEndpoint and <= EngineStatus.InvalidBody) => ErrorCategory.InvalidArgument,
        _ => ErrorCategory.NotSpecified,
    };
}
