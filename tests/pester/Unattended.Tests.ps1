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
Describe 'At a terminal' -Skip:(-not $IsLinux) {
    BeforeAll {
        function Start-Terminal([string] $Text) {
            $script = Join-Path $TestDrive job.ps1
            Set-Content -LiteralPath $script $Text
            $start = [Diagnostics.ProcessStartInfo] @{ FileName = 'script'; RedirectStandardInput = $true; RedirectStandardOutput = $true }
            # Ctrl+C throws away what was typed and not yet read, and so the answer to the question below, for which PowerShell
            # waits for ever: noflsh. A shell's background job is deaf to it, and hands that down: env.
            $command = 'stty noflsh; exec env --default-signal=INT "$TEST_PWSH" -NoProfile -File "$TEST_SCRIPT"'
            '-q', '-e', '-c', $command, '/dev/null' | ForEach-Object { $start.ArgumentList.Add($_) }
            $start.Environment['TEST_PWSH'] = Join-Path $PSScriptRoot .. .. tools pwsh
            $start.Environment['TEST_SCRIPT'] = $script
            $start.Environment['TEST_UPLOAD_URL'] = $session.UploadUrl
            $terminal = [Diagnostics.Process]::Start($start)
            $screen = Start-ThreadJob -ArgumentList $terminal {
                param($terminal)
                $buffer = [char[]]::new(4096)
                $rest = ''
                while (($count = $terminal.StandardOutput.Read($buffer, 0, $buffer.Length)) -gt 0) {
                    ($text = [string]::new($buffer, 0, $count))
                    # A terminal is asked where its cursor is, and waited for; a question may come in two pieces.
                    [regex]::Matches(($rest += $text), '\e\[6n') | ForEach-Object { $terminal.StandardInput.Write("`e[1;1R") }
                    $terminal.StandardInput.Flush()
                    $rest = $rest -match '\e(\[6?)?$' ? $Matches[0] : ''
                }
            }
            Add-Member -InputObject $terminal Screen $screen -PassThru
        }

        function Get-Screen([Diagnostics.Process] $Terminal) {
            -join ($Terminal.Screen | Receive-Job -Wait -AutoRemoveJob)
        }

        function Send-Key([Diagnostics.Process] $Terminal, [string] $Keys) {
            $Terminal.StandardInput.Write($Keys)
            $Terminal.StandardInput.Flush()
        }
    }

    BeforeEach {
        $ids = New-TestDocument
        $file = New-TestFile document.pdf
        $session = New-TestSession $ids $file
    }

    It 'Ctrl+C ends a command that waits for the service, runs what is to be cleaned up, and leaves a session to go on with' {
        Set-Fault @{ method = 'PUT' } @{ kind = 'stall' }
        $terminal = Start-Terminal @"
try { Send-MgPrintDocument -Path '$file' -UploadUrl `$env:TEST_UPLOAD_URL; 'WENT ON' }
finally { 'cleaned' | Set-Content '$TestDrive/cleaned.txt' }
"@
        # The fault is no longer planned once it has struck.
        while (@(Invoke-Emulator $Service GET faults | ForEach-Object { $_ }).Count) { Start-Sleep -Milliseconds 50 }
        Send-Key $terminal ([char] 3)
        $terminal.WaitForExit(60000) | Should -BeTrue
        Get-Screen $terminal | Should -Not -Match 'WENT ON|tempauthtoken='
        Get-Content (Join-Path $TestDrive cleaned.txt) | Should -Be cleaned

        ($session | Send-MgPrintDocument -Path $file).Confirmed | Should -BeTrue
        Assert-Arrived $ids $file
    }

    It '-Confirm asks, and what is answered with "<answer>" is <what>' -ForEach @(
        @{ answer = 'n'; what = 'not sent'; state = 'uploading' }
        @{ answer = 'y'; what = 'sent'; state = 'uploaded' }
    ) {
        $terminal = Start-Terminal "Send-MgPrintDocument -Path '$file' -UploadUrl `$env:TEST_UPLOAD_URL -Confirm; 'WENT ON'"
        Send-Key $terminal "$answer`n"
        $terminal.WaitForExit(60000) | Should -BeTrue
        $screen = Get-Screen $terminal
        $screen | Should -Match '(?s)document\.pdf.*\[Y\] Yes.*WENT ON'
        $screen | Should -Not -Match 'tempauthtoken='
        (Invoke-Emulator $Service GET "documents/$($ids.PrintDocumentId)").state | Should -Be $state
    }
}

Describe 'A session without the FileSystem provider, as of JEA' {
    It 'is told what to give in place of a path, and sends bytes' {
        $initial = [initialsessionstate]::CreateDefault2()
        $initial.Providers.Remove('FileSystem', [Management.Automation.Runspaces.SessionStateProviderEntry])
        $module = Get-Module Microsoft.Graph.Devices.CloudPrint -ListAvailable | Select-Object -First 1
        $initial.ImportPSModule((Join-Path $module.ModuleBase Microsoft.Graph.Devices.CloudPrint.dll))
        $shell = [powershell]::Create($initial)
        try {
            $ids = New-TestDocument
            $bytes = [byte[]] (1..100)
            $null = $shell.AddCommand('Send-MgPrintDocument').AddParameters($ids).AddParameter('Path', '/tmp/x.pdf').Invoke()
            "$($shell.Streams.Error)" | Should -Match 'FileSystem provider.*-Content or -InputStream'
            $shell.Commands.Clear()
            $null = $shell.AddCommand('Send-MgPrintDocument').AddParameters($ids).AddParameters(@{ Content = $bytes; DocumentName = 'x.pdf' }).Invoke()
            (Invoke-Emulator $Service GET "documents/$($ids.PrintDocumentId)").state | Should -Be uploaded
        }
        finally {
            $shell.Dispose()
        }
    }
}
