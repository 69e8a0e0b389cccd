using System.Security;

namespace MgPrint.PowerShell.Cmdlets;

/// <summary>
/// Takes the token out of what Get-AzAccessToken answers. A bare text is refused here, since PowerShell's own refusal would
/// show it.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class AccessTokenTransformationAttribute : ArgumentTransformationAttribute
{
    public override object Transform(EngineIntrinsics engineIntrinsics, object? inputData) => NamedValues.Unwrap(inputData) switch
    {
        SecureString { Length: > 0 } token => token,
        null or string or SecureString => throw Refused(),
        // A script that makes such an object puts what PowerShell has wrapped into it.
        object given => NamedValues.Unwrap(PSObject.AsPSObject(given).Properties["Token"]?.Value) switch
        {
            SecureString { Length: > 0 } token => token,
            string { Length: > 0 } text => new NetworkCredential("", text).SecurePassword,
            _ => throw Refused(),
        },
    };

    private static ArgumentTransformationMetadataException Refused() => new(
        "A SecureString with the token is needed, such as Read-Host -AsSecureString gives, or the answer of Get-AzAccessToken. A token "
            + "that is typed as text would stay in the history.");
}
