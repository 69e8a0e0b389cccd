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
    internal const string Namespace = "Microsoft.Graph.PowerShell.Authentication";

    /// <summary>The environment that an absolute address leaves in their session, with the host of that address.</summary>
    private const string Poisoned = "MSGraphInvokeGraphRequest";

    /// <summary>What a request does before anybody has run Set-MgRequestContext: nobody's wish.</summary>
    private const int TheirDefaultRetries = 3;
    private const int TheirDefaultSeconds = 3;
    private static readonly TimeSpan TheirDefaultTimeout = TimeSpan.FromSeconds(300);

    /// <summary>Tells this session from the one before and the one after.</summary>
    public object Context => context;

    /// <summary>The assembly that the session is of, and its sign-in.</summary>
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
    /// The name of the cloud. That of the session is not looked at, since an absolute Invoke-MgGraphRequest puts one with a foreign
    /// address there.
    /// </summary>
    public string Cloud => Of(context, "Environment") as string ?? Clouds.Default;

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

    /// <summary>The session that is open; null when there is none.</summary>
    public static OfficialSession? Find() => SessionTypes().Select(InstanceOf).OfType<object>()
        .Select(session => Of(session, "AuthContext") is object context ? new OfficialSession(session, context) : null)
        .FirstOrDefault(found => found is not null);

    /// <summary>The value of a public property, by whatever type it is declared; null where there is none.</summary>
    private static object? Of(object target, string property) => target.GetType().GetProperty(property)?.GetValue(target);

    /// <summary>That of each load context that their module is in.</summary>
    private static IEnumerable<Type> SessionTypes() => AppDomain.CurrentDomain.GetAssemblies()
        .Where(static assembly => assembly.FullName?.StartsWith("Microsoft.Graph.Authentication", StringComparison.Ordinal) == true)
        .Select(static assembly => assembly.GetType($"{Namespace}.GraphSession")).OfType<Type>();

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
