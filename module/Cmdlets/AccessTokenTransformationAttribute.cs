using System.Security;

namespace MgPrint.PowerShell.Cmdlets;

/// <summary>
/// Takes the token out of what Get-AzAccessToken answers. Of a bare text and of whatever else has none it makes an empty one,
/// which the cmdlet refuses: an error of PowerShell's binding would keep what was piped.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class AccessTokenTransformationAttribute : ArgumentTransformationAttribute
{
    public override object Transform(EngineIntrinsics engineIntrinsics, object? inputData) => NamedValues.Unwrap(inputData) switch
    {
        SecureString { Length: > 0 } token => token,
        null or string => new SecureString(),
        SecureString empty => empty,
        // A script that makes such an object puts what PowerShell has wrapped into it.
        object given => NamedValues.Unwrap(PSObject.AsPSObject(given).Properties["Token"]?.Value) switch
        {
            SecureString { Length: > 0 } token => token,
            string { Length: > 0 } text => new NetworkCredential("", text).SecurePassword,
            _ => new SecureString(),
        },
    };
}
