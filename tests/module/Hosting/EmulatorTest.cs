using System.Management.Automation;
using System.Security.Cryptography;
using System.Text.Json;

namespace MgPrint.PowerShell.Tests.Hosting;

/// <summary>
/// A test against the strict emulator, with a document to send and a folder for files. However it ends, the module must
/// have broken no rule of the service.
/// </summary>
[Collection(WhereToConnect.Name)]
public abstract class EmulatorTest : IClassFixture<EmulatorProcess>, IAsyncLifetime
{
    /// <summary>Creates a session for the document in <c>$ids</c>, of <c>$size</c> bytes.</summary>
    internal const string Create =
        "New-MgPrintPrinterJobDocumentUploadSession -PrinterId $ids.PrinterId -PrintJobId $ids.PrintJobId -PrintDocumentId $ids.PrintDocumentId "
        + "-BodyParameter @{ properties = @{ documentName = 'TestFile.pdf'; contentType = 'application/pdf'; size = $size } }";

    /// <summary>Names the document in <c>$ids</c>.</summary>
    internal const string Address = "-PrinterId $ids.PrinterId -PrintJobId $ids.PrintJobId -PrintDocumentId $ids.PrintDocumentId";

    private protected EmulatorTest(EmulatorProcess emulator) => Emulator = emulator;

    private protected EmulatorProcess Emulator { get; }

    private protected Shell Shell { get; } = new();

    /// <summary>A folder that goes with the test.</summary>
    protected string Folder { get; } = Directory.CreateTempSubdirectory("mgprint-").FullName;

    /// <summary>The document that the emulator waits for.</summary>
    protected DocumentIds Ids { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        await Emulator.ResetAsync();
        Ids = await Emulator.AddDocumentAsync();
        ServiceTest.SetEnvironment(Emulator.Endpoint, Emulator.Token);
    }

    public async Task DisposeAsync()
    {
        ServiceTest.SetEnvironment(null, null);
        Shell.Dispose();
        Directory.Delete(Folder, recursive: true);
        JsonElement journal = await Emulator.JournalAsync();
        Assert.All(journal.GetProperty("entries").EnumerateArray(),
            entry => Assert.Empty(entry.GetProperty("violations").EnumerateArray()));
    }

    private protected Outcome Run(string script, string? file = null, long size = 0) =>
        Shell.Run(script, ("ids", Ids), ("file", file), ("size", size), ("folder", Folder));

    private protected static ErrorRecord AssertError(Outcome outcome, string id, ErrorCategory category, string cmdlet =
        "SendMgPrintDocument")
    {
        ErrorRecord error = outcome.Error();
        Assert.Null(outcome.Thrown);
        Assert.Equal($"{id},MgPrint.PowerShell.Cmdlets.{cmdlet}", error.FullyQualifiedErrorId);
        Assert.Equal(category, error.CategoryInfo.Category);
        return error;
    }

    /// <summary>Adds documents, as objects that name them and their files.</summary>
    protected async Task<List<PSObject>> AddDocumentsAsync(IEnumerable<string> files)
    {
        var rows = new List<PSObject>();
        foreach (string file in files)
        {
            DocumentIds ids = await Emulator.AddDocumentAsync();
            var row = new PSObject();
            row.Properties.Add(new PSNoteProperty("PrinterId", ids.PrinterId));
            row.Properties.Add(new PSNoteProperty("PrintJobId", ids.PrintJobId));
            row.Properties.Add(new PSNoteProperty("PrintDocumentId", ids.PrintDocumentId));
            row.Properties.Add(new PSNoteProperty("Path", file));
            rows.Add(row);
        }

        return rows;
    }

    /// <summary>The requests of one method that reached the emulator.</summary>
    protected async Task<List<JsonElement>> RequestsAsync(string method)
    {
        JsonElement journal = await Emulator.JournalAsync();
        return [.. journal.GetProperty("entries").EnumerateArray().Where(entry => entry.GetProperty("method").GetString() == method)];
    }

    protected Task AssertArrivedAsync(string file) => AssertArrivedAsync(Ids.PrintDocumentId, File.ReadAllBytes(file));

    protected async Task AssertArrivedAsync(string documentId, byte[] content)
    {
        JsonElement document = await Emulator.DocumentAsync(documentId);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(content)), document.GetProperty("sha256").GetString());
        Assert.Equal(1, document.GetProperty("sessionsCompleted").GetInt32());
    }

    protected static byte[] NewContent(int size)
    {
        byte[] content = new byte[size];
        new Random(size).NextBytes(content);
        return content;
    }

    protected string NewFile(int size, string name = "document.pdf")
    {
        string path = Path.Combine(Folder, name);
        File.WriteAllBytes(path, NewContent(size));
        return path;
    }
}
