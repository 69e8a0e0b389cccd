using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MgPrint.PowerShell.Tests.Hosting;

/// <summary>The strict Universal Print service of this repository, as a process that ends with this one.</summary>
public sealed class EmulatorProcess : IDisposable
{
    private readonly Process _process;
    private readonly HttpClient _admin;

    public EmulatorProcess()
    {
        var start = new ProcessStartInfo(Repository.Emulator, ["--until-stdin-closes"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        _process = Process.Start(start)!;
        string line = _process.StandardOutput.ReadLine()
            ?? throw new InvalidOperationException("The emulator ended before it said where it listens.");
        JsonNode ready = JsonNode.Parse(line)!;
        Endpoint = (string)ready["endpoint"]!;
        Token = (string)ready["token"]!;
        _admin = new HttpClient { BaseAddress = new Uri($"{Endpoint.TrimEnd('/')}/_emulator/") };
    }

    public string Endpoint { get; }

    public string Token { get; }

    /// <summary>Makes a printer, a job and a document to upload, and gives their ids.</summary>
    public async Task<DocumentIds> AddDocumentAsync()
    {
        using HttpResponseMessage answer = await _admin.PostAsJsonAsync("documents", new { });
        return (await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<DocumentIds>())!;
    }

    /// <summary>What the service knows of a document.</summary>
    public async Task<JsonElement> DocumentAsync(string printDocumentId) =>
        await _admin.GetFromJsonAsync<JsonElement>($"documents/{printDocumentId}");

    /// <summary>Plans faults; see the emulator's README.</summary>
    public async Task PlanAsync(object fault)
    {
        using HttpResponseMessage answer = await _admin.PostAsJsonAsync("faults", fault);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Ends the sessions of a document as if their time were over.</summary>
    public async Task ExpireAsync(DocumentIds ids)
    {
        using HttpResponseMessage answer =
            await _admin.PostAsync(new Uri($"documents/{ids.PrintDocumentId}/expire", UriKind.Relative), null);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Every request since the last reset, with the rules that it broke.</summary>
    public async Task<JsonElement> JournalAsync() => await _admin.GetFromJsonAsync<JsonElement>("journal");

    /// <summary>Forgets documents, faults and the journal.</summary>
    public async Task ResetAsync()
    {
        using HttpResponseMessage answer = await _admin.PostAsync(new Uri("reset", UriKind.Relative), null);
        answer.EnsureSuccessStatusCode();
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(TimeSpan.FromSeconds(10)))
        {
            _process.Kill();
        }

        _process.Dispose();
        _admin.Dispose();
    }
}

/// <summary>The ids of a document and of what it belongs to.</summary>
public sealed record DocumentIds(string PrinterId, string PrinterShareId, string PrintJobId, string PrintDocumentId);
