@{
    RootModule           = 'MgPrint.PowerShell.dll'
    ModuleVersion        = '3.0.0'
    GUID                 = '112096fe-9772-482f-88b9-0bd48c9de438'
    Author               = 'The mgprint contributors'
    Copyright            = '(c) The mgprint contributors. MIT License.'
    Description          = 'Universal Print upload sessions: create them as Microsoft Graph documents it, and send documents through them.'
    PowerShellVersion    = '7.4'
    CompatiblePSEditions = 'Core'
    FormatsToProcess     = 'Microsoft.Graph.Devices.CloudPrint.format.ps1xml'
    CmdletsToExport      = 'New-MgPrintPrinterJobDocumentUploadSession', 'New-MgPrintUploadSession', 'Send-MgPrintDocument',
                           'Get-MgPrintUploadSession', 'Remove-MgPrintUploadSession', 'Connect-MgPrint', 'Disconnect-MgPrint', 'Get-MgPrintContext'
    FunctionsToExport    = @()
    AliasesToExport      = @()
    VariablesToExport    = @()
    PrivateData          = @{
        PSData = @{
            Tags       = 'MicrosoftGraph', 'UniversalPrint', 'CloudPrint', 'Print', 'Upload', 'PSEdition_Core', 'Windows', 'Linux', 'MacOS'
            LicenseUri = 'https://opensource.org/license/mit'
        }
    }
}
