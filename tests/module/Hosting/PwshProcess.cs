using System.Diagnostics;

namespace MgPrint.PowerShell.Tests.Hosting;

/// <summary>PowerShell in a process of its own: for what belongs to a whole process, such as which libraries are loaded.</summary>
internal static class PwshProcess
{
    /// <summary>Runs a command and gives what it wrote, line by line.</summary>
    public static async Task<string[]> RunAsync(string command, params (string Name, string Value)[] environment)
    {
        string program = OperatingSystem.IsWindows() ? "pwsh" : Path.Combine(Repository.Root, "tools", "pwsh");
        var start = new ProcessStartInfo(program, ["-Command", command])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(errors.Length == 0, errors);
        return (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }
}
