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
    $first = Send-DemoDocument $Emulator $session $file $printDocumentId

    Write-Title "2. A document of 64 MiB"
    $file = New-Pdf $Folder 'Large.pdf' $LargeBytes
    $ids = Invoke-EmulatorAdmin $Emulator POST documents
    $identity = @{}
    foreach ($name in 'printerId', 'printJobId', 'printDocumentId') { $identity[$name] = $ids.GetProperty($name).GetString() }
    Write-Source @'
$session = New-MgPrintUploadSession -InputObject $ids -Properties @{
    documentName = 'Large.pdf'; contentType = 'application/pdf'; size = 64MB
}
'@
    $session = New-MgPrintUploadSession -InputObject $identity -Properties @{
        documentName = 'Large.pdf'; contentType = 'application/pdf'; size = $LargeBytes
    }
    $second = Send-DemoDocument $Emulator $session $file $identity.printDocumentId

    Write-Line
    if (-not ($first -and $second)) {
        throw 'The bytes that the service has are not those that were sent.'
    }

    Write-Line 'Both documents arrived whole: the service has, byte for byte, what was sent.'
}

# Sends a file through a session, shows what happens, and answers whether the same bytes are at both ends.
function Send-DemoDocument([Collections.IDictionary] $Emulator, $Session, [IO.FileInfo] $File, [string] $DocumentId) {
    $Session | Out-Host
    Write-Source "`$session | Send-MgPrintDocument -Path $($File.Name)"
    $sent = $Session | Send-MgPrintDocument -Path $File.FullName
    $sent | Out-Host

    $document = Invoke-EmulatorAdmin $Emulator GET "documents/$DocumentId"
    if ($document.GetProperty('state').GetString() -ne 'uploaded') {
        throw "The service does not have '$($File.Name)' whole."
    }

    $here = Get-Sha256 $File
    $there = $document.GetProperty('sha256').GetString()
    $isSame = $sent.Confirmed -and $here -ceq $there -and $File.Length -eq $document.GetProperty('size').GetInt64()
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
