# The benchmark: figures beside those of other programs, in one run. It passes or fails nothing.

function Measure-All([hashtable] $Built) {
    if (-not $IsLinux) { throw 'The benchmark asks Linux what a process used; run it there.' }
    Assert-Program curl 'Uploads are measured beside its own: install it, and run this again.'
    $null = Invoke-Program bench cargo 'build', '--release', '--package', 'mgprint-bench', '--target-dir', 'target'
    $null = Invoke-Program bench dotnet 'build', 'bench/large-file-upload-task', '--configuration', 'Release', '--verbosity', 'quiet'

    $bench = Join-Path $Root target release mgprint-bench
    Write-Title 'Uploads'
    & $bench --large-file-upload-task (Join-Path $Root out bin bench large-file-upload-task.dll) | Out-Host
    if ($LASTEXITCODE) { throw 'The uploads could not be measured (see above).' }
    Write-Title 'Cmdlets, in a new process'
    & tools/pwsh bench/cmdlets.ps1 $Built.Emulator $bench | Out-Host
    if ($LASTEXITCODE) { throw 'The cmdlets could not be measured (see above).' }
    Write-Title 'Memory after import, in processes of their own'
    & tools/pwsh bench/memory.ps1 | Out-Host
    if ($LASTEXITCODE) { throw 'The memory could not be measured (see above).' }
}
