# The benchmark: figures beside those of other programs, in one run. It passes or fails nothing.

function Measure-All([hashtable] $Built) {
    if (-not $IsLinux) { throw 'The benchmark asks Linux what a process used; run it there.' }
    Assert-Program curl 'Uploads are measured beside its own: install it, and run this again.'
    $null = Invoke-Program bench cargo 'build', '--release', '--package', 'mgprint-bench', '--target-dir', 'target'
    $null = Invoke-Program bench dotnet 'build', 'bench/large-file-upload-task', '--configuration', 'Release', '--verbosity', 'quiet'

    $bench = Join-Path $Root target release mgprint-bench
    Measure-One Uploads $bench '--large-file-upload-task', (Join-Path $Root out bin bench large-file-upload-task.dll)
    $pwsh = Get-CompiledPowerShell
    Measure-One 'Cmdlets, in a new process' $pwsh 'bench/cmdlets.ps1', $Built.Emulator, $bench
    Measure-One 'Memory after import, in processes of their own' $pwsh 'bench/memory.ps1'
}

function Measure-One([string] $Title, [string] $Program, [string[]] $Arguments) {
    Write-Title $Title
    & $Program @Arguments | Out-Host
    if ($LASTEXITCODE) { throw "'$Title' could not be measured (see above)." }
}

# PowerShell as its installers bring it, with native code for what an import and a call use; that of NuGet has none, and else
# is the same.
function Get-CompiledPowerShell {
    if ([Environment]::ProcessPath -notlike '*dotnet') { return [Environment]::ProcessPath }
    $env:DOTNET_ROOT = Split-Path ([Environment]::ProcessPath)
    $folder = New-Item (Join-Path $Root out tools pwsh-compiled) -ItemType Directory -Force
    Copy-Item $PSHOME/* $folder -Recurse -Force
    $packages = (dotnet nuget locals global-packages --list) -replace '^[^:]*: '
    $compiler = Get-Item (Join-Path $packages microsoft.netcore.app.crossgen2.* * tools crossgen2) | Sort-Object LastWriteTime -Bottom 1
    foreach ($name in 'System.Management.Automation', 'Microsoft.PowerShell.ConsoleHost', 'Microsoft.PowerShell.Commands.Utility',
        'Microsoft.PowerShell.Commands.Management', 'Microsoft.PowerShell.Security') {
        # In a file, since PowerShell would resolve the wildcards.
        $response = Join-Path $folder compile.rsp
        Set-Content -LiteralPath $response (Join-Path $PSHOME "$name.dll"), "-o:$(Join-Path $folder "$name.dll")", '-O',
            "-r:$([Runtime.InteropServices.RuntimeEnvironment]::GetRuntimeDirectory())*.dll", "-r:$PSHOME/*.dll"
        $null = Invoke-Program bench $compiler "@$response"
    }
    Join-Path $folder pwsh
}
