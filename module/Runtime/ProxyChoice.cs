using System.Security.Cryptography;

namespace MgPrint.PowerShell.Runtime;

/// <summary>
/// The proxy of a request: the command line's, else the one that the session has set for .NET, else the environment's,
/// else the system's. The engine sends nothing to loopback through any of them.
/// </summary>
/// <param name="environmentVariable">The environment variable that names it; null for any other origin.</param>
internal sealed class ProxyChoice(string address, NetworkCredential? credential, string? bypass, string? environmentVariable = null)
{
    /// <summary>The proxy's address; a user name and password may stand in it.</summary>
    public string Address => address;

    /// <summary>Who to be at the proxy.</summary>
    public NetworkCredential? Credential => credential;

    /// <summary>The name to be known by at the proxy, with its domain where it has one; null for no name.</summary>
    public string? UserName => Credential switch
    {
        null or { UserName: "" } => null,
        { Domain: "" } => Credential.UserName,
        _ => $@"{Credential.Domain}\{Credential.UserName}",
    };

    /// <summary>The hosts to reach without it, as NO_PROXY lists them.</summary>
    public string? Bypass => bypass;

    public string? EnvironmentVariable => environmentVariable;

    /// <summary>Tells it from others. A part's length stands before it, so that no two lists of parts become one text.</summary>
    public string Digest() => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(
        string.Concat(new[] { Address, Bypass, UserName, Credential?.Password }.Select(part => $"{part?.Length ?? -1}:{part}")))));

    /// <summary>The proxy for requests to a URL; null for none. Read anew at each call, as sessions change their environment.</summary>
    /// <param name="parameters">What the command line says, which goes before everything.</param>
    /// <param name="url">Where the requests go; nowhere special when it is no URL.</param>
    public static ProxyChoice? For(ProxyParameters parameters, string url, CancellationToken stopping)
    {
        // Nothing goes to loopback through a proxy; and what .NET needs to tell its own takes a while to load.
        bool isUrl = Uri.TryCreate(url, UriKind.Absolute, out Uri? target);
        if (parameters.Address is null && isUrl && target!.IsLoopback)
        {
            return null;
        }

        if (IsForEveryHost(parameters, out ProxyChoice? one))
        {
            return one;
        }

        IWebProxy framework = HttpClient.DefaultProxy;
        try
        {
            // It may have to be found in the network first. What is written in PowerShell runs, and stops, on its own thread.
            ProxyChoice? Ask() => OfFramework(framework, target, parameters.Login);
            return framework.GetType().Assembly.IsDynamic ? Ask() : Stoppable.Run(Ask, stopping);
        }
        catch (Exception failed) when (failed is not PipelineStoppedException)
        {
            // It may be anybody's class, and fail as it likes.
            throw new EngineException(EngineError.Of(
                EngineStatus.InvalidProxy,
                $"The proxy that this session has set for .NET, a {framework.GetType()}, failed when it was asked for the way "
                    + $"to {DisplayText.Url(target?.AbsoluteUri)}: {DisplayText.Clean(failed.Message)}",
                "Set another one by [Net.Http.HttpClient]::DefaultProxy, or name the proxy with -Proxy."));
        }
    }

    /// <summary>
    /// Whether there is one proxy, or none, for whatever host, of which the engine leaves out those that it is told to; if
    /// not, .NET says for each host which one leads there.
    /// </summary>
    /// <param name="proxy">That proxy; null for none.</param>
    public static bool IsForEveryHost(ProxyParameters parameters, out ProxyChoice? proxy)
    {
        proxy = null;
        if (parameters.Address is Uri named)
        {
            proxy = new ProxyChoice(named.OriginalString, parameters.Login, null);
            return true;
        }

        IWebProxy framework = HttpClient.DefaultProxy;
        if (IsOfSession(framework))
        {
            return false;
        }

        // Its own repeats what the environment was when it was first asked, or knows of none; the environment itself says
        // what it is now, and goes before the system's.
        proxy = OfEnvironment(parameters.Login);
        return proxy is not null || framework.GetType().Name is "HttpEnvironmentProxy" or "HttpNoProxy";
    }

    /// <summary>.NET has made no such choice by itself: the session has, and may have meant "none".</summary>
    private static bool IsOfSession(IWebProxy framework) => framework.GetType().Assembly != typeof(HttpClient).Assembly;

    private static ProxyChoice? OfEnvironment(NetworkCredential? login)
    {
        string? named = Variable("https_proxy") ?? Variable("all_proxy");
        return named is null
            ? null
            : new ProxyChoice(Value(named)!, login, Variable("no_proxy") is string list ? Value(list) : null, named);
    }

    private static ProxyChoice? OfFramework(IWebProxy framework, Uri? target, NetworkCredential? login) =>
        target is null || framework.IsBypassed(target) || framework.GetProxy(target) is not Uri proxy || proxy == target
            ? null
            : new ProxyChoice(proxy.OriginalString, login ?? OfFramework(framework.Credentials, proxy), null);

    /// <summary>The default credentials stand for the user of this process, and hold no name: for Basic they are none.</summary>
    private static NetworkCredential? OfFramework(ICredentials? credentials, Uri proxy) =>
        credentials?.GetCredential(proxy, "Basic") is NetworkCredential own
            && !ReferenceEquals(own, CredentialCache.DefaultNetworkCredentials)
            ? own
            : null;

    /// <summary>The variable that is set: in lower case first, as most programs that read these do.</summary>
    private static string? Variable(string name) => Array.Find([name, name.ToUpperInvariant()], spelled => Value(spelled) is not null);

    private static string? Value(string variable) =>
        Environment.GetEnvironmentVariable(variable) is string value && !string.IsNullOrWhiteSpace(value) ? value.Trim() : null;
}

/// <summary>What the command line says of the proxy.</summary>
/// <param name="Address">-Proxy.</param>
/// <param name="Credential">-ProxyCredential, for whichever proxy it is.</param>
internal sealed record ProxyParameters(Uri? Address, PSCredential? Credential)
{
    /// <summary>
    /// Who to be at the proxy; null when the command line does not say. Its own conversion takes a name such as user@realm
    /// apart.
    /// </summary>
    public NetworkCredential? Login => Credential is null ? null : new NetworkCredential(Credential.UserName, Credential.Password);
}
