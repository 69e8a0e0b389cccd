namespace MgPrint.PowerShell.SignIn;

/// <summary>
/// Who is signed in, for the whole process: what Connect-MgPrint was given, before what the environment holds, before the
/// session of Connect-MgGraph.
/// </summary>
internal static class CurrentSignIn
{
    /// <summary>A token that ends within this is no longer kept, and is warned of: the service's clock may be ahead.</summary>
    public static readonly TimeSpan Margin = TimeSpan.FromMinutes(5);

    private const string Official = "Connect-MgGraph";

    /// <summary>How long a token is kept that does not say when it ends.</summary>
    private static readonly TimeSpan Opaque = TimeSpan.FromMinutes(55);

    private static readonly object Gate = new();
    // What Connect-MgPrint was given; null when it was not run, or Disconnect-MgPrint was since.
    private static ServiceEndpoint? _given;
    private static OfficialSession? _official;

    /// <summary>Signs in with a token, in place of the one before. Where it is the same, calls of other runspaces go on.</summary>
    public static void Connect(ServiceEndpoint given)
    {
        if (_given is { Token: AccessToken known } present && present.Url == given.Url && known.Digest == given.Token!.Digest)
        {
            given.Token.Wipe();
            return;
        }

        End(Interlocked.Exchange(ref _given, given)?.Token);
    }

    /// <summary>Wipes the token of Connect-MgPrint, and closes the connections that it went over.</summary>
    /// <returns>Whether there was one.</returns>
    public static bool Disconnect()
    {
        ServiceEndpoint? given = Interlocked.Exchange(ref _given, null);
        End(given?.Token);
        return given is not null;
    }

    /// <summary>Where a call goes, and with which token.</summary>
    /// <param name="cmdlet">The call, on its own thread.</param>
    /// <param name="stopping">Cancelled when it is stopped: asking for a token may wait for a person.</param>
    public static ServiceEndpoint Resolve(PSCmdlet cmdlet, CancellationToken stopping) =>
        _given ?? ServiceEndpoint.OfEnvironment() ?? OfOfficialSession(cmdlet, null, null, stopping) ?? ServiceEndpoint.WithoutToken();

    /// <summary>
    /// Where a session was created whose upload URL was given: without a token, which an upload URL never gets, and to know
    /// whether it may be one of this machine.
    /// </summary>
    public static ServiceEndpoint ResolveForUploadUrl(PSCmdlet cmdlet)
    {
        try
        {
            if (Peek(cmdlet) is ServiceEndpoint endpoint)
            {
                return endpoint with { Token = null, Session = null };
            }
        }
        catch (EngineException)
        {
            // A cloud that is not known here is no hindrance to what needs none.
        }

        return ServiceEndpoint.WithoutToken();
    }

    /// <summary>The same with a new token, after the service refused the one that was sent; null where there is no other.</summary>
    /// <param name="claims">What the service wants of the new one; null when it does not say.</param>
    /// <param name="cmdlet">The call; a step of its own may send from any thread.</param>
    public static ServiceEndpoint? Renew(ServiceEndpoint refused, string? claims, PSCmdlet cmdlet, CancellationToken stopping) =>
        refused.Session is null ? null
        : OfOfficialSession(cmdlet, refused.Token, claims, stopping) is { Token: AccessToken other } renewed
            && other.Digest != refused.Token?.Digest && renewed.Url == refused.Url
            && ReferenceEquals(renewed.Session?.Context, refused.Session.Context) ? renewed
        : null;

    /// <summary>Who would be asked for a token, without asking; null when nobody is signed in.</summary>
    public static ServiceEndpoint? Peek(PSCmdlet cmdlet) => _given ?? ServiceEndpoint.OfEnvironment()
        ?? (Current() is OfficialSession session ? new ServiceEndpoint(session.Url(cmdlet), session.Token, Official, session) : null);

    private static ServiceEndpoint? OfOfficialSession(PSCmdlet cmdlet, AccessToken? refused, string? claims, CancellationToken stopping)
    {
        if (Current() is not OfficialSession session)
        {
            return null;
        }

        string url = session.Url(cmdlet);
        AccessToken? token = session.Token;
        if (token is null || session.IsOver || token.Digest == refused?.Digest)
        {
            Exception? why = null;
            // The address of a user's own cloud is none that their sign-in gives tokens for.
            var graph = new Uri(Clouds.IsKnown(url) ? url : Clouds.EndpointOf(Clouds.Default)!);
            AccessToken? asked = Stoppable.Run(() => session.Ask(graph, claims, out why, stopping), stopping)
                ?? (refused is null ? OfficialCommands.TokenOf(session, cmdlet) : null);
            token = asked ?? throw SignInErrors.Of(
                "ConnectMgGraphFailed",
                "The session of Connect-MgGraph gives no access token: "
                    + $"{DisplayText.Clean(why?.Message ?? "its module has no way to it that is known here")}",
                "Run Connect-MgGraph again, or give a token with Connect-MgPrint -AccessToken.");
            session.Keep(token, token.Claims.ExpiresOn ?? DateTimeOffset.UtcNow + Opaque);
        }

        return new ServiceEndpoint(url, token, Official, session);
    }

    /// <summary>The session of Connect-MgGraph as it is now. Of the one before, nothing is kept.</summary>
    private static OfficialSession? Current()
    {
        OfficialSession? before, now;
        lock (Gate)
        {
            before = _official;
            now = OfficialSession.Find();
            _official = now = ReferenceEquals(now?.Context, before?.Context) ? before : now;
        }

        End(now == before ? null : before?.Token);
        return now;
    }

    private static void End(AccessToken? token)
    {
        if (token is not null)
        {
            token.Wipe();
            ClientCache.Free(token);
        }
    }
}
