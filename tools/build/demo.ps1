# The demo: the documented example and two uploads against a service on this machine, proved equal at both ends.

# The size that the help page's example names.
$ExampleBytes = 4533322
$LargeBytes = 64MB

function Show-Demo {
    $folder = [IO.Path]::Combine($Root, 'out', 'demo')
    $null = [IO.Directory]::CreateDirectory($folder)
    try {
        Use-Emulator $EmulatorProgram {
            param($emulator)
            $environment = @{
                MGPRINT_ENDPOINT = $emulator.Endpoint
                MGPRINT_ACCESS_TOKEN = $emulator.Token
                PSModulePath = $ModulesFolder + [IO.Path]::PathSeparator + $env:PSModulePath
            }
            Use-Environment $environment { Send-DemoDocuments $emulator $folder }
        }
    }
    finally {
        [IO.Directory]::Delete($folder, $true)
    }
}

function Send-DemoDocuments([Collections.IDictionary] $Emulator, [string] $Folder) {
    Write-Line
    Write-Line "A Universal Print service answers at $($Emulator.Endpoint): the emulator in tests/emulator, which refuses"
    Write-Line 'what the real service refuses. Nothing leaves this machine.'

    Write-Title "1. The help page's example, word for word, and the PDF it speaks of"
    $file = New-Pdf $Folder 'TestFile.pdf' $ExampleBytes
    $example = [IO.Path]::Combine($Root, 'examples', 'help-page-example.ps1')
    Write-Source ([IO.File]::ReadAllText($example))
    $printerId, $printJobId, $printDocumentId = $Emulator.PrinterId, $Emulator.PrintJobId, $Emulator.PrintDocumentId
    $session = . $example
    $session | Out-Host
    Write-Source "`$session | Send-MgPrintDocument -Path TestFile.pdf"
    $first = Test-DemoDocument $Emulator $file $printDocumentId ($session | Send-MgPrintDocument -Path $file.FullName)

    Write-Title "2. A document of 64 MiB, in one command"
    $file = New-Pdf $Folder 'Large.pdf' $LargeBytes
    $new = Invoke-EmulatorAdmin $Emulator POST documents
    $ids = @{}
    foreach ($name in 'printerId', 'printJobId', 'printDocumentId') { $ids[$name] = $new.GetProperty($name).GetString() }
    Write-Source 'Send-MgPrintDocument Large.pdf @ids'
    $second = Test-DemoDocument $Emulator $file $ids.printDocumentId (Send-MgPrintDocument $file.FullName @ids)

    Write-Line
    if (-not ($first -and $second)) {
        throw 'The bytes that the service has are not those that were sent.'
    }

    Write-Line 'Both documents arrived whole: the service has, byte for byte, what was sent.'
}

# Shows what came of a document, and answers whether the same bytes are at both ends.
function Test-DemoDocument([Collections.IDictionary] $Emulator, [IO.FileInfo] $File, [string] $DocumentId, $Sent) {
    $Sent | Out-Host
    $document = Invoke-EmulatorAdmin $Emulator GET "documents/$DocumentId"
    if ($document.GetProperty('state').GetString() -ne 'uploaded') {
        throw "The service does not have '$($File.Name)' whole."
    }

    $here = Get-Sha256 $File
    $there = $document.GetProperty('sha256').GetString()
    $isSame = $Sent.Confirmed -and $here -ceq $there -and $File.Length -eq $document.GetProperty('size').GetInt64()
    Write-Line "SHA-256 here   $here"
    Write-Line "      there    $there"
    Write-Line "               $(if ($isSame) { 'equal' } else { 'DIFFERENT' }), $(Format-Number $document.GetProperty('size').GetInt64()) bytes"
    $isSame
}

function New-Pdf([string] $Folder, [string] $Name, [long] $Bytes) {
    $path = [IO.Path]::Combine($Folder, $Name)
    Invoke-Required pdf $EmulatorProgram @('make-pdf', $path, '--bytes', "$Bytes")
    [IO.FileInfo]::new($path)
}

function Get-Sha256([IO.FileInfo] $File) {
    $stream = $File.OpenRead()
    try { [Convert]::ToHexString([Security.Cryptography.SHA256]::HashData($stream)).ToLowerInvariant() }
    finally { $stream.Dispose() }
}

# What runs, as a person would type it.
function Write-Source([string] $Text) {
    foreach ($line in $Text.TrimEnd().Split("`n")) {
        Write-Line $(if ($line.Trim()) { "  $($PSStyle.Foreground.Cyan)$($line.TrimEnd())$($PSStyle.Reset)" })
    }
}
