namespace MgPrint.PowerShell.Cmdlets;

/// <summary>
/// Looks at the text of -Proxy, or of another address, before PowerShell turns it into an address: PowerShell's own error
/// repeats a text that is none, and a password may stand in it; nor does its module log get to see the password of one that
/// is. Null is no proxy to go through, and would silently go without one.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ProxyTransformationAttribute : ArgumentTransformationAttribute
{
    public override object Transform(EngineIntrinsics engineIntrinsics, object? inputData) => NamedValues.Unwrap(inputData) switch
    {
        null or "" => throw new ArgumentTransformationMetadataException(
            "There is no address. Leave the parameter out to let the environment and the system decide."),
        string text when !Uri.TryCreate(text, UriKind.RelativeOrAbsolute, out _) => throw new ArgumentTransformationMetadataException(
            "The text is not an address such as http://proxy.contoso.com:8080. A user name and a password for a proxy belong in "
                + "-ProxyCredential; within an address special characters have to be escaped, such as @ as %40."),
        string text => new LoggedWithoutUser(text),
        Uri address => new LoggedWithoutUser(address.OriginalString),
        _ => inputData!,
    };

    /// <summary>
    /// The same address, whose text is what PowerShell logs of a bound argument. Where there is more to it than a host, nobody can
    /// tell what in it is a password.
    /// </summary>
    private sealed class LoggedWithoutUser(string address) : Uri(address, UriKind.RelativeOrAbsolute)
    {
        public override string ToString() => IsAbsoluteUri && Host.Length > 0 && PathAndQuery == "/" && Fragment.Length == 0
            ? GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped) : "(not shown)";
    }
}
