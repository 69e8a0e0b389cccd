BeforeAll {
    . (Join-Path $PSScriptRoot Service.ps1)
    Connect-TestService
    $ids = New-TestDocument
    $env:TEST_IDS = $ids | ConvertTo-Json
    $refused = 'New-MgPrintUploadSession -PrinterId refused -PrintJobId j -PrintDocumentId d'
}

AfterAll { Disconnect-TestService }

Describe 'A script that nobody watches' {
    It 'ends -Command "<command>" with <code>' -ForEach @(
        @{ code = 0; command = '$ids = $env:TEST_IDS | ConvertFrom-Json -AsHashtable; $null = New-MgPrintUploadSession @ids -Properties @{ documentName = "a.pdf"; contentType = "application/pdf"; size = 5 }' }
        @{ code = 1; command = '$null = New-MgPrintUploadSession -PrinterId p -PrintJobId j -PrintDocumentId d -ErrorAction Stop -Headers @{ Host = "x" }' }
        @{ code = 1; command = 'New-MgPrintUploadSession -PrinterId refused -PrintJobId j -PrintDocumentId d' }
        @{ code = 1; command = 'New-MgPrintUploadSession -PrinterId refused -PrintJobId j -PrintDocumentId d -ErrorAction Stop; "went on"' }
        @{ code = 0; command = 'New-MgPrintUploadSession -PrinterId refused -PrintJobId j -PrintDocumentId d; "went on"' }
        @{ code = 7; command = 'try { New-MgPrintUploadSession -PrinterId refused -PrintJobId j -PrintDocumentId d -ErrorAction Stop } catch { exit 7 }' }
    ) {
        $ended = Start-Pwsh '-Command', $command
        $ended.ExitCode | Should -Be $code
        $ended.Output -match 'went on' | Should -Be ($command -match 'went on' -and $code -eq 0)
    }

    It 'ends -File with <code> where errors <what>' -ForEach @(
        @{ code = 0; what = 'are written'; preamble = '' }
        @{ code = 1; what = 'stop'; preamble = "Set-StrictMode -Version Latest; `$ErrorActionPreference = 'Stop'" }
    ) {
        $script = Join-Path $TestDrive 'nightly job.ps1'
        Set-Content -LiteralPath $script $preamble, $refused, '"went on"'
        $ended = Start-Pwsh '-File', $script
        $ended.ExitCode | Should -Be $code
        $ended.Output -match 'went on' | Should -Be ($code -eq 0)
        $ended.Errors | Should -Match "'refused' was not found"
        $ended.Output + $ended.Errors | Should -Not -Match ([regex]::Escape($Service.token))
    }

    It 'is asked nothing: "<_>" is an error' -ForEach @(
        'New-MgPrintUploadSession -PrinterId p'
        'New-MgPrintUploadSession -PrinterId p -PrintJobId j -PrintDocumentId d -Confirm'
        'New-MgPrintUploadSession -PrinterId p -PrintJobId j -PrintDocumentId d -ProxyCredential somebody'
        '$ConfirmPreference = "Low"; New-MgPrintUploadSession -PrinterId p -PrintJobId j -PrintDocumentId d'
        'Send-MgPrintDocument'
    ) {
        $before = @((Invoke-Emulator $Service GET journal).entries).Count
        $ended = Start-Pwsh '-Command', $_
        $ended.ExitCode | Should -Be 1
        $ended.Errors | Should -Not -BeNullOrEmpty
        @((Invoke-Emulator $Service GET journal).entries).Count | Should -Be $before
    }
}

# util-linux' script gives a program a terminal of its own, on which what it reads is typed.
Describe 'Ctrl+C at a terminal' -Skip:(-not $IsLinux) {
    It 'ends a command that waits for the service, runs what is to be cleaned up, and leaves a session to go on with' {
        $ids = New-TestDocument
        $file = New-TestFile interrupted.pdf
        $session = New-TestSession $ids $file
        Set-Fault @{ method = 'PUT' } @{ kind = 'stall' }
        $job = Join-Path $TestDrive job.ps1
        Set-Content -LiteralPath $job @"
try { Send-MgPrintDocument -Path '$file' -UploadUrl `$env:TEST_UPLOAD_URL; 'WENT ON' }
finally { 'cleaned' | Set-Content '$TestDrive/cleaned.txt' }
"@
        $start = [Diagnostics.ProcessStartInfo] @{ FileName = 'script'; RedirectStandardInput = $true; RedirectStandardOutput = $true }
        '-q', '-e', '-c', '"$TEST_PWSH" -NoProfile -File "$TEST_JOB"', '/dev/null' | ForEach-Object { $start.ArgumentList.Add($_) }
        $start.Environment['TEST_UPLOAD_URL'] = $session.UploadUrl
        $start.Environment['TEST_PWSH'] = Join-Path $PSScriptRoot .. .. tools pwsh
        $start.Environment['TEST_JOB'] = $job
        $terminal = [Diagnostics.Process]::Start($start)
        $screen = $terminal.StandardOutput.ReadToEndAsync()
        # The fault is no longer planned once it has struck.
        while (@(Invoke-Emulator $Service GET faults | ForEach-Object { $_ }).Count) { Start-Sleep -Milliseconds 50 }
        $terminal.StandardInput.Write([char] 3)
        $terminal.StandardInput.Flush()
        $terminal.WaitForExit(60000) | Should -BeTrue
        $screen.Result | Should -Not -Match 'WENT ON|tempauthtoken='
        Get-Content (Join-Path $TestDrive cleaned.txt) | Should -Be cleaned

        ($session | Send-MgPrintDocument -Path $file).Confirmed | Should -BeTrue
        Assert-Arrived $ids $file
    }
}
