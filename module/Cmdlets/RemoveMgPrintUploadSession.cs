namespace MgPrint.PowerShell.Cmdlets;

/// <summary>Cancels an upload session: the service forgets the bytes that it has.</summary>
[Cmdlet(VerbsCommon.Remove, "MgPrintUploadSession", DefaultParameterSetName = ByUrl, SupportsShouldProcess = true,
    ConfirmImpact = ConfirmImpact.Medium, HelpUri = UploadHelpUrl)]
[OutputType(typeof(void))]
public sealed class RemoveMgPrintUploadSession : UploadSessionCmdlet
{
    private protected override void Process(UploadTarget session)
    {
        if (ShouldProcess(session.ToString(), "Cancel, and forget the bytes that were sent"))
        {
            _ = Run(session, expectedSize: null, EngineSessionAction.Cancel);
        }
    }
}
