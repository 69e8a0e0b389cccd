BeforeAll {
    . (Join-Path $PSScriptRoot Service.ps1)
    Connect-TestService
    Import-Module Microsoft.Graph.Devices.CloudPrint
    $file = New-TestFile document.pdf
    $ids = New-TestDocument
    $session = New-TestSession $ids $file
    $status = Get-MgPrintUploadSession -UploadUrl $session.UploadUrl
    $secret = ([uri] $session.UploadUrl).Query
    $secret | Should -Match 'tempauthtoken='
    $other = New-TestDocument
    $sent = Send-MgPrintDocument $file @other
}

AfterAll { Disconnect-TestService }

Describe 'On a screen of <_> columns' -ForEach 80, 120 {
    BeforeAll { $width = $_ }

    It 'shows a <name> as <view>, whole lines, and no secret' -ForEach @(
        foreach ($name in 'session', 'status', 'sent') { foreach ($view in 'Format-Table', 'Format-List', 'Format-Wide', 'Format-Custom', 'Out-Default') { @{ name = $name; view = $view } } }
    ) {
        $object = Get-Variable $name -ValueOnly
        $text = if ($view -eq 'Out-Default') { $object | Out-String -Width $width } else { $object | & $view | Out-String -Width $width }
        $text.Trim() | Should -Not -BeNullOrEmpty
        $text | Should -Not -Match ([regex]::Escape($secret))
        $text | Should -Not -Match 'tempauthtoken='
        ($text -split "`n" | Measure-Object Length -Maximum).Maximum | Should -BeLessOrEqual ($width + 1)
    }

    It 'shows neither secret of two objects of different types in one output' {
        $text = @{ before = 1 }, $session, $status, $sent | Out-String -Width $width
        'ExpirationDateTime', 'BytesMissing', 'Confirmed' | ForEach-Object { $text | Should -Match $_ }
        $text | Should -Not -Match 'tempauthtoken='
    }
}

Describe 'Members' {
    It 'are those of the object alone: nothing that PowerShell keeps for listing a <name>' -ForEach @(@{ name = 'session' }, @{ name = 'status' }, @{ name = 'sent' }) {
        (Get-Variable $name -ValueOnly | Get-Member).Name | Should -Not -Contain 'PSStandardMembers'
    }
}

Describe 'Files, and back' {
    It 'keeps all of a session in Export-Clixml, which shows no secret when it is read back' {
        $path = Join-Path $TestDrive session.xml
        $session | Export-Clixml -LiteralPath $path
        $copy = Import-Clixml -LiteralPath $path
        $copy.UploadUrl | Should -Be $session.UploadUrl
        $copy.ExpirationDateTime.Ticks | Should -Be $session.ExpirationDateTime.Ticks
        $copy.NextExpectedRanges | Should -Be $session.NextExpectedRanges
        $copy.AdditionalProperties['@odata.context'] | Should -Be $session.AdditionalProperties['@odata.context']
        $copy | Out-String | Should -Not -Match 'tempauthtoken='
        ([Microsoft.Graph.PowerShell.Models.MicrosoftGraphUploadSession] $copy).ToJsonString() | Should -Be $session.ToJsonString()
    }

    It 'sends to a session that was read back from <format>' -ForEach @(
        @{ format = 'Clixml'; write = { $input | Export-Clixml -LiteralPath $path }; read = { Import-Clixml -LiteralPath $path } }
        @{ format = 'JSON'; write = { $input | ConvertTo-Json -Depth 5 | Set-Content -LiteralPath $path }; read = { Get-Content -LiteralPath $path -Raw | ConvertFrom-Json } }
        @{ format = 'CSV'; write = { $input | Select-Object UploadUrl | Export-Csv -LiteralPath $path }; read = { Import-Csv -LiteralPath $path } }
    ) {
        $path = Join-Path $TestDrive "session.$format"
        $ids = New-TestDocument
        $file = New-TestFile "$format.pdf"
        New-TestSession $ids $file | & $write
        (& $read | Send-MgPrintDocument -Path $file).Confirmed | Should -BeTrue
        Assert-Arrived $ids $file
    }

    It 'gives figures of a sent document that a CSV file keeps' {
        $path = Join-Path $TestDrive sent.csv
        $sent | Export-Csv -LiteralPath $path
        $row = Import-Csv -LiteralPath $path
        [long] $row.Bytes | Should -Be 500000
        $row.Confirmed | Should -Be 'True'
    }
}

Describe 'A transcript' {
    It 'holds what was shown, with all streams on, and no secret' {
        $path = Join-Path $TestDrive transcript.txt
        $script = Join-Path $TestDrive job.ps1
        Set-Content -LiteralPath $script @"
`$null = Start-Transcript -LiteralPath '$path'
`$session = New-MgPrintUploadSession -PrinterId '$($ids.PrinterId)' -PrintJobId '$($ids.PrintJobId)' -PrintDocumentId '$($ids.PrintDocumentId)' -Properties @{ documentName = 'a.pdf'; contentType = 'application/pdf'; size = 5 } -Verbose -Debug
`$session
"`$session"
`$session | Send-MgPrintDocument -Path nowhere.pdf
`$Error
`$null = Stop-Transcript
"@
        (Start-Pwsh '-File', $script).ExitCode | Should -Be 0
        $text = Get-Content -LiteralPath $path -Raw
        $text | Should -Match 'HTTP RESPONSE'
        $text | Should -Match '127\.0\.0\.1'
        $text | Should -Match 'nowhere\.pdf'
        $text | Should -Not -Match 'tempauthtoken='
        $text | Should -Not -Match ([regex]::Escape($Service.token))
    }
}
