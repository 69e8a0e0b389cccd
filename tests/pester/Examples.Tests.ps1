# Every example of the help and every block of code in about_MgPrint, run as it is written. What names a type of the module
# runs in a PowerShell of its own, where nothing has loaded the module before.

BeforeDiscovery {
    $root = Join-Path $PSScriptRoot .. ..
    $help = [xml] (Get-Content -LiteralPath (Join-Path $root out modules Microsoft.Graph.Devices.CloudPrint en-US Microsoft.Graph.Devices.CloudPrint-Help.xml) -Raw)
    # Of the commands that a person wrote help for; what is made of the table takes any id for granted.
    $examples = foreach ($command in $help.helpItems.command | Where-Object { Test-Path (Join-Path $root docs en-US "$($_.details.name).md") }) {
        foreach ($example in $command.examples.example) {
            @{ command = $command.details.name; title = $example.title.Trim('-', ' '); code = $example.code }
        }
    }
    $about = Get-Content -LiteralPath (Join-Path $root docs en-US about_MgPrint.md) -Raw
    $blocks = @{}
    foreach ($block in [regex]::Matches($about, '(?s)```powershell\r?\n(.*?)```')) {
        $code = $block.Groups[1].Value
        $name = 'Connect-MgGraph', 'Add-Type', 'Set-Alias', 'Send-MgPrintDocument' | Where-Object { $code -match "(?m)^$_ " } | Select-Object -First 1
        $blocks[$name] = $code
    }
}

BeforeAll {
    . (Join-Path $PSScriptRoot Service.ps1)
    Connect-TestService

    # What an example takes for granted: ids, a file, a session where the example is about sending, and a person who pastes
    # what is asked for.
    $preamble = @'
Set-Location -LiteralPath $env:TEST_FOLDER
$document = $env:TEST_IDS | ConvertFrom-Json -AsHashtable
$printerId, $printJobId, $printDocumentId = $document.PrinterId, $document.PrintJobId, $document.PrintDocumentId
if ($env:TEST_HAS_SESSION) {
    $session = New-MgPrintUploadSession @document -Properties @{ documentName = 'TestFile.pdf'; contentType = 'application/pdf'; size = 500000 }
    $pasted = $session.UploadUrl
}
else { $pasted = $env:MGPRINT_ACCESS_TOKEN }
function Read-Host { ConvertTo-SecureString $pasted -AsPlainText }
function Get-AzAccessToken { [pscustomobject] @{ Token = Read-Host } }
function Connect-MgGraph($Scopes) { "asked for $Scopes" }

'@

    function Invoke-Example([string] $Code) {
        $env:TEST_IDS = $ids | ConvertTo-Json
        $env:TEST_FOLDER = $folder
        $env:TEST_HAS_SESSION = $Code -match '\$session \||Upload URL' -and $Code -notmatch '\$session =' ? '1' : ''
        $before = Get-Location
        try {
            $written = if ($Code -match '\[Microsoft\.Graph\.') {
                $script = Join-Path $folder example.ps1
                Set-Content -LiteralPath $script ($preamble + $Code)
                $ended = Start-Pwsh '-File', $script
                $ended.Errors | Should -BeNullOrEmpty
                $ended.ExitCode | Should -Be 0
                $ended.Output
            }
            else { & ([scriptblock]::Create($preamble + $Code)) *>&1 }
        }
        finally { Set-Location $before }
        $written | Where-Object { $_ -is [Management.Automation.ErrorRecord] -or $_ -is [Management.Automation.WarningRecord] } | Should -BeNullOrEmpty
        $written
    }

    function Get-Requests { (Invoke-Emulator $Service GET journal).entries }
}

AfterAll { Disconnect-TestService }

Describe 'An example of' {
    BeforeEach {
        $null = Invoke-Emulator $Service POST reset
        $ids = New-TestDocument
        $folder = (New-Item (Join-Path $TestDrive ([guid]::NewGuid())) -ItemType Directory).FullName
        $file = New-TestFile TestFile.pdf
        $file, (Copy-Item $file (Join-Path $folder report.pdf) -PassThru) | ForEach-Object { Copy-Item $_ $folder -ErrorAction Ignore }
    }

    AfterEach { Disconnect-MgPrint }

    It '<command> runs as it is written: <title>' -ForEach $examples {
        $code | Should -Match $command
        if ($command -eq 'Out-MgPrinter') {
            $share = ((Invoke-Emulator $Service GET printers) | Where-Object jobs -Contains $ids.PrintJobId).printerShareId
            $name = $code -match "-Share (?:'([^']+)'|(\w+))" ? "$($Matches[1])$($Matches[2])" : 'Lobby'
            $null = Update-MgPrintShare -PrinterShareId $share -DisplayName $name
            $null = New-Item (Join-Path $folder invoices) -ItemType Directory
            1, 2 | ForEach-Object { Copy-Item $file (Join-Path $folder invoices "$_.pdf") }
            [pscustomobject] @{ Path = $file.FullName; Share = $name; Copies = 2 } | Export-Csv (Join-Path $folder jobs.csv)
        }

        $written = Invoke-Example $code
        if ($command -eq 'Out-MgPrinter') { $null = Update-MgPrintShare -PrinterShareId $share -DisplayName gone }

        $requests = @(Get-Requests)
        $requests.violations | Should -BeNullOrEmpty
        if ($code -match '-WhatIf' -or $command -in 'Connect-MgPrint', 'Disconnect-MgPrint', 'Get-MgPrintContext') {
            $requests | Should -BeNullOrEmpty
            (Get-MgPrintContext).Source | Should -Be ($command -eq 'Connect-MgPrint' ? $command : 'the environment variable MGPRINT_ACCESS_TOKEN')
        }
        elseif ($code -match 'Send-MgPrintDocument') { Assert-Arrived $ids $file }
        elseif ($command -eq 'Out-MgPrinter') {
            $printed = (Invoke-Emulator $Service GET jobs) | Where-Object starts
            $printed.document.sha256 | Select-Object -Unique | Should -Be (Get-FileHash -LiteralPath $file.FullName).Hash
            $printed.starts | Select-Object -Unique | Should -Be 1
        }
        elseif ($command -like 'Remove-*') { $requests[-1].status | Should -Be 204 }
        else {
            $written | Should -Not -BeNullOrEmpty
            $requests.Count | Should -Be ($env:TEST_HAS_SESSION ? 2 : 1)
            $requests[-1].status | Should -Be 200
        }
    }

    It 'each command of the module''s own has one' {
        $sources = Get-ChildItem -LiteralPath (Join-Path $PSScriptRoot .. .. docs en-US) -Filter *-*.md | ForEach-Object BaseName
        $examples.command | Sort-Object -Unique | Should -Be ($sources | Sort-Object)
    } -ForEach @{ examples = $examples }

    It 'about_MgPrint runs as it is written: <_.Key>' -ForEach @($blocks.GetEnumerator()) {
        $written = Invoke-Example "$($_.Value)`n(Get-Alias New-MgPrintPrinterJobDocumentUploadSession -ErrorAction Ignore).Definition"
        switch ($_.Key) {
            'Connect-MgGraph' { $written | Should -Contain 'asked for PrinterShare.ReadBasic.All PrintJob.ReadWrite' }
            'Send-MgPrintDocument' { Assert-Arrived $ids $file }
            'Add-Type' { $written | Should -Match 'ExpirationDateTime'; @(Get-Requests).Count | Should -Be 1 }
            'Set-Alias' { $written | Should -Contain New-MgPrintUploadSession }
            default { throw "Say here what the block with $_ is to do." }
        }
    }

    It 'about_MgPrint: all four blocks were found' { $count | Should -Be 4 } -ForEach @{ count = $blocks.Count }
}
