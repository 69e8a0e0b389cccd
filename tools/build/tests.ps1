# Every test: the engine, the emulator and the C library by cargo, the module by xunit and by Pester. The runners run beside
# one another, since most tests wait for a service most of their time.

$PesterVersion = '6.2.0'
$ModuleTests = 'out/bin/MgPrint.PowerShell.Tests/Debug/net10.0/MgPrint.PowerShell.Tests.dll'

function Invoke-AllTests {
    $jobs = $results = @()
    try {
        if ($IsLinux) {
            Install-DebianPackage @{ 'c++' = 'g++'; nm = 'binutils'; valgrind = 'valgrind'; script = 'bsdutils' } 'The tests use it.'
        }
        $built = Build-All -WithTests
        if (-not (Test-Path -LiteralPath "out/tools/pester/$PesterVersion")) {
            $null = Invoke-Program pester dotnet 'package', 'download', "Pester@$PesterVersion", '--output', 'out/tools'
        }

        Write-Step tests 'cargo, xunit and Pester'
        $jobs = @(Start-Runner cargo-tests cargo 'test', '--release', '--workspace', '--no-fail-fast', '--target-dir', 'target')
        $null = Invoke-Program module-build dotnet 'build', 'tests/module', '--verbosity', 'quiet'
        $filters = Get-ModuleTestFilters
        foreach ($name in $filters.Keys) {
            $jobs += Start-Runner $name dotnet 'test', $ModuleTests, '--filter', $filters[$name], '--logger', "trx;LogFileName=$name.trx", '--results-directory', 'out/log'
        }
        # Each file in a PowerShell of its own, as a person would start it.
        $pwsh = if ($IsWindows) { 'pwsh' } else { './tools/pwsh' }
        foreach ($file in Get-ChildItem -LiteralPath tests/pester -Filter *.Tests.ps1) {
            $name = "pester-$($file.Name -replace '\.Tests\.ps1$')"
            $jobs += Start-Runner $name $pwsh '-NoProfile', '-File', 'tests/pester/run.ps1', $file.FullName, "out/log/$name.json", $built.Emulator
        }
        foreach ($job in $jobs) { $results += Read-Result $job.Name (Receive-Job $job -Wait) }
    }
    catch {
        $results += New-Result -Failures "The tests could not all be run: $_"
    }
    finally {
        $jobs | Remove-Job -Force
    }

    Complete-Tests $results
}

# Where the module connects to belongs to a process, so tests that set it run one after the other there; three processes
# run beside one another, and each test in one of them.
function Get-ModuleTestFilters {
    $failures = 'ErrorTests', 'ProxyTests', 'RetryTests', 'SecretTests', 'DebugTests'
    $others = ($failures | ForEach-Object { "FullyQualifiedName!~$_" }) -join '&'
    [ordered] @{
        'module-failures' = ($failures | ForEach-Object { "FullyQualifiedName~$_" }) -join '|'
        'module-cmdlets' = "$others&FullyQualifiedName~.Cmdlets."
        'module-rest' = "$others&FullyQualifiedName!~.Cmdlets."
    }
}

# Starts a program beside this script, its output in out/log/NAME.log; the job gives its exit code.
function Start-Runner([string] $Name, [string] $Program, [string[]] $Arguments) {
    $log = Get-Log $Name
    # What an earlier run said is no result of this one.
    Remove-Item -LiteralPath "out/log/$Name.trx", "out/log/$Name.json" -ErrorAction Ignore
    Start-ThreadJob -Name $Name -ThrottleLimit 4 {
        Set-Location -LiteralPath $using:Root
        @() | & $using:Program @using:Arguments 2>&1 | ForEach-Object ToString | Set-Content -LiteralPath $using:log
        $LASTEXITCODE
    }
}

# What came of a runner. A list that a pipeline left empty arrives here as null, which has no count.
function New-Result([int] $Passed = 0, [string[]] $Failures, [string[]] $Skipped) {
    [pscustomobject] @{ Passed = $Passed; Failures = @($Failures | Where-Object { $_ }); Skipped = @($Skipped | Where-Object { $_ }) }
}

# What a runner came to, by what it wrote. One that failed without a failed test, or ran none, is a failure too.
function Read-Result([string] $Name, [int] $ExitCode) {
    $log = Get-Log $Name
    $result = if ($Name -like 'cargo-*') { Read-CargoTests (Get-Content -LiteralPath $log) }
    elseif (Test-Path -LiteralPath "out/log/$Name.trx") { Read-Trx "out/log/$Name.trx" }
    elseif (Test-Path -LiteralPath "out/log/$Name.json") { Get-Content -LiteralPath "out/log/$Name.json" -Raw | ConvertFrom-Json }
    else { New-Result }
    if ($ExitCode -and -not $result.Failures) {
        $result.Failures = @("'$Name' ended with exit code $ExitCode.`n$((Get-Content -LiteralPath $log -Tail 20) -join "`n")")
    }
    elseif ($result.Passed + $result.Failures.Count -eq 0) { $result.Failures = @("'$Name' ran no test.") }

    Write-Step '' "$($result.Passed) passed, $($result.Failures.Count) failed, $($result.Skipped.Count) skipped (out/log/$Name.log)"
    $result
}

# Reads what `cargo test --no-fail-fast` wrote. Its lines of two streams may be out of order, so each is read by itself; a
# program that was started and told no result has crashed.
function Read-CargoTests([string[]] $Lines) {
    $passed = $started = $told = 0
    $failures = [Collections.Generic.List[string]]::new()
    $deaths = [Collections.Generic.Queue[string]]::new()
    $skipped = @()
    $isInFailure = $false
    switch -Regex -CaseSensitive ($Lines) {
        '^test result: \w+\. (\d+) passed; \d+ failed' { $told++; $passed += [int] $Matches[1]; $isInFailure = $false }
        '^\s+(Running \S+|Doc-tests) ' { $started++ }
        '^test (.+?) \.\.\. ignored' { $skipped += $Matches[1] }
        "process didn't exit successfully: (.+ \(signal: .+\))" { $deaths.Enqueue($Matches[1]) }
        '^---- (.+) stdout ----$' { $failures.Add($Matches[1]); $isInFailure = $true; continue }
        '^failures:$' { $isInFailure = $false }
        default { if ($isInFailure) { $failures[-1] += "`n$_" } }
    }
    for (; $told -lt $started; $told++) {
        $failures.Add("A test program ended without a result: $($deaths.Count ? $deaths.Dequeue() : 'it crashed, or was killed')")
    }

    New-Result -Passed $passed -Failures $failures -Skipped $skipped
}

# Reads a TRX file of `dotnet test`.
function Read-Trx([string] $Path) {
    $all = ([xml] (Get-Content -LiteralPath $Path -Raw)).GetElementsByTagName('UnitTestResult')
    $failures = $all | Where-Object outcome -NotIn Passed, NotExecuted | ForEach-Object {
        "$($_.testName)`n$($_.GetElementsByTagName('ErrorInfo') | ForEach-Object InnerText)"
    }
    $skipped = $all | Where-Object outcome -EQ NotExecuted | ForEach-Object testName
    New-Result -Passed @($all | Where-Object outcome -EQ Passed).Count -Failures $failures -Skipped $skipped
}

# The last line is for programs as much as for people. Gives whether all is well.
function Complete-Tests([object[]] $Results) {
    $failures, $skipped = @($Results | ForEach-Object Failures), @($Results | ForEach-Object Skipped)
    foreach ($failure in $failures) {
        $lines = @($failure -split "`n" | Where-Object { $_.Trim() })
        Write-Title "FAILED $($lines[0])"
        $lines | Select-Object -Skip 1 -First 25 | ForEach-Object { Write-Host "    $_" }
        if ($lines.Count -gt 26) { Write-Host '    … (the rest is in out/log)' }
    }
    if ($skipped) {
        Write-Title 'SKIPPED'
        $skipped | ForEach-Object { Write-Host "    $_" }
    }

    # Nobody is there to read the names; a machine that tests everything has what every test needs.
    $failed = $failures.Count + ($env:CI -eq 'true' ? $skipped.Count : 0)
    Write-Host "`n$(($Results.Passed | Measure-Object -Sum).Sum) passed, $failed failed"
    $failed -eq 0
}
