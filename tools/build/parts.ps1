# The parts that are built: crates, engine, emulator, module, help.

$ModuleName = 'Microsoft.Graph.Devices.CloudPrint'
$ModuleFolder = Join-Path $Root out modules $ModuleName

# Builds everything that a person uses (-WithTests: the test programs of cargo too); gives the files of Build-Engine.
function Build-All([switch] $WithTests) {
    Assert-Program dotnet 'Install the .NET 10 SDK (https://dot.net), and run this again.'
    $built = Build-Engine -WithTests:$WithTests
    Build-Module $built.Library
    Build-Help
    $built
}

# The crates: from crates.io, or from Debian where that does not answer. Debian's leave out what Windows needs.
function Get-Crates {
    Assert-Program cargo 'Install Rust (https://rustup.rs), open a new terminal, and run this again.'
    if ($IsLinux) { Install-DebianPackage @{ cc = 'gcc', 'libc6-dev' } 'Rust links with it.' }
    if ($IsMacOS) { Assert-Program cc "Rust links with it: run 'xcode-select --install', and then this again." }
    if ($IsWindows) { return }
    & (Join-Path $Root tools crates)
    if ($LASTEXITCODE) { throw 'The crates are not there (see above).' }
    Write-Step crates $(if (Test-Path -LiteralPath .cargo/config.toml) { 'from Debian, in out/crates' } else { 'from crates.io' })
}

# Builds the engine and the emulator. Gives the files by the names that cargo tells, since the target folder keeps those of
# earlier builds too: Library, Header, Emulator.
function Build-Engine([switch] $WithTests) {
    Get-Crates
    if (-not (Test-Path -LiteralPath target/release)) { Write-Step engine 'compiling; this takes a few minutes the first time' }
    $what = if ($WithTests) { 'test', '--no-run', '--workspace' } else { 'build', '--package', 'mgprint', '--package', 'mgprint-emulator' }
    $messages = Invoke-Program engine cargo ($what + '--release', '--target-dir', 'target', '--message-format', 'json-render-diagnostics') |
        Where-Object { $_.StartsWith('{') -and $_.Contains('"path+file:') } | ConvertFrom-Json
    $artifacts = $messages | Where-Object reason -EQ compiler-artifact
    $built = @{
        Library = $artifacts.filenames | Where-Object { (Split-Path $_ -Leaf) -eq (Get-LibraryName) } | Select-Object -First 1
        Emulator = $artifacts | Where-Object { $_.target.name -eq 'mgprint-emulator' -and $_.target.kind -contains 'bin' -and -not $_.profile.test } |
            Select-Object -First 1 -ExpandProperty executable
        Header = $messages | Where-Object reason -EQ build-script-executed | ForEach-Object { Join-Path $_.out_dir mgprint.h } |
            Where-Object { Test-Path -LiteralPath $_ } | Select-Object -First 1
    }
    foreach ($name in $built.Keys) {
        if (-not $built[$name]) { throw "Cargo succeeded, but did not say where the $name is. Run 'build.ps1 clean', and then this again." }
    }

    Write-Step engine $(if ($artifacts.fresh -contains $false) { 'built' } else { 'up to date' })
    $built
}

# The names below are those that module/Native/EngineLibrary.cs looks for.
function Get-LibraryName {
    if ($IsWindows) { 'mgprint.dll' } elseif ($IsMacOS) { 'libmgprint.dylib' } else { 'libmgprint.so' }
}

function Get-PlatformName {
    $runtime = [Runtime.InteropServices.RuntimeInformation]
    $system = if ($IsWindows) { 'win' } elseif ($IsMacOS) { 'osx' } elseif ($runtime::RuntimeIdentifier -like '*musl*') { 'linux-musl' } else { 'linux' }
    "$system-$($runtime::ProcessArchitecture)".ToLowerInvariant()
}

function Build-Module([string] $Library) {
    $null = Invoke-Program module dotnet 'build', 'module', '--configuration', 'Release', '--verbosity', 'quiet'
    $folder = New-Item (Join-Path $ModuleFolder (Get-PlatformName)) -ItemType Directory -Force
    $target = Join-Path $folder (Get-LibraryName)
    if (-not (Test-Current $target $Library)) {
        # Put in place by renaming: a PowerShell that has imported the module goes on with the file that it has open.
        try {
            Copy-Item -LiteralPath $Library "$target.new"
            Move-Item -LiteralPath "$target.new" $target -Force
        }
        catch [IO.IOException], [UnauthorizedAccessException] {
            throw "'$target' cannot be replaced: $_ Close every PowerShell that has imported the module, and run this again."
        }
    }

    Write-Step module "out/modules/$ModuleName"
}

# What Get-Help reads, made from docs and from what the built cmdlets say of their parameters.
function Build-Help {
    $manifest = Join-Path $ModuleFolder "$ModuleName.psd1"
    $help = Join-Path $ModuleFolder en-US
    $topics, $tables = 'docs/en-US', 'module/Surface'
    if (Test-Current (Join-Path $help "$ModuleName-Help.xml") $topics, $tables, 'tools/help', $manifest, (Join-Path $ModuleFolder MgPrint.PowerShell.dll)) {
        return
    }

    $null = Invoke-Program help dotnet 'run', '--project', 'tools/help', '--configuration', 'Release', '--verbosity', 'quiet', '--', $topics, $tables, $manifest, $help
    Write-Step help "out/modules/$ModuleName/en-US"
}

# Whether a file is there and no older than all that it is made from. A folder counts too: its time changes when a file in
# it is added or taken away.
function Test-Current([string] $File, [string[]] $Sources) {
    $newest = @(Get-Item -LiteralPath $Sources) + @(Get-ChildItem -LiteralPath $Sources -Recurse) | Measure-Object LastWriteTimeUtc -Maximum
    (Test-Path -LiteralPath $File) -and (Get-Item -LiteralPath $File).LastWriteTimeUtc -ge $newest.Maximum
}

# What can be built again goes; what was fetched stays.
function Clear-Build {
    Get-ChildItem target, out -Force -ErrorAction Ignore | Where-Object Name -NotIn crates, tools | Remove-Item -Recurse -Force
    Write-Step clean 'target and out are empty, but for out/crates and out/tools: what was fetched'
}
