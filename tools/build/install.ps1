# The C library as other programs find it: header, library, pkg-config file, manual, and the licences of all that is in it.

function Install-Library([string] $Library, [string] $Prefix) {
    if (-not $Prefix) { throw "Say where to: build.ps1 install -Prefix DIR." }
    $target = (New-Item $Prefix -ItemType Directory -Force).FullName
    $include, $lib, $pkgconfig, $licences, $docs = foreach ($folder in 'include', 'lib', 'lib/pkgconfig', 'share/licenses/mgprint', 'share/doc/mgprint') {
        (New-Item (Join-Path $target $folder) -ItemType Directory -Force).FullName
    }
    $hostName = Invoke-Program metadata rustc '--print', 'host-tuple'
    # Names that differ by case alone are met in other crates' metadata.
    $packages = (Invoke-Program metadata cargo 'metadata', '--format-version', '1', '--filter-platform', $hostName |
        Where-Object { $_.StartsWith('{') } | ConvertFrom-Json -AsHashtable).packages
    $version = ($packages | Where-Object name -EQ mgprint).version

    Copy-Item -LiteralPath include/mgprint.h $include
    Copy-Item -LiteralPath docs/c-api.md $docs
    if ($IsLinux) {
        # By the SONAME that build.rs gives it.
        Copy-Item -LiteralPath $Library (Join-Path $lib "libmgprint.so.$version")
        $null = New-Item (Join-Path $lib libmgprint.so.1) -ItemType SymbolicLink -Target "libmgprint.so.$version" -Force
        $null = New-Item (Join-Path $lib libmgprint.so) -ItemType SymbolicLink -Target libmgprint.so.1 -Force
    }
    else {
        Copy-Item -LiteralPath $Library $lib
        if ($IsWindows) { Copy-Item -LiteralPath "$Library.lib" (Join-Path $lib mgprint.lib) }
    }

    # The folder may be moved: all of it is named from where this file is.
    Set-Content -LiteralPath (Join-Path $pkgconfig mgprint.pc) -Value @(
        'prefix=${pcfiledir}/../..', 'includedir=${prefix}/include', 'libdir=${prefix}/lib', ''
        'Name: mgprint', "Description: Uploads documents to Microsoft Graph's Universal Print", "Version: $version"
        'Cflags: -I${includedir}', 'Libs: -L${libdir} -lmgprint')
    Copy-Item -LiteralPath LICENSE $licences
    Copy-Licences $packages $licences
    Write-Step install "include/mgprint.h, the library, mgprint.pc, its manual and the licences are under '$target'"
}

# Of the crates that are linked into the library: of the tree of mgprint what is neither for tests nor for the build. Cargo is
# asked of what is built together, since the emulator switches on features of crates that both have; its own tree comes second.
function Copy-Licences([hashtable[]] $Packages, [string] $Folder) {
    $trees = Invoke-Program tree cargo 'tree', '--package', 'mgprint', '--package', 'mgprint-emulator', '--edges', 'normal', '--prefix', 'none', '--format', '{p} '
    $tree = $trees[0..$trees.IndexOf('')]
    $linked = $Packages | Where-Object name -NE mgprint | Where-Object { $tree -like "$($_.name) v$($_.version) *" }
    $lines = foreach ($crate in $linked | Sort-Object { $_.name }, { $_.version }) {
        "$($crate.name) $($crate.version): $($crate.license ?? "see its licence file"), $($crate.repository ?? 'no address')"
        Get-ChildItem -LiteralPath (Split-Path $crate.manifest_path) -File |
            Where-Object Name -Match '^(licen[cs]e|copying|unlicense|notice|copyright)' |
            ForEach-Object { Copy-Item -LiteralPath $_.FullName (Join-Path $Folder "$($crate.name)-$($crate.version)-$($_.Name)") }
    }

    $head = 'The crates that are part of the library, and their licences; the texts that they came with are beside this.', ''
    Set-Content -LiteralPath (Join-Path $Folder CRATES) -Value ($head + $lines)
}
