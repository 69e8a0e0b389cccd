# The benchmark: figures beside those of other programs, in one run. It passes or fails nothing.

function Measure-All {
    if (-not $IsLinux) {
        throw 'The benchmark asks Linux what a process used; run it there.'
    }

    Build-All
    Assert-Program curl 'Uploads are measured beside its own: install it, and run this again.'
    Invoke-Required bench cargo @('build', '--release', '--package', 'mgprint-bench', '--target-dir', 'target')
    Invoke-Required bench dotnet @('build', [IO.Path]::Combine('bench', 'large-file-upload-task'), '--configuration', 'Release', '--verbosity', 'quiet')

    Write-Title 'Uploads'
    $benchProgram = [IO.Path]::Combine($Root, 'target', 'release', 'mgprint-bench')
    & $benchProgram --large-file-upload-task (
        [IO.Path]::Combine($Root, 'out', 'bin', 'bench', 'large-file-upload-task.dll')) | Out-Host
    if ($LASTEXITCODE -ne 0) {
        throw 'The uploads could not be measured (see above).'
    }

    Write-Title 'Cmdlets, in a new process'
    & ([IO.Path]::Combine($Root, 'tools', 'pwsh')) ([IO.Path]::Combine($Root, 'bench', 'cmdlets.ps1')) $EmulatorProgram $benchProgram | Out-Host
    if ($LASTEXITCODE -ne 0) {
        throw 'The cmdlets could not be measured (see above).'
    }

    Write-Title 'Memory after import, in processes of their own'
    & ([IO.Path]::Combine($Root, 'tools', 'pwsh')) ([IO.Path]::Combine($Root, 'bench', 'memory.ps1')) | Out-Host
    if ($LASTEXITCODE -ne 0) {
        throw 'The memory could not be measured (see above).'
    }
}
