# Every test: the engine, the emulator and the C ABI by cargo; the module and tools/pwsh by dotnet.

function Invoke-AllTests {
    $total = New-Count
    try {
        Build-All
        Assert-TestTools
        # What a person has set to connect to the real service is not for the tests.
        Use-Environment @{ MGPRINT_ENDPOINT = $null; MGPRINT_ACCESS_TOKEN = $null; MGPRINT_TIMEOUT_SEC = $null } {
            Add-Count $total (Test-WithCargo)
            Add-Count $total (Test-WithDotnet 'module' 'the module, in the real PowerShell engine')
            if ($IsWindows) { Write-Step 'tests' 'tools/pwsh is a program for Linux and macOS: not tested here' }
            else { Add-Count $total (Test-WithDotnet 'tools' 'tools/pwsh') }
        }
    }
    catch {
        Write-Failure $_
        Add-Failure $total 'The tests could not all be run (see above).'
    }

    Complete-Tests $total
}

function Assert-TestTools {
    if ($IsLinux) {
        Install-DebianPackage @{ 'c++' = 'g++'; nm = 'binutils'; valgrind = 'valgrind'; script = 'bsdutils' } 'The tests use it.'
    }
}

function Test-WithCargo {
    Write-Step 'tests' 'the engine, the emulator and the C library'
    $exitCode = Invoke-Program cargo-test cargo @('test', '--workspace', '--no-fail-fast', '--target-dir', 'target')
    $count = Read-CargoTests ([IO.File]::ReadAllLines((Get-LogPath 'cargo-test')))
    Assert-Ran $count $exitCode 'cargo-test' 'cargo test'
    $count
}

function Test-WithDotnet([string] $Name, [string] $What) {
    Write-Step 'tests' $What
    $results = [IO.Path]::Combine($Root, 'out', 'log', "$Name-tests.trx")
    [IO.File]::Delete($results)
    $exitCode = Invoke-Program "$Name-tests" dotnet @(
        'test', "tests/$Name", '--logger', "trx;LogFileName=$results", '--verbosity', 'quiet')
    $count = if ([IO.File]::Exists($results)) { Read-Trx $results } else { New-Count }
    Assert-Ran $count $exitCode "$Name-tests" "dotnet test tests/$Name"
    $count
}

# Says what came of a runner; one that failed without a failed test, or ran none, is a failure too.
function Assert-Ran([hashtable] $Count, [int] $ExitCode, [string] $Log, [string] $Runner) {
    if ($ExitCode -ne 0 -and $Count.Failed -eq 0) {
        Write-LogTail $Log
        Add-Failure $Count "'$Runner' ended with exit code $ExitCode."
    }
    elseif ($Count.Passed + $Count.Failed -eq 0) {
        Add-Failure $Count "'$Runner' ran no test."
    }

    $skipped = if ($Count.Skipped.Count) { ", $($Count.Skipped.Count) skipped" }
    Write-Step '' "$(Format-Number $Count.Passed) passed, $(Format-Number $Count.Failed) failed$skipped (out/log/$Log.log)"
}

# The last line is for programs as much as for people.
function Complete-Tests([hashtable] $Total) {
    $shown = 25
    foreach ($failure in $Total.Failures) {
        Write-Title "FAILED $($failure[0])"
        for ($i = 1; $i -lt [Math]::Min($failure.Count, $shown); $i++) {
            if ($failure[$i].Trim()) { Write-Line "    $($failure[$i])" }
        }

        if ($failure.Count -gt $shown) { Write-Line '    … (the rest is in out/log)' }
    }

    if ($Total.Skipped.Count) {
        Write-Title 'SKIPPED'
        $Total.Skipped | ForEach-Object { Write-Line "    $_" }
        # Nobody is there to read the names; a machine that tests everything has what every test needs.
        if ($env:CI -eq 'true') { $Total.Failed += $Total.Skipped.Count }
    }

    Write-Line
    Write-Line "$($Total.Passed) passed, $($Total.Failed) failed"
    if ($Total.Failed) { exit 1 }
}
