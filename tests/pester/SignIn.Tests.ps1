BeforeAll {
    . (Join-Path $PSScriptRoot Service.ps1)
    Connect-TestService
    $ids = New-TestDocument
    # In a script: what a person types at a prompt is in a transcript by PowerShell's own doing.
    $token = $Service.token
    $env:MGPRINT_ACCESS_TOKEN = $null
}

AfterAll { Disconnect-TestService }

Describe 'A token that was given' {
    It 'is used until Disconnect-MgPrint, and is in no transcript, stream or variable' {
        $transcript = Join-Path $TestDrive transcript.txt
        $null = Start-Transcript -LiteralPath $transcript
        try {
            Connect-MgPrint -AccessToken (ConvertTo-SecureString $token -AsPlainText -Force) -Endpoint $Service.endpoint -Verbose
            Get-MgPrintContext | Format-List * | Out-Default
            New-MgPrintUploadSession @ids -Properties @{ documentName = 'a.pdf'; contentType = 'application/pdf'; size = 5 } -Verbose -Debug -RHV answer | Out-Default
            try { Connect-MgPrint -AccessToken $token -Endpoint $Service.endpoint }
            catch { ($refused = $_) | Out-Default }
            Disconnect-MgPrint -Verbose
            New-MgPrintUploadSession @ids -ErrorVariable unsigned -ErrorAction SilentlyContinue
        }
        finally { $null = Stop-Transcript }

        $unsigned.FullyQualifiedErrorId | Should -Match '^AuthenticationNeeded'
        $unsigned.Exception.Message | Should -Match '^Authentication needed\. Please call Connect-MgGraph\. There is no access token: run Connect-MgGraph -Scopes '
        $unsigned.ErrorDetails.RecommendedAction | Should -Match 'is not loaded in this process'
        $text = Get-Content -LiteralPath $transcript -Raw
        $text | Should -Match 'ExpirationDateTime'
        foreach ($told in $text, ($answer | ConvertTo-Json -Depth 3), ($refused | Format-List * -Force | Out-String)) {
            $told | Should -Not -Match ([regex]::Escape($token))
        }
    }
}
