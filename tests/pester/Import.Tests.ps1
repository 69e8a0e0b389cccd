BeforeAll {
    . (Join-Path $PSScriptRoot Service.ps1)
    Connect-TestService
}

AfterAll { Disconnect-TestService }

Describe 'The module, by its name' {
    It 'is loaded by the first use of one of its commands' {
        Get-Module Microsoft.Graph.Devices.CloudPrint | Should -BeNullOrEmpty
        { New-MgPrintUploadSession -PrinterId a -PrintJobId b -PrintDocumentId c -WhatIf } | Should -Not -Throw
        (Get-Module Microsoft.Graph.Devices.CloudPrint).Version | Should -Be ([version] '3.0.0')
    }

    It 'imports silently, again and again, also by strict scripts' {
        Set-StrictMode -Version Latest
        $all = & { $ErrorActionPreference = 'Stop'; Import-Module Microsoft.Graph.Devices.CloudPrint -Force; Import-Module Microsoft.Graph.Devices.CloudPrint } *>&1
        $all | Should -BeNullOrEmpty
    }

    It 'exports what its manifest says, under approved verbs' {
        $module = Get-Module Microsoft.Graph.Devices.CloudPrint
        $path = Join-Path $module.ModuleBase "$($module.Name).psd1"
        $manifest = Import-PowerShellDataFile -LiteralPath $path
        $module.ExportedCommands.Values.Name | Sort-Object | Should -Be (@($manifest.CmdletsToExport) | Sort-Object)
        Get-Command -Module $module.Name | ForEach-Object { (Get-Verb $_.Verb).Verb | Should -Be $_.Verb }
        { Test-ModuleManifest ([WildcardPattern]::Escape($path)) -ErrorAction Stop } | Should -Not -Throw
    }
}

Describe "The help page's example" {
    It 'runs word for word, in a strict script that stops at the first error' {
        $ids = New-TestDocument
        $printerId, $printJobId, $printDocumentId = $ids.PrinterId, $ids.PrintJobId, $ids.PrintDocumentId
        Set-StrictMode -Version Latest
        $ErrorActionPreference = 'Stop'
        $session = . (Join-Path $PSScriptRoot .. .. examples help-page-example.ps1)
        $session | Should -BeOfType Microsoft.Graph.PowerShell.Models.MicrosoftGraphUploadSession
        $session.UploadUrl | Should -Match '^http://127\.0\.0\.1:\d+/'
        $file = New-TestFile TestFile.pdf 4533322
        ($session | Send-MgPrintDocument -Path $file).Confirmed | Should -BeTrue
        Assert-Arrived $ids $file
    }
}

Describe 'Get-Help' {
    It 'has all for <_>: a synopsis, what each parameter is, and examples' -ForEach (Import-PowerShellDataFile -LiteralPath (Join-Path $PSScriptRoot .. .. module Microsoft.Graph.Devices.CloudPrint.psd1)).CmdletsToExport {
        $help = Get-Help $_ -Full
        $help.Synopsis | Should -Match '^[A-Z].*\.$'
        @($help.examples.example).Count | Should -BeGreaterThan 0
        $common = [Management.Automation.PSCmdlet]::CommonParameters
        $own = (Get-Command $_).Parameters.Keys | Where-Object { $_ -notin $common }
        $help.parameters.parameter.name | Sort-Object | Should -Be ($own | Sort-Object)
        Get-Help $_ -Examples | Out-String -Width 80 | Should -Match "(?m)^\s*-+\s+.*EXAMPLE|$_"
        if ($own) { Get-Help $_ -Parameter * | Out-String | Should -Not -Match '\{\{' }
    }

    It 'shows <_> whole on a screen: every section, the syntax of the cmdlet, the code of the examples' -ForEach (
        Get-ChildItem -LiteralPath (Join-Path $PSScriptRoot .. .. docs en-US) -Filter *-*.md | ForEach-Object BaseName
    ) {
        $command = $_
        $shown = (Get-Help $_ -Full | Out-String -Width 5000) -split '\r?\n'
        $shown -cmatch '^[A-Z ]+$' -match '\S' | Should -Be NAME, SYNOPSIS, SYNTAX, DESCRIPTION, PARAMETERS, INPUTS, OUTPUTS, NOTES, 'RELATED LINKS'
        # PowerShell names the common parameters itself where a set has them.
        $sets = (Get-Command $_).ParameterSets | Sort-Object IsDefault -Descending -Stable | ForEach-Object { "$command $_".Replace(' [<CommonParameters>]', '') + ' [<CommonParameters>]' }
        $shown.Trim() -clike "$_ *``[<CommonParameters>``]" | Should -Be $sets
        $code = (Get-Help $_).examples.example.code -split '\r?\n' | Where-Object { $_.Trim() }
        $screen = (Get-Help $_ -Examples | Out-String -Width 5000) -split '\r?\n'
        $code | Where-Object { $line = $_; -not ($screen | Where-Object { $_.EndsWith($line) }) } | Should -BeNullOrEmpty
    }

    It 'knows the topic about_MgPrint' {
        Get-Help about_MgPrint | Out-String | Should -Match 'MGPRINT_ENDPOINT'
    }
}

Describe 'Get-Error' {
    It 'shows the details of a refusal, and no secret' {
        $Error.Clear()
        New-MgPrintUploadSession -PrinterId nobody -PrintJobId j -PrintDocumentId d -ErrorAction SilentlyContinue
        $shown = Get-Error | Out-String
        $shown | Should -Match 'FullyQualifiedErrorId\s+: NotFound,\S+NewMgPrintUploadSession'
        $shown | Should -Match "Status: 404 \(NotFound\)"
        $shown | Should -Not -Match ([regex]::Escape($Service.token))
    }
}
