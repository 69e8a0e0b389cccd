using System.Text;
using PwshHost.Tests.Hosting;

namespace PwshHost.Tests;

/// <summary>How the words of the command line reach a script.</summary>
public sealed class ArgumentTests : IDisposable
{
    private const string Echo = """
        param([ValidateSet('Build', 'Demo')] [string] $Task = 'Build', [switch] $Force, [int] $Count = -1, [Parameter(ValueFromRemainingArguments)] $Rest)
        "Task=$Task Force=$Force Count=$Count Rest=$($Rest -join '|')"
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("Task=Build Force=False Count=-1 Rest=")]
    [InlineData("Task=demo Force=False Count=-1 Rest=", "demo")]
    [InlineData("Task=Demo Force=True Count=3 Rest=", "-Task", "Demo", "-Force", "-Count", "3")]
    [InlineData("Task=Demo Force=False Count=3 Rest=", "-count:3", "-Task:", "Demo", "-Force:$false")]
    [InlineData("Task=Build Force=True Count=-1 Rest=", "-Force:$true")]
    [InlineData("Task=Demo Force=True Count=7 Rest=a b|$x|;|*.ps1|", "Demo", "-f", "7", "a b", "$x", ";", "*.ps1", "")]
    public async Task Arguments_are_bound_to_the_parameters(string expected, params string[] arguments)
    {
        var script = _folder.Write("echo.ps1", Echo);

        var outcome = await Pwsh.Run([script, .. arguments]);

        Assert.Equal((0, expected + "\n", ""), (outcome.ExitCode, outcome.Output, outcome.Error));
    }

    [Theory]
    [InlineData("Cannot validate argument on parameter 'Task'. The argument \"nope\" does not belong to the set \"Build,Demo\"", "nope")]
    [InlineData("Cannot process argument transformation on parameter 'Count'.", "-Count", "many")]
    [InlineData("Missing an argument for parameter 'Count'.", "-Count")]
    public async Task A_bad_argument_is_the_engines_own_error(string message, params string[] arguments)
    {
        var script = _folder.Write("echo.ps1", Echo);

        var outcome = await Pwsh.Run(["-NoProfile", "-NonInteractive", "-NoLogo", "-File", script, .. arguments]);

        Assert.Equal((1, ""), (outcome.ExitCode, outcome.Output));
        Assert.Contains(message, outcome.Error);
        Assert.Contains("echo.ps1", outcome.Error);
    }

    [Fact]
    public async Task Without_parameters_the_arguments_are_args_and_all_strings()
    {
        var script = _folder.Write("args.ps1", "\"$($args.Count)\"; $args | ForEach-Object { \"$($_.GetType().Name) <$_>\" }");

        var outcome = await Pwsh.Run(script, "1", "a b", "", "-Name", "$true", "-Command");

        Assert.Equal("6\nString <1>\nString <a b>\nString <>\nString <-Name>\nString <$true>\nString <-Command>\n", outcome.Output);
    }

    [Fact]
    public async Task The_script_knows_where_it_is()
    {
        var script = _folder.Write("sub/where.ps1", "$PSScriptRoot; $PSCommandPath; $MyInvocation.MyCommand.Path; $MyInvocation.InvocationName");

        await using var running = Running.Start(Repository.Pwsh, ["sub/where.ps1"], workingDirectory: _folder.Path);
        var outcome = await running.EndsWithoutInput();

        Assert.Equal([Path.GetDirectoryName(script)!, script, script, script], outcome.Output.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task A_script_without_extension_runs_from_its_text()
    {
        var script = _folder.Write("tool", "#!/usr/bin/env pwsh\nparam($Name)\n\"hello $Name\"\nexit 3");

        var outcome = await Pwsh.Run(script, "-Name", "you");

        Assert.Equal((3, "hello you\n"), (outcome.ExitCode, outcome.Output));
    }

    [Fact]
    public async Task The_words_after_Command_are_one_text()
    {
        var joined = await Pwsh.Run("-c", "'one';", "'two words'");
        var encoded = await Pwsh.Run("-EncodedCommand", Convert.ToBase64String(Encoding.Unicode.GetBytes("'é ' * 2")));

        Assert.Equal("one\ntwo words\n", joined.Output);
        Assert.Equal("é é \n", encoded.Output);
    }

    [Fact]
    public async Task Input_belongs_to_a_script_that_names_it()
    {
        var script = _folder.Write("input.ps1", "$input | ForEach-Object { \"<$_>\" }");

        var outcome = await Pwsh.RunWithInput("a\nb\n", script);

        Assert.Equal("<a>\n<b>\n", outcome.Output);
    }

    [Fact]
    public async Task Input_is_left_to_the_programs_of_a_script_that_does_not()
    {
        var outcome = await Pwsh.RunWithInput("a\nb\n", "-c", "& sh -c 'read line; echo \"program read $line\"'; [Console]::In.ReadToEnd()");

        Assert.Equal("program read a\nb\n\n", outcome.Output);
    }

    [Fact]
    public async Task A_script_may_end_before_its_input_does()
    {
        await using var running = Pwsh.Start("-c", "$input | ForEach-Object { \"<$_>\"; exit 3 }");

        await running.Types("a\n");
        var outcome = await running.Ends();

        Assert.Equal((3, "<a>\n"), (outcome.ExitCode, outcome.Output));
    }

    [Fact]
    public async Task The_working_directory_is_where_the_command_starts()
    {
        var outcome = await Pwsh.Run("-WorkingDirectory", _folder.Path, "-c", "\"$PWD\"; & sh -c pwd");

        Assert.Equal($"{_folder.Path}\n{_folder.Path}\n", outcome.Output);
    }

    [Fact]
    public async Task Version_and_help_are_told()
    {
        var version = await Pwsh.Run("-Version");
        var help = await Pwsh.Run("--help");

        Assert.Matches(@"^PowerShell 7\.\d+\.\d+ \(script host\)\n$", version.Output);
        Assert.StartsWith("Usage: pwsh", help.Output);
        Assert.Equal((0, 0), (version.ExitCode, help.ExitCode));
    }
}
