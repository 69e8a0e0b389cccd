# What the test files share: a service on this machine to which the module connects, and documents to send to it.

. (Join-Path $PSScriptRoot .. .. tools build emulator.ps1)

function Connect-TestService {
    $script:Service = Start-Emulator $env:MGPRINT_EMULATOR
    $env:MGPRINT_ENDPOINT = $Service.endpoint
    $env:MGPRINT_ACCESS_TOKEN = $Service.token
}

function Disconnect-TestService {
    $Service.Process.StandardInput.Close()
    $env:MGPRINT_ENDPOINT = $env:MGPRINT_ACCESS_TOKEN = $null
}

# The ids of a new document, to splat.
function New-TestDocument {
    $new = Invoke-Emulator $Service POST documents
    @{ PrinterId = $new.printerId; PrintJobId = $new.printJobId; PrintDocumentId = $new.printDocumentId }
}

# A file of so many bytes that are no two runs the same.
function New-TestFile([string] $Name, [int] $Bytes = 500000) {
    $path = Join-Path $TestDrive $Name
    [IO.File]::WriteAllBytes($path, [Security.Cryptography.RandomNumberGenerator]::GetBytes($Bytes))
    Get-Item -LiteralPath $path
}

function New-TestSession([hashtable] $Ids, [IO.FileInfo] $File) {
    New-MgPrintUploadSession @Ids -Properties @{ documentName = $File.Name; contentType = 'application/pdf'; size = $File.Length }
}

# The service has this file whole, and the module broke none of its rules.
function Assert-Arrived([hashtable] $Ids, [IO.FileInfo] $File) {
    $document = Invoke-Emulator $Service GET "documents/$($Ids.PrintDocumentId)"
    $document.state | Should -Be uploaded
    $document.sha256 | Should -Be (Get-FileHash -LiteralPath $File.FullName).Hash
    (Invoke-Emulator $Service GET journal).violations | Should -BeNullOrEmpty
}

function Set-Fault([hashtable] $Match, [hashtable] $Fault) {
    $body = @{ match = $Match; fault = $Fault } | ConvertTo-Json -Depth 5
    $null = Invoke-RestMethod "$($Service.endpoint)/_emulator/faults" -Method Post -Body $body -ContentType application/json -NoProxy
}

# A PowerShell of its own, without a terminal and with nothing to read: what it wrote, and how it ended.
function Start-Pwsh([string[]] $Arguments) {
    $program = if ($IsWindows) { 'pwsh' } else { Join-Path $PSScriptRoot .. .. tools pwsh }
    $errors = Join-Path $TestDrive errors.txt
    $output = @() | & $program -NoProfile -NonInteractive @Arguments 2> $errors
    [pscustomobject] @{ ExitCode = $LASTEXITCODE; Output = $output -join "`n"; Errors = Get-Content -LiteralPath $errors -Raw }
}
