using System.Diagnostics;

namespace MgPrint.PowerShell.Tests.Hosting;

/// <summary>PowerShell in a process of its own: for what belongs to a whole process, such as which libraries are loaded.</summary>
internal static class PwshProcess
{
    /// <summary>Runs a command that must write no error, and gives what it wrote, line by line.</summary>
    public static async Task<string[]> RunAsync(string command, params (string Name, string Value)[] environment)
    {
        PwshOutcome outcome = await RunAsync(["-Command", command], environment);
        Assert.True(outcome.Errors.Length == 0, outcome.Errors);
        return outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    /// <summary>Runs with these arguments, without a terminal and with nothing to read, and tells how it ended.</summary>
    public static async Task<PwshOutcome> RunAsync(string[] arguments, params (string Name, string Value)[] environment)
    {
        using Process process = Process.Start(NewStart(arguments, environment))!;
        try
        {
            process.StandardInput.Close();
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            string errors = await process.StandardError.ReadToEndAsync().WaitAsync(Patience);
            await process.WaitForExitAsync().WaitAsync(Patience);
            return new PwshOutcome(process.ExitCode, await output, errors);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    /// <summary>How to start it with these arguments, where a test talks to it.</summary>
    public static ProcessStartInfo NewStart(string[] arguments, params (string Name, string Value)[] environment)
    {
        string program = OperatingSystem.IsWindows() ? "pwsh" : Path.Combine(Repository.Root, "tools", "pwsh");
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // A line is looked for by its words, and not by its colours.
        start.Environment["NO_COLOR"] = "1";
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        return start;
    }

    // A process that waits for somebody who is not there must not keep the tests.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
}

/// <summary>How a process ended, and what it wrote.</summary>
internal sealed record PwshOutcome(int ExitCode, string Output, string Errors);
