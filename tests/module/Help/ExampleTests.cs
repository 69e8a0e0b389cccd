using System.Management.Automation.Language;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using MgPrint.PowerShell.Tests.Hosting;

namespace MgPrint.PowerShell.Tests.Help;

/// <summary>Every example of the help, run as it is written.</summary>
[Collection(WhereToConnect.Name)]
public sealed class ExampleTests : IClassFixture<EmulatorProcess>, IAsyncLifetime
{
    private const string Sends = "Send-MgPrintDocument";

    // What an example takes for granted: somebody's ids, a file, a session where the example is about sending, and a
    // person who pastes the session's URL when asked for it.
    private const string Preamble = """
        $null = $ExecutionContext.SessionState.Path.SetLocation($folder)
        $printerId, $printJobId, $printDocumentId = $ids.PrinterId, $ids.PrintJobId, $ids.PrintDocumentId
        if ($hasSession) {
            $session = New-MgPrintUploadSession -PrinterId $printerId -PrintJobId $printJobId -PrintDocumentId $printDocumentId -Properties @{ documentName = 'TestFile.pdf'; contentType = 'application/pdf'; size = $size }
            function Read-Host { [Net.NetworkCredential]::new('', $session.UploadUrl).SecurePassword }
        }
        elseif ($token) {
            function Read-Host { $token }
            function Get-AzAccessToken { [pscustomobject]@{ Token = $token } }
        }

        """;

    /// <summary>The commands that sign in or tell who did, and send nothing.</summary>
    private static readonly string[] OfSignIn = ["Connect-MgPrint", "Disconnect-MgPrint", "Get-MgPrintContext"];

    private readonly EmulatorProcess _emulator;
    private readonly Shell _shell = new(new TestHost());
    private readonly string _folder = Directory.CreateTempSubdirectory("mgprint-").FullName;
    private DocumentIds _ids = null!;

    public ExampleTests(EmulatorProcess emulator) => _emulator = emulator;

    public static TheoryData<string, string> Titles
    {
        get
        {
            var titles = new TheoryData<string, string>();
            foreach ((string command, string title, _) in ShippedHelp.Examples())
            {
                titles.Add(command, title);
            }

            return titles;
        }
    }

    public async Task InitializeAsync()
    {
        await _emulator.ResetAsync();
        _ids = await _emulator.AddDocumentAsync();
        ServiceTest.SetEnvironment(_emulator.Endpoint, _emulator.Token);
    }

    public Task DisposeAsync()
    {
        _shell.Run("Disconnect-MgPrint").AssertQuiet();
        ServiceTest.SetEnvironment(null, null);
        _shell.Dispose();
        Directory.Delete(_folder, recursive: true);
        return Task.CompletedTask;
    }

    [Theory]
    [MemberData(nameof(Titles))]
    public async Task An_example_runs_as_it_is_written(string command, string title)
    {
        string code = ShippedHelp.Examples().Single(example => example.Command == command && example.Title == title).Code;
        Parser.ParseInput(code, out _, out ParseError[] errors);
        Assert.Empty(errors);
        Assert.Contains(command, code, StringComparison.Ordinal);
        string file = Path.Combine(_folder, "TestFile.pdf");
        await File.WriteAllBytesAsync(file, RandomNumberGenerator.GetBytes(500_000));

        bool isOfSignIn = OfSignIn.Contains(command);
        bool takesASession = !isOfSignIn && (code.Contains("$session |", StringComparison.Ordinal) || code.Contains("Read-Host", StringComparison.Ordinal));

        Outcome outcome = _shell.Run(
            Preamble + code, ("folder", _folder), ("ids", _ids), ("size", 500_000L), ("hasSession", takesASession),
            ("token", isOfSignIn ? new NetworkCredential("", _emulator.Token).SecurePassword : null)).AssertQuiet();

        Assert.Empty(outcome.Warnings);
        JsonElement document = await _emulator.DocumentAsync(_ids.PrintDocumentId);
        JsonElement[] requests = [.. (await _emulator.JournalAsync()).GetProperty("entries").EnumerateArray()];
        Assert.All(requests, request => Assert.Empty(request.GetProperty("violations").EnumerateArray()));
        if (code.Contains("-WhatIf", StringComparison.Ordinal))
        {
            Assert.Empty(requests);
        }
        else if (isOfSignIn)
        {
            Assert.Empty(requests);
            string source = command == "Connect-MgPrint" ? command : "the environment variable MGPRINT_ACCESS_TOKEN";
            Assert.Equal(source, _shell.Run("(Get-MgPrintContext).Source").Single().BaseObject);
        }
        else if (code.Contains(Sends, StringComparison.Ordinal))
        {
            Assert.Equal("uploaded", document.GetProperty("state").GetString());
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(file))), document.GetProperty("sha256").GetString());
        }
        else if (command.StartsWith("Remove", StringComparison.Ordinal))
        {
            Assert.Equal((int)HttpStatusCode.NoContent, requests[^1].GetProperty("status").GetInt32());
        }
        else
        {
            Assert.NotEmpty(outcome.Output);
            Assert.Equal(takesASession ? 2 : 1, requests.Length);
            Assert.Equal((int)HttpStatusCode.OK, requests[^1].GetProperty("status").GetInt32());
        }
    }

    [Fact]
    public void Every_cmdlet_has_examples() =>
        Assert.Equal(
            CommandHelpTests.Names,
            ShippedHelp.Examples().Select(example => example.Command).Distinct().Order(StringComparer.Ordinal));
}
