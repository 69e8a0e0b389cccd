using System.Reflection;

namespace MgPrint.PowerShell.SignIn;

/// <summary>
/// The session that Connect-MgGraph opened, as the module Microsoft.Graph.Authentication keeps it for the whole process.
/// It is looked up by public names, whatever release and load context it is of: a type named in our code would bind us to
/// one of them, and bring what it depends on.
/// </summary>
/// <param name="session">Their GraphSession.</param>
/// <param name="context">Their AuthContext, which is another object after each Connect-MgGraph.</param>
internal sealed class OfficialSession(object session, object context)
{
    public const string Namespace = "Microsoft.Graph.PowerShell.Authentication";

    /// <summary>The environment that an absolute address leaves in their session, with the host of that address.</summary>
    private const string Poisoned = "MSGraphInvokeGraphRequest";

    /// <summary>What a request does before anybody has run Set-MgRequestContext: nobody's wish.</summary>
    private const int TheirDefaultRetries = 3;
    private const int TheirDefaultSeconds = 3;
    private static readonly TimeSpan TheirDefaultTimeout = TimeSpan.FromSeconds(300);

    private OfficialToken? _ways;
    private DateTimeOffset _end;
    private string? _url;

    /// <summary>Tells this session from the one before and the one after.</summary>
    public object Context => context;

    /// <summary>The token that it gave last.</summary>
    public AccessToken? Token { get; private set; }

    /// <summary>Whether a newer token is to be asked for.</summary>
    public bool IsOver => _end - DateTimeOffset.UtcNow < CurrentSignIn.Margin;

    /// <summary>Their session object, which holds their HTTP client.</summary>
    public object Session => session;

    /// <summary>The assembly that the session is of; its sign-in is in the same load context.</summary>
    public Assembly Assembly => session.GetType().Assembly;

    /// <summary>Whether the module is in this process.</summary>
    public static bool IsLoaded => SessionTypes().Any();

    public string? Account => Of(context, "Account") as string ?? Of(context, "AppName") as string;

    public string? TenantId => Of(context, nameof(TenantId)) as string;

    /// <summary>What the user, or for an app the administrator, allowed it; null when their module does not say.</summary>
    public IReadOnlyList<string>? Scopes => Of(context, "Scopes") is IEnumerable<string> scopes && scopes.Any() ? [.. scopes] : null;

    /// <summary>Whether an app is signed in, without a user.</summary>
    public bool IsAppOnly => Of(context, "AuthType")?.ToString() is "AppOnly" or "ManagedIdentity";

    /// <summary>
    /// The name of the cloud. A release before 2.0 has it in the session alone; of that object nothing but the name is read,
    /// since an absolute Invoke-MgGraphRequest puts one with a foreign address there.
    /// </summary>
    public string Cloud => Of(context, "Environment") as string
        ?? (context.GetType().GetProperty("Environment") is null && Of(session, "Environment") is object environment
            ? Of(environment, "Name") as string
            : null)
        ?? Clouds.Default;

    /// <summary>Whether their own commands would send a relative request, and the token, to a host that nobody signed in to.</summary>
    public bool IsPoisoned => Of(session, "Environment") is object environment && Of(environment, "Name") as string == Poisoned;

    /// <summary>How often to try again, where Set-MgRequestContext says so.</summary>
    public int? MaxRetry => Request("MaxRetry") is int retries and not TheirDefaultRetries ? retries : null;

    /// <summary>How long to wait before trying again, where Set-MgRequestContext says so.</summary>
    public TimeSpan? RetryDelay =>
        Request("RetryDelay") is int seconds and > 0 and not TheirDefaultSeconds ? TimeSpan.FromSeconds(seconds) : null;

    /// <summary>How long to wait for an answer, where Set-MgRequestContext says so.</summary>
    public TimeSpan? ClientTimeout =>
        Request("ClientTimeout") is TimeSpan timeout && timeout > TimeSpan.Zero && timeout != TheirDefaultTimeout ? timeout : null;

    /// <summary>Where Graph is, for as long as the session stays.</summary>
    public string Url(PSCmdlet cmdlet) => _url ??= OfficialCommands.EndpointOf(this, cmdlet);

    /// <summary>The one before is let go of: a call of another runspace may be about to send it.</summary>
    public void Keep(AccessToken token, DateTimeOffset end) => (Token, _end) = (token.Digest == Token?.Digest ? Token : token, end);

    /// <summary>Asks for a token; null when there is no way to it here.</summary>
    public AccessToken? Ask(Uri graph, string? claims, out Exception? why, CancellationToken stopping) =>
        (_ways ??= new OfficialToken(this)).Ask(graph, claims, out why, stopping);

    /// <summary>The session that is open; null when there is none.</summary>
    public static OfficialSession? Find() => SessionTypes().Select(InstanceOf).OfType<object>()
        .Select(session => Of(session, "AuthContext") is object context ? new OfficialSession(session, context) : null)
        .FirstOrDefault(found => found is not null);

    /// <summary>The value of a public property, by whatever type it is declared; null where there is none.</summary>
    internal static object? Of(object target, string property) => target.GetType().GetProperty(property)?.GetValue(target);

    /// <summary>Their assemblies, in every load context.</summary>
    internal static IEnumerable<Assembly> Assemblies() => AppDomain.CurrentDomain.GetAssemblies()
        .Where(static assembly => assembly.FullName?.StartsWith("Microsoft.Graph.Authentication", StringComparison.Ordinal) == true);

    private static IEnumerable<Type> SessionTypes() =>
        Assemblies().Select(static assembly => assembly.GetType($"{Namespace}.GraphSession")).OfType<Type>();

    private static object? InstanceOf(Type type)
    {
        try
        {
            return type.GetProperty("Instance")?.GetValue(null);
        }
        catch (TargetInvocationException)
        {
            // Their answer while the module is being loaded.
            return null;
        }
    }

    private object? Request(string name) => Of(session, "RequestContext") is object request ? Of(request, name) : null;
}
