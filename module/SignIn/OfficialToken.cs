using System.Reflection;

namespace MgPrint.PowerShell.SignIn;

/// <summary>
/// Asks the official module for the token of its session: by what its own commands sign in with, kept while the session stays. It
/// may wait for a person, in a browser.
/// </summary>
internal sealed class OfficialToken(OfficialSession session)
{
    private const string Helpers = $"{OfficialSession.Namespace}.Core.Utilities.AuthenticationHelpers";

    private object? _provider;

    /// <summary>The token; null when there is no way to it here.</summary>
    /// <param name="graph">Graph as this cloud has it: their sign-in gives tokens for nothing else. Nothing is sent there.</param>
    /// <param name="claims">What the service wants of a new token; null for any.</param>
    public AccessToken? Ask(Uri graph, string? claims, out Exception? why, CancellationToken stopping)
    {
        why = null;
        try
        {
            _provider ??= Answer(session.Assembly.GetType(Helpers), null, "GetAuthenticationProviderAsync", stopping, session.Context);
            Dictionary<string, object> wanted = claims is null ? [] : new() { ["claims"] = claims };
            // The characters are theirs, and are copied no further than into the engine.
            return Answer(_provider?.GetType(), _provider, "GetAuthorizationTokenAsync", stopping, graph, wanted, stopping)
                is string { Length: > 0 } token ? AccessToken.From(token) : null;
        }
        catch (Exception failed) when (failed is not OutOfMemoryException)
        {
            stopping.ThrowIfCancellationRequested();
            why = (failed as TargetInvocationException)?.InnerException ?? failed;
            _provider = null;
            return null;
        }
    }

    /// <summary>
    /// What a method's task gives; null where there is no such method. To the arguments that are known come the defaults of those
    /// that a later release may have added.
    /// </summary>
    private static object? Answer(Type? type, object? target, string name, CancellationToken stopping, params object?[] known)
    {
        MethodInfo? method = type?.GetMethods().FirstOrDefault(
            method => method.Name == name
                && method.GetParameters() is [{ ParameterType: Type first }, ..] && first.IsInstanceOfType(known[0]));
        object?[]? arguments = method?.GetParameters().Select(
            (parameter, index) => index < known.Length ? known[index] : parameter.HasDefaultValue ? parameter.DefaultValue : null).ToArray();
        if (method?.Invoke(target, arguments) is not Task working)
        {
            return null;
        }

        working.WaitAsync(stopping).GetAwaiter().GetResult();
        return working.GetType().GetProperty("Result")?.GetValue(working);
    }
}
