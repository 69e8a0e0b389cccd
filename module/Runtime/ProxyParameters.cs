using System.Management.Automation;
using System.Net;

namespace MgPrint.PowerShell.Runtime;

/// <summary>What the command line says of the proxy.</summary>
/// <param name="Address">-Proxy.</param>
/// <param name="Credential">-ProxyCredential, for whichever proxy it is.</param>
/// <param name="UseDefaultCredentials">-ProxyUseDefaultCredentials, for whichever proxy it is.</param>
internal sealed record ProxyParameters(Uri? Address, PSCredential? Credential, SwitchParameter UseDefaultCredentials)
{
    /// <summary>Who to be at the proxy; null when the command line does not say.</summary>
    public NetworkCredential? Login =>
        UseDefaultCredentials ? CredentialCache.DefaultNetworkCredentials
        // Its own conversion takes a name such as user@realm apart.
        : Credential is null ? null : new NetworkCredential(Credential.UserName, Credential.Password);

    /// <summary>What is wrong with them, before anything is sent; null for nothing.</summary>
    public ErrorRecord? Error()
    {
        if (!UseDefaultCredentials)
        {
            return null;
        }

        if (Credential is not null)
        {
            const string Conflict = "-ProxyCredential and -ProxyUseDefaultCredentials were both given, so nothing was sent. Give one of them: the user of this process, or another.";
            return new ErrorRecord(new ArgumentException(Conflict), "ProxyCredentialConflict", ErrorCategory.InvalidArgument, nameof(UseDefaultCredentials));
        }

        if (OperatingSystem.IsWindows())
        {
            return null;
        }

        // Better an error than a request that silently goes another way than was asked for.
        const string Missing = "-ProxyUseDefaultCredentials needs the security interface of Windows, which this system does not have, so nothing was sent. Give the user name and the password for the proxy with -ProxyCredential.";
        return new ErrorRecord(new PlatformNotSupportedException(Missing), "ParameterNotSupported", ErrorCategory.NotImplemented, nameof(UseDefaultCredentials));
    }
}
