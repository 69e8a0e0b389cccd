namespace MgPrint.PowerShell.Runtime;

/// <summary>What the command line says of the proxy.</summary>
/// <param name="Address">-Proxy.</param>
/// <param name="Credential">-ProxyCredential, for whichever proxy it is.</param>
/// <param name="UseDefaultCredentials">-ProxyUseDefaultCredentials, which is refused.</param>
internal sealed record ProxyParameters(Uri? Address, PSCredential? Credential, bool UseDefaultCredentials)
{
    /// <summary>
    /// Who to be at the proxy; null when the command line does not say. Its own conversion takes a name such as user@realm
    /// apart.
    /// </summary>
    public NetworkCredential? Login => Credential is null ? null : new NetworkCredential(Credential.UserName, Credential.Password);

    /// <summary>What is wrong with them, before anything is sent; null for nothing.</summary>
    public ErrorRecord? Error()
    {
        if (!UseDefaultCredentials)
        {
            return null;
        }

        // Better an error than a request that silently goes another way than was asked for.
        const string Missing = "-ProxyUseDefaultCredentials is not supported, since this module signs in at a proxy with a user name "
            + "and a password alone, so nothing was sent. Give them with -ProxyCredential, or run a relay on this machine that signs in "
            + "at the proxy as you, and name it with -Proxy.";
        return new ErrorRecord(
            new PlatformNotSupportedException(Missing), "ParameterNotSupported", ErrorCategory.NotImplemented,
            nameof(UseDefaultCredentials));
    }
}
