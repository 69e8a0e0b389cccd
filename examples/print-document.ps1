<#
.SYNOPSIS
Sends a file of yours to a print job of Universal Print.

.DESCRIPTION
Creates an upload session for the document of a print job, and sends the file through it. The job itself is made before
and started afterwards; for both, Microsoft Graph has actions, and the module Microsoft.Graph.Devices.CloudPrint of
Microsoft has cmdlets.

The access token is read from the environment, so that it stands neither on a command line nor in the history:

    $env:MGPRINT_ACCESS_TOKEN = Read-Host -MaskInput 'Access token'

It must be one for Microsoft Graph, of a signed-in user, with the permission PrintJob.Create, PrintJob.ReadWrite or
PrintJob.ReadWrite.All. It goes to Microsoft Graph and nowhere else: the upload itself needs none. MGPRINT_ENDPOINT
names another Graph than the global one, such as https://graph.microsoft.us.

.PARAMETER Path
The file to send. Its extension tells its content type: .pdf, .oxps, .xps, .pwg, .jpg or .jpeg. Whether the printer
takes that type is the printer's to say.

.PARAMETER PrinterId
The id of the printer.

.PARAMETER PrintJobId
The id of the print job, which waits for its document (its state is paused, with the detail uploadPending).

.PARAMETER PrintDocumentId
The id of the job's document, as the answer named it that created the job (documents[0].id).

.EXAMPLE
./examples/print-document.ps1 -Path report.pdf -PrinterId $printer -PrintJobId $job -PrintDocumentId $document

.OUTPUTS
The document as it was sent: its name, bytes, duration, and whether the service confirmed it.
#>
[CmdletBinding(PositionalBinding = $false)]
param(
    [Parameter(Mandatory, Position = 0)] [string] $Path,
    [Parameter(Mandatory)] [string] $PrinterId,
    [Parameter(Mandatory)] [string] $PrintJobId,
    [Parameter(Mandatory)] [string] $PrintDocumentId
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

function Stop-Script([string] $ErrorId, [Management.Automation.ErrorCategory] $Category, [string] $Sentence) {
    $PSCmdlet.ThrowTerminatingError([Management.Automation.ErrorRecord]::new([Exception]::new($Sentence), $ErrorId, $Category, $null))
}

# By the registered names; what is not here would be a guess.
$contentTypes = [ordered] @{
    '.pdf'  = 'application/pdf'
    '.oxps' = 'application/oxps'
    '.xps'  = 'application/vnd.ms-xpsdocument'
    '.pwg'  = 'image/pwg-raster'
    '.jpg'  = 'image/jpeg'
    '.jpeg' = 'image/jpeg'
}

$file = [IO.FileInfo]::new($ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Path))
if (-not $file.Exists) {
    Stop-Script FileNotFound ObjectNotFound "There is no file '$($file.FullName)'."
}

$contentType = $contentTypes[$file.Extension]
if (-not $contentType) {
    Stop-Script UnknownContentType InvalidArgument "'$($file.Name)' ends in none of $(@($contentTypes.Keys) -join ', '), so its content type is not known. Save the document as PDF, and send that."
}

if (-not $env:MGPRINT_ACCESS_TOKEN) {
    Stop-Script AuthenticationNeeded AuthenticationError "There is no access token. Put one for Microsoft Graph, with the permission PrintJob.Create, into the environment: `$env:MGPRINT_ACCESS_TOKEN = Read-Host -MaskInput 'Access token'"
}

# The module as it is installed; in a clone of the project, as build.ps1 has built it.
$built = [IO.Path]::Combine([IO.Path]::GetDirectoryName($PSScriptRoot), 'out', 'modules', 'Microsoft.Graph.Devices.CloudPrint')
Import-Module $([IO.Directory]::Exists($built) ? $built : 'Microsoft.Graph.Devices.CloudPrint')

$document = @{
    PrinterId       = $PrinterId
    PrintJobId      = $PrintJobId
    PrintDocumentId = $PrintDocumentId
    Properties      = @{ documentName = $file.Name; contentType = $contentType; size = $file.Length }
}

New-MgPrintUploadSession @document | Send-MgPrintDocument -Path $file.FullName
