using System.Management.Automation;
using System.Text.Json;
using MgPrint.PowerShell.Tests.Hosting;

namespace MgPrint.PowerShell.Tests.Examples;

/// <summary>The script examples/print-document.ps1, as a person runs it with a file of their own.</summary>
[Collection(WhereToConnect.Name)]
public sealed class PrintDocumentTests : IClassFixture<EmulatorProcess>, IAsyncLifetime
{
    private readonly EmulatorProcess _emulator;
    private readonly Shell _shell = new(importModule: false);
    private readonly string _folder = Directory.CreateTempSubdirectory("mgprint-").FullName;
    private DocumentIds _ids = null!;

    public PrintDocumentTests(EmulatorProcess emulator) => _emulator = emulator;

    public async Task InitializeAsync()
    {
        await _emulator.ResetAsync();
        _ids = await _emulator.AddDocumentAsync();
        ServiceTest.SetEnvironment(_emulator.Endpoint, _emulator.Token);
    }

    public Task DisposeAsync()
    {
        ServiceTest.SetEnvironment(null, null);
        _shell.Dispose();
        Directory.Delete(_folder, recursive: true);
        return Task.CompletedTask;
    }

    [Theory]
    [InlineData("my report.pdf", "application/pdf")]
    [InlineData("REPORT.OXPS", "application/oxps")]
    [InlineData("raster.pwg", "image/pwg-raster")]
    public async Task A_file_arrives_with_its_name_and_the_content_type_of_its_extension(string name, string contentType)
    {
        PSObject sent = Print(NewFile(name)).Single();

        Assert.Equal(true, sent.Properties["Confirmed"].Value);
        JsonElement document = await _emulator.DocumentAsync(_ids.PrintDocumentId);
        Assert.Equal("uploaded", document.GetProperty("state").GetString());
        Assert.Equal(name, document.GetProperty("documentName").GetString());
        Assert.Equal(contentType, document.GetProperty("contentType").GetString());
    }

    [Theory]
    [InlineData("notes.docx", "UnknownContentType")]
    [InlineData("README", "UnknownContentType")]
    public async Task An_unknown_extension_is_refused_before_anything_is_sent(string name, string errorId) =>
        await AssertRefusedAsync(NewFile(name), errorId);

    [Fact]
    public async Task A_missing_file_is_refused_before_anything_is_sent() =>
        await AssertRefusedAsync(Path.Combine(_folder, "nothing.pdf"), "FileNotFound");

    [Fact]
    public async Task A_missing_token_is_said_with_what_to_do()
    {
        ServiceTest.SetEnvironment(_emulator.Endpoint, null);

        ErrorRecord error = await AssertRefusedAsync(NewFile("a.pdf"), "AuthenticationNeeded");

        Assert.Contains("$env:MGPRINT_ACCESS_TOKEN", error.Exception.Message, StringComparison.Ordinal);
    }

    private async Task<ErrorRecord> AssertRefusedAsync(string file, string errorId)
    {
        ErrorRecord error = Print(file).Error();

        Assert.StartsWith(errorId, error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal("created", (await _emulator.DocumentAsync(_ids.PrintDocumentId)).GetProperty("state").GetString());
        return error;
    }

    private Outcome Print(string file) => _shell.Run(
        "& $script -Path $file -PrinterId $ids.PrinterId -PrintJobId $ids.PrintJobId -PrintDocumentId $ids.PrintDocumentId",
        ("script", Path.Combine(Repository.Root, "examples", "print-document.ps1")), ("file", file), ("ids", _ids));

    private string NewFile(string name)
    {
        string file = Path.Combine(_folder, name);
        File.WriteAllText(file, "%PDF-1.7 a document of one line");
        return file;
    }
}
