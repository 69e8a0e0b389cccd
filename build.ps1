<#
.SYNOPSIS
Builds, shows and tests the module Microsoft.Graph.Devices.CloudPrint.

.DESCRIPTION
Runs in PowerShell 7.4 or later. Where there is no pwsh, `tools/pwsh build.ps1` runs it in the same engine from NuGet.
It needs the .NET 10 SDK and Rust, and fetches or builds all the rest. What the compilers and test runners print is kept
in out/log.

.PARAMETER Task
Build   the engine (Rust), the emulator, and the module, into out/modules (the default)
Demo    build, then send two documents through the module to a Universal Print service on this machine
Test    build, then every test; the last line is "N passed, N failed"
Bench   build, then measure uploads and cmdlets beside curl, LargeFileUploadTask and HttpClient (some minutes; Linux)
Header  build, then copy the engine's C header to include/mgprint.h
Clean   remove what was built

.EXAMPLE
pwsh build.ps1 demo

.EXAMPLE
tools/pwsh build.ps1 test
#>
#Requires -Version 7.4
[CmdletBinding()]
param(
    [Parameter(Position = 0)]
    [ValidateSet('Build', 'Demo', 'Test', 'Bench', 'Header', 'Clean')]
    [string] $Task = 'Build'
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
# Exit codes are looked at where a program is run.
$PSNativeCommandUseErrorActionPreference = $false

$Root = $PSScriptRoot
foreach ($part in 'screen', 'programs', 'parts', 'emulator', 'demo', 'counts', 'tests', 'bench') {
    . ([IO.Path]::Combine($Root, 'tools', 'build', "$part.ps1"))
}

try {
    Use-Environment (Get-BuildEnvironment) {
        switch ($Task) {
            'Build' { Build-All }
            'Demo' { Build-All; Show-Demo }
            'Test' { Invoke-AllTests }
            'Bench' { Measure-All }
            'Header' { Update-Header }
            'Clean' { Clear-Build }
        }
    }
}
catch {
    Write-Failure $_
    exit 1
}
