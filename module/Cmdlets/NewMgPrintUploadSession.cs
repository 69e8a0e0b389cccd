namespace Microsoft.Graph.PowerShell.Cmdlets;

/// <summary>
/// The documented cmdlet under a name that nothing shadows. The official module's command of the documented name is a
/// function, which PowerShell prefers to any cmdlet, and an alias would lead to whatever that name means: so this is a
/// cmdlet of its own.
/// </summary>
[Cmdlet(VerbsCommon.New, "MgPrintUploadSession", DefaultParameterSetName = "CreateExpanded", SupportsShouldProcess = true,
    ConfirmImpact = ConfirmImpact.Medium, HelpUri = DocumentationUrl)]
[OutputType(typeof(IMicrosoftGraphUploadSession))]
public sealed class NewMgPrintUploadSession : NewMgPrintPrinterJobDocumentUploadSession
{
    private const string DocumentationUrl =
        "https://learn.microsoft.com/powershell/module/microsoft.graph.devices.cloudprint/new-mgprintprinterjobdocumentuploadsession";
}
