# The build's own tools: what the test runners say is counted right, and tools/pwsh is pwsh.

BeforeAll {
    $Root = Convert-Path -LiteralPath (Join-Path $PSScriptRoot .. ..)
    . (Join-Path $Root tools build tests.ps1)
}

Describe 'Counting' {
    It 'adds up several programs of cargo, and names what was skipped' {
        $count = Read-CargoTests @'
     Running unittests src/lib.rs (target/release/deps/mgprint-1)
test plan::fits ... ok
test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.09s
     Running tests/it/main.rs (target/release/deps/it-1)
test needs_a_tape_drive ... ignored, no tape drive
test result: ok. 40 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 3.49s
   Doc-tests mgprint
test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
'@.Split("`n")
        $count.Passed | Should -Be 42
        $count.Failures | Should -BeNullOrEmpty
        $count.Skipped | Should -Be needs_a_tape_drive
    }

    It 'counts a failed test once, with what it said' {
        $count = Read-CargoTests @'
     Running tests/it/main.rs (target/release/deps/it-1)
test arrives ... FAILED
test is_sent ... ok

failures:

---- arrives stdout ----
assertion `left == right` failed: one is not two

failures:
    arrives

test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
'@.Split("`n")
        $count.Passed | Should -Be 1
        $count.Failures.Trim() | Should -Be "arrives`nassertion ``left == right`` failed: one is not two"
    }

    It 'takes a program that crashed for a failure, though it told no result' {
        $count = Read-CargoTests @'
     Running tests/it/main.rs (target/release/deps/it-1)
test fine ... ok
error: test failed, to rerun pass `--test it`
Caused by:
  process didn't exit successfully: `target/release/deps/it-1` (signal: 11, SIGSEGV: invalid memory reference)
     Running tests/kill/main.rs (target/release/deps/kill-1)
test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
'@.Split("`n")
        $count.Passed | Should -Be 3
        $count.Failures | Should -Be 'A test program ended without a result: `target/release/deps/it-1` (signal: 11, SIGSEGV: invalid memory reference)'
    }

    It 'takes every outcome of xunit but passed and skipped for a failure' {
        $trx = Join-Path $TestDrive tests.trx
        Set-Content -LiteralPath $trx @'
<TestRun xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010"><Results>
  <UnitTestResult testName="T.Fine" outcome="Passed" />
  <UnitTestResult testName="T.Left_out" outcome="NotExecuted" />
  <UnitTestResult testName="T.Fails" outcome="Failed"><Output><ErrorInfo><Message>Expected: 1</Message></ErrorInfo></Output></UnitTestResult>
  <UnitTestResult testName="T.Hangs" outcome="Timeout" />
</Results></TestRun>
'@
        $count = Read-Trx $trx
        $count.Passed | Should -Be 1
        $count.Skipped | Should -Be T.Left_out
        $count.Failures.Count | Should -Be 2
        $count.Failures | Should -Contain "T.Fails`nExpected: 1"
    }

    It 'counts a runner without a failure, as strictly as build.ps1 reads' {
        Set-StrictMode -Version 3.0
        $Root = $TestDrive
        Push-Location $TestDrive
        function Get-Log { Join-Path $TestDrive module-y.log }
        function Write-Step { $said.Add($args[1]) }
        $said = [Collections.Generic.List[string]]::new()
        $null = New-Item out/log -ItemType Directory
        Set-Content out/log/module-y.trx '<TestRun><UnitTestResult testName="T.Fine" outcome="Passed" /></TestRun>'
        try { (Read-Result module-y 0).Passed | Should -Be 1 }
        finally { Pop-Location }
        $said | Should -BeLike '1 passed, 0 failed, 0 skipped*'
    }

    It 'takes a runner that ended badly, or ran nothing, for a failure' -ForEach @(
        @{ code = 1; says = "*ended with exit code 1*error CS1002*" }
        @{ code = 0; says = '*ran no test*' }
    ) {
        $Root = $TestDrive
        Push-Location $TestDrive
        function Get-Log { Join-Path $TestDrive module-x.log }
        function Write-Step { }
        Set-Content (Get-Log) 'error CS1002: ; expected'
        try { (Read-Result module-x $code).Failures | Should -BeLike $says }
        finally { Pop-Location }
    }

    It 'runs each test of the module in one of its processes, and in one alone' {
        $filters = Get-ModuleTestFilters
        $names = Get-ChildItem -LiteralPath (Join-Path $Root tests module) -Recurse -Filter *Tests.cs | ForEach-Object { "MgPrint.PowerShell.Tests.$($_.Directory.Name).$($_.BaseName).A_test" }
        $counts = foreach ($name in $names) {
            # As dotnet test reads it: ~ and !~ are contains and does not contain, & goes before |.
            @($filters.Values | Where-Object {
                $condition = [regex]::Replace($_, 'FullyQualifiedName(!?)~([\w.]+)', { param($m) "(`$name -$($m.Groups[1].Length ? 'notlike' : 'like') '*$($m.Groups[2].Value)*')" })
                & ([scriptblock]::Create($condition.Replace('&', ' -and ').Replace('|', ' -or ')))
            }).Count
        }
        $names.Count | Should -BeGreaterThan 40
        $counts | Should -Not -Contain 0
        $counts | Where-Object { $_ -gt 1 } | Should -BeNullOrEmpty
    }

    It 'closes with one line, and counts skipped tests as failures where nobody reads their names' {
        $results = New-Result -Passed 2 -Skipped 'needs a tape drive'
        function Write-Title { }
        $env:CI, $before = 'true', $env:CI
        try {
            $lines = & { Complete-Tests $results } 6>&1
            $lines[-2], $lines[-1] | Should -Be "`n2 passed, 1 failed", $false
            $env:CI = $null
            $lines = & { Complete-Tests $results } 6>&1
            $lines[-2], $lines[-1] | Should -Be "`n2 passed, 0 failed", $true
        }
        finally { $env:CI = $before }
    }
}

Describe 'tools/help' {
    It 'refuses "<text>", of which a terminal would not show all' -ForEach @(
        @{ text = 'Get-Module *Cloud*'; what = 'EmphasisInline' }, @{ text = '1. first'; what = 'numbered list' }, @{ text = '<br>'; what = 'HtmlBlock' }
    ) {
        $topics = Join-Path $TestDrive $what
        Copy-Item -LiteralPath (Join-Path $Root docs en-US) $topics -Recurse
        Add-Content -LiteralPath (Join-Path $topics about_MgPrint.md) "`n## ONE MORE`n`n$text"
        $manifest = Join-Path $Root out modules Microsoft.Graph.Devices.CloudPrint Microsoft.Graph.Devices.CloudPrint.psd1
        $said = dotnet (Join-Path $Root out bin help mgprint-help.dll) $topics (Join-Path $Root module Surface) $manifest (Join-Path $TestDrive help) 2>&1
        $LASTEXITCODE | Should -Be 1
        "$said" | Should -BeLike "about_MgPrint.md: line *help has no form for a*$what*"
    }
}

Describe 'build.ps1' {
    It 'builds a library that names no folder of whoever built it' {
        $library = Get-ChildItem -Path (Join-Path $Root out modules Microsoft.Graph.Devices.CloudPrint) -Recurse -File |
            Where-Object Name -Match '^(lib)?mgprint\.(so|dylib|dll)$'
        @($library).Count | Should -Be 1
        $text = [Text.Encoding]::Latin1.GetString([IO.File]::ReadAllBytes($library.FullName))
        $text.Contains('mgprint') | Should -BeTrue
        foreach ($folder in $Root, $HOME) { $text.Contains([IO.Path]::TrimEndingDirectorySeparator($folder) + [IO.Path]::DirectorySeparatorChar) | Should -BeFalse }
    }

    It 'says in one line what it cannot do in a folder with a bracket in its path' {
        $folder = New-Item (Join-Path $TestDrive '[a] clone') -ItemType Directory
        foreach ($part in 'build.ps1', 'tools') { Copy-Item -LiteralPath (Join-Path $Root $part) $folder.FullName -Recurse }
        $said = & ($IsWindows ? 'pwsh' : (Join-Path $Root tools pwsh)) -NoProfile -File (Join-Path $folder build.ps1) demo 2>&1
        $LASTEXITCODE | Should -Be 1
        @($said).Count | Should -Be 1
        "$said" | Should -BeLike "build.ps1: PowerShell finds no module*a folder without '``[' and '``]'*"
    }
}

Describe 'tools/pwsh' -Skip:$IsWindows {
    BeforeAll {
        $pwsh = Join-Path $Root tools pwsh
        $programs = New-Item (Join-Path $TestDrive bin) -ItemType Directory
        function New-Program([string] $Name, [string] $Text) {
            Set-Content -LiteralPath (Join-Path $programs $Name) "#!/bin/sh`n$Text"
            chmod +x (Join-Path $programs $Name)
        }
    }

    BeforeEach { $path = $env:PATH }
    AfterEach { $env:PATH = $path }

    It 'gives exit codes and arguments on, from any folder and through links' {
        $link = New-Item (Join-Path $TestDrive 'a link') -ItemType SymbolicLink -Target $pwsh
        Push-Location $TestDrive
        Set-Content args.ps1 '"$PWD|$($args -join "|")"; exit 7'
        try { & $link.FullName -NoProfile -File args.ps1 'a b' "c'd" '[e]' '$f' | Should -Be "$TestDrive|a b|c'd|[e]|`$f" }
        finally { Pop-Location }
        $LASTEXITCODE | Should -Be 7
    }

    It 'takes the place of the shell, so that a signal ends PowerShell itself' {
        sh -c '"$0" -NoProfile -Command "kill -TERM \$PID; Start-Sleep 60"; exit $?' $pwsh
        $LASTEXITCODE | Should -Be 143
    }

    It 'takes <version> from the PATH: <taken>' -ForEach @(
        @{ version = '7.4.6'; taken = $true }, @{ version = '7.10.0-preview.1'; taken = $true }, @{ version = '8.0.0'; taken = $true }
        @{ version = '7.3.12'; taken = $false }, @{ version = '6.2.4'; taken = $false }
    ) {
        New-Program pwsh "[ `"`$1`" = -Version ] && echo 'PowerShell $version' || echo real `"`$@`""
        $env:PATH = "$programs`:$path"
        & $pwsh -NoProfile -Command "'ours'" | Should -Be $(if ($taken) { "real -NoProfile -Command 'ours'" } else { 'ours' })
    }

    It 'does not take itself for the pwsh on the PATH' {
        New-Program pwsh "exec '$($pwsh -replace "'", "'\\''")' `"`$@`""
        $env:PATH = "$programs`:$path"
        & $pwsh -NoProfile -Command "'ours'" | Should -Be ours
    }

    It 'says what to do <when>' -ForEach @(
        @{ when = 'without the .NET SDK'; dotnet = ''; says = "pwsh: there is no 'dotnet'*install the .NET 10 SDK*" }
        @{ when = 'where NuGet does not answer'; dotnet = 'echo "error NU1301: no route"; exit 1'; says = 'pwsh: NuGet did not bring PowerShell*run this again*NU1301*' }
    ) {
        Remove-Item (Join-Path $programs pwsh) -ErrorAction Ignore
        if ($dotnet) { New-Program dotnet $dotnet }
        foreach ($name in 'sh', 'sed', 'dirname', 'readlink') {
            $null = New-Item (Join-Path $programs $name) -ItemType SymbolicLink -Target (Get-Command $name -CommandType Application | Select-Object -First 1).Source -Force
        }
        $env:PATH = "$programs"
        $packages, $env:NUGET_PACKAGES = $env:NUGET_PACKAGES, "$TestDrive"
        try { & $pwsh -Command 1 2>&1 | Out-String | Should -BeLike $says }
        finally { $env:NUGET_PACKAGES = $packages }
        $LASTEXITCODE | Should -Be 70
    }
}
