using System.Security;

namespace MgPrint.PowerShell.Cmdlets;

/// <summary>Signs in with an access token that somebody else got, for this process, until Disconnect-MgPrint.</summary>
[Cmdlet(VerbsCommunications.Connect, "MgPrint", DefaultParameterSetName = ByCloud, HelpUri = HelpUrl)]
[OutputType(typeof(void))]
public sealed class ConnectMgPrint : PSCmdlet
{
    internal const string HelpUrl = "https://learn.microsoft.com/entra/identity-platform/access-tokens";

    private const string ByCloud = "Environment";
    private const string ByAddress = "Endpoint";

    /// <summary>The token, without the word Bearer.</summary>
    [Parameter(
        Mandatory = true, Position = 0, ValueFromPipeline = true, HelpMessage = "The access token for Microsoft Graph, as SecureString")]
    [AccessTokenTransformation]
    public SecureString AccessToken { get; set; } = null!;

    /// <summary>The cloud that the token is for.</summary>
    [Parameter(ParameterSetName = ByCloud, HelpMessage = "The cloud that the token is for")]
    // China is among them for the error that says why it cannot be.
    [ValidateSet("Global", "USGov", "USGovDoD", "China")]
    public string Environment { get; set; } = Clouds.Default;

    /// <summary>The address of Microsoft Graph that the token is for.</summary>
    [Parameter(ParameterSetName = ByAddress, Mandatory = true, HelpMessage = "The address of Microsoft Graph that the token is for")]
    [ProxyTransformation]
    public Uri Endpoint { get; set; } = null!;

    protected override void ProcessRecord()
    {
        if (AccessToken.Length == 0)
        {
            ThrowTerminatingError(new InputException(
                "InvalidArgument", "A SecureString with the token is needed, such as Read-Host -AsSecureString gives, or the answer of "
                    + "Get-AzAccessToken. A token that is typed as text would stay in the history.").ToRecord());
        }

        try
        {
            string address = ParameterSetName == ByAddress ? Endpoint.OriginalString : Clouds.EndpointOf(Environment)!;
            var given = new ServiceEndpoint(address, SignIn.AccessToken.From(AccessToken), "Connect-MgPrint");
            // A token or an address that the engine refuses is refused here, and not at the first command that needs it.
            using (EngineOptions options = given.NewOptions())
            {
                new EngineClient(options).Free();
            }

            CurrentSignIn.Connect(given);
            WriteVerbose($"Signed in to {DisplayText.Url(given.Url)} with the given access token.");
            if (given.ExpiryWarning() is string warning)
            {
                WriteWarning(warning);
            }
        }
        catch (EngineException refused)
        {
            ThrowTerminatingError(ErrorRecords.From(refused.Error, null, NeededPermissions.None));
        }
    }
}
