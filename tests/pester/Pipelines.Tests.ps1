BeforeAll {
    . (Join-Path $PSScriptRoot Service.ps1)
    Connect-TestService
    Import-Module Microsoft.Graph.Devices.CloudPrint
}

AfterAll { Disconnect-TestService }

Describe 'Documents from a pipeline' {
    It 'sends each row of a CSV file to its own job' {
        $rows = foreach ($name in 'a.pdf', 'b [1].pdf', "c's.pdf") {
            $file = New-TestFile $name 300000
            [pscustomobject] (New-TestDocument) | Add-Member Path $file.FullName -PassThru
        }
        $csv = Join-Path $TestDrive jobs.csv
        $rows | Export-Csv -LiteralPath $csv
        $sent = Import-Csv -LiteralPath $csv | Send-MgPrintDocument
        @($sent).Count | Should -Be 3
        $sent.Confirmed | Should -Not -Contain $false
        foreach ($row in $rows) { Assert-Arrived @{ PrintDocumentId = $row.PrintDocumentId } (Get-Item -LiteralPath $row.Path) }
    }

    It 'sends what Get-ChildItem lists' {
        $ids = New-TestDocument
        $file = New-TestFile listed.pdf
        $folder = New-Item (Join-Path $TestDrive only) -ItemType Directory
        Move-Item -LiteralPath $file.FullName $folder
        Get-ChildItem -LiteralPath $folder -Filter *.pdf | Send-MgPrintDocument @ids | ForEach-Object Confirmed | Should -BeTrue
        Assert-Arrived $ids (Get-Item -LiteralPath (Join-Path $folder listed.pdf))
    }

    It 'sends to the document of a job that comes down the pipeline' {
        $file = New-TestFile of-a-job.pdf
        $job = New-MgPrintShareJob -PrinterShareId $Service.printerShareId
        ($job | Send-MgPrintDocument $file).Confirmed | Should -BeTrue
        Assert-Arrived @{ PrintDocumentId = $job.Documents[0].Id } $file
        $printer = (Get-MgPrintPrinter)[0]
        $document = Get-MgPrintPrinterJobDocument -PrinterId $printer -PrintJobId (New-MgPrintPrinterJob -PrinterId $printer)
        ($document | Send-MgPrintDocument -Path $file).Confirmed | Should -BeTrue
        Assert-Arrived @{ PrintDocumentId = $document.Id } $file
    }

    It 'goes on with the others when one fails, and collects the error' {
        $good = [pscustomobject] (New-TestDocument) | Add-Member Path (New-TestFile good.pdf).FullName -PassThru
        $bad = [pscustomobject] (New-TestDocument) | Add-Member Path (Join-Path $TestDrive missing.pdf) -PassThru
        $sent = $bad, $good | Send-MgPrintDocument -ErrorAction SilentlyContinue -ErrorVariable failed
        @($sent).Confirmed | Should -Be $true
        @($failed).Count | Should -Be 1
        $failed[0].FullyQualifiedErrorId | Should -BeLike 'SourceNotFound,*'
    }

    It 'ends early when Select-Object has what it wants' {
        $null = Invoke-Emulator $Service POST reset
        $identities = 1..20 | ForEach-Object { [pscustomobject] (New-TestDocument) }
        $first = $identities | New-MgPrintUploadSession -Properties @{ documentName = 'a.pdf'; contentType = 'application/pdf'; size = 5 } | Select-Object -First 1
        @($first).Count | Should -Be 1
        @((Invoke-Emulator $Service GET journal).entries).Count | Should -BeLessThan 20
    }
}

Describe '-WhatIf and -Confirm' {
    It 'names the operation and sends nothing, without a sign-in too' {
        $ids = New-TestDocument
        $before = @((Invoke-Emulator $Service GET journal).entries).Count
        foreach ($command in 'New-MgPrintUploadSession', 'New-MgPrintPrinterJobDocumentUploadSession') {
            $said = Start-Pwsh '-Command', "`$env:MGPRINT_ACCESS_TOKEN = `$null; $command -PrinterId 'front desk' -PrintJobId 7 -PrintDocumentId d1 -WhatIf"
            $said.ExitCode | Should -Be 0
            $said.Output | Should -Be "What if: Performing the operation ""$command"" on target ""Call remote 'POST /print/printers/front desk/jobs/7/documents/d1/microsoft.graph.createUploadSession' operation""."
        }
        Send-MgPrintDocument (New-TestFile whatif.pdf) @ids -WhatIf | Should -BeNullOrEmpty
        @((Invoke-Emulator $Service GET journal).entries).Count | Should -Be $before
    }

    # That nobody is asked who cannot answer is in Unattended.Tests.ps1.
}

Describe '-ResponseHeadersVariable' {
    It 'gives the headers of the response, by its alias too' {
        $ids = New-TestDocument
        $null = New-MgPrintPrinterJobDocumentUploadSession @ids -RHV headers -BodyParameter @{ properties = @{ documentName = 'a.pdf'; contentType = 'application/pdf'; size = 5 } }
        $headers.Keys | Should -Contain 'request-id'
        "$($headers['Content-Type'])" | Should -Match 'application/json'
    }
}
