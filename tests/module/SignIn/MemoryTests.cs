using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using System.Text;
using MgPrint.PowerShell.Tests.Hosting;

namespace MgPrint.PowerShell.Tests.SignIn;

/// <summary>
/// After Disconnect-MgPrint the token is nowhere in the memory of the process: another process looks through all of it. The
/// token reaches PowerShell one hidden character at a time, so that nothing but the module can have left a copy.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class MemoryTests : IDisposable
{
    private const int Hiding = 0x55;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly StubService _service = new();

    public void Dispose() => _service.Dispose();

    [LinuxFact]
    public async Task The_token_is_nowhere_once_it_is_wiped()
    {
        // A token as Entra ID gives them, of two thousand characters.
        string token =
            OfficialSignIn.Jwt(
                new
                {
                    upn = "ada@contoso.example",
                    scp = "PrintJob.ReadWrite",
                    exp = 4102444800,
                    aio =
                    Convert.ToHexString(Guid.NewGuid().ToByteArray()),
                    xms = new string('x', 1300)
                });
        string upload = $$"""{"uploadUrl":"{{_service.Endpoint}}/u?t=1","nextExpectedRanges":["0-7"]}""";
        int asked = 0;
        _service.Answer = request => request.Method == "PUT" ? Reply.Json(201, "{}") : (asked++ % 3) switch
        {
            0 => Reply.Json(200, upload),
            1 => Reply.GraphError(401, "InvalidAuthenticationToken", $"You sent {request.Header("Authorization")}."),
            _ => Reply.Json(200, upload),
        };
        using Process process = Process.Start(PwshProcess.NewStart(
            ["-Command", $$"""
                Import-Module {{Repository.Quoted(Repository.ModuleManifest)}}
                $secret = [securestring]::new()
                foreach ($hidden in $env:MGPRINT_TEST_HIDDEN.Split(',')) { $secret.AppendChar([char]([int] $hidden -bxor {{Hiding}})) }
                Connect-MgPrint $secret -Endpoint {{_service.Endpoint}}
                $secret.Dispose()
                1..6 | ForEach-Object { $null = {{ServiceTest.Cmdlet}} {{ServiceTest.Ids}} -ErrorAction SilentlyContinue -Verbose -Debug *>&1 }
                1..2 | ForEach-Object { $null = Send-MgPrintDocument -Content (1..8) -DocumentName d.pdf {{ServiceTest.Ids}} -ErrorAction SilentlyContinue -WarningAction SilentlyContinue }
                $null = Get-MgPrintContext
                "$PID"
                $null = [Console]::In.ReadLine()
                Disconnect-MgPrint
                'disconnected'
                $null = [Console]::In.ReadLine()
                """],
            ("MGPRINT_TEST_HIDDEN",
                string.Join(',', token.Select(character => (character ^ Hiding).ToString(CultureInfo.InvariantCulture))))))!;
        try
        {
            string first = await process.StandardOutput.ReadLineAsync().WaitAsync(Patience) ?? await process.StandardError.ReadToEndAsync();
            Assert.True(int.TryParse(first, CultureInfo.InvariantCulture, out int id), first);
            Assert.Contains(_service.Requests, request => request.Header("Authorization") == $"Bearer {token}");
            // It is there as long as it is needed: what looks for it finds it.
            Assert.NotEmpty(Find(id, token));

            await process.StandardInput.WriteLineAsync();
            Assert.Equal("disconnected", await process.StandardOutput.ReadLineAsync().WaitAsync(Patience));

            Assert.Empty(Find(id, token));
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>Where the token, or a part of it, stands in the memory of a process, as UTF-8 or as UTF-16.</summary>
    private static List<string> Find(int process, string token)
    {
        string[] parts = [token, token[..40], token[100..140], token[^40..]];
        (string What, byte[] Bytes)[] wanted =
            [.. parts.SelectMany((part, index) =>
                new[] { ($"UTF-8 {index}", Encoding.UTF8.GetBytes(part)), ($"UTF-16 {index}", Encoding.Unicode.GetBytes(part)) })];
        int longest = wanted.Max(part => part.Bytes.Length);
        var found = new List<string>();
        using FileStream memory = new($"/proc/{process}/mem", FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        byte[] buffer = new byte[4 * 1024 * 1024];
        foreach (string line in File.ReadAllLines($"/proc/{process}/maps"))
        {
            string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            long[] range =
                [.. fields[0].Split('-')
                    .Select(address => unchecked((long)ulong.Parse(address, NumberStyles.HexNumber, CultureInfo.InvariantCulture)))];
            if (!fields[1].StartsWith("rw", StringComparison.Ordinal) || range[0] < 0)
            {
                continue;
            }

            for (long at = range[0]; at < range[1]; at += buffer.Length - longest)
            {
                int length = Read(memory, at, buffer.AsSpan(0, (int)Math.Min(buffer.Length, range[1] - at)));
                found.AddRange(wanted.Where(part => buffer.AsSpan(0, length).IndexOf(part.Bytes) >= 0)
                    .Select(part => $"{part.What} in {line}"));
            }
        }

        return found;
    }

    private static int Read(FileStream memory, long address, Span<byte> buffer)
    {
        try
        {
            return RandomAccess.Read(memory.SafeFileHandle, buffer, address);
        }
        catch (IOException)
        {
            // A part that went meanwhile, or that nobody may read.
            return 0;
        }
    }
}

/// <summary>A test that needs to see the memory of another process as a file.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class LinuxFactAttribute : FactAttribute
{
    public LinuxFactAttribute() => Skip = OperatingSystem.IsLinux() ? null : "The memory of another process is a file on Linux alone.";
}
