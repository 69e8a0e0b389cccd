# Running other programs, and what the person at the terminal sees of it.

# One line a part: its name, and what is done about it.
function Write-Step([string] $Part, [string] $Text) {
    Write-Host ('{0,-10} {1}' -f $Part, $Text)
}

function Write-Title([string] $Text) {
    Write-Host "`n$($PSStyle.Bold)$Text$($PSStyle.Reset)`n"
}

# Runs the block with environment variables set ($null: taken away), and puts back what was there: the script may have
# been called at a prompt.
function Use-Environment([hashtable] $Variables, [scriptblock] $Block) {
    $before = @{}
    foreach ($name in $Variables.Keys) { $before[$name] = [Environment]::GetEnvironmentVariable($name) }
    try {
        foreach ($name in $Variables.Keys) { Set-Item "env:$name" $Variables[$name] }
        & $Block
    }
    finally {
        foreach ($name in $before.Keys) { Set-Item "env:$name" $before[$name] }
    }
}

function Test-Program([string] $Name) {
    $null -ne (Get-Command $Name -CommandType Application -ErrorAction Ignore)
}

function Assert-Program([string] $Name, [string] $Otherwise) {
    if (-not (Test-Program $Name)) { throw "There is no '$Name' on the PATH. $Otherwise" }
}

# Programs that only come from the system's own packages. -Programs: what to install for each.
function Install-DebianPackage([hashtable] $Programs, [string] $Reason) {
    $missing = @($Programs.Keys | Where-Object { -not (Test-Program $_) })
    if (-not $missing) { return }
    $packages = @($missing | ForEach-Object { $Programs[$_] })
    if ([Environment]::UserName -ne 'root' -or -not (Test-Program apt-get)) {
        throw "There is no '$($missing -join "' and no '")' on the PATH. $Reason Install it with the system's package manager (in Debian and Ubuntu: sudo apt-get install $packages), and run this again."
    }

    Write-Step packages "installing $packages with apt-get: $Reason"
    $null = Invoke-Program packages apt-get 'update', '-qq'
    $null = Invoke-Program packages apt-get (@('install', '-qq', '-y', '--no-install-recommends') + $packages)
}

# The file that keeps what a program prints.
function Get-Log([string] $Name) {
    Join-Path (New-Item (Join-Path $Root out log) -ItemType Directory -Force) "$Name.log"
}

# Runs a program that has to succeed, with nothing to read, its output in out/log/NAME.log, and the newest line of it in
# the progress. Gives the lines; where the program fails, it shows the last of them.
function Invoke-Program([string] $Name, [string] $Program, [string[]] $Arguments) {
    $log = Get-Log $Name
    @() | & $Program @Arguments 2>&1 | ForEach-Object ToString | Tee-Object -LiteralPath $log | ForEach-Object {
        if ($_.Trim()) { Write-Progress -Activity $Name -Status $_.Substring(0, [Math]::Min($_.Length, 200)) }
        $_
    }
    Write-Progress -Activity $Name -Completed
    if ($LASTEXITCODE) {
        Get-Content -LiteralPath $log -Tail 40 | Where-Object { -not $_.StartsWith('{') } | ForEach-Object { Write-Host "    $_" }
        throw "'$Program $($Arguments[0])' failed with exit code $LASTEXITCODE; its whole output is in out/log/$Name.log."
    }
}
