# The demo: paper in one line, the documented example and two uploads against a service on this machine, proved equal at both
# ends.

function Show-Demo([hashtable] $Built) {
    $folder = (New-Item (Join-Path $Root out demo) -ItemType Directory -Force).FullName
    $emulator = Start-Emulator $Built.Emulator
    try {
        $environment = @{
            MGPRINT_ENDPOINT = $emulator.endpoint
            MGPRINT_ACCESS_TOKEN = $emulator.token
            PSModulePath = (Split-Path $ModuleFolder) + [IO.Path]::PathSeparator + $env:PSModulePath
        }
        Use-Environment $environment { Send-DemoDocuments $emulator $folder $Built.Emulator }
    }
    finally {
        $emulator.Process.StandardInput.Close()
        Remove-Item -LiteralPath $folder -Recurse -Force
    }
}

function Send-DemoDocuments([object] $Emulator, [string] $Folder, [string] $Program) {
    Write-Host "`nA Universal Print service answers at $($Emulator.endpoint): the emulator in tests/emulator, which refuses"
    Write-Host 'what the real service refuses. Nothing leaves this machine.'

    Write-Title '1. Paper in one line'
    $invoices = (New-Item (Join-Path $Folder invoices) -ItemType Directory -Force).FullName
    1..3 | ForEach-Object { $null = New-Pdf $Program (Join-Path $invoices "invoice-$_.pdf") 200000 }
    $null = Update-MgPrintShare -PrinterShareId $Emulator.printerShareId -DisplayName 'HP 2nd floor'
    Write-Source "Get-ChildItem invoices/*.pdf | Out-MgPrinter -Share 'HP 2nd floor' -Copies 2 -DuplexMode flipOnLongEdge -Wait"
    $printed = Get-ChildItem $invoices/*.pdf | Out-MgPrinter -Share 'HP 2nd floor' -Copies 2 -DuplexMode flipOnLongEdge -Wait
    $printed | Out-Host
    $jobs = (Invoke-Emulator $Emulator GET jobs) | Where-Object starts
    $sheets = (Get-ChildItem $invoices/*.pdf | Get-FileHash).Hash.ToLowerInvariant()
    if (@($jobs).Count -ne 3 -or (Compare-Object $jobs.document.sha256 $sheets) -or $printed.State -ne 'completed') {
        throw 'What the service printed are not the documents that were sent.'
    }

    Write-Title "2. The help page's example, word for word, and the PDF it speaks of"
    # The size that the example names.
    $file = New-Pdf $Program (Join-Path $Folder TestFile.pdf) 4533322
    $example = Join-Path $Root examples help-page-example.ps1
    Write-Source (Get-Content -LiteralPath $example)
    $printerId, $printJobId, $printDocumentId = $Emulator.printerId, $Emulator.printJobId, $Emulator.printDocumentId
    $session = . $example
    $session | Out-Host
    Write-Source '$session | Send-MgPrintDocument -Path TestFile.pdf'
    Confirm-Document $Emulator $file $printDocumentId ($session | Send-MgPrintDocument -Path $file.FullName)

    Write-Title '3. A document of 64 MiB, in one command'
    $file = New-Pdf $Program (Join-Path $Folder Large.pdf) 64MB
    $new = Invoke-Emulator $Emulator POST documents
    $ids = @{ PrinterId = $new.printerId; PrintJobId = $new.printJobId; PrintDocumentId = $new.printDocumentId }
    Write-Source 'Send-MgPrintDocument Large.pdf @ids'
    Confirm-Document $Emulator $file $new.printDocumentId (Send-MgPrintDocument $file.FullName @ids)
    Write-Host "`nAll documents arrived whole: the service has, byte for byte, what was sent."
}

# Shows what came of a document; the same bytes have to be at both ends.
function Confirm-Document([object] $Emulator, [IO.FileInfo] $File, [string] $DocumentId, [object] $Sent) {
    $Sent | Out-Host
    $document = Invoke-Emulator $Emulator GET "documents/$DocumentId"
    $here = (Get-FileHash -LiteralPath $File.FullName).Hash.ToLowerInvariant()
    Write-Host "SHA-256 here   $here"
    Write-Host "      there    $($document.sha256)"
    if ($document.state -ne 'uploaded' -or -not $Sent.Confirmed -or $here -cne $document.sha256 -or $File.Length -ne $document.size) {
        throw "The bytes that the service has of '$($File.Name)' are not those that were sent."
    }

    Write-Host ('               equal, {0:N0} bytes' -f $document.size)
}

function New-Pdf([string] $Program, [string] $Path, [long] $Bytes) {
    $null = Invoke-Program pdf $Program 'make-pdf', $Path, '--bytes', $Bytes
    Get-Item -LiteralPath $Path
}

# What runs, as a person would type it.
function Write-Source([string[]] $Lines) {
    $Lines | ForEach-Object { Write-Host "  $($PSStyle.Foreground.Cyan)$_$($PSStyle.Reset)" }
    Write-Host
}
