using PwshHost.Tests.Hosting;

namespace PwshHost.Tests;

/// <summary>Questions, where nobody is there to answer.</summary>
public sealed class PromptTests
{
    private const string Refusal = "PowerShell is in NonInteractive mode. Read and Prompt functionality is not available.";

    [Fact]
    public async Task Are_refused_without_a_terminal()
    {
        // Standard input stays open and silent: a host that read it would wait for ever.
        await using var running = Pwsh.Start("-c", """
            function Use-Continue { [CmdletBinding(SupportsShouldProcess)] param() if ($PSCmdlet.ShouldContinue('Sure?', 'Delete')) { 'did' } }
            function Use-Process { [CmdletBinding(SupportsShouldProcess)] param() if ($PSCmdlet.ShouldProcess('it')) { 'did' } }
            $questions =
                { $Host.UI.ReadLine() },
                { $Host.UI.ReadLineAsSecureString() },
                { $Host.UI.PromptForCredential('', '', 'me', '') },
                { $Host.UI.PromptForChoice('', 'Sure?', @('&Yes', '&No'), 0) },
                { $Host.UI.RawUI.ReadKey() },
                { Use-Continue },
                { Use-Process -Confirm }
            foreach ($question in $questions) { try { & $question } catch { $_.Exception.InnerException.Message } }
            """);
        var outcome = await running.Ends();

        Assert.Equal(string.Concat(Enumerable.Repeat(Refusal + "\n", 7)), outcome.Output);
    }

    [Fact]
    public async Task A_missing_mandatory_parameter_is_an_error_without_a_terminal()
    {
        await using var running = Pwsh.Start("-c", "function f { param([Parameter(Mandatory)] $Name) 'did' }; f");
        var outcome = await running.Ends();

        Assert.Equal((1, ""), (outcome.ExitCode, outcome.Output));
        Assert.Equal("f: Cannot process command because of one or more missing mandatory parameters: Name.\n", outcome.Error);
    }

    [Fact]
    public async Task Are_refused_on_a_terminal_when_the_caller_says_so()
    {
        await using var running = Pwsh.StartOnTerminal("-NonInteractive", "-c", "$Host.UI.ReadLine()");
        var outcome = await running.Ends();

        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains(Refusal, outcome.Output);
    }
}
