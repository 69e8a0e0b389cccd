# The demo: paper in one line, the documented example and two uploads against a service on this machine, proved equal at both
# ends.

function Show-Demo([hashtable] $Built) {
    Use-DemoService $Built.Emulator {
        param($emulator)
        Write-Host "`nA Universal Print service answers at $($emulator.endpoint): the emulator in tests/emulator, which refuses"
        Write-Host 'what the real service refuses. Nothing leaves this machine.'

        Write-Title '1. Paper in one line'
        New-Invoices $emulator
        $printed = Invoke-Shown "Get-ChildItem invoices/*.pdf | Out-MgPrinter -Share 'HP 2nd floor' -Copies 2 -DuplexMode flipOnLongEdge -Wait"
        $printed | Out-Host
        $jobs = (Invoke-Emulator $emulator GET jobs) | Where-Object starts
        $sheets = (Get-ChildItem invoices/*.pdf | Get-FileHash).Hash.ToLowerInvariant()
        if (@($jobs).Count -ne 4 -or (Compare-Object $jobs.document.sha256 $sheets) -or $printed.State -ne 'completed') {
            throw 'What the service printed are not the documents that were sent.'
        }

        Write-Title "2. The help page's example, word for word, and the PDF it speaks of"
        # The size that the example names.
        New-Pdf $emulator TestFile.pdf 4533322
        $printerId, $printJobId, $printDocumentId = $emulator.printerId, $emulator.printJobId, $emulator.printDocumentId
        $session = Invoke-Shown ((Get-Content -LiteralPath (Join-Path $Root examples help-page-example.ps1) -Raw).TrimEnd())
        $session | Out-Host
        Confirm-Document $emulator TestFile.pdf $printDocumentId (Invoke-Shown '$session | Send-MgPrintDocument -Path TestFile.pdf')

        Write-Title '3. A document of 64 MiB, in one command'
        New-Pdf $emulator Large.pdf 64MB
        $new = Invoke-Emulator $emulator POST documents
        $ids = @{ PrinterId = $new.printerId; PrintJobId = $new.printJobId; PrintDocumentId = $new.printDocumentId }
        Confirm-Document $emulator Large.pdf $ids.PrintDocumentId (Invoke-Shown 'Send-MgPrintDocument Large.pdf @ids')
        Write-Host "`nAll documents arrived whole: the service has, byte for byte, what was sent."
    }
}

# Shows something in a folder that is removed afterwards, with the module on the path and connected to a service.
function Use-DemoService([string] $Program, [scriptblock] $Show) {
    $folder = New-Item (Join-Path $Root out demo) -ItemType Directory -Force
    $emulator = Start-Emulator $Program
    $path = (Split-Path $ModuleFolder) + [IO.Path]::PathSeparator + $env:PSModulePath
    Push-Location -LiteralPath $folder
    try {
        Use-Environment @{ MGPRINT_ENDPOINT = $emulator.endpoint; MGPRINT_ACCESS_TOKEN = $emulator.token; PSModulePath = $path } { & $Show $emulator }
    }
    finally {
        Pop-Location
        $emulator.Process.StandardInput.Close()
        Remove-Item -LiteralPath $folder -Recurse -Force
    }
}

# Four documents, and a share of the name under which a person knows the printer.
function New-Invoices([object] $Emulator) {
    $null = New-Item invoices -ItemType Directory -Force
    1041..1044 | ForEach-Object { New-Pdf $Emulator "invoices/invoice-$_.pdf" 400000 }
    $null = Update-MgPrintShare -PrinterShareId $Emulator.printerShareId -DisplayName 'HP 2nd floor'
}

function New-Pdf([object] $Emulator, [string] $Path, [long] $Bytes) {
    $null = Invoke-Program pdf $Emulator.Process.StartInfo.FileName 'make-pdf', $Path, '--bytes', $Bytes
}

# Shows what runs, as a person would type it, and runs it.
function Invoke-Shown([string] $Source) {
    $Source -split '\r?\n' | ForEach-Object { Write-Host "  $($PSStyle.Foreground.Cyan)$_$($PSStyle.Reset)" }
    Write-Host
    & ([scriptblock]::Create($Source))
}

# Shows what came of a document; the same bytes have to be at both ends.
function Confirm-Document([object] $Emulator, [string] $Path, [string] $DocumentId, [object] $Sent) {
    $Sent | Out-Host
    $document = Invoke-Emulator $Emulator GET "documents/$DocumentId"
    $here = (Get-FileHash -LiteralPath $Path).Hash.ToLowerInvariant()
    Write-Host "SHA-256 here   $here`n      there    $($document.sha256)"
    if ($document.state -ne 'uploaded' -or -not $Sent.Confirmed -or $here -cne $document.sha256 -or (Get-Item $Path).Length -ne $document.size) {
        throw "The bytes that the service has of '$Path' are not those that were sent."
    }

    Write-Host ('               equal, {0:N0} bytes' -f $document.size)
}
