@{
    RootModule           = 'MgPrint.PowerShell.dll'
    ModuleVersion        = '3.0.0'
    GUID                 = '112096fe-9772-482f-88b9-0bd48c9de438'
    Author               = 'The mgprint contributors'
    CompanyName          = 'The mgprint contributors'
    Copyright            = '(c) The mgprint contributors. MIT License.'
    Description          = 'Universal Print: its printers, shares, jobs and documents as Microsoft Graph documents them, and documents sent through upload sessions.'
    PowerShellVersion    = '7.4'
    CompatiblePSEditions = 'Core'
    FormatsToProcess     = 'Microsoft.Graph.Devices.CloudPrint.format.ps1xml'
    TypesToProcess       = 'Microsoft.Graph.Devices.CloudPrint.types.ps1xml'
    # Before these the build puts the cmdlets that it makes of the table in module/Surface.
    CmdletsToExport      = 'Out-MgPrinter', 'New-MgPrintUploadSession', 'Send-MgPrintDocument', 'Get-MgPrintUploadSession', 'Remove-MgPrintUploadSession',
                           'Connect-MgPrint', 'Disconnect-MgPrint', 'Get-MgPrintContext'
    FunctionsToExport    = @()
    AliasesToExport      = @()
    VariablesToExport    = @()
    PrivateData          = @{
        PSData = @{
            Tags       = 'MicrosoftGraph', 'UniversalPrint', 'CloudPrint', 'Print', 'Upload', 'PSEdition_Core', 'Linux'
            LicenseUri = 'https://opensource.org/license/mit'
            ReleaseNotes = 'CHANGELOG.md in the folder of the module tells what there is.'
        }
    }
}
