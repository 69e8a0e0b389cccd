<#
.SYNOPSIS
Runs one file of tests in this PowerShell, with the built module on PSModulePath, and writes what came of it as JSON (-Result).
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)] [string] $File,
    [string] $Result,
    # The emulator (tests/emulator), as cargo built it.
    [string] $Emulator
)

$ErrorActionPreference = 'Stop'
$root = Split-Path (Split-Path $PSScriptRoot)
$env:PSModulePath = (Join-Path $root out modules) + [IO.Path]::PathSeparator + $env:PSModulePath
$env:MGPRINT_EMULATOR = $Emulator ? $Emulator : (Join-Path $root target release $(if ($IsWindows) { 'mgprint-emulator.exe' } else { 'mgprint-emulator' }))
# As `build.ps1 test` fetched it.
Import-Module ([WildcardPattern]::Escape((Join-Path $root out tools pester 6.2.0 tools Pester.psd1)))

$configuration = New-PesterConfiguration
# A path with brackets is no wildcard.
$configuration.Run.Path = [WildcardPattern]::Escape($File)
$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = 'Detailed'
$configuration.Output.RenderMode = 'Plaintext'
$run = Invoke-Pester -Configuration $configuration

$failures = @($run.Failed | ForEach-Object { "$($_.ExpandedPath)`n$($_.ErrorRecord -join "`n")" }) +
    @($run.FailedBlocks + $run.FailedContainers | ForEach-Object { "$_`n$($_.ErrorRecord -join "`n")" })
$skipped = @($run.Tests | Where-Object Result -In Skipped, Inconclusive, NotRun | ForEach-Object ExpandedPath)
if ($Result) {
    @{ Passed = $run.PassedCount; Failures = $failures; Skipped = $skipped } | ConvertTo-Json | Set-Content -LiteralPath $Result
}

exit [int] ($failures.Count -gt 0)
