# The C library as other programs find it: header, library, pkg-config file, examples' ground, and the licences of all that is
# in it.

function Install-Library([string] $Library, [string] $Prefix) {
    if (-not $Prefix) { throw "Say where to: build.ps1 install -Prefix DIR." }
    $target = (New-Item $Prefix -ItemType Directory -Force).FullName
    $version = (Get-Metadata).packages | Where-Object name -EQ mgprint | ForEach-Object version
    $include, $lib, $licences, $docs = foreach ($folder in 'include', 'lib', 'share/licenses/mgprint', 'share/doc/mgprint') {
        (New-Item (Join-Path $target $folder) -ItemType Directory -Force).FullName
    }
    Copy-Item -LiteralPath include/mgprint.h $include
    if ($IsLinux) {
        # By the SONAME that build.rs gives it.
        Copy-Item -LiteralPath $Library (Join-Path $lib "libmgprint.so.$version")
        Add-Link $lib libmgprint.so.1 "libmgprint.so.$version"
        Add-Link $lib libmgprint.so libmgprint.so.1
    }
    else {
        Copy-Item -LiteralPath $Library $lib
        if ($IsWindows) { Copy-Item -LiteralPath "$Library.lib" (Join-Path $lib mgprint.lib) }
    }

    $pkgconfig = (New-Item (Join-Path $lib pkgconfig) -ItemType Directory -Force).FullName
    # The folder may be moved: all of it is named from where this file is.
    Set-Content -LiteralPath (Join-Path $pkgconfig mgprint.pc) -Value @(
        'prefix=${pcfiledir}/../..', 'includedir=${prefix}/include', 'libdir=${prefix}/lib', ''
        'Name: mgprint', "Description: Uploads documents to Microsoft Graph's Universal Print", "Version: $version"
        'Cflags: -I${includedir}', 'Libs: -L${libdir} -lmgprint')
    Copy-Item -LiteralPath docs/c-api.md $docs
    Copy-Item -LiteralPath LICENSE $licences
    Copy-Licences $licences
    Write-Step install "include/mgprint.h, the library, mgprint.pc, its manual and the licences are under '$target'"
}

function Add-Link([string] $Folder, [string] $Name, [string] $To) {
    Remove-Item -LiteralPath (Join-Path $Folder $Name) -ErrorAction Ignore
    $null = New-Item -ItemType SymbolicLink -Path (Join-Path $Folder $Name) -Target $To
}

function Get-Metadata {
    if (-not (Test-Path Variable:script:Metadata)) {
        $hostLine = (rustc -vV | Select-String '^host: (.+)$').Matches[0].Groups[1].Value
        $lines = cargo metadata --format-version 1 --filter-platform $hostLine 2>(Get-Log metadata)
        if ($LASTEXITCODE) { throw "'cargo metadata' failed; what it said is in out/log/metadata.log." }
        # Names that differ by case alone are met in other crates' metadata.
        $script:Metadata = $lines | ConvertFrom-Json -AsHashtable
    }

    $script:Metadata
}

# The crates that are linked into the library: of the tree of mgprint what is neither for tests nor for the build.
function Get-LinkedCrate {
    $metadata = Get-Metadata
    $nodes = @{}
    $metadata.resolve.nodes | ForEach-Object { $nodes[$_.id] = $_ }
    $seen = [Collections.Generic.HashSet[string]]::new()
    $open = [Collections.Generic.Stack[string]]::new()
    $open.Push(($metadata.packages | Where-Object name -EQ mgprint).id)
    while ($open.Count) {
        foreach ($dependency in $nodes[$open.Pop()].deps) {
            $isLinked = $dependency.dep_kinds | Where-Object { $null -eq $_.kind }
            if ($isLinked -and $seen.Add($dependency.pkg)) { $open.Push($dependency.pkg) }
        }
    }

    $metadata.packages | Where-Object { $seen.Contains($_.id) } | Sort-Object { $_.name }, { $_.version }
}

function Copy-Licences([string] $Folder) {
    $lines = foreach ($crate in Get-LinkedCrate) {
        "$($crate.name) $($crate.version): $($crate.license ?? "see its licence file"), $($crate.repository ?? 'no address')"
        $files = Get-ChildItem -LiteralPath (Split-Path $crate.manifest_path) -File |
            Where-Object Name -Match '^(licen[cs]e|copying|unlicense|notice|copyright)'
        foreach ($file in $files) {
            Copy-Item -LiteralPath $file.FullName (Join-Path $Folder "$($crate.name)-$($crate.version)-$($file.Name)")
        }
    }

    $head = 'The crates that are part of the library, and their licences; the texts that they came with are beside this.', ''
    Set-Content -LiteralPath (Join-Path $Folder CRATES) -Value ($head + $lines)
}
