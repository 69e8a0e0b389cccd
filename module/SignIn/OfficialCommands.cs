using System.Collections.ObjectModel;

namespace MgPrint.PowerShell.SignIn;

/// <summary>
/// What only the official module's own commands tell. They are run where the module is imported already; a command of that
/// name alone would have PowerShell import it.
/// </summary>
internal static class OfficialCommands
{
    private const string Run = "param($command, $given) $module = Get-Module Microsoft.Graph.Authentication; "
        + "if ($module) { & $module.ExportedCommands[$command] @given }";

    /// <summary>Where Graph is in the cloud of a session: by our own table, and for a name of the user's by Get-MgEnvironment.</summary>
    public static string EndpointOf(OfficialSession session, PSCmdlet cmdlet)
    {
        string cloud = session.Cloud;
        if (Clouds.EndpointOf(cloud) is string known)
        {
            return known;
        }

        string? own = Output(cmdlet, "Get-MgEnvironment", new() { ["Name"] = cloud })
            .Where(environment => cloud.Equals(environment.Properties["Name"]?.Value as string, StringComparison.OrdinalIgnoreCase))
            .Select(environment => environment.Properties["GraphEndpoint"]?.Value?.ToString())
            .FirstOrDefault(address => !string.IsNullOrWhiteSpace(address));
        return own ?? throw SignInErrors.Of(
            "UnknownCloud",
            $"Connect-MgGraph signed in to the cloud '{cloud}', and Get-MgEnvironment does not tell where Microsoft Graph is there. "
                + "Nothing was sent.",
            "Add it with Add-MgEnvironment, or give the address and a token: Connect-MgPrint -Endpoint … -AccessToken ….");
    }

    /// <summary>
    /// The token that their own command sends: the last way to it, at the price of a request to Graph. The address is
    /// relative, and not asked for while that leads to a host that nobody signed in to.
    /// </summary>
    public static AccessToken? TokenOf(OfficialSession session, PSCmdlet cmdlet)
    {
        if (session.IsPoisoned)
        {
            return null;
        }

        var request = new System.Collections.Hashtable
        {
            ["Uri"] = "v1.0/print/shares?$top=1",
            ["OutputType"] = "HttpResponseMessage",
            ["SkipHttpErrorCheck"] = true,
        };
        using var response = Output(cmdlet, "Invoke-MgGraphRequest", request).FirstOrDefault()?.BaseObject as HttpResponseMessage;
        return response?.RequestMessage?.Headers.Authorization?.Parameter is { Length: > 0 } token ? AccessToken.From(token) : null;
    }

    private static Collection<PSObject> Output(PSCmdlet cmdlet, string command, System.Collections.Hashtable given)
    {
        try
        {
            return cmdlet.InvokeCommand.InvokeScript(
                Run, true, System.Management.Automation.Runspaces.PipelineResultTypes.None, null, command, given);
        }
        catch (RuntimeException failed) when (failed is not PipelineStoppedException)
        {
            return [];
        }
    }
}
