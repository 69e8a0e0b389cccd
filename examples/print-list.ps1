<#
Prints what a CSV file lists, with the columns Path, Share and Copies, and says what became of each document.

    pwsh examples/print-list.ps1 jobs.csv
#>
param([Parameter(Mandatory)] [string] $List)

# With pwsh -File, an error such as a missing list then ends the script with exit code 1.
$ErrorActionPreference = 'Stop'
Import-Csv -LiteralPath $List | Out-MgPrinter -Wait -ErrorVariable failed -ErrorAction SilentlyContinue |
    Format-Table Name, State, Share, PrintJobId
$failed | ForEach-Object { Write-Warning "$_" }
exit [Math]::Min(@($failed).Count, 255)
