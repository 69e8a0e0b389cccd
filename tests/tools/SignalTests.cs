using PwshHost.Tests.Hosting;

namespace PwshHost.Tests;

/// <summary>Requests to end, sent to the process alone.</summary>
public sealed class SignalTests
{
    private const int Hangup = 1;
    private const int Interrupt = 2;
    private const int Terminate = 15;

    [Theory]
    [InlineData(Hangup, 129)]
    [InlineData(Interrupt, 130)]
    [InlineData(Terminate, 143)]
    public async Task A_busy_script_stops_and_clears_up(int signal, int exitCode)
    {
        await using var running = Pwsh.Start("-c", "try { 'ready'; while ($true) { } } finally { [Console]::WriteLine('cleared up') }");

        await running.SeesOutput("ready");
        running.Signal(signal);
        var outcome = await running.Ends();

        Assert.Equal((exitCode, "ready\ncleared up\n", ""), (outcome.ExitCode, outcome.Output, outcome.Error));
    }

    [Theory]
    [InlineData(Interrupt, 130)]
    [InlineData(Terminate, 143)]
    public async Task A_program_that_has_the_terminal_is_ended_too(int signal, int exitCode)
    {
        await using var running = Pwsh.Start("-c", "try { & sh -c 'echo ready; exec sleep 300' } finally { & sh -c 'echo cleared up' }");

        await running.SeesOutput("ready");
        running.Signal(signal);
        var outcome = await running.Ends();

        Assert.Equal((exitCode, "ready\ncleared up\n"), (outcome.ExitCode, outcome.Output));
    }

    [Theory]
    [InlineData("-c", "-")]
    [InlineData("-c", "'ready'; $input | ForEach-Object { $_ }")]
    public async Task A_wait_for_standard_input_is_ended(params string[] arguments)
    {
        await using var running = Pwsh.Start(arguments);
        if (arguments[1] == "-")
        {
            await running.Types("'ready'\n");
        }

        await running.SeesOutput("ready");
        running.Signal(Interrupt);

        Assert.Equal(130, (await running.Ends()).ExitCode);
    }

    [Fact]
    public async Task A_script_that_will_not_stop_is_left_at_the_second_request()
    {
        await using var running = Pwsh.Start("-c", """
            try { 'ready'; while ($true) { } }
            finally { [Console]::WriteLine('clearing'); $null = [Console]::In.ReadLine(); while ($true) { [Threading.Thread]::Sleep(1000) } }
            """);

        await running.SeesOutput("ready");
        running.Signal(Interrupt);
        await running.SeesOutput("clearing");

        // Two signals close together are one wish; the second wish is known by the time between.
        await Task.Delay(TimeSpan.FromMilliseconds(800));
        running.Signal(Interrupt);

        Assert.Equal(130, (await running.Ends()).ExitCode);
    }
}
