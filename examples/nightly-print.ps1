<#
Prints every PDF of a folder once, keeps a log, and ends with the number of documents that failed, 255 at most.

    pwsh examples/nightly-print.ps1 outbox Lobby

Run it again after anything: what was handed over is skipped.
#>
param([Parameter(Mandatory)] [string] $Folder, [Parameter(Mandatory)] [string] $Share)

$log = Join-Path $Folder print.log
# A folder that is not there is no empty one: with pwsh -File, an error that stops ends the script with exit code 1.
Get-ChildItem -LiteralPath $Folder -Filter *.pdf -ErrorAction Stop |
    Out-MgPrinter -Share $Share -ResumeDirectory (Join-Path $Folder records) -Wait -ErrorVariable failed -ErrorAction SilentlyContinue |
    ForEach-Object {
        $how = ($_.Details -contains 'completedWithErrors' ? ' with errors' : ''), ($_.Skipped ? ' (handed over before)' : '') -join ''
        "{0:u} {1} job {2}: {3}{4}" -f [DateTime]::UtcNow, $_.Name, $_.PrintJobId, $_.State, $how
    } |
    Add-Content -LiteralPath $log
$failed | ForEach-Object { "{0:u} FAILED {1}" -f [DateTime]::UtcNow, $_ } | Add-Content -LiteralPath $log
exit [Math]::Min(@($failed).Count, 255)
