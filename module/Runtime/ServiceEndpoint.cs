namespace MgPrint.PowerShell.Runtime;

/// <summary>Which service to talk to, and with which token. Both always come from the same source, so that no token reaches a foreign endpoint.</summary>
internal sealed class ServiceEndpoint
{
    private const string DefaultUrl = "https://graph.microsoft.com";

    private ServiceEndpoint(string url, string? accessToken)
    {
        Url = url;
        AccessToken = accessToken;
    }

    /// <summary>The endpoint's URL.</summary>
    public string Url { get; }

    /// <summary>The bearer token; null when there is none.</summary>
    public string? AccessToken { get; }

    /// <summary>
    /// The endpoint that MGPRINT_ENDPOINT names, with the token in MGPRINT_ACCESS_TOKEN. Read anew at each call, through
    /// .NET: what a session sets as <c>$env:</c> never reaches a native library's environment on Unix.
    /// </summary>
    public static ServiceEndpoint FromEnvironment() =>
        new(NonEmpty(Environment.GetEnvironmentVariable("MGPRINT_ENDPOINT")) ?? DefaultUrl, NonEmpty(Environment.GetEnvironmentVariable("MGPRINT_ACCESS_TOKEN")));

    /// <summary>The same endpoint for requests that need no token, such as those to an upload URL.</summary>
    public ServiceEndpoint WithoutToken() => AccessToken is null ? this : new(Url, null);

    private static string? NonEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
