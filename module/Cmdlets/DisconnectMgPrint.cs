namespace MgPrint.PowerShell.Cmdlets;

/// <summary>Wipes the token that Connect-MgPrint was given, and closes the connections that it went over.</summary>
[Cmdlet(VerbsCommunications.Disconnect, "MgPrint", HelpUri = ConnectMgPrint.HelpUrl)]
[OutputType(typeof(void))]
public sealed class DisconnectMgPrint : PSCmdlet
{
    protected override void EndProcessing() =>
        WriteVerbose(CurrentSignIn.Disconnect() ? "The access token is wiped." : "There was no access token of Connect-MgPrint.");
}
