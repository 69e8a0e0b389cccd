using System.Net.Http.Headers;
using System.Reflection;
using System.Runtime.Loader;

namespace MgPrint.PowerShell.SignIn;

/// <summary>
/// Asks the official module for the token of its session: by its own sign-in, kept while the session stays; or, where that
/// cannot be built, by the one that its HTTP client has. Both may wait for a person, in a browser.
/// </summary>
internal sealed class OfficialToken(OfficialSession session)
{
    private const string GetToken = "GetAuthorizationTokenAsync";
    private const string Authenticate = "AuthenticateRequestAsync";

    private static readonly string[] HelperNames =
    [
        $"{OfficialSession.Namespace}.Core.Utilities.AuthenticationHelpers",
        $"{OfficialSession.Namespace}.Helpers.AuthenticationHelpers",
    ];
    private static readonly string[] MakerNames = ["GetAuthenticationProviderAsync", "GetAuthProvider"];

    private object? _provider;

    /// <summary>The token; null when there is no way to it here.</summary>
    /// <param name="graph">Graph as this cloud has it: their sign-in gives tokens for nothing else. Nothing is sent there.</param>
    /// <param name="claims">What the service wants of a new token; null for any.</param>
    public AccessToken? Ask(Uri graph, string? claims, out Exception? why, CancellationToken stopping)
    {
        why = null;
        foreach (Func<object?> way in new[] { () => _provider ??= OfHelpers(stopping), OfHttpClient })
        {
            try
            {
                if (way() is object provider && TokenOf(provider, graph, claims, stopping) is { Length: > 0 } token)
                {
                    return AccessToken.From(token);
                }
            }
            catch (Exception failed) when (failed is not OutOfMemoryException)
            {
                stopping.ThrowIfCancellationRequested();
                why ??= (failed as TargetInvocationException)?.InnerException ?? failed;
                _provider = null;
            }
        }

        return null;
    }

    /// <summary>What their own commands sign in with; a release before 2.0 has it under another name.</summary>
    private object? OfHelpers(CancellationToken stopping)
    {
        var context = AssemblyLoadContext.GetLoadContext(session.Assembly);
        MethodInfo? make = OfficialSession.Assemblies().Where(assembly => AssemblyLoadContext.GetLoadContext(assembly) == context)
            .SelectMany(assembly => HelperNames.Select(name => assembly.GetType(name))).OfType<Type>()
            .SelectMany(helpers => helpers.GetMethods(BindingFlags.Public | BindingFlags.Static))
            .FirstOrDefault(
                method =>
                    MakerNames.Contains(method.Name) && method.GetParameters() is [{ ParameterType: Type first }, ..]
                        && first.IsInstanceOfType(session.Context));
        return make is null ? null : ResultOf(make.Invoke(null, Arguments(make, session.Context)), stopping);
    }

    /// <summary>Null before the first request of theirs.</summary>
    private object? OfHttpClient() =>
        OfficialSession.Of(session.Session, "GraphHttpClient") is HttpMessageInvoker client
        && typeof(HttpMessageInvoker).GetField(
            "_handler", BindingFlags.Instance | BindingFlags.NonPublic)?.GetValue(client) is object handler
            ? OfficialSession.Of(handler, "AuthenticationProvider")
            : null;

    /// <summary>The characters are theirs, and are copied no further than into the engine.</summary>
    private static string? TokenOf(object provider, Uri graph, string? claims, CancellationToken stopping)
    {
        if (Method(provider, GetToken, typeof(Uri)) is MethodInfo get)
        {
            Dictionary<string, object> wanted = claims is null ? [] : new() { ["claims"] = claims };
            return ResultOf(get.Invoke(provider, Arguments(get, graph, wanted, stopping)), stopping) as string;
        }

        // Before 2.0 a provider writes the header of a request, which is never sent.
        using var request = new HttpRequestMessage(HttpMethod.Get, graph);
        if (Method(provider, Authenticate, typeof(HttpRequestMessage)) is MethodInfo authenticate)
        {
            _ = ResultOf(authenticate.Invoke(provider, Arguments(authenticate, request)), stopping);
        }

        return request.Headers.Authorization is AuthenticationHeaderValue { Scheme: "Bearer" or "bearer" } header ? header.Parameter : null;
    }

    private static MethodInfo? Method(object target, string name, Type first) => target.GetType().GetMethods().FirstOrDefault(
        method => method.Name == name && method.GetParameters() is [{ ParameterType: Type type }, ..] && type == first);

    /// <summary>The arguments that are known, and the defaults of those that a later release may have added.</summary>
    private static object?[] Arguments(MethodInfo method, params object?[] known) =>
        [.. method.GetParameters().Select(
            (parameter, index) => index < known.Length ? known[index] : parameter.HasDefaultValue ? parameter.DefaultValue : null)];

    private static object? ResultOf(object? answered, CancellationToken stopping)
    {
        if (answered is not Task working)
        {
            return answered;
        }

        working.WaitAsync(stopping).GetAwaiter().GetResult();
        return working.GetType().GetProperty("Result")?.GetValue(working);
    }
}
