using PwshHost.Tests.Hosting;

namespace PwshHost.Tests;

/// <summary>What a person at a terminal sees and types.</summary>
public sealed class TerminalTests : IDisposable
{
    private const string Ask = """
        function Remove-Page {
            [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High')] param()
            1..3 | ForEach-Object { if ($PSCmdlet.ShouldProcess("page $_")) { "did $_" } }
        }
        Remove-Page
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Errors_are_red_and_warnings_yellow()
    {
        await using var running = Pwsh.StartOnTerminal("-c", "'plain'; $Host.UI.WriteWarningLine('careful'); Get-NoSuchThing");
        var outcome = await running.Ends();

        Assert.Contains("plain\r\n\u001b[33;1mWARNING: careful\u001b[0m\r\n", outcome.Output);
        Assert.Contains("\u001b[31;1mGet-NoSuchThing: ", outcome.Output);
    }

    [Theory]
    [InlineData("NO_COLOR", "1")]
    [InlineData("TERM", "dumb")]
    public async Task Colours_can_be_refused(string variable, string value)
    {
        var environment = new Dictionary<string, string?> { [variable] = value };
        await using var running = Pwsh.StartOnTerminalWith("", environment, "-c", "$Host.UI.WriteWarningLine('careful'); Get-NoSuchThing");
        var outcome = await running.Ends();

        Assert.Contains("WARNING: careful\r\n", outcome.Output);
        Assert.DoesNotContain("\u001b[33", outcome.Output);
        Assert.DoesNotContain("\u001b[31", outcome.Output);
    }

    [Fact]
    public async Task A_confirmation_takes_an_answer_for_one_and_for_all()
    {
        await using var running = Pwsh.StartOnTerminal("-c", Ask);

        await running.SeesOutput("Performing the operation \"Remove-Page\" on target \"page 1\".");
        await running.SeesOutput("[A] Yes to All  [N] No  [L] No to All  [S] Suspend  [?] Help (default is \"Y\"): ");
        await running.Types("?\r");
        await running.SeesOutput("L - Skip this operation and all subsequent operations.");
        await running.SeesOutput("(default is \"Y\"): ");
        await running.Types("nonsense\r");
        await running.SeesOutput("(default is \"Y\"): ");
        await running.Types("n\r");
        await running.SeesOutput("page 2");
        await running.SeesOutput("(default is \"Y\"): ");
        await running.Types("a\r");
        var outcome = await running.Ends();

        Assert.Equal(0, outcome.ExitCode);
        Assert.DoesNotContain("did 1", outcome.Output);
        Assert.Contains("did 2\r\ndid 3\r\n", outcome.Output);
        Assert.DoesNotContain("target \"page 3\"", outcome.Output);
    }

    [Fact]
    public async Task An_empty_answer_takes_the_default()
    {
        await using var running = Pwsh.StartOnTerminal("-c", "\"chose $($Host.UI.PromptForChoice('Paper', 'Which?', @('A&4', '&Letter'), 1))\"");

        await running.SeesOutput("[4] A4  ");
        await running.SeesOutput("(default is \"L\"): ");
        await running.Types("\r");
        await running.SeesOutput("chose 1");
        Assert.Equal(0, (await running.Ends()).ExitCode);
    }

    [Fact]
    public async Task Any_number_of_choices_can_be_made()
    {
        await using var running = Pwsh.StartOnTerminal("-c", """
            $options = [System.Management.Automation.Host.ChoiceDescription[]] ('&Staple', '&Punch', 'Fo&ld')
            $ui = [System.Management.Automation.Host.IHostUISupportsMultipleChoiceSelection] $Host.UI
            "chose $($ui.PromptForChoice('Finishing', 'Which?', $options, [int[]] (0, 2)))"
            """);

        await running.SeesOutput("[P] Punch\r\n");
        await running.SeesOutput("(default choices are S,L)");
        await running.SeesOutput("Choice[0]: ");
        await running.Types("punch\r");
        await running.SeesOutput("Choice[1]: ");
        await running.Types("l\r");
        await running.SeesOutput("Choice[2]: ");
        await running.Types("\r");
        await running.SeesOutput("chose 1 2");
        Assert.Equal(0, (await running.Ends()).ExitCode);
    }

    [Fact]
    public async Task A_suspended_confirmation_is_asked_again_after_exit()
    {
        await using var running = Pwsh.StartOnTerminal("-c", Ask);

        await running.SeesOutput("(default is \"Y\"): ");
        await running.Types("s\r");
        await running.SeesOutput(">> ");
        await running.Types("\"sum $(40 + 2)\"\r");
        await running.SeesOutput("sum 42");
        await running.SeesOutput(">> ");
        await running.Types("exit\r");
        await running.SeesOutput("page 1");
        await running.SeesOutput("(default is \"Y\"): ");
        await running.Types("l\r");
        var outcome = await running.Ends();

        Assert.Equal(0, outcome.ExitCode);
        Assert.DoesNotContain("did", outcome.Output);
    }

    [Fact]
    public async Task Mandatory_parameters_are_asked_for_in_their_types()
    {
        await using var running = Pwsh.StartOnTerminal("-c", """
            function f {
                param([Parameter(Mandatory)] [int] $Count, [Parameter(Mandatory, HelpMessage = 'one name a line')] [string[]] $Name)
                "$($Count + 1) $($Name -join '+')"
            }
            f
            """);

        await running.SeesOutput("Supply values for the following parameters:");
        await running.SeesOutput("(Type !? for Help.)");
        await running.SeesOutput("Count: ");
        await running.Types("many\r");
        await running.SeesOutput("Cannot convert \"many\" to Int32");
        await running.SeesOutput("Count: ");
        await running.Types("4\r");
        await running.SeesOutput("Name[0]: ");
        await running.Types("!?\r");
        await running.SeesOutput("one name a line");
        await running.SeesOutput("Name[0]: ");
        await running.Types("a\r");
        await running.SeesOutput("Name[1]: ");
        await running.Types("b\r");
        await running.SeesOutput("Name[2]: ");
        await running.Types("\r");
        await running.SeesOutput("5 a+b");
        Assert.Equal(0, (await running.Ends()).ExitCode);
    }

    [Fact]
    public async Task A_secret_is_never_shown()
    {
        await using var running = Pwsh.StartOnTerminal("-c", """
            $credential = $Host.UI.PromptForCredential('Sign in', 'Who?', '', '')
            "$($credential.UserName) has $($credential.Password.Length)"
            [Net.NetworkCredential]::new('', $credential.Password).Password -ceq 'hunter2'
            """);

        await running.SeesOutput("User: ");
        await running.Types("ann\r");
        await running.SeesOutput("Password for user ann: ");
        await running.Types("hunter3\u007f2\r");
        await running.SeesOutput("ann has 7");
        await running.SeesOutput("True");
        var outcome = await running.Ends();

        Assert.Contains("*", outcome.Output);
        Assert.DoesNotContain("hunter", outcome.Output);
    }

    [Fact]
    public async Task Ctrl_C_ends_a_question()
    {
        await using var running = Pwsh.StartOnTerminal("-c", "try { $Host.UI.ReadLine() } finally { [Console]::WriteLine('cleared' + ' up') }");

        await running.SeesOutput("\u001b=");
        await running.Types("\u0003");
        var outcome = await running.Ends();

        Assert.Equal(130, outcome.ExitCode);
    }

    [Fact]
    public async Task Ctrl_C_ends_a_program_and_the_script_that_waits_for_it()
    {
        await using var running = Pwsh.StartOnTerminal("-c", "try { & sh -c 'echo ready; exec sleep 300'; 'never' } finally { [Console]::WriteLine('cleared up') }");

        await running.SeesOutput("ready");
        await running.Types("\u0003");
        var outcome = await running.Ends();

        Assert.Equal(130, outcome.ExitCode);
        Assert.Contains("cleared up", outcome.Output);
        Assert.DoesNotContain("never", outcome.Output);
    }

    [Fact]
    public async Task A_question_goes_to_the_terminal_that_is_left()
    {
        var file = Path.Combine(_folder.Path, "kept");
        await using var running = Pwsh.StartOnTerminalWith($"> '{file}'", null, "-c", Ask);

        await running.SeesOutput("(default is \"Y\"): ");
        await running.Types("a\r");
        await running.Ends();

        Assert.Equal("did 1\ndid 2\ndid 3\n", File.ReadAllText(file));
    }
}
