<#
.SYNOPSIS
Builds, shows and tests the module Microsoft.Graph.Devices.CloudPrint.

.DESCRIPTION
Runs in PowerShell 7.4 or later; tools/pwsh fetches it where there is none. It needs the .NET 10 SDK and Rust, and fetches
or builds all the rest. What compilers and test runners print is kept in out/log.

.PARAMETER Task
Build   the engine (Rust), the emulator, and the module, into out/modules (the default)
Demo    build, then send two documents through the module to a Universal Print service on this machine
Test    build, then run every test; the last line is "N passed, N failed"
Bench   build, then measure uploads and cmdlets beside curl, LargeFileUploadTask and HttpClient (some minutes; Linux)
Header  build, then copy the engine's C header to include/mgprint.h
Install build, then put the C library under -Prefix: header, library, pkg-config file, licences
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
    [ValidateSet('Build', 'Demo', 'Test', 'Bench', 'Header', 'Install', 'Clean')]
    [string] $Task = 'Build',

    # Where Install puts the C library; a folder like /usr/local.
    [string] $Prefix
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
# Exit codes are looked at where a program is run.
$PSNativeCommandUseErrorActionPreference = $false

$Root = $PSScriptRoot
foreach ($part in 'programs', 'parts', 'emulator', 'demo', 'tests', 'bench', 'install') {
    . (Join-Path $Root tools build "$part.ps1")
}

# The library that is shipped names no folder of whoever built it. Cargo parts these flags by the character U+001F.
$cargoHome = $env:CARGO_HOME ?? (Join-Path $HOME .cargo)
$remap = "--remap-path-prefix=$Root=mgprint", "--remap-path-prefix=$cargoHome=cargo" -join "`u{1f}"

# No greetings, no questions, no reports home, no server of the compiler that outlives the build; and what a person has set
# to connect to the real service is neither for the demo nor for the tests.
$environment = @{
    DOTNET_NOLOGO = '1'; DOTNET_CLI_TELEMETRY_OPTOUT = '1'; DOTNET_CLI_UI_LANGUAGE = 'en'; POWERSHELL_TELEMETRY_OPTOUT = '1'
    DOTNET_CLI_USE_MSBUILD_SERVER = '0'; MSBUILDDISABLENODEREUSE = '1'; UseSharedCompilation = 'false'
    DEBIAN_FRONTEND = 'noninteractive'; CARGO_ENCODED_RUSTFLAGS = $remap
    MGPRINT_ENDPOINT = $null; MGPRINT_ACCESS_TOKEN = $null; MGPRINT_TIMEOUT_SEC = $null
}

if ($Task -eq 'Test') {
    # What runs a few seconds is not worth watching for what to optimise.
    $environment.DOTNET_TieredPGO = '0'
    # Programs that are killed, and compilers, leave files behind: all of them go with this folder.
    $temporary = [IO.Directory]::CreateTempSubdirectory('mgprint-').FullName
    if (-not $IsWindows) { & chmod 1777 $temporary }
    $environment.TMPDIR = $environment.TEMP = $environment.TMP = $temporary
}

Push-Location -LiteralPath $Root
try {
    $isGood = Use-Environment $environment {
        if ($Root -match '[[\]]' -and $Task -in 'Demo', 'Test', 'Bench') {
            throw "PowerShell finds no module by its name where the path has a bracket: move '$Root' to a folder without '[' and ']', and run this again."
        }

        switch ($Task) {
            Build { $null = Build-All }
            Demo { Show-Demo (Build-All) }
            Test { Invoke-AllTests }
            Bench { Measure-All (Build-All) }
            Header { Copy-Item -LiteralPath (Build-Engine).Header include/mgprint.h }
            Install { Install-Library (Build-Engine).Library $Prefix }
            Clean { Clear-Build }
        }
    }
}
catch {
    # A sentence that was thrown is the whole message; anything else is a defect of the script, and shows where it is.
    $Host.UI.WriteErrorLine("build.ps1: $_")
    if ($_.CategoryInfo.Category -ne 'OperationStopped') { $Host.UI.WriteErrorLine($_.ScriptStackTrace) }
    $isGood = $false
}
finally {
    Pop-Location
    if ($Task -eq 'Test') { Remove-Item -LiteralPath $temporary -Recurse -Force -ErrorAction SilentlyContinue }
}

if ($isGood -eq $false) { exit 1 }
