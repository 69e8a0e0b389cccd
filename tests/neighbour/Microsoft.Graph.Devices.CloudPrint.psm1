# As the official module does: an assembly of its own below bin, and functions for commands.
$null = Import-Module -Name ([IO.Path]::Combine($PSScriptRoot, 'bin', 'Microsoft.Graph.Devices.CloudPrint.private.dll')) -PassThru

function Get-MgPrintOfALaterRelease {
    [CmdletBinding()]
    param()
    'a printer'
}

function New-MgPrintPrinterJobDocumentUploadSession {
    [CmdletBinding(DefaultParameterSetName = 'CreateExpanded', PositionalBinding = $false, SupportsShouldProcess)]
    param(
        [string] $PrinterId, [string] $PrintJobId, [string] $PrintDocumentId,
        [Microsoft.Graph.PowerShell.Models.IMicrosoftGraphPrintDocumentUploadProperties] $Properties
    )
    $session = [Microsoft.Graph.PowerShell.Models.MicrosoftGraphUploadSession]::new()
    $session.UploadUrl = $env:NEIGHBOUR_UPLOAD_URL
    $session
}

Export-ModuleMember -Function 'Get-MgPrintOfALaterRelease', 'New-MgPrintPrinterJobDocumentUploadSession'
