using System.Globalization;
using System.Text.RegularExpressions;
using PwshHost.Tests.Hosting;

namespace PwshHost.Tests;

/// <summary>Progress on a terminal.</summary>
public sealed partial class ProgressTests : IDisposable
{
    // Two activities, a line from the console, and a pause at each step that the test ends.
    private const string Work = """
        function Invoke-Work {
            [CmdletBinding()] param()
            $sending = [System.Management.Automation.ProgressRecord]::new(1, "Sending`tb.pdf", '1 MB of 4 MB')
            $sending.PercentComplete = 25
            $sending.SecondsRemaining = 75
            $chunk = [System.Management.Automation.ProgressRecord]::new(2, 'Chunk 3', 'attempt 2')
            $chunk.ParentActivityId = 1
            $PSCmdlet.WriteProgress($sending)
            $PSCmdlet.WriteProgress($chunk)
            $null = [Console]::In.ReadLine()
            [Console]::WriteLine('a line')
            $null = [Console]::In.ReadLine()
            $sending.RecordType = $chunk.RecordType = 'Completed'
            $PSCmdlet.WriteProgress($chunk)
            $PSCmdlet.WriteProgress($sending)
            'done'
        }
        Invoke-Work
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Is_one_line_for_each_activity_redrawn_in_place_and_gone_at_the_end()
    {
        await using var running = Pwsh.StartOnTerminal("-c", Work);

        await running.SeesOutput("Sending b.pdf  [======>                 ]  25%  1 MB of 4 MB  1:15 left");
        await running.SeesOutput("\n  Chunk 3  attempt 2");
        await running.Types("\r");

        // The line takes the place of the progress, which follows below it.
        await running.SeesOutput("\r\u001b[Ja line\r\n");
        await running.SeesOutput("Sending b.pdf");
        await running.SeesOutput("\n  Chunk 3");
        await running.Types("\r");
        await running.SeesOutput("\r\u001b[Jdone\r\n");
        var outcome = await running.Ends();

        var after = outcome.Output[outcome.Output.LastIndexOf("done", StringComparison.Ordinal)..];
        Assert.DoesNotContain("Sending", after);
    }

    [Fact]
    public async Task Is_drawn_ten_times_a_second_at_most()
    {
        await using var running = Pwsh.StartOnTerminal("-c", """
            function Invoke-Work {
                [CmdletBinding()] param()
                $watch = [Diagnostics.Stopwatch]::StartNew()
                while ($watch.ElapsedMilliseconds -lt 1000) {
                    $PSCmdlet.WriteProgress([System.Management.Automation.ProgressRecord]::new(1, 'Spinning', "$($watch.ElapsedTicks)"))
                }
                "took $($watch.ElapsedMilliseconds)"
            }
            Invoke-Work
            """);
        var outcome = await running.Ends();

        var tenths = int.Parse(Took().Match(outcome.Output).Groups[1].Value, CultureInfo.InvariantCulture) / 100;
        Assert.InRange(Regex.Count(outcome.Output, "Spinning"), 2, tenths + 2);
    }

    [Fact]
    public async Task Stays_off_the_screen_while_a_program_has_it()
    {
        await using var running = Pwsh.StartOnTerminal("-c", """
            function Invoke-Work {
                [CmdletBinding()] param()
                $PSCmdlet.WriteProgress([System.Management.Automation.ProgressRecord]::new(1, 'Sending', 'now'))
                & sh -c 'printf program; read line; printf " ends"'
                $null = [Console]::In.ReadLine()
            }
            Invoke-Work
            """);

        await running.SeesOutput("Sending");
        await running.SeesOutput("\r\u001b[Jprogram");
        await running.Types("\r");
        await running.SeesOutput(" ends");
        await running.Types("\r");
        var outcome = await running.Ends();

        Assert.DoesNotContain("Sending", outcome.Output[outcome.Output.IndexOf("program", StringComparison.Ordinal)..outcome.Output.IndexOf(" ends", StringComparison.Ordinal)]);
    }

    [Fact]
    public async Task Never_reaches_a_file()
    {
        var file = Path.Combine(_folder.Path, "kept");
        await using var running = Pwsh.StartOnTerminalWith($"2> '{file}'", null, "-c", Work);
        await running.Types("\r\r");
        var outcome = await running.Ends();

        Assert.Equal("", File.ReadAllText(file));
        Assert.DoesNotContain("Sending", outcome.Output);
    }

    [GeneratedRegex(@"took (\d+)")]
    private static partial Regex Took();
}
