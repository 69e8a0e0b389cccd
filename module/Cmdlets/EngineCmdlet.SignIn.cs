namespace MgPrint.PowerShell.Cmdlets;

// What a cmdlet that goes to Graph needs of whoever is signed in.
public abstract partial class EngineCmdlet
{
    private readonly HashSet<string> _said = [];

    /// <summary>Where a call to Graph goes, and with which token; says so once for each source, and what is amiss with the token.</summary>
    /// <param name="headers">The caller's headers: an Authorization among them goes before every other token.</param>
    /// <exception cref="EngineException">A session that is open cannot be used for this. Without any there is no token, and no
    /// error yet.</exception>
    private protected ServiceEndpoint SignedIn(NeededPermissions needed, IEnumerable<KeyValuePair<string, string>> headers)
    {
        ServiceEndpoint endpoint = headers.Any(static header => header.Key.Equals("Authorization", StringComparison.OrdinalIgnoreCase))
            ? ServiceEndpoint.WithoutToken("the Authorization header in -Headers")
            : CurrentSignIn.Resolve(this, StoppingToken);
        string whose = $"The access token is that of {endpoint.Source}, for {DisplayText.Url(endpoint.Url)}.";
        Once(endpoint.IsSomebody ? whose : null, WriteVerboseLine);
        if (endpoint.Token is not null)
        {
            SignInErrors.Check(needed, endpoint);
            Once(endpoint.ExpiryWarning(), WriteWarningLine);
            Once(endpoint.IsAppOnly && needed.IsChecked ? SignInErrors.AppLimit(endpoint) : null, WriteWarningLine);
        }

        return endpoint;
    }

    private void Once(string? line, Action<string> write)
    {
        if (line is not null && _said.Add(line))
        {
            Write(() => write(line));
        }
    }

    /// <summary>
    /// Settings for an operation on Graph, with what the environment sets; null, for the engine's defaults, where there is
    /// nothing to set.
    /// </summary>
    /// <param name="session">The session of Connect-MgGraph that the call is of: what Set-MgRequestContext says counts where
    /// nothing of ours does.</param>
    private protected EngineOptions? OptionsFromEnvironment(OfficialSession? session = null)
    {
        long? timeout = TimeoutFromEnvironment();
        return timeout is null && session is null && _logLevel == EngineLogLevel.Warning
            ? null
            : With(OperationOptions().With(EngineOption.IdleTimeoutMilliseconds, timeout), session, timeout is null);
    }

    /// <summary>The same settings with those of Set-MgRequestContext, and with another token where the service refuses the first.</summary>
    /// <param name="isToGraph">Whether the operation sends to Graph; an upload URL takes no token.</param>
    private protected static EngineOptions With(
        EngineOptions options, OfficialSession? session, bool isTimeoutOpen, bool isToGraph = true) =>
        session is null ? options : options
        .With(EngineOption.RenewToken, isToGraph ? 1L : (long?)null)
        .With(EngineOption.MaxRetry, session.MaxRetry)
        .With(EngineOption.RetryDelayMilliseconds, isToGraph ? (long?)session.RetryDelay?.TotalMilliseconds : null)
        .With(EngineOption.IdleTimeoutMilliseconds, isTimeoutOpen ? (long?)session.ClientTimeout?.TotalMilliseconds : null);

    /// <summary>Gives an operation another token in place of the one that the service refused, where there is one.</summary>
    /// <param name="claims">What the service wants of the token; empty for no more than another.</param>
    private protected void Renew(EngineOperation operation, ConnectionSettings connection, string claims)
    {
        EngineClient client = EngineClient.None;
        try
        {
            if (CurrentSignIn.Renew(connection.Endpoint, claims.Length > 0 ? claims : null, this, StoppingToken) is ServiceEndpoint renewed)
            {
                client = ClientCache.For(connection with { Endpoint = renewed });
            }
        }
        catch (EngineException)
        {
            // What the service said of the first token says more.
        }

        operation.Renew(client);
    }
}
