<#
.SYNOPSIS
Makes docs/picture.svg, the terminal in README.md, of a real run: what is typed, and what the module put out.

.DESCRIPTION
Run it after `build.ps1`, when what the command puts out has changed: tools/pwsh tools/picture.ps1
#>
#Requires -Version 7.4
$ErrorActionPreference = 'Stop'
$Root = Split-Path $PSScriptRoot
foreach ($part in 'programs', 'parts', 'emulator', 'demo') { . (Join-Path $Root tools build "$part.ps1") }
$PSStyle.OutputRendering = 'PlainText'
$command = "Get-ChildItem invoices/*.pdf | Out-MgPrinter -Share 'HP 2nd floor' -Copies 2 -Wait"
$output = Use-DemoService (Join-Path $Root target release mgprint-emulator) {
    param($emulator)
    New-Invoices $emulator
    & ([scriptblock]::Create($command)) | Sort-Object Name | Out-String -Stream -Width 84
}

# Each line appears a little after the one before it, as in a terminal.
$number = 0
$texts = foreach ($line in @("PS> $command") + $output + 'PS> ' | Where-Object { $_.Trim() }) {
    $number++
    $escaped = [Security.SecurityElement]::Escape($line.TrimEnd())
    $delay = ($number -eq 1 ? 0 : 1 + $number * 0.25).ToString([cultureinfo]::InvariantCulture)
    "  <text x=""16"" y=""$(26 + 20 * $number)"" style=""animation-delay:${delay}s"">$escaped</text>"
}
Set-Content -LiteralPath (Join-Path $Root docs picture.svg) -Value @"
<svg xmlns="http://www.w3.org/2000/svg" width="760" height="$(50 + 20 * $number)" role="img" aria-label="$([Security.SecurityElement]::Escape($command))">
  <style>
    rect { fill: #1b1f27 } circle { fill: #4b5263 }
    text { fill: #e6e6e6; font: 14px ui-monospace, Consolas, Menlo, monospace; white-space: pre; animation: show .1s backwards }
    @keyframes show { from { opacity: 0 } }
  </style>
  <rect width="100%" height="100%" rx="8"/>
  <circle cx="18" cy="16" r="5"/><circle cx="36" cy="16" r="5"/><circle cx="54" cy="16" r="5"/>
$($texts -join "`n")
</svg>
"@
