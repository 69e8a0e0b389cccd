# The parts that are built: crates, engine, emulator, module, header.

$ModuleName = 'Microsoft.Graph.Devices.CloudPrint'
$ModulesFolder = [IO.Path]::Combine($Root, 'out', 'modules')

function Build-All {
    Assert-BuildTools
    Get-Crates
    $built = Build-Engine
    Build-Module $built.Library
    Build-Help
    $script:EmulatorProgram = $built.Emulator
}

function Assert-BuildTools {
    Assert-Program dotnet 'Install the .NET 10 SDK (https://dot.net), and run this again.'
    Assert-Program cargo 'Install Rust (https://rustup.rs), open a new terminal, and run this again.'
    if ($IsLinux) {
        Install-DebianPackage @{ cc = 'gcc', 'libc6-dev' } 'Rust links with it.'
    }
    elseif ($IsMacOS) {
        Assert-Program cc "Rust links with it: run 'xcode-select --install', and then this again."
    }
}

# Programs that only come from the system's own packages. -Programs: what to install for each.
function Install-DebianPackage([hashtable] $Programs, [string] $Reason) {
    $missing = @($Programs.Keys | Where-Object { -not (Test-Program $_) })
    if (-not $missing) {
        return
    }

    $packages = @($missing | ForEach-Object { $Programs[$_] })
    if ([Environment]::UserName -ne 'root' -or -not (Test-Program 'apt-get')) {
        throw "There is no '$($missing -join "' and no '")' on the PATH. $Reason Install it with the system's package manager (in Debian and Ubuntu: sudo apt-get install $packages), and run this again."
    }

    Write-Step 'packages' "installing $packages with apt-get: $Reason"
    Use-Environment @{ DEBIAN_FRONTEND = 'noninteractive' } {
        Invoke-Required packages apt-get @('update', '-qq')
        Invoke-Required packages apt-get (@('install', '-qq', '-y', '--no-install-recommends') + $packages)
    }
}

function Get-Crates {
    if ($IsWindows) {
        # Debian's crates leave out what Windows needs.
        Write-Step 'crates' 'from crates.io'
        return
    }

    & ([IO.Path]::Combine($Root, 'tools', 'crates'))
    if ($LASTEXITCODE -ne 0) {
        throw 'The crates are not there (see above).'
    }

    $fromDebian = [IO.File]::Exists([IO.Path]::Combine($Root, '.cargo', 'config.toml'))
    Write-Step 'crates' $(if ($fromDebian) { 'from Debian, in out/crates' } else { 'from crates.io' })
}

# Builds the engine and the emulator; answers the files that cargo names: Library, Emulator and Header.
function Build-Engine {
    $built = @{ Library = $null; Emulator = $null; Header = $null; Fresh = $true }
    $started = [Diagnostics.Stopwatch]::StartNew()
    if (-not [IO.Directory]::Exists([IO.Path]::Combine($Root, 'target', 'release'))) {
        Write-Step 'engine' 'compiling; this takes a few minutes the first time'
    }

    # By the file names that cargo tells: the target folder keeps those of earlier builds too.
    Invoke-Required engine cargo @(
        'build', '--release', '--package', 'mgprint', '--package', 'mgprint-emulator',
        '--target-dir', 'target', '--message-format', 'json-render-diagnostics') {
        param([string] $Line)
        if (-not $Line.StartsWith('{')) { return $false }
        if ($Line.Contains('"path+file:')) { Read-CargoMessage $Line $built }
        $true
    }

    foreach ($name in 'Library', 'Emulator', 'Header') {
        if (-not $built[$name] -or -not [IO.File]::Exists($built[$name])) {
            throw "Cargo succeeded, but did not say where the $($name.ToLowerInvariant()) is. Run 'build.ps1 clean', and then this again."
        }
    }

    Write-Step 'engine' $(if ($built.Fresh) { 'up to date' } else { "built in $(Format-Seconds $started.Elapsed)" })
    $built
}

function Read-CargoMessage([string] $Line, [hashtable] $Built) {
    $message = [Text.Json.JsonDocument]::Parse($Line).RootElement
    $reason = $message.GetProperty('reason').GetString()
    if ($reason -eq 'build-script-executed') {
        $header = [IO.Path]::Combine($message.GetProperty('out_dir').GetString(), 'mgprint.h')
        if ([IO.File]::Exists($header)) { $Built.Header = $header }
    }
    elseif ($reason -eq 'compiler-artifact') {
        $Built.Fresh = $Built.Fresh -and $message.GetProperty('fresh').GetBoolean()
        switch ($message.GetProperty('target').GetProperty('name').GetString()) {
            'mgprint' {
                foreach ($file in $message.GetProperty('filenames').EnumerateArray()) {
                    if ([IO.Path]::GetFileName($file.GetString()) -eq (Get-LibraryName)) { $Built.Library = $file.GetString() }
                }
            }
            'mgprint-emulator' { $Built.Emulator = $message.GetProperty('executable').GetString() }
        }
    }
}

# The names below are those that module/Native/EngineLibrary.cs looks for.
function Get-LibraryName {
    if ($IsWindows) { 'mgprint.dll' } elseif ($IsMacOS) { 'libmgprint.dylib' } else { 'libmgprint.so' }
}

function Get-PlatformName {
    $runtime = [Runtime.InteropServices.RuntimeInformation]
    $system = if ($IsWindows) { 'win' } elseif ($IsMacOS) { 'osx' } elseif ($runtime::RuntimeIdentifier.Contains('musl')) { 'linux-musl' } else { 'linux' }
    "$system-$($runtime::ProcessArchitecture.ToString().ToLowerInvariant())"
}

function Build-Module([string] $Library) {
    $started = [Diagnostics.Stopwatch]::StartNew()
    Invoke-Required module dotnet @('build', 'module', '--configuration', 'Release', '--verbosity', 'quiet')
    $folder = [IO.Path]::Combine($ModulesFolder, $ModuleName, (Get-PlatformName))
    $null = [IO.Directory]::CreateDirectory($folder)
    Copy-Newer $Library ([IO.Path]::Combine($folder, (Get-LibraryName)))
    Write-Step 'module' "out/modules/$ModuleName ($(Format-Seconds $started.Elapsed))"
}

# What Get-Help reads, made from docs and from what the built cmdlets say of their parameters.
function Build-Help {
    $started = [Diagnostics.Stopwatch]::StartNew()
    $module = [IO.Path]::Combine($ModulesFolder, $ModuleName)
    $topics = [IO.Path]::Combine($Root, 'docs', 'en-US')
    $generator = [IO.Path]::Combine($Root, 'tools', 'help')
    $program = [IO.Path]::Combine($Root, 'out', 'bin', 'help', 'mgprint-help.dll')
    $help = [IO.Path]::Combine($module, 'en-US', "$ModuleName-Help.xml")
    $manifest = [IO.Path]::Combine($module, "$ModuleName.psd1")
    if (Test-Current $help @($topics, $generator, $manifest, [IO.Path]::Combine($module, 'MgPrint.PowerShell.dll'))) {
        return
    }

    # The time before: what is changed meanwhile is newer, and makes the files anew the next time.
    $now = [DateTime]::UtcNow
    if (-not (Test-Current $program $generator)) {
        Invoke-Required help dotnet @('build', $generator, '--configuration', 'Release', '--verbosity', 'quiet')
        [IO.File]::SetLastWriteTimeUtc($program, $now)
    }

    Invoke-Required help dotnet @($program, $topics, $manifest, [IO.Path]::GetDirectoryName($help))
    [IO.File]::SetLastWriteTimeUtc($help, $now)
    Write-Step 'help' "out/modules/$ModuleName/en-US ($(Format-Seconds $started.Elapsed))"
}

# Whether a file is there and newer than all that it is made from. A folder counts with its files, and by itself: its
# time changes when one is added or taken away.
function Test-Current([string] $File, [string[]] $Sources) {
    $made = [IO.File]::GetLastWriteTimeUtc($File)
    foreach ($source in $Sources) {
        $entries = if ([IO.Directory]::Exists($source)) { @($source) + [IO.Directory]::GetFileSystemEntries($source) } else { @($source) }
        foreach ($entry in $entries) {
            if ([IO.File]::GetLastWriteTimeUtc($entry) -gt $made) { return $false }
        }
    }

    [IO.File]::Exists($File)
}

# Put in place by renaming: a PowerShell that has imported the module goes on with the file that it has open.
function Copy-Newer([string] $From, [string] $To) {
    $source = [IO.FileInfo]::new($From)
    $target = [IO.FileInfo]::new($To)
    if ($target.Exists -and $target.Length -eq $source.Length -and $target.LastWriteTimeUtc -eq $source.LastWriteTimeUtc) {
        return
    }

    try {
        $null = $source.CopyTo("$To.new", $true)
        [IO.File]::SetLastWriteTimeUtc("$To.new", $source.LastWriteTimeUtc)
        [IO.File]::Move("$To.new", $To, $true)
    }
    catch [IO.IOException], [UnauthorizedAccessException] {
        throw "'$To' cannot be replaced: $($_.Exception.InnerException.Message) Close every PowerShell that has imported the module, and run this again."
    }
}

function Update-Header {
    Assert-BuildTools
    Get-Crates
    $new = [IO.File]::ReadAllText((Build-Engine).Header)
    $path = [IO.Path]::Combine($Root, 'include', 'mgprint.h')
    if ([IO.File]::Exists($path) -and [IO.File]::ReadAllText($path) -ceq $new) {
        Write-Step 'header' 'include/mgprint.h is up to date'
        return
    }

    [IO.File]::WriteAllText($path, $new)
    Write-Step 'header' 'include/mgprint.h was written; commit it with the change it comes from'
}

# What can be built again goes. What was fetched stays, as does the program that may be running this very script.
function Clear-Build {
    $kept = @('out/crates', 'out/tools', 'out/obj/tools') | ForEach-Object { [IO.Path]::GetFullPath($_, $Root) }
    Assert-NothingTracked 'target', 'out'
    Remove-Folder ([IO.Path]::Combine($Root, 'target')) $kept
    Remove-Folder ([IO.Path]::Combine($Root, 'out')) $kept
    Write-Step 'clean' 'target and out are gone, but for out/crates (what was fetched) and out/tools (the script host)'
}

function Remove-Folder([string] $Path, [string[]] $Except) {
    $folder = [IO.DirectoryInfo]::new($Path)
    if (-not $folder.Exists -or $Path -in $Except) {
        return
    }

    $inside = $Path + [IO.Path]::DirectorySeparatorChar
    if ($folder.LinkTarget -or -not ($Except | Where-Object { $_.StartsWith($inside) })) {
        Remove-Whole $folder
        return
    }

    foreach ($entry in $folder.EnumerateFileSystemInfos()) {
        if ($entry -is [IO.DirectoryInfo]) { Remove-Folder $entry.FullName $Except } else { Remove-Whole $entry }
    }
}

# Of a link, only the link.
function Remove-Whole([IO.FileSystemInfo] $Entry) {
    try {
        if ($Entry -is [IO.DirectoryInfo]) { $Entry.Delete($true) } else { $Entry.Delete() }
    }
    catch [IO.IOException], [UnauthorizedAccessException] {
        throw "'$($Entry.FullName)' cannot be removed: $($_.Exception.InnerException.Message) Close the programs that use it, and run this again."
    }
}

function Assert-NothingTracked([string[]] $Folders) {
    if ((Test-Program git) -and [IO.Path]::Exists([IO.Path]::Combine($Root, '.git'))) {
        $tracked = @(git -C $Root ls-files -- @Folders)
        if ($tracked) {
            throw "'$($tracked[0])' is under version control, so its folder is not removed."
        }
    }
}
