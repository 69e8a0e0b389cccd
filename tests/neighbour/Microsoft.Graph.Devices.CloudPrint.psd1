@{
    RootModule = 'Microsoft.Graph.Devices.CloudPrint.psm1'
    ModuleVersion = '2.30.0'
    GUID = '5bd5b6f2-4e0a-4a1c-93d1-3f3f0f7d1c55'
    Author = 'The tests'
    Description = 'A stand-in for the official module, in the tests alone.'
    FormatsToProcess = 'Microsoft.Graph.Devices.CloudPrint.format.ps1xml'
    FunctionsToExport = 'Get-MgPrintOfALaterRelease', 'New-MgPrintPrinterJobDocumentUploadSession'
    CmdletsToExport = @()
    AliasesToExport = @()
}
