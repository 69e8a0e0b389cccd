using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace MgPrint.PowerShell.Tests.Hosting;

/// <summary>
/// A PowerShell process that runs scripts one after the other, each in a runspace of its own: for what belongs to a process
/// and is the same for many tests, such as which assembly a type literal means.
/// </summary>
internal sealed class PwshSession : IDisposable
{
    private const string Loop = """
        while ($null -ne ($line = [Console]::In.ReadLine())) {
            $shell = [powershell]::Create([initialsessionstate]::CreateDefault2())
            $null = $shell.AddScript([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($line)))
            $thrown = $null
            $output = try { $shell.Invoke() } catch { $thrown = "$_" }
            $errors = @($shell.Streams.Error) + $thrown | Where-Object { $_ } | ForEach-Object ToString
            @{ Output = @($output | Out-String -Stream); Errors = @($errors) } | ConvertTo-Json -Compress
            $shell.Runspace.Dispose()
            $shell.Dispose()
        }
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Process _process = Process.Start(PwshProcess.NewStart(["-NoProfile", "-Command", Loop]))!;

    /// <summary>Runs a script that must write no error, and gives what it wrote, line by line.</summary>
    public async Task<string[]> RunAsync(string script, params (string Name, string? Value)[] environment)
    {
        IEnumerable<string> settings = environment.Select(
            set => $"[Environment]::SetEnvironmentVariable('{set.Name}', {(set.Value is null ? "[NullString]::Value" : $"'{set.Value}'")})");
        string whole = string.Join('\n', [.. settings, script]);
        await _process.StandardInput.WriteLineAsync(Convert.ToBase64String(Encoding.UTF8.GetBytes(whole)));
        string? answer = await _process.StandardOutput.ReadLineAsync().WaitAsync(Patience);
        Assert.True(answer is not null, "PowerShell ended.");
        JsonElement told = JsonElement.Parse(answer);
        Assert.Equal([], Lines(told, "Errors"));
        return [.. Lines(told, "Output").Where(line => line.Length > 0)];
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(TimeSpan.FromSeconds(10)))
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    private static IEnumerable<string> Lines(JsonElement told, string name) =>
        told.GetProperty(name).EnumerateArray().Select(line => line.GetString()!.Trim());
}
