# The emulator (tests/emulator) beside a script: started on a free port, spoken to, and ended.

# Runs the block with a running emulator: Endpoint, Token, PrinterId, PrintJobId and PrintDocumentId. However the block
# ends, the emulator ends with it: its standard input closes, which happens even where this process is killed.
function Use-Emulator([string] $Program, [scriptblock] $Block) {
    $start = [Diagnostics.ProcessStartInfo]::new($Program)
    $start.ArgumentList.Add('--until-stdin-closes')
    # Documents are hashed as they come, and not kept.
    $start.ArgumentList.Add('--discard')
    # By the environment: everyone on the machine may read a command line.
    $start.Environment['MGPRINT_EMULATOR_TOKEN'] = [Convert]::ToHexString([Security.Cryptography.RandomNumberGenerator]::GetBytes(32))
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    $process = [Diagnostics.Process]::Start($start)
    try {
        $ready = Read-ReadyLine $process
        & $Block @{
            Endpoint = $ready.GetProperty('endpoint').GetString()
            Token = $ready.GetProperty('token').GetString()
            PrinterId = $ready.GetProperty('printerId').GetString()
            PrintJobId = $ready.GetProperty('printJobId').GetString()
            PrintDocumentId = $ready.GetProperty('printDocumentId').GetString()
        }
    }
    finally {
        $process.StandardInput.Close()
        if (-not $process.WaitForExit(5000)) { $process.Kill() }
        $process.Dispose()
    }
}

function Read-ReadyLine([Diagnostics.Process] $Process) {
    $line = $Process.StandardOutput.ReadLineAsync()
    # In short waits: Ctrl+C is heard between them.
    for ($i = 0; $i -lt 100 -and -not $line.Wait(100); $i++) { }
    if (-not $line.IsCompleted) {
        throw 'The emulator did not say within ten seconds where it is.'
    }

    if (-not $line.Result) {
        throw 'The emulator ended before it was ready (see above).'
    }

    [Text.Json.JsonDocument]::Parse($line.Result).RootElement
}

# Asks the emulator itself, under /_emulator: what no real service would tell.
function Invoke-EmulatorAdmin([Collections.IDictionary] $Emulator, [string] $Method, [string] $Path) {
    # Never through a proxy: the service is on this machine.
    $client = [Net.Http.HttpClient]::new([Net.Http.SocketsHttpHandler] @{ UseProxy = $false })
    try {
        $client.Timeout = [TimeSpan]::FromSeconds(30)
        $request = [Net.Http.HttpRequestMessage]::new($Method, "$($Emulator.Endpoint)/_emulator/$Path")
        $answer = $client.SendAsync($request).GetAwaiter().GetResult()
        $body = $answer.Content.ReadAsStringAsync().GetAwaiter().GetResult()
        if (-not $answer.IsSuccessStatusCode) {
            throw "The emulator answered $Method $Path with $([int] $answer.StatusCode): $body"
        }

        [Text.Json.JsonDocument]::Parse($body).RootElement
    }
    finally {
        $client.Dispose()
    }
}
