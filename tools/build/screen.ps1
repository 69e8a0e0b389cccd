# What the person at the terminal sees. By the host's own interface: it is there in every host, and keeps out of the way
# of a progress bar.

function Write-Line([string] $Text = '') {
    $Host.UI.WriteLine($Text)
}

# A title over a part of the output. Where no terminal reads it, the host takes the bold away.
function Write-Title([string] $Text) {
    Write-Line
    Write-Line "$($PSStyle.Bold)$Text$($PSStyle.Reset)"
    Write-Line
}

# One line a part: its name, and what is done about it.
function Write-Step([string] $Part, [string] $Text) {
    Write-Line ('{0,-10} {1}' -f $Part, $Text)
}

# Numbers with separators, the same in every language.
function Format-Number([long] $Number) {
    $Number.ToString('N0', [Globalization.CultureInfo]::InvariantCulture)
}

function Format-Seconds([TimeSpan] $Duration) {
    $Duration.TotalSeconds.ToString($(if ($Duration.TotalSeconds -lt 10) { '0.0' } else { '0' }), [Globalization.CultureInfo]::InvariantCulture) + ' s'
}

# A sentence that was thrown is the whole message. Anything else is a defect of the script, and shows where it is.
function Write-Failure([Management.Automation.ErrorRecord] $Failure) {
    $Host.UI.WriteErrorLine("build.ps1: $Failure")
    if ($Failure.TargetObject -isnot [string] -or $Failure.CategoryInfo.Category -ne 'OperationStopped') {
        $Host.UI.WriteErrorLine("$($Failure.FullyQualifiedErrorId)`n$($Failure.ScriptStackTrace)")
    }
}
