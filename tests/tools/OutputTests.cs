using PwshHost.Tests.Hosting;

namespace PwshHost.Tests;

/// <summary>What a script writes, and where it comes out when nothing is a terminal.</summary>
public sealed class OutputTests : IDisposable
{
    // An advanced function that says something on every stream.
    private const string Talker = """
        function Invoke-Talk {
            [CmdletBinding(SupportsShouldProcess)] param()
            $PSCmdlet.WriteWarning('careful')
            $PSCmdlet.WriteVerbose('details')
            $PSCmdlet.WriteDebug('innards')
            $PSCmdlet.WriteInformation('by the way', @())
            $PSCmdlet.WriteError([System.Management.Automation.ErrorRecord]::new([Exception]::new('it broke'), 'Broke', 'NotSpecified', $null))
            if ($PSCmdlet.ShouldProcess('the document', 'Send')) { 'sent' }
        }

        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Errors_come_on_standard_error_and_everything_else_on_standard_output()
    {
        var outcome = await Pwsh.Run("-c", Talker + "$InformationPreference = $DebugPreference = 'Continue'; Invoke-Talk -Verbose");

        Assert.Equal(
            "WARNING: careful\nVERBOSE: details\nDEBUG: innards\nby the way\n"
                + "VERBOSE: Performing the operation \"Send\" on target \"the document\".\nsent\n",
            outcome.Output);
        Assert.StartsWith("Invoke-Talk: ", outcome.Error);
        Assert.EndsWith("| it broke\n", outcome.Error);
    }

    [Fact]
    public async Task Quiet_streams_stay_quiet_until_they_are_asked_for()
    {
        var outcome = await Pwsh.Run("-c", Talker + "Invoke-Talk");

        Assert.Equal("WARNING: careful\nsent\n", outcome.Output);
    }

    [Fact]
    public async Task What_if_is_told_and_nothing_is_done()
    {
        var outcome = await Pwsh.Run("-c", Talker + "Invoke-Talk -WhatIf");

        Assert.Equal("WARNING: careful\nWhat if: Performing the operation \"Send\" on target \"the document\".\n", outcome.Output);
    }

    [Fact]
    public async Task An_error_in_a_script_shows_its_place()
    {
        var script = _folder.Write("broken.ps1", "'before'\nGet-NoSuchThing -Name x\n'after'");

        var outcome = await Pwsh.Run(script);

        Assert.Equal("before\nafter\n", outcome.Output);
        Assert.Contains("broken.ps1:2\nLine |\n   2 |  Get-NoSuchThing -Name x\n     |  ~~~~~~~~~~~~~~~\n", outcome.Error);
        Assert.StartsWith("Get-NoSuchThing: ", outcome.Error);
    }

    [Fact]
    public async Task Objects_are_shown_by_the_views_of_the_engine()
    {
        var outcome = await Pwsh.Run("-c", "[pscustomobject] @{ Name = 'report.pdf'; Pages = 12 }");

        Assert.Equal("\nName       Pages\n----       -----\nreport.pdf    12\n\n", outcome.Output);
    }

    [Fact]
    public async Task Objects_are_shown_by_the_view_of_their_module()
    {
        _folder.Write("Printing/Printing.psd1", """
            @{ ModuleVersion = '1.0'; RootModule = 'Printing.psm1'; FormatsToProcess = 'Printing.format.ps1xml' }
            """);
        _folder.Write("Printing/Printing.psm1", """
            function Get-PrintTicket { [pscustomobject] @{ PSTypeName = 'Printing.Ticket'; Id = 7; Secret = 'hidden' } }
            """);
        _folder.Write("Printing/Printing.format.ps1xml", """
            <Configuration><ViewDefinitions><View><Name>Ticket</Name>
              <ViewSelectedBy><TypeName>Printing.Ticket</TypeName></ViewSelectedBy>
              <ListControl><ListEntries><ListEntry><ListItems>
                <ListItem><Label>Ticket</Label><PropertyName>Id</PropertyName></ListItem>
              </ListItems></ListEntry></ListEntries></ListControl>
            </View></ViewDefinitions></Configuration>
            """);

        var outcome = await Pwsh.RunWith(
            new Dictionary<string, string?> { ["PSModulePath"] = _folder.Path }, "-c", "Import-Module Printing; Get-PrintTicket");

        Assert.Equal("\nTicket : 7\n\n", outcome.Output);
    }

    [Fact]
    public async Task Objects_are_shown_while_the_script_still_runs()
    {
        await using var running = Pwsh.Start("-c", "'first'; [Console]::In.ReadLine()");

        await running.SeesOutput("first\n");
        await running.Types("second\n");
        var outcome = await running.Ends();

        Assert.Equal("first\nsecond\n", outcome.Output);
    }

    [Fact]
    public async Task No_escape_sequence_reaches_a_file()
    {
        var outcome = await Pwsh.Run(
            "-c",
            "\"$($PSStyle.Foreground.Red)red$($PSStyle.Reset)\"; $Host.UI.WriteLine('Red', 'Black', 'host'); $Host.UI.WriteWarningLine('w'); "
                + "@{ key = 'value' }; [pscustomobject] @{ a = 1 }; Get-NoSuchThing; throw 'boo'");

        Assert.DoesNotContain('\u001b', outcome.Output + outcome.Error);
        Assert.StartsWith("red\nhost\nWARNING: w\n", outcome.Output);
        Assert.Contains("Exception: boo\n", outcome.Error);
    }

    [Fact]
    public async Task A_script_that_insists_on_colours_gets_them()
    {
        var outcome = await Pwsh.Run("-c", "$PSStyle.OutputRendering = 'Ansi'; $Host.UI.WriteWarningLine('w'); Get-NoSuchThing");

        Assert.Contains("\u001b[33;1mWARNING: w\u001b[0m", outcome.Output);
        Assert.Contains("\u001b[31;1m", outcome.Error);
    }

    [Fact]
    public async Task Progress_leaves_no_trace()
    {
        var outcome = await Pwsh.Run("-c", """
            function Invoke-Work {
                [CmdletBinding()] param()
                $record = [System.Management.Automation.ProgressRecord]::new(1, 'Sending', 'half')
                $record.PercentComplete = 50
                $PSCmdlet.WriteProgress($record)
                'done'
            }
            Invoke-Work
            """);

        Assert.Equal((0, "done\n", ""), (outcome.ExitCode, outcome.Output, outcome.Error));
    }

    [Fact]
    public async Task A_program_writes_straight_through()
    {
        var outcome = await Pwsh.Run("-c", "& sh -c 'echo out; echo err >&2; exit 3'; \"code $LASTEXITCODE\"; $kept = & sh -c 'echo kept'; \"<$kept>\"");

        Assert.Equal("out\ncode 3\n<kept>\n", outcome.Output);
        Assert.Equal("err\n", outcome.Error);
    }

    [Fact]
    public async Task Text_is_utf8_in_every_locale()
    {
        var outcome = await Pwsh.RunWith(new Dictionary<string, string?> { ["LC_ALL"] = "C" }, "-c", "'Grüße 文書'; $Host.UI.WriteErrorLine('é')");

        Assert.Equal(("Grüße 文書\n", "é\n"), (outcome.Output, outcome.Error));
    }
}
