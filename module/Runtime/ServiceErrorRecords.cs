namespace MgPrint.PowerShell.Runtime;

/// <summary>Error records of what the service itself refused, in the form that scripts know from the official module.</summary>
internal static class ServiceErrorRecords
{
    private const string RecommendedAction = "See service error codes: https://learn.microsoft.com/graph/errors";

    /// <summary>The id of a refusal for want of a permission, where the service gives it none of its own.</summary>
    private const string PermissionMissing = "PermissionMissing";

    /// <summary>The record of an HTTP answer of 400 or more.</summary>
    public static ErrorRecord From(EngineError error, object? target, NeededPermissions needed, ServiceEndpoint? endpoint)
    {
        var status = (HttpStatusCode)error.HttpStatus;
        string code = error.GraphCode.Length > 0 ? error.GraphCode : status.ToString();
        string said = error.GraphMessage.Length > 0 ? error.GraphMessage : WithoutWords(status);
        // On one line: a server's line breaks could pass for lines of ours.
        string message = DisplayText.Clean(error.GraphCode.Length > 0 ? $"[{code}] : {said}" : said);

        var exception = new RestException(message)
        {
            StatusCode = status,
            Code = code,
            RequestId = error.RequestId,
            ClientRequestId = error.ClientRequestId,
            ResponseBody = error.Body,
        };
        string id = IsUnexplained(error) ? PermissionMissing : DisplayText.Clean(code);
        return new ErrorRecord(exception, id, ErrorCategory.InvalidOperation, target)
        {
            ErrorDetails = new ErrorDetails(
                Details(error, status, code, said, needed, endpoint))
            { RecommendedAction = RecommendedAction },
        };
    }

    private static string WithoutWords(HttpStatusCode status) =>
        $"The server responded with a {((int)status >= 500 ? "Server" : "Request")} Error, Status: {status}";

    private static string Details(
        EngineError error, HttpStatusCode status, string code, string said, NeededPermissions needed, ServiceEndpoint? endpoint)
    {
        string? advice = SignInAdvice(error, needed, endpoint);
        string[] lines =
        [
            DisplayText.Clean(said), "",
            $"Status: {error.HttpStatus} ({status})",
            $"ErrorCode: {DisplayText.Clean(code)}",
            $"Date: {DisplayText.Clean(error.Date)}", "",
            "Headers:", .. HttpHeaders.Lines(HttpHeaders.WithIds(error)), "",
            // So far the form that scripts know; what is more follows, so that they find their lines where they look.
            .. advice is null ? Array.Empty<string>() : [advice, ""],
            // How often it was tried, and when to come back.
            .. IsForNow(error.HttpStatus) ? [DisplayText.Clean($"{error.Message} {error.NextStep}".TrimEnd()), ""] : Array.Empty<string>(),
        ];
        return string.Concat(lines.Select(line => line + Environment.NewLine));
    }

    /// <summary>Whether the service may answer otherwise later.</summary>
    private static bool IsForNow(uint status) => status is 408 or 429 or >= 500;

    /// <summary>
    /// What to do about the token, where that is why the service refused. It does not say plainly that a permission is missing:
    /// it answers 403 or 404 with the code UnknownError, or speaks of security scopes.
    /// </summary>
    public static string? SignInAdvice(EngineError error, NeededPermissions needed, ServiceEndpoint? endpoint) =>
        // A request to an upload URL has neither a token nor an id of ours.
        needed == NeededPermissions.None || error.ClientRequestId.Length == 0 ? null
        : IsUnexplained(error) || IsAboutScopes(error)
            || (endpoint?.IsAppOnly == true && error.HttpStatus == 403)
            ? needed.Advice(endpoint?.IsAppOnly == true)
        : error.HttpStatus == 401 && endpoint?.Token is not null
            ? $"The token of {endpoint.Source} is expired, or not for this service. Sign in again."
        : null;

    /// <summary>A 404 with words of its own tells of something that is not there.</summary>
    private static bool IsUnexplained(EngineError error) =>
        error.GraphCode.Equals("UnknownError", StringComparison.OrdinalIgnoreCase)
        && (error.HttpStatus == 403 || (error.HttpStatus == 404 && (error.GraphMessage.Length == 0 || IsAboutScopes(error))));

    private static bool IsAboutScopes(EngineError error) =>
        error.GraphMessage.Contains("security scope", StringComparison.OrdinalIgnoreCase);
}
