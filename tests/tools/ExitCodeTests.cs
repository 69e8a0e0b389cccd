using PwshHost.Tests.Hosting;

namespace PwshHost.Tests;

/// <summary>Exit codes, as about_pwsh has them.</summary>
public sealed class ExitCodeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("'fine'", 0)]
    [InlineData("exit 3", 3)]
    [InlineData("exit", 0)]
    [InlineData("exit 300", 44)]
    [InlineData("'before'; exit 7; 'after'", 7)]
    [InlineData("throw 'boo'", 1)]
    [InlineData("Get-NoSuchThing", 1)]
    [InlineData("Get-NoSuchThing; 'goes on'", 0)]
    [InlineData("$ErrorActionPreference = 'Stop'; Get-NoSuchThing; 'never'", 1)]
    [InlineData("& sh -c 'exit 5'", 1)]
    [InlineData("& sh -c 'exit 5'; 'goes on'", 0)]
    [InlineData("& sh -c 'exit 5'; exit $LASTEXITCODE", 5)]
    [InlineData("$Host.SetShouldExit(9)", 9)]
    public async Task A_command_ends_with(string command, int exitCode)
    {
        var outcome = await Pwsh.Run("-Command", command);

        Assert.Equal(exitCode, outcome.ExitCode);
        Assert.DoesNotContain("after", outcome.Output);
        Assert.DoesNotContain("never", outcome.Output);
    }

    [Theory]
    [InlineData("'fine'", 0)]
    [InlineData("exit 7", 7)]
    [InlineData("try { exit 7 } finally { 'cleared up' }", 7)]
    [InlineData("function leave { exit 8 }\nleave\n'never'", 8)]
    [InlineData("throw 'boo'", 1)]
    [InlineData("[int]::Parse('x')\n'goes on'", 0)]
    [InlineData("& sh -c 'exit 5'\n'goes on'", 0)]
    public async Task A_script_ends_with(string text, int exitCode)
    {
        var outcome = await Pwsh.Run(_folder.Write("script.ps1", text));

        Assert.Equal(exitCode, outcome.ExitCode);
        Assert.DoesNotContain("never", outcome.Output);
    }

    [Fact]
    public async Task Exit_of_an_inner_script_only_sets_the_last_exit_code()
    {
        _folder.Write("inner.ps1", "exit 4");
        var outer = _folder.Write("outer.ps1", "& $PSScriptRoot/inner.ps1\n\"inner gave $LASTEXITCODE\"\nexit 6");

        var outcome = await Pwsh.Run("-File", outer);

        Assert.Equal((6, "inner gave 4\n", ""), (outcome.ExitCode, outcome.Output, outcome.Error));
    }

    [Theory]
    [InlineData("if (", "Missing condition in if statement after 'if ('.")]
    [InlineData("1 +* 2", "You must provide a value expression following the '+' operator.")]
    [InlineData("'a' }", "Unexpected token '}' in expression or statement.")]
    public async Task A_parse_error_is_told_and_fails(string text, string message)
    {
        foreach (var outcome in new[]
        {
            await Pwsh.Run("-c", text),
            await Pwsh.Run(_folder.Write("broken.ps1", text)),
        })
        {
            Assert.Equal(1, outcome.ExitCode);
            Assert.Equal("", outcome.Output);
            Assert.StartsWith("ParserError:", outcome.Error);
            Assert.Contains(message, outcome.Error);
        }
    }

    [Theory]
    [InlineData("is not recognized as the name of a script file", "no such script.ps1")]
    [InlineData("is not recognized as the name of a script file", "-File", "no such script.ps1")]
    [InlineData("is not recognized as the name of a script file", ".")]
    [InlineData("-File needs", "-File")]
    [InlineData("-Command needs", "-Command")]
    [InlineData("takes no further arguments", "-Command", "-", "more")]
    [InlineData("not Base64", "-EncodedCommand", "!")]
    [InlineData("does not exist", "-WorkingDirectory", "/no/such/folder", "-c", "1")]
    [InlineData("-NoExit needs an interactive prompt", "-NoExit", "-c", "1")]
    [InlineData("Text only", "-OutputFormat", "XML", "-c", "1")]
    public async Task A_command_line_that_cannot_be_understood_ends_with_64(string reason, params string[] arguments)
    {
        var outcome = await Pwsh.Run(arguments);

        Assert.Equal((64, ""), (outcome.ExitCode, outcome.Output));
        Assert.Contains(reason, outcome.Error);
    }

    [Fact]
    public async Task Nothing_to_run_on_a_terminal_is_told()
    {
        await using var running = Pwsh.StartOnTerminal();
        var outcome = await running.Ends();

        Assert.Equal(64, outcome.ExitCode);
        Assert.Contains("Nothing to run was given", outcome.Output);
    }

    [Fact]
    public async Task Statements_from_standard_input_run_one_by_one_and_the_last_decides()
    {
        var failed = await Pwsh.RunWithInput("1 + 1\nif ($true) {\n  'yes'\n}\nGet-NoSuchThing\n", "-Command", "-");
        var recovered = await Pwsh.RunWithInput("Get-NoSuchThing\n'fine'\n", "-NoProfile", "-c", "-");
        var left = await Pwsh.RunWithInput("exit 4\n'never'\n");

        Assert.Equal((1, "2\nyes\n"), (failed.ExitCode, failed.Output));
        Assert.Equal((0, "fine\n"), (recovered.ExitCode, recovered.Output));
        Assert.Equal((4, ""), (left.ExitCode, left.Output));
    }
}
