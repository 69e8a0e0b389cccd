namespace MgPrint.PowerShell.Models;

/// <summary>As whom commands go to Microsoft Graph, and where that is.</summary>
public sealed class PrintContext
{
    internal PrintContext(ServiceEndpoint endpoint)
    {
        Source = endpoint.Source;
        Account = endpoint.Token?.Claims.Account ?? endpoint.Session?.Account;
        TenantId = endpoint.Token?.Claims.TenantId ?? endpoint.Session?.TenantId;
        Scopes = [.. endpoint.Scopes ?? endpoint.Roles ?? []];
        IsAppOnly = endpoint.IsAppOnly;
        ExpiresOn = endpoint.Token?.Claims.ExpiresOn;
        Endpoint = endpoint.Url;
    }

    /// <summary>Where the token and the address come from: Connect-MgPrint, the environment variable, or Connect-MgGraph.</summary>
    public string Source { get; }

    /// <summary>Who is signed in; null when nobody says.</summary>
    public string? Account { get; }

    /// <summary>The tenant; null when nobody says.</summary>
    public string? TenantId { get; }

    /// <summary>The permissions; empty when nobody says.</summary>
    public IReadOnlyList<string> Scopes { get; }

    /// <summary>Whether an app is signed in, without a user.</summary>
    public bool IsAppOnly { get; }

    /// <summary>When the token ends; null when it does not say, and for a session that has not been asked for one yet.</summary>
    public DateTimeOffset? ExpiresOn { get; }

    /// <summary>The address of Microsoft Graph.</summary>
    public string Endpoint { get; }
}
