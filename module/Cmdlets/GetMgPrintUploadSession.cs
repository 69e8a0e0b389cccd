namespace MgPrint.PowerShell.Cmdlets;

/// <summary>Asks the service what an upload session still misses, and until when it is kept.</summary>
[Cmdlet(VerbsCommon.Get, "MgPrintUploadSession", DefaultParameterSetName = ByUrl, HelpUri = UploadHelpUrl)]
[OutputType(typeof(UploadSessionStatus))]
public sealed class GetMgPrintUploadSession : UploadSessionCmdlet
{
    private protected override void Process(UploadTarget session)
    {
        if (Run(session, session.DocumentSize, EngineSessionAction.Status) is EngineResult result)
        {
            // The engine has read the answer as an object already; one that is none was an error.
            WriteObject(UploadSessionStatus.From(JsonTree.ObjectIn(result.Json) ?? [], result, session.Url!, session.DocumentSize));
        }
    }
}
