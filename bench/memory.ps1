<#
.SYNOPSIS
Measures the memory that importing the module takes, beside that of a module with nothing in it. Run by
"build.ps1 bench"; each figure is the median of processes of their own.
#>
#Requires -Version 7.4
[CmdletBinding()]
param([int] $Processes = 7)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$Root = [IO.Path]::GetDirectoryName($PSScriptRoot)

# What the process itself holds once the module is there, in KiB: resident pages, and those that are its alone.
$Probe = @'
Import-Module '{0}'
[GC]::Collect()
$rollup = [IO.File]::ReadAllText('/proc/self/smaps_rollup')
foreach ($kind in 'Rss', 'Private_Dirty') {{ [regex]::Match($rollup, "(?m)^${{kind}}:\s+(\d+)").Groups[1].Value }}
'@

function Measure-Import([string] $Manifest) {
    $command = $Probe -f $Manifest
    $resident, $private = [double[]]::new($Processes), [double[]]::new($Processes)
    foreach ($i in 0..($Processes - 1)) {
        $figures = @(& ([IO.Path]::Combine($PSHOME, 'pwsh')) -NoProfile -NonInteractive -Command $command)
        if ($LASTEXITCODE -ne 0) { throw "'$Manifest' could not be imported (see above)." }
        $resident[$i], $private[$i] = $figures
    }
    [Array]::Sort($resident)
    [Array]::Sort($private)
    @{ Resident = $resident[$Processes -shr 1] / 1024; Private = $private[$Processes -shr 1] / 1024 }
}

function Write-Difference([string] $What, [double] $With, [double] $Without) {
    Write-Host ('{0,-48} {1,7:0.0} MiB, {2,4:0.0} MiB more than with the other' -f $What, $With, ($With - $Without))
}

# As little as a module can be and export a command, as ours does.
$Folder = [IO.Directory]::CreateTempSubdirectory('mgprint-bench-').FullName
try {
    $empty = [IO.Path]::Combine($Folder, 'Nothing.psd1')
    [IO.File]::WriteAllText([IO.Path]::Combine($Folder, 'Nothing.psm1'), 'function Get-Nothing { }')
    [IO.File]::WriteAllText($empty, "@{ RootModule = 'Nothing.psm1'; ModuleVersion = '1.0'; FunctionsToExport = 'Get-Nothing'; CmdletsToExport = @(); AliasesToExport = @(); VariablesToExport = @() }")
    $without = Measure-Import $empty
    $with = Measure-Import ([IO.Path]::Combine($Root, 'out', 'modules', 'Microsoft.Graph.Devices.CloudPrint', 'Microsoft.Graph.Devices.CloudPrint.psd1'))
    Write-Host ('{0,-48} {1,7:0.0} MiB resident, {2:0.0} MiB of its own' -f 'A module with one empty function', $without.Resident, $without.Private)
    Write-Difference 'This module, resident' $with.Resident $without.Resident
    Write-Difference 'This module, memory of its own' $with.Private $without.Private
}
finally {
    [IO.Directory]::Delete($Folder, $true)
}
