BeforeAll {
    . (Join-Path $PSScriptRoot Service.ps1)
    Connect-TestService
    Import-Module Microsoft.Graph.Devices.CloudPrint
    # A printer with a job is the way to a share.
    $document = Invoke-Emulator $Service POST documents
    $share = $document.printerShareId
    function Get-TestJobs([string] $Names) { (Invoke-Emulator $Service GET jobs) | Where-Object { $_.document.documentName -like $Names } }
    function Get-TestJob([string] $Name) { (Invoke-Emulator $Service GET jobs) | Where-Object { $_.document.documentName -eq $Name } }
    # Those that wait for a document: what a job that nobody knows any more would be.
    function Get-WaitingJob { (Invoke-Emulator $Service GET jobs) | Where-Object { $_.state -eq 'paused' -and -not $_.starts } | ForEach-Object printJobId }
    function Set-Setting([hashtable] $Settings) {
        $null = Invoke-RestMethod "$($Service.endpoint)/_emulator/settings" -Method Patch -Body ($Settings | ConvertTo-Json) -NoProxy
    }
}

AfterAll { Disconnect-TestService }

Describe 'Out-MgPrinter' {
    It 'prints a folder in one line, and waits for the printer' {
        $folder = New-Item (Join-Path $TestDrive invoices) -ItemType Directory
        1..3 | ForEach-Object { Move-Item -LiteralPath (New-TestFile "invoice [$_].pdf").FullName $folder }
        $printed = Get-ChildItem -LiteralPath $folder -Filter *.pdf |
            Out-MgPrinter -Share "Printer $share" -Copies 2 -DuplexMode flipOnLongEdge -PageRange 1-3, 7 -Wait
        @($printed).Count | Should -Be 3
        $printed.State | Select-Object -Unique | Should -Be completed
        foreach ($file in Get-ChildItem -LiteralPath $folder) {
            $job = Get-TestJob $file.Name
            $job.starts | Should -Be 1
            $job.document.sha256 | Should -Be (Get-FileHash -LiteralPath $file.FullName).Hash
            $job.configuration.copies | Should -Be 2
            $job.configuration.duplexMode | Should -Be flipOnLongEdge
            $job.configuration.pageRanges[1].start, $job.configuration.pageRanges[1].end | Should -Be 7, 7
        }
        (Invoke-Emulator $Service GET journal).violations | Should -BeNullOrEmpty
    }

    It 'prints every file that a wildcard matches' {
        $null = New-TestFile wild-1.pdf
        $null = New-TestFile wild-2.pdf
        (Out-MgPrinter (Join-Path $TestDrive wild-*.pdf) $share | Sort-Object Name).Name | Should -Be wild-1.pdf, wild-2.pdf
    }

    It 'gives each file that cannot be printed an error of its own, and prints the others' {
        $folder = (New-Item (Join-Path $TestDrive mixed) -ItemType Directory).FullName
        'mixed-a.pdf', 'mixed-b.docx', 'mixed-c.pdf' | ForEach-Object { Set-Content (Join-Path $folder $_) $_ }
        Set-Content (Join-Path $folder empty.pdf) '' -NoNewline
        $quiet = @{ Share = $share; ErrorAction = 'SilentlyContinue'; ErrorVariable = 'failed' }
        (Out-MgPrinter "$folder/mixed-*" @quiet).Name | Sort-Object | Should -Be mixed-a.pdf, mixed-c.pdf
        "$failed" | Should -BeLike "'mixed-b.docx' was not sent. The extension*"
        $failed.TargetObject.Path | Should -Be "$folder/mixed-b.docx"
        (Out-MgPrinter "$folder/none*.pdf", "$folder/mixed-a.pdf", "$folder/mixed-b.docx" @quiet).Name | Should -Be mixed-a.pdf
        $failed.TargetObject.Path | Should -Be "$folder/none*.pdf", "$folder/mixed-b.docx"
        Out-MgPrinter "$folder/empty.pdf", "$folder/mixed-b.docx", "$folder/mixed-c.pdf" -WhatIf @quiet
        $failed.TargetObject.Path | Should -Be "$folder/empty.pdf", "$folder/mixed-b.docx"
        Out-MgPrinter "$folder/mixed-a.pdf", "$folder/mixed-c.pdf" -Copies none @quiet | Should -BeNullOrEmpty
        @($failed).Count, $failed.TargetObject.Path | Should -Be 1, $null
    }

    It 'does not take what a file holds for its path' {
        $file = New-TestFile held.pdf 8
        { Get-Content -LiteralPath $file -AsByteStream | Out-MgPrinter -Share $share } | Should -Throw '*give its bytes to -Content*'
        { Get-Content -LiteralPath $file -ReadCount 0 | Out-MgPrinter -Share $share } | Should -Throw '*pipe the lines one by one*'
        { Get-Content -LiteralPath $file -AsByteStream -Raw | Out-MgPrinter -Share $share } | Should -Throw '*give its bytes to -Content*'
        Get-TestJob held.pdf | Should -BeNullOrEmpty
        { Out-MgPrinter $file -Share $share -Wait -NoStart } | Should -Throw '*Give one of the two*'
    }

    It 'names each job that was started when the command is stopped, whatever it waited for' {
        Set-Setting @{ jobLife = 'stuck' }
        try {
            $files = 1..2 | ForEach-Object { (New-TestFile "goes-on-$_.pdf").FullName }
            # For the printer, and for another document.
            foreach ($seconds in 0, 600) {
                $stopped = Start-ThreadJob -StreamingHost $Host -ArgumentList $files, $share, $seconds {
                    param($files, $share, $seconds)
                    & { $files; Start-Sleep $seconds } | Out-MgPrinter -Share $share -Wait:(-not $seconds)
                }
                do { $jobs = @(Get-TestJobs goes-on-*.pdf | Where-Object { $_.starts -and $_.printJobId -notin $before }) } until ($jobs.Count -eq 2)
                $before += $jobs.printJobId
                Stop-Job $stopped
                foreach ($job in $jobs) {
                    # One whose start was not answered yet is canceled.
                    $patience = [Diagnostics.Stopwatch]::StartNew()
                    do {
                        $named = "$($stopped.Warning)" -like "*$($job.printJobId) was started and goes on*"
                        $now = Get-TestJobs goes-on-*.pdf | Where-Object printJobId -EQ $job.printJobId
                    } until ($named -or $now.state -eq 'canceled' -or $patience.Elapsed.TotalSeconds -gt 20)
                    $named -or $now.state -eq 'canceled' | Should -BeTrue
                }
                Remove-Job $stopped
            }
        }
        finally { Set-Setting @{ jobLife = 'printed' } }
    }

    It 'names what was started before an error that ends all, for a script to hear' {
        Set-Setting @{ jobLife = 'stuck' }
        try {
            $file = New-TestFile heard.pdf
            $other = New-TestFile ends-all.docx
            {
                & {
                    $file
                    do { $job = Get-TestJob heard.pdf } until ($job.starts)
                    $other
                } | Out-MgPrinter -Share $share -Wait -ErrorAction Stop -WarningVariable script:heard -WarningAction Continue 3> $null
            } | Should -Throw "*'ends-all.docx' stands for no content type*"
            "$heard" | Should -BeLike "*'heard.pdf': Print job $((Get-TestJob heard.pdf).printJobId) was started and goes on*"
        }
        finally { Set-Setting @{ jobLife = 'printed' } }
    }

    It 'refuses a row that is to be kept, and says what a row without a path has' {
        $file = New-TestFile kept.pdf
        $quiet = @{ Share = $share; ErrorAction = 'SilentlyContinue'; ErrorVariable = 'failed' }
        [pscustomobject] @{ Path = $file.FullName; NoStart = 'true' } | Out-MgPrinter @quiet | Should -BeNullOrEmpty
        "$failed" | Should -BeLike '*give -NoStart to the command*'
        [pscustomobject] @{ File = $file.FullName; Copies = 2 }, [pscustomobject] @{ Path = ''; Copies = 2 } | Out-MgPrinter @quiet
        $failed[0], $failed[1] | Should -BeLike 'There is no document to print in what is piped, which has *, Copies.*'
        Get-TestJob kept.pdf | Should -BeNullOrEmpty
    }

    It 'leads on to the cmdlets of the job' {
        $printed = Out-MgPrinter (New-TestFile leads.pdf) -PrinterShareId $share -NoStart
        $printed.State | Should -Be paused
        ($printed | Get-MgPrintShareJob).Id | Should -Be $printed.PrintJobId
        ($printed | Start-MgPrintShareJob).State | Should -Be processing
        $printed | Stop-MgPrintShareJob
        (Get-TestJob leads.pdf).state | Should -Be canceled
    }

    It 'prints rows of a CSV file, bytes and streams' {
        $csv = Join-Path $TestDrive rows.csv
        [pscustomobject] @{ Path = (New-TestFile row.pdf).FullName; Share = $share; Copies = 3 } | Export-Csv -LiteralPath $csv
        (Import-Csv -LiteralPath $csv | Out-MgPrinter).Name | Should -Be row.pdf
        [pscustomobject] @{ Path = (New-TestFile blank.pdf).FullName; Share = $share; Copies = ''; PageRange = ''; MediaSize = '' } | Export-Csv -LiteralPath $csv
        (Import-Csv -LiteralPath $csv | Out-MgPrinter).Name | Should -Be blank.pdf
        (Get-TestJob blank.pdf).configuration | Should -BeNullOrEmpty
        [pscustomobject] @{ Path = (New-TestFile word.pdf).FullName; Share = $share; Copies = '2x' } | Export-Csv -LiteralPath $csv
        Import-Csv -LiteralPath $csv | Out-MgPrinter -ErrorAction SilentlyContinue -ErrorVariable failed | Should -BeNullOrEmpty
        "$failed" | Should -BeLike "*-Copies '2x' cannot be printed*"
        (Get-TestJob row.pdf).configuration.copies | Should -Be 3
        $bytes = [byte[]] (1..100)
        (Out-MgPrinter -Content $bytes -DocumentName bytes.pdf -Share $share).Bytes | Should -Be 100
        (Out-MgPrinter -InputStream ([IO.MemoryStream]::new($bytes)) -DocumentName stream.pdf -Share $share).Bytes | Should -Be 100
    }

    It 'takes paths as text, from a list or by name, and a share as an object' {
        $folder = (New-Item (Join-Path $TestDrive named) -ItemType Directory).FullName
        1..3 | ForEach-Object { Move-Item -LiteralPath (New-TestFile "named-$_.pdf") $folder }
        (Get-ChildItem $folder -Name | Out-MgPrinter -Share $share).Name | Sort-Object | Should -Be named-1.pdf, named-2.pdf, named-3.pdf
        $list = Join-Path $folder list.txt
        Set-Content -LiteralPath $list "$folder/named-1.pdf", '', ' ', "$folder/named-[23].pdf", ''
        (Get-Content -LiteralPath $list | Out-MgPrinter -Share $share).Name | Sort-Object | Should -Be named-1.pdf, named-2.pdf, named-3.pdf
        "$folder/missing.pdf" | Out-MgPrinter -Share $share -ErrorAction SilentlyContinue -ErrorVariable failed | Should -BeNullOrEmpty
        $failed.TargetObject.Path | Should -Be (Join-Path $folder missing.pdf)

        $object = Get-MgPrintShare | Where-Object DisplayName -EQ "Printer $share"
        (Get-MgPrintShare -PrinterShareId $object)[0].Id, (Get-MgPrintShare -PrinterShareId $share)[-1].Id | Should -Be $share, $share
        (Out-MgPrinter "$folder/named-1.pdf" -Share $object).PrinterShareId | Should -Be $share
        ($object | Out-MgPrinter -Path "$folder/named-1.pdf").PrinterShareId | Should -Be $share
        (Out-MgPrinter -InputObject ([IO.FileInfo] "$folder/named-1.pdf") -Share $object).Name | Should -Be named-1.pdf
        $object | Out-MgPrinter -ErrorAction SilentlyContinue -ErrorVariable failed | Should -BeNullOrEmpty
        "$failed" | Should -BeLike '*no document to print*'
    }

    It 'refuses what is given in two ways' {
        $file = (New-TestFile twice.pdf).FullName
        $object = Get-MgPrintShare | Where-Object DisplayName -EQ "Printer $share"
        $object | Out-MgPrinter $file -Share Other -ErrorAction SilentlyContinue -ErrorVariable failed | Should -BeNullOrEmpty
        $failed.FullyQualifiedErrorId | Should -BeLike 'AmbiguousTarget,*'
        'other.pdf' | Out-MgPrinter -Path $file -Share $share -ErrorAction SilentlyContinue -ErrorVariable failed | Should -BeNullOrEmpty
        $failed.FullyQualifiedErrorId | Should -BeLike 'AmbiguousInput,*'
        Get-TestJob twice.pdf | Should -BeNullOrEmpty
    }

    It 'takes a line of a list for a path, whatever the list is called' {
        $folder = (New-Item (Join-Path $TestDrive lines) -ItemType Directory).FullName
        Move-Item -LiteralPath (New-TestFile list.pdf).FullName $folder
        Set-Content -LiteralPath (Join-Path $TestDrive list.pdf) list.pdf
        Push-Location $folder
        try { (Get-Content ../list.pdf | Out-MgPrinter -Share $share).Path | Should -Be (Join-Path $folder list.pdf) }
        finally { Pop-Location }
    }

    It 'names a wrong share for each document, and asks for it once' {
        $files = 1..20 | ForEach-Object { New-TestFile "astray-$_.pdf" }
        $before = @((Invoke-Emulator $Service GET journal).entries).Count
        $files | Out-MgPrinter -Share Nope -ThrottleLimit 1 -ErrorAction SilentlyContinue -ErrorVariable failed | Should -BeNullOrEmpty
        @($failed).Count | Should -Be 20
        $failed.TargetObject.DocumentName | Should -Be $files.Name
        @((Invoke-Emulator $Service GET journal).entries).Count - $before | Should -Be 1
    }

    It 'keeps the headers of the last response' {
        $null = Out-MgPrinter (New-TestFile headers.pdf) -Share $share -ResponseHeadersVariable answered
        $answered['request-id'] | Should -Not -BeNullOrEmpty
    }

    It 'names the header, the time-out or the column that is wrong' {
        $file = New-TestFile wrong.pdf
        Out-MgPrinter $file -Share $share -Headers @{ 'X-A' = "a`r`nb" } -ErrorAction SilentlyContinue -ErrorVariable failed
        $failed.FullyQualifiedErrorId | Should -BeLike 'InvalidHeader,*'
        "$failed" | Should -BeLike '*X-A*'
        try { $env:MGPRINT_TIMEOUT_SEC = 'abc'; Out-MgPrinter $file -Share $share -ErrorAction SilentlyContinue -ErrorVariable failed }
        finally { $env:MGPRINT_TIMEOUT_SEC = $null }
        $failed.FullyQualifiedErrorId | Should -BeLike 'InvalidTimeout,*'
        "Path;Share`n$file;$share" | ConvertFrom-Csv | Out-MgPrinter -ErrorAction SilentlyContinue -ErrorVariable failed
        "$failed" | Should -BeLike "*one column, 'Path;Share'*-Delimiter*"
        Get-TestJob wrong.pdf | Should -BeNullOrEmpty
    }

    It 'does not print again what may be printed' {
        $file = New-TestFile perhaps.pdf
        Set-Fault @{ method = 'POST'; pathContains = '/start' } @{ kind = 'loseAnswer' }
        Set-Fault @{ method = 'GET'; pathContains = '/jobs/'; times = $null } @{ kind = 'status'; status = 500 }
        try { Out-MgPrinter $file -Share $share -MaxRetry 0 -ErrorAction SilentlyContinue -ErrorVariable failed | Should -BeNullOrEmpty }
        finally { $null = Invoke-Emulator $Service DELETE faults }
        $failed.FullyQualifiedErrorId | Should -BeLike 'StartUnconfirmed,*'
        (Get-TestJob perhaps.pdf).starts | Should -Be 1
        $failed.TargetObject | Out-MgPrinter -ErrorAction SilentlyContinue -ErrorVariable again | Should -BeNullOrEmpty
        $again.FullyQualifiedErrorId | Should -BeLike 'MayBePrinted,*'
        # Nor after it went through a file, or another process.
        $failed.TargetObject | Export-Clixml -LiteralPath (Join-Path $TestDrive failed.xml)
        foreach ($copy in (Import-Clixml -LiteralPath (Join-Path $TestDrive failed.xml)), ($failed.TargetObject | ConvertTo-Csv | ConvertFrom-Csv)) {
            $copy | Out-MgPrinter -ErrorAction SilentlyContinue -ErrorVariable again | Should -BeNullOrEmpty
            $again.FullyQualifiedErrorId | Should -BeLike 'MayBePrinted,*'
        }
        @(Get-TestJob perhaps.pdf).Count | Should -Be 1
    }

    It 'refuses a document that is piped where the command line names one, and a hashtable that it would read by half' {
        $file = New-TestFile twofold.pdf
        foreach ($piped in $file, [pscustomobject] @{ Path = $file.FullName }) {
            $piped | Out-MgPrinter $file.FullName $share -ErrorAction SilentlyContinue -ErrorVariable failed | Should -BeNullOrEmpty
            $failed.FullyQualifiedErrorId | Should -BeLike 'AmbiguousInput,*'
        }
        @{ Path = $file.FullName; Copies = 3 } | Out-MgPrinter -Share $share -ErrorAction SilentlyContinue -ErrorVariable failed | Should -BeNullOrEmpty
        "$failed" | Should -BeLike '*pscustomobject*'
        Get-TestJob twofold.pdf | Should -BeNullOrEmpty
    }

    It 'prints a file whose name looks like JSON' {
        $file = New-TestFile '{draft}.pdf'
        Push-Location $file.DirectoryName
        try { ($file.Name | Out-MgPrinter -Share $share).Name | Should -Be '{draft}.pdf' } finally { Pop-Location }
    }

    It 'prints the rows after one whose share does not exist' {
        $rows = 1..6 | ForEach-Object {
            [pscustomobject] @{ Path = (New-TestFile "rows-$_.pdf").FullName; Share = $_ -eq 2 ? 'Printer X' : $share }
        }
        $rows | Export-Csv -LiteralPath (Join-Path $TestDrive misspelt.csv)
        $printed = Import-Csv -LiteralPath (Join-Path $TestDrive misspelt.csv) |
            Out-MgPrinter -ErrorAction SilentlyContinue -ErrorVariable failed
        ($printed.Name | Sort-Object) | Should -Be rows-1.pdf, rows-3.pdf, rows-4.pdf, rows-5.pdf, rows-6.pdf
        $failed.FullyQualifiedErrorId | Should -Be 'ShareNotFound,MgPrint.PowerShell.Cmdlets.OutMgPrinter'
    }

    It 'prints with the same settings what is tried again after it was not found' {
        $row = [pscustomobject] @{ Path = Join-Path $TestDrive late-*.pdf; Share = $share; Copies = 3; DuplexMode = 'flipOnLongEdge' }
        $row | Out-MgPrinter -ErrorAction SilentlyContinue -ErrorVariable failed | Should -BeNullOrEmpty
        $null = New-TestFile late-1.pdf
        ($failed.TargetObject | Out-MgPrinter).Name | Should -Be late-1.pdf
        $configuration = (Get-TestJob late-1.pdf).configuration
        $configuration.copies, $configuration.duplexMode | Should -Be 3, flipOnLongEdge
    }

    It 'prints nothing twice with a record, unless it is forced or has changed' {
        $file = New-TestFile record.pdf
        $print = @{ LiteralPath = $file.FullName; Share = $share; ResumeDirectory = Join-Path $TestDrive records }
        (Out-MgPrinter @print).Skipped | Should -BeFalse
        (Out-MgPrinter @print).Skipped | Should -BeTrue
        @(Get-TestJob record.pdf).Count | Should -Be 1
        (Out-MgPrinter @print -Force).Skipped | Should -BeFalse
        $null = New-TestFile record.pdf
        (Out-MgPrinter @print).Skipped | Should -BeFalse
        @(Get-TestJob record.pdf).Count | Should -Be 3
    }

    It 'goes on after its process was killed, with one job for each document' {
        $folder = New-Item (Join-Path $TestDrive killed) -ItemType Directory
        1..8 | ForEach-Object { Move-Item -LiteralPath (New-TestFile "killed-$_.pdf" 2000000).FullName $folder }
        $command = "Get-ChildItem '$folder' | Out-MgPrinter -Share '$share' -ResumeDirectory '$folder.records'"
        $pwsh = if ($IsWindows) { 'pwsh' } else { Join-Path $PSScriptRoot .. .. tools pwsh }
        $waiting = Get-WaitingJob
        foreach ($started in 1, 3, 5) {
            $process = Start-Process $pwsh '-NoProfile', '-Command', """$command""" -PassThru -RedirectStandardOutput (Join-Path $TestDrive killed-$started.txt)
            $deadline = [DateTime]::UtcNow.AddSeconds(60)
            while (@(Get-TestJobs killed-*).Count -lt $started -and -not $process.HasExited -and [DateTime]::UtcNow -lt $deadline) {
                Start-Sleep -Milliseconds 2
            }
            $process.Kill($true)
            $process.WaitForExit()
        }
        $done = Invoke-Expression "$command -WarningVariable warned -WarningAction SilentlyContinue"
        @($done).Count | Should -Be 8
        $jobs = Get-TestJobs killed-*
        @($jobs).Count | Should -Be 8
        $jobs.starts | Should -Be (, 1 * 8)
        # A kill between a request and its response may leave a job without a document, which is named.
        $said = (@(Get-Content (Join-Path $TestDrive killed-*.txt) -Raw) + $warned) -join ' ' -replace '\s+', ' '
        Get-WaitingJob | Where-Object { $_ -notin $waiting } | ForEach-Object { $said | Should -BeLike "*$_ may be left over*" }
    }

    It 'names a job that may be left over, with the line that cancels it' {
        # What the killed ones left in these seconds would be named too.
        Get-WaitingJob | ForEach-Object { Stop-MgPrintShareJob -PrinterShareId $Service.printerShareId -PrintJobId $_ -ErrorAction Ignore }
        Set-Fault @{ method = 'POST'; pathContains = '/jobs' } @{ kind = 'loseAnswer' }
        $before = Get-WaitingJob
        (Out-MgPrinter (New-TestFile lost.pdf) $share -WarningVariable warned -WarningAction SilentlyContinue).Name | Should -Be lost.pdf
        $left = Get-WaitingJob | Where-Object { $_ -notin $before }
        "$warned" -match '(Stop-MgPrintShareJob .*)$' | Should -BeTrue
        $Matches[1] | Should -BeLike "*-PrintJobId $left"
        Invoke-Expression $Matches[1]
        Get-WaitingJob | Should -Not -Contain $left
    }

    It 'refuses what cannot be printed before a job is made: <id>' -ForEach @(
        @{ with = @{ Copies = 1000 }; id = 'NotSupported'; says = '*1 to 99*' }
        @{ with = @{ Share = 'Printer X' }; id = 'ShareNotFound'; says = '*The service shows this account*' }
        @{ with = @{ Share = '' }; id = 'TargetMissing'; says = '*Get-MgPrintShare*' }
        @{ with = @{ PrinterId = 'p' }; id = 'AmbiguousTarget'; says = '*Give one of*' }
        @{ with = @{ PageRange = '3-1' }; id = 'InvalidArgument'; says = '*1-3,7*' }
    ) {
        $before = @(Invoke-Emulator $Service GET jobs).Count
        $all = @{ Path = (New-TestFile refused.pdf).FullName; Share = $share }
        foreach ($name in $with.Keys) { $all[$name] = $with[$name] }
        $failure = { Out-MgPrinter @all -ErrorAction Stop } | Should -Throw -PassThru
        $failure.FullyQualifiedErrorId | Should -BeLike "$id,*"
        "$failure" | Should -BeLike $says
        @(Invoke-Emulator $Service GET jobs).Count | Should -Be $before
    }

    It 'reports an aborted job as an error whose target prints it again' {
        Set-Setting @{ jobLife = 'aborted' }
        try { $null = Out-MgPrinter (New-TestFile again.pdf) $share -Copies 2 -PageRange 2-3 -Wait -ErrorAction SilentlyContinue -ErrorVariable failed }
        finally { Set-Setting @{ jobLife = 'printed' } }
        $failed[0].FullyQualifiedErrorId | Should -BeLike 'PrintJobEnded,*'
        $failed[0].TargetObject.PrintJobId | Should -BeIn (Get-TestJob again.pdf).printJobId
        ($failed.TargetObject | Out-MgPrinter -Wait).State | Should -Be completed
        (Get-TestJob again.pdf).configuration.copies | Should -Be 2, 2
        (Get-TestJob again.pdf).configuration.pageRanges.end | Should -Be 3, 3
    }

    It 'takes what is typed before a row, a row before a default, and its own results' {
        $file = (New-TestFile where.pdf).FullName
        $PSDefaultParameterValues = @{ 'Out-MgPrinter:Share' = 'Nowhere'; '*-MgPrint*:PrinterId' = 'nobody' }
        $row = [pscustomobject] @{ Path = $file; PrinterShareId = $Service.printerShareId }
        $printed = $row | Out-MgPrinter
        $printed.PrinterShareId | Should -Be $Service.printerShareId
        (Out-MgPrinter $file -PrinterShareId $Service.printerShareId).Name | Should -Be where.pdf
        (Out-MgPrinter $file -Share $share | Out-MgPrinter).Name | Should -Be where.pdf
        { $row | Out-MgPrinter -Share Elsewhere -ErrorAction Stop } | Should -Throw "*'Elsewhere'*"
    }

    It 'takes what a row says before a default of the same name' {
        $file = (New-TestFile same-name.pdf).FullName
        $PSDefaultParameterValues = @{ 'Out-MgPrinter:Share' = 'Nowhere'; 'Out-MgPrinter:Copies' = 1 }
        $null = [pscustomobject] @{ Path = $file; Share = $share; Copies = 3 } | Out-MgPrinter -ErrorAction Stop
        (Get-TestJob same-name.pdf).configuration.copies | Should -Be 3
        # A row that goes elsewhere has nothing to do with a share that another did not find.
        $rows = [pscustomobject] @{ Path = $file }, [pscustomobject] @{ Path = $file; PrinterShareId = $Service.printerShareId }
        $printed = $rows | Out-MgPrinter -ThrottleLimit 1 -ErrorAction SilentlyContinue -ErrorVariable failed
        @($failed).FullyQualifiedErrorId | Should -BeLike 'ShareNotFound,*'
        $printed.PrinterShareId | Should -Be $Service.printerShareId
    }

    It 'prints with the settings of a row, whatever kind of object they are' {
        $file = (New-TestFile settings.pdf).FullName
        $json = @{ Path = $file; Share = $share; Configuration = @{ copies = 3; duplexMode = 'flipOnLongEdge' } } | ConvertTo-Json
        $null = $json | ConvertFrom-Json | Out-MgPrinter -ErrorAction Stop
        $job = Get-TestJob settings.pdf
        $job.configuration.copies, $job.configuration.duplexMode | Should -Be 3, 'flipOnLongEdge'
        $before = @(Invoke-Emulator $Service GET jobs).Count
        { [pscustomobject] @{ Path = $file; Share = $share; Configuration = 'System.Collections.Hashtable' } | Out-MgPrinter -ErrorAction Stop } |
            Should -Throw '*Configuration*'
        # What was refused for its settings is not printed without them.
        $row = [pscustomobject] @{ Path = $file; Share = $share; Copies = 'two'; DuplexMode = 'flipOnLongEdge' }
        $row | Out-MgPrinter -ErrorAction SilentlyContinue -ErrorVariable failed
        $failed.TargetObject.Configuration.duplexMode | Should -Be flipOnLongEdge
        { $failed.TargetObject | Out-MgPrinter -ErrorAction Stop } | Should -Throw
        { Out-MgPrinter $file $share -PageRange 3-1 -ErrorAction Stop } | Should -Throw
        { $Error[0].TargetObject | Out-MgPrinter -ErrorAction Stop } | Should -Throw
        @(Invoke-Emulator $Service GET jobs).Count | Should -Be $before
    }

    It 'prints nothing under -WhatIf, but looks whether there is something to print' {
        $before = @(Invoke-Emulator $Service GET jobs).Count
        Out-MgPrinter (New-TestFile whatif.pdf) $share -WhatIf | Should -BeNullOrEmpty
        { Out-MgPrinter (Join-Path $TestDrive missing.pdf) $share -WhatIf -ErrorAction Stop } | Should -Throw '*no file*'
        @(Invoke-Emulator $Service GET jobs).Count | Should -Be $before
    }

    It 'completes the names of shares' {
        $line = 'Out-MgPrinter a.pdf -Share print'
        $offered = [Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null).CompletionMatches
        $offered.CompletionText | Should -Contain "'Printer $share'"
    }

    It 'does not keep a prompt waiting for the names of shares' {
        Set-Fault @{ method = 'GET'; pathContains = '/print/shares' } @{ kind = 'stall' }
        $line = 'Out-MgPrinter a.pdf -Share print'
        $watch = [Diagnostics.Stopwatch]::StartNew()
        $null = [Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null)
        # It gives up after seconds; the request alone would take a minute, and be tried again.
        $watch.Elapsed.TotalSeconds | Should -BeLessThan 50
    }

    It 'prints what a CSV file lists, and ends with the number that failed' {
        $list = Join-Path $TestDrive list.csv
        (New-TestFile listed-1.pdf), (New-TestFile listed-2.pdf) | ForEach-Object { [pscustomobject] @{ Path = $_.FullName; Share = $share; Copies = 2 } } |
            Export-Csv -LiteralPath $list
        $said = Start-Pwsh '-File', (Join-Path $PSScriptRoot .. .. examples print-list.ps1), $list
        $said.ExitCode | Should -Be 0
        $said.Output | Should -BeLike '*listed-1.pdf*completed*'
        (Get-TestJobs listed-*).configuration.copies | Should -Be 2, 2
        Remove-Item (Join-Path $TestDrive listed-1.pdf)
        foreach ($wrong in $list, (Join-Path $TestDrive missing.csv)) {
            (Start-Pwsh '-File', (Join-Path $PSScriptRoot .. .. examples print-list.ps1), $wrong).ExitCode | Should -Be 1
        }
    }

    It 'refuses an app without a user before anything is sent' {
        $claims = [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes('{"idtyp":"app","roles":["PrintJob.ReadWrite.All"],"exp":4102444800}')).TrimEnd('=')
        $token, $env:MGPRINT_ACCESS_TOKEN = $env:MGPRINT_ACCESS_TOKEN, "e30.$claims.x"
        $before = @((Invoke-Emulator $Service GET journal).entries).Count
        try { $failure = { Out-MgPrinter (New-TestFile app.pdf) $share -ErrorAction Stop } | Should -Throw -PassThru }
        finally { $env:MGPRINT_ACCESS_TOKEN = $token }
        $failure.FullyQualifiedErrorId | Should -BeLike 'AppOnlyNotSupported,*'
        @((Invoke-Emulator $Service GET journal).entries).Count | Should -Be $before
    }

    It 'runs a folder by night with a log and an exit code' {
        $folder = New-Item (Join-Path $TestDrive nightly) -ItemType Directory
        1..2 | ForEach-Object { Move-Item -LiteralPath (New-TestFile "nightly-$_.pdf").FullName $folder }
        Set-Content -LiteralPath (Join-Path $folder empty.pdf) '' -NoNewline
        $example = Join-Path $PSScriptRoot .. .. examples nightly-print.ps1
        1..2 | ForEach-Object { (Start-Pwsh '-File', $example, $folder, $share).ExitCode | Should -Be 1 }
        $log = Get-Content -LiteralPath (Join-Path $folder print.log)
        @($log -like '*job *: completed').Count, @($log -like '*: completed (handed over before)').Count, @($log -like '*FAILED*empty.pdf*').Count | Should -Be 2, 2, 2
        @(Get-TestJobs nightly-*).Count | Should -Be 2
    }
}
