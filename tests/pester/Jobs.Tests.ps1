BeforeAll {
    . (Join-Path $PSScriptRoot Service.ps1)
    Connect-TestService
    Import-Module Microsoft.Graph.Devices.CloudPrint
}

AfterAll { Disconnect-TestService }

Describe 'Beside the prompt' {
    It 'sends in a <kind>' -ForEach @(
        @{ kind = 'job of its own process'; start = { param($block, $with) Start-Job $block -ArgumentList $with } }
        @{ kind = 'thread job'; start = { param($block, $with) Start-ThreadJob $block -ArgumentList $with } }
    ) {
        $ids = New-TestDocument
        $file = New-TestFile "$kind.pdf"
        $job = & $start { param($path, $ids) Send-MgPrintDocument -Path $path @ids } @($file.FullName, $ids)
        $sent = Receive-Job $job -Wait -AutoRemoveJob -ErrorAction Stop
        $sent.Confirmed | Should -BeTrue
        $sent | Out-String | Should -Match 'Confirmed'
        Assert-Arrived $ids $file
    }

    It 'sends from several runspaces at once with ForEach-Object -Parallel' {
        $documents = 1..6 | ForEach-Object { @{ Ids = New-TestDocument; File = New-TestFile "parallel $_.pdf" 200000 } }
        $sent = $documents | ForEach-Object -Parallel {
            $ids = $_.Ids
            Send-MgPrintDocument -Path $_.File.FullName @ids
        } -ThrottleLimit 3
        @($sent).Count | Should -Be 6
        foreach ($document in $documents) { Assert-Arrived $document.Ids $document.File }
    }

    It 'passes a session into a job and its result out again' {
        $ids = New-TestDocument
        $file = New-TestFile handed.pdf
        $session = New-TestSession $ids $file
        (Start-Job { $input | Send-MgPrintDocument -Path $using:file.FullName } -InputObject $session | Receive-Job -Wait -AutoRemoveJob -ErrorAction Stop).Confirmed | Should -BeTrue
        Assert-Arrived $ids $file
    }

    It 'stops a thread job that waits for the service' {
        $ids = New-TestDocument
        Set-Fault @{ method = 'PUT' } @{ kind = 'stall' }
        $file = New-TestFile stopped.pdf
        $job = Start-ThreadJob { param($path, $ids) Send-MgPrintDocument -Path $path @ids } -ArgumentList $file.FullName, $ids
        while (-not (Invoke-Emulator $Service GET "documents/$($ids.PrintDocumentId)").state -or (Invoke-Emulator $Service GET faults).Count) { Start-Sleep -Milliseconds 20 }
        Stop-Job $job
        $job.State | Should -Be Stopped
        Remove-Job $job
        Send-MgPrintDocument -Path $file.FullName @ids | ForEach-Object Confirmed | Should -BeTrue
    }
}
