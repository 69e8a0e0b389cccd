<#
.SYNOPSIS
Measures what a person at a prompt waits for: import, the first call, later calls beside .NET's HttpClient, and many
small documents through one pipeline. Run by "build.ps1 bench", in a process that has done nothing else.
#>
#Requires -Version 7.4
[CmdletBinding()]
param(
    [Parameter(Mandatory)] [string] $EmulatorProgram,
    [Parameter(Mandatory)] [string] $BenchProgram,
    [int] $Calls = 2000,
    [int] $Documents = 1000
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

$Root = [IO.Path]::GetDirectoryName($PSScriptRoot)
foreach ($part in 'programs', 'emulator') {
    . ([IO.Path]::Combine($Root, 'tools', 'build', "$part.ps1"))
}

$Properties = @{ documentName = 'TestFile.pdf'; contentType = 'application/pdf'; size = 1000 }

# Milliseconds that the block takes.
function Measure-Block([scriptblock] $Block) {
    $watch = [Diagnostics.Stopwatch]::StartNew()
    $null = & $Block
    $watch.Elapsed.TotalMilliseconds
}

# Milliseconds of one turn of the block: the median of five rounds.
function Measure-Turns([int] $Turns, [scriptblock] $Block) {
    [double[]] $rounds = foreach ($round in 1..5) {
        $watch = [Diagnostics.Stopwatch]::StartNew()
        for ($i = 0; $i -lt $Turns; $i++) { $null = & $Block }
        $watch.Elapsed.TotalMilliseconds / $Turns
    }
    [Array]::Sort($rounds)
    $rounds[2]
}

function Write-Figure([string] $What, [double] $Figure, [string] $Unit) {
    Write-Host ('{0,-58} {1,10:0.00} {2}' -f $What, $Figure, $Unit)
}

function New-DocumentIds([object] $Emulator) {
    Invoke-Emulator $Emulator POST documents | Select-Object printerId, printJobId, printDocumentId
}

# Runs the block with a service that answers every request for a session alike, and as quickly as can be: what is
# measured is the caller.
function Use-Sessions([scriptblock] $Block) {
    $start = [Diagnostics.ProcessStartInfo]::new($BenchProgram, 'sessions')
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    $process = [Diagnostics.Process]::Start($start)
    try { & $Block $process.StandardOutput.ReadLine() }
    finally {
        $process.StandardInput.Close()
        if (-not $process.WaitForExit(5000)) { $process.Kill() }
        $process.Dispose()
    }
}

function Measure-Calls([string] $Endpoint, [string] $Token) {
    $import = Measure-Block { Import-Module ([IO.Path]::Combine($Root, 'out', 'modules', 'Microsoft.Graph.Devices.CloudPrint')) }
    Write-Figure 'Import-Module' $import ms

    $ids = @{ PrinterId = 'printer'; PrintJobId = 'job'; PrintDocumentId = 'document' }
    $first = Measure-Block { New-MgPrintUploadSession @ids -Properties $Properties }
    Write-Figure 'The first call, with the engine to load' $first ms
    # .NET compiles what runs often once more, and better, while these run.
    $later = Measure-Turns $Calls { New-MgPrintUploadSession @ids -Properties $Properties }
    $latest = Measure-Turns $Calls { New-MgPrintUploadSession @ids -Properties $Properties }

    $http = [Net.Http.HttpClient]::new([Net.Http.SocketsHttpHandler] @{ UseProxy = $false })
    $url = "$Endpoint/v1.0/print/printers/printer/jobs/job/documents/document/microsoft.graph.createUploadSession"
    $raw = Measure-Turns $Calls {
        $request = [Net.Http.HttpRequestMessage]::new('POST', $url)
        $request.Headers.Authorization = [Net.Http.Headers.AuthenticationHeaderValue]::new('Bearer', $Token)
        $request.Content = [Net.Http.StringContent]::new('{"properties":{"contentType":"application/pdf","documentName":"TestFile.pdf","size":1000}}', [Text.Encoding]::UTF8, 'application/json')
        $http.Send($request).Dispose()
    }
    Write-Figure "A later call, of the first $(5 * $Calls)" $later ms
    Write-Figure "A later call, of the next $(5 * $Calls)" $latest ms
    Write-Figure 'The same request by HttpClient, called from the script' $raw ms
    Write-Figure 'A later call, as a multiple of that: first, then next' ($later / $raw) times
    Write-Figure '' ($latest / $raw) times
}

# How many small documents of one pipeline arrive in a second: the median of three rounds.
function Measure-SmallDocuments([object] $Emulator, [string] $What, [scriptblock] $Send) {
    $folder = [IO.Directory]::CreateTempSubdirectory('mgprint-bench-').FullName
    try {
        $file = [IO.Path]::Combine($folder, 'small.pdf')
        [IO.File]::WriteAllBytes($file, [byte[]]::new($Properties.size))
        [double[]] $rates = foreach ($round in 1..3) {
            $identities = foreach ($i in 1..$Documents) { New-DocumentIds $Emulator }
            $milliseconds = Measure-Block { $identities | & $Send $file }
            $Documents / ($milliseconds / 1000)
        }
        [Array]::Sort($rates)
        Write-Figure "$Documents documents of $($Properties.size) bytes, $What" $rates[1] 'a second'
    }
    finally {
        [IO.Directory]::Delete($folder, $true)
    }
}

Use-Sessions {
    param($endpoint)
    $token = [Guid]::NewGuid().ToString()
    Use-Environment @{ MGPRINT_ENDPOINT = $endpoint; MGPRINT_ACCESS_TOKEN = $token } { Measure-Calls $endpoint $token }
}

$emulator = Start-Emulator $EmulatorProgram
try {
    Use-Environment @{ MGPRINT_ENDPOINT = $emulator.endpoint; MGPRINT_ACCESS_TOKEN = $emulator.token } {
        Measure-SmallDocuments $emulator 'session by session' { $input | New-MgPrintUploadSession -Properties $Properties | Send-MgPrintDocument -Path $args[0] }
        Measure-SmallDocuments $emulator 'in one command' { $input | Send-MgPrintDocument -Path $args[0] }
    }
}
finally {
    $emulator.Process.StandardInput.Close()
}
