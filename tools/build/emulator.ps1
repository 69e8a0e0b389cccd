# The emulator (tests/emulator) beside a script: the demo and the tests start it, and speak to it.

# Starts it on a free port. It ends when its standard input closes, which happens even where
# this process is killed. Gives what it says of itself: endpoint, token, and the ids of a document to send.
function Start-Emulator([string] $Program) {
    # Documents are hashed as they come, and not kept.
    $start = [Diagnostics.ProcessStartInfo]::new($Program, [string[]] ('--until-stdin-closes', '--discard'))
    $start.RedirectStandardInput = $start.RedirectStandardOutput = $true
    $process = [Diagnostics.Process]::Start($start)
    $line = $process.StandardOutput.ReadLine()
    if (-not $line) { throw 'The emulator ended before it was ready (see above).' }
    $line | ConvertFrom-Json | Add-Member Process $process -PassThru
}

# Asks the emulator itself, under /_emulator, what no real service would tell.
function Invoke-Emulator([object] $Emulator, [string] $Method, [string] $Path) {
    Invoke-RestMethod "$($Emulator.endpoint)/_emulator/$Path" -Method $Method -NoProxy -TimeoutSec 30
}
