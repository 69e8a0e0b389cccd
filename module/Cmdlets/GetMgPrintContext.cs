namespace MgPrint.PowerShell.Cmdlets;

/// <summary>Shows as whom the next command goes to Microsoft Graph, and where that is; never the token.</summary>
[Cmdlet(VerbsCommon.Get, "MgPrintContext", HelpUri = ConnectMgPrint.HelpUrl)]
[OutputType(typeof(PrintContext))]
public sealed class GetMgPrintContext : PSCmdlet
{
    protected override void EndProcessing()
    {
        try
        {
            if (CurrentSignIn.Peek(this) is ServiceEndpoint endpoint)
            {
                WriteObject(new PrintContext(endpoint));
            }
        }
        catch (EngineException failure)
        {
            WriteError(ErrorRecords.From(failure.Error, null, NeededPermissions.None));
        }
    }
}
