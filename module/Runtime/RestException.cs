namespace Microsoft.Graph.PowerShell.Runtime;

/// <summary>The service answered a request with an error.</summary>
public class RestException : Exception
{
    internal RestException(string message)
        : base(message)
    {
    }

    /// <summary>The HTTP status of the answer.</summary>
    public HttpStatusCode StatusCode { get; internal init; }

    /// <summary>The service's error code, as it was spelled; the status' name where there was none.</summary>
    public string Code { get; internal init; } = "";

    /// <summary>The id under which the service knows the request; a support case needs it.</summary>
    public string RequestId { get; internal init; } = "";

    /// <summary>The id that this client gave the request.</summary>
    public string ClientRequestId { get; internal init; } = "";

    /// <summary>The body of the answer as it came, at most 64 KiB of it. It is not cleaned for a screen.</summary>
    public string ResponseBody { get; internal init; } = "";
}
