# What the test runners say, counted. A count is a hashtable: Passed and Failed (numbers), Skipped (names), and Failures:
# the lines of each, with the test's name first.

function New-Count {
    @{
        Passed = 0
        Failed = 0
        Skipped = [Collections.Generic.List[string]]::new()
        Failures = [Collections.Generic.List[Collections.Generic.List[string]]]::new()
    }
}

function Add-Count([hashtable] $Total, [hashtable] $Count) {
    $Total.Passed += $Count.Passed
    $Total.Failed += $Count.Failed
    $Total.Skipped.AddRange($Count.Skipped)
    $Total.Failures.AddRange($Count.Failures)
}

# A failure that no runner counted: a program that did not build, crashed, or ran nothing.
function Add-Failure([hashtable] $Count, [string] $Text) {
    $Count.Failed++
    $Count.Failures.Add([Collections.Generic.List[string]] $Text.Split("`n"))
}

# Reads what `cargo test --no-fail-fast` wrote. Its lines of two streams may be out of order, so each is read by itself;
# a program that was started and told no result has crashed.
function Read-CargoTests([string[]] $Lines) {
    $count = New-Count
    $started = $told = 0
    $deaths = [Collections.Generic.Queue[string]]::new()
    $block = $null
    foreach ($line in $Lines) {
        if ($line -cmatch '^test result: \w+\. (\d+) passed; (\d+) failed; \d+ ignored') {
            $told++
            $count.Passed += [int] $Matches[1]
            $count.Failed += [int] $Matches[2]
            $block = $null
        }
        elseif ($line -cmatch '^\s+(Running \S+|Doc-tests) ') { $started++ }
        elseif ($line -cmatch '^test (.+?) \.\.\. ignored') { $count.Skipped.Add($Matches[1]) }
        elseif ($line -cmatch "process didn't exit successfully: (.+ \(signal: .+\))") { $deaths.Enqueue($Matches[1]) }
        elseif ($line -cmatch '^---- (.+) stdout ----$') {
            $block = [Collections.Generic.List[string]] @($Matches[1])
            $count.Failures.Add($block)
        }
        elseif ($line -ceq 'failures:') { $block = $null }
        elseif ($block) { $block.Add($line) }
    }

    for (; $told -lt $started; $told++) {
        Add-Failure $count "A test program ended without a result: $(if ($deaths.Count) { $deaths.Dequeue() } else { 'it crashed, or was killed' })"
    }

    $count
}

# Reads a TRX file of `dotnet test`.
function Read-Trx([string] $Path) {
    $count = New-Count
    $document = [Xml.XmlDocument]::new()
    $document.Load($Path)
    foreach ($result in $document.GetElementsByTagName('UnitTestResult')) {
        $name = $result.GetAttribute('testName')
        switch ($result.GetAttribute('outcome')) {
            'Passed' { $count.Passed++ }
            'NotExecuted' { $count.Skipped.Add($name) }
            default {
                $told = $result.GetElementsByTagName('ErrorInfo') | ForEach-Object ChildNodes | ForEach-Object InnerText
                Add-Failure $count (@($name) + $told -join "`n")
            }
        }
    }

    $count
}
