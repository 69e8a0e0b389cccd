# The module's views, which its commands import into the module when one of them first runs: see Runtime/Views.cs.
@{
    ModuleVersion     = '3.0.0'
    FormatsToProcess  = 'Microsoft.Graph.Devices.CloudPrint.format.ps1xml'
    FunctionsToExport = @()
    CmdletsToExport   = @()
    AliasesToExport   = @()
    VariablesToExport = @()
}
