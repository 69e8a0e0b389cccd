# Running other programs: finding them, what they get from the environment, and where their output goes.

# Runs the block with environment variables set ($null: taken away), and puts back what was there: the script may have
# been called at a prompt.
function Use-Environment([Collections.IDictionary] $Variables, [scriptblock] $Block) {
    $before = @{}
    foreach ($name in $Variables.Keys) {
        $before[$name] = [Environment]::GetEnvironmentVariable($name)
        Set-Environment $name $Variables[$name]
    }

    try { & $Block }
    finally {
        foreach ($name in $before.Keys) { Set-Environment $name $before[$name] }
    }
}

# PowerShell would pass $null on as an empty text, which is another thing than no variable.
function Set-Environment([string] $Name, $Value) {
    [Environment]::SetEnvironmentVariable($Name, $(if ($null -eq $Value) { [NullString]::Value } else { [string] $Value }))
}

# No greetings and no reports home; and no servers of the compiler that outlive the build.
function Get-BuildEnvironment {
    @{
        DOTNET_NOLOGO = '1'
        DOTNET_CLI_TELEMETRY_OPTOUT = '1'
        DOTNET_CLI_UI_LANGUAGE = 'en'
        DOTNET_CLI_USE_MSBUILD_SERVER = '0'
        MSBUILDDISABLENODEREUSE = '1'
        UseSharedCompilation = 'false'
    }
}

function Test-Program([string] $Name) {
    $null -ne (Get-Command $Name -CommandType Application -ErrorAction Ignore)
}

function Assert-Program([string] $Name, [string] $Otherwise) {
    if (-not (Test-Program $Name)) {
        throw "There is no '$Name' on the PATH. $Otherwise"
    }
}

# Runs a program in the project's folder to its end, with its output in out/log/NAME.log and the newest line of it in the
# progress; answers its exit code. -ForLine sees each line of standard output first, and takes it out of both by answering
# $true. The program has nothing to read, so that it cannot wait for an answer, and does not outlive a Ctrl+C.
function Invoke-Program {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [string] $Name,
        [Parameter(Mandatory)] [string] $Program,
        [Parameter(Mandatory)] [string[]] $Arguments,
        [scriptblock] $ForLine = { $false }
    )

    $progress = [Management.Automation.ProgressRecord]::new(1, $Name, "$Program $($Arguments[0])")
    $PSCmdlet.WriteProgress($progress)
    $log = [IO.StreamWriter]::new((Get-LogPath $Name))
    $log.AutoFlush = $true
    $process = Start-Redirected $Program $Arguments
    try {
        $process.StandardInput.Close()
        Read-Lines $process.StandardOutput $process.StandardError {
            param([string] $line, [bool] $isOutput)
            if ($isOutput -and (& $ForLine $line)) { return }
            $log.WriteLine($line)
            if ($line.Trim()) {
                $progress.StatusDescription = $line.Trim()
                $PSCmdlet.WriteProgress($progress)
            }
        }
        $process.WaitForExit()
        $process.ExitCode
    }
    finally {
        if (-not $process.HasExited) { $process.Kill($true) }
        $process.Dispose()
        $log.Dispose()
        $progress.RecordType = 'Completed'
        $PSCmdlet.WriteProgress($progress)
    }
}

function Start-Redirected([string] $Program, [string[]] $Arguments) {
    $start = [Diagnostics.ProcessStartInfo]::new($Program, $Arguments)
    $start.WorkingDirectory = $Root
    $start.RedirectStandardInput = $start.RedirectStandardOutput = $start.RedirectStandardError = $true
    [Diagnostics.Process]::Start($start)
}

# Hands each line of two streams to the block as it comes, with whether it is of the first.
function Read-Lines([IO.StreamReader] $Output, [IO.StreamReader] $Errors, [scriptblock] $Block) {
    $streams = [Collections.Generic.List[IO.StreamReader]] @($Output, $Errors)
    $lines = [Collections.Generic.List[Threading.Tasks.Task]] @($Output.ReadLineAsync(), $Errors.ReadLineAsync())
    while ($streams.Count) {
        # In short waits: Ctrl+C is heard between them.
        $ready = [Threading.Tasks.Task]::WaitAny($lines.ToArray(), 100)
        if ($ready -lt 0) { continue }
        $line = $lines[$ready].GetAwaiter().GetResult()
        if ($null -eq $line) {
            $streams.RemoveAt($ready)
            $lines.RemoveAt($ready)
            continue
        }

        & $Block $line ($streams[$ready] -eq $Output)
        $lines[$ready] = $streams[$ready].ReadLineAsync()
    }
}

function Get-LogPath([string] $Name) {
    $folder = [IO.Path]::Combine($Root, 'out', 'log')
    $null = [IO.Directory]::CreateDirectory($folder)
    [IO.Path]::Combine($folder, "$Name.log")
}

# The end of a log: what a program had to say about its failure.
function Write-LogTail([string] $Name, [int] $Lines = 40) {
    $all = [IO.File]::ReadAllLines((Get-LogPath $Name))
    $first = [Math]::Max(0, $all.Length - $Lines)
    for ($i = $first; $i -lt $all.Length; $i++) {
        Write-Line "    $($all[$i])"
    }
}

# Runs a program that has to succeed; its output is shown when it does not.
function Invoke-Required {
    param(
        [Parameter(Mandatory)] [string] $Name,
        [Parameter(Mandatory)] [string] $Program,
        [Parameter(Mandatory)] [string[]] $Arguments,
        [scriptblock] $ForLine = { $false }
    )

    $exitCode = Invoke-Program @PSBoundParameters
    if ($exitCode -ne 0) {
        Write-LogTail $Name
        throw "'$Program $($Arguments[0])' failed with exit code $exitCode; its whole output is in out/log/$Name.log."
    }
}
