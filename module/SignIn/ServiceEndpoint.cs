namespace MgPrint.PowerShell.SignIn;

/// <summary>
/// Which service to talk to, and with which token. Both always come from the same source, so that no token reaches a foreign
/// endpoint.
/// </summary>
/// <param name="Token">The access token; null when there is none, or none is needed.</param>
/// <param name="Source">Where they come from, in words that follow "of".</param>
/// <param name="Session">The session of Connect-MgGraph, where they are its.</param>
internal sealed record ServiceEndpoint(string Url, AccessToken? Token, string Source, OfficialSession? Session = null)
{
    private const string TokenVariable = "MGPRINT_ACCESS_TOKEN";
    private const string Nobody = "nobody";

    // The environment's token, while it is the same: a string of it is the environment's already.
    private static AccessToken? _ofEnvironment;

    /// <summary>What the user, or for an app the administrator, allowed; null when nobody says.</summary>
    public IReadOnlyList<string>? Scopes => IsAppOnly ? null : Token?.Claims.Scopes ?? Session?.Scopes;

    /// <summary>What an app is allowed by itself; null when nobody says.</summary>
    public IReadOnlyList<string>? Roles => IsAppOnly ? Token?.Claims.Roles ?? Session?.Scopes : null;

    /// <summary>Whether anybody is signed in.</summary>
    public bool IsSomebody => Source != Nobody;

    /// <summary>Whether an app is signed in, without a user.</summary>
    public bool IsAppOnly => Token?.Claims.IsAppOnly == true || Session?.IsAppOnly == true;

    /// <summary>Where requests go that need no token, such as those to an upload URL, or bring their own.</summary>
    public static ServiceEndpoint WithoutToken(string source = Nobody) =>
        new(NonEmpty(Environment.GetEnvironmentVariable("MGPRINT_ENDPOINT")) ?? Clouds.EndpointOf(Clouds.Default)!, null, source);

    /// <summary>
    /// What MGPRINT_ACCESS_TOKEN holds, for the service that MGPRINT_ENDPOINT names; null without a token. Read anew at each
    /// call, through .NET: what a session sets as <c>$env:</c> never reaches a native library's environment on Unix.
    /// </summary>
    public static ServiceEndpoint? OfEnvironment()
    {
        const string Source = $"the environment variable {TokenVariable}";
        if (NonEmpty(Environment.GetEnvironmentVariable(TokenVariable)) is not string given)
        {
            return null;
        }

        AccessToken? token = _ofEnvironment;
        if (token?.Is(given) != true)
        {
            _ofEnvironment = token = AccessToken.From(given, Source);
        }

        return WithoutToken(Source) with { Token = token };
    }

    /// <summary>Settings of a client that talks to it, to be disposed of.</summary>
    public EngineOptions NewOptions() => (Token?.NewOptions() ?? new EngineOptions()).With(EngineOption.Endpoint, Url);

    /// <summary>What to warn of when the token ends within five minutes, or has ended; null otherwise.</summary>
    public string? ExpiryWarning() =>
        Token?.Claims.ExpiresOn is DateTimeOffset end && end - DateTimeOffset.UtcNow is var left && left < CurrentSignIn.Margin
        ? $"The access token of {Source} {(left > TimeSpan.Zero ? "expires" : "expired")} at {end.ToLocalTime():g}; {Renewal}"
        : null;

    private string Renewal => Session is null ? "give a new one." : "their module has given no newer one.";

    private static string? NonEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
