using System.Management.Automation;
using System.Text.Json;
using MgPrint.PowerShell.Tests.Hosting;

namespace MgPrint.PowerShell.Tests.Cmdlets;

/// <summary>Several documents in one pipeline: at once, each told apart, each on its own when one fails.</summary>
public sealed class SendManyTests(EmulatorProcess emulator) : EmulatorTest(emulator)
{
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(32)]
    public async Task Documents_arrive_whatever_the_throttle(int limit)
    {
        string[] files = [.. Enumerable.Range(1, 40).Select(number => NewFile(number * 1000, $"{number}.pdf"))];
        List<PSObject> rows = await AddDocumentsAsync(files);

        Outcome outcome = Shell.RunPiped($"$input | Send-MgPrintDocument -ThrottleLimit {limit}", rows).AssertQuiet();

        Assert.Equal(files.Order(StringComparer.Ordinal), outcome.Output.Select(sent => (string)sent.Properties["Path"].Value)
            .Order(StringComparer.Ordinal));
        foreach ((string file, PSObject row) in files.Zip(rows))
        {
            await AssertArrivedAsync((string)row.Properties["PrintDocumentId"].Value, await File.ReadAllBytesAsync(file));
        }
    }

    [Fact]
    public async Task What_is_done_first_comes_out_first()
    {
        List<PSObject> rows = await AddDocumentsAsync([NewFile(20_000_000, "slow.pdf"), NewFile(1000, "quick.pdf")]);
        // The first document's first range is answered a second late, and only then.
        await Emulator.PlanAsync(
            new
            {
                match = new { method = "PUT", rangeStart = 8_192_000 },
                fault =
                new { kind = "status", status = 503, retryAfter = "1" }
            });

        Outcome outcome = Shell.RunPiped("$input | Send-MgPrintDocument", rows).AssertQuiet();

        Assert.Equal(["quick.pdf", "slow.pdf"], outcome.Output.Select(sent => (string)sent.Properties["Name"].Value));
    }

    [Fact]
    public async Task One_that_fails_does_not_stop_the_others()
    {
        List<PSObject> rows =
            await AddDocumentsAsync([NewFile(10, "a.pdf"), Path.Combine(Folder, "absent.pdf"), NewFile(10, "c.pdf"), NewFile(10, "d.xyz")]);

        Outcome outcome =
            Shell.RunPiped("$input | Send-MgPrintDocument -ErrorVariable failed -ErrorAction SilentlyContinue; $failed.Count", rows);

        Assert.Equal(["a.pdf", "c.pdf"], outcome.Output.SkipLast(1).Select(sent => (string)sent.Properties["Name"].Value)
            .Order(StringComparer.Ordinal));
        Assert.Equal(2, outcome.Output[^1].BaseObject);
    }

    [Fact]
    public async Task A_document_that_comes_twice_is_sent_once()
    {
        List<PSObject> rows = await AddDocumentsAsync([NewFile(10, "a.pdf")]);

        Outcome outcome = Shell.RunPiped("$input | Send-MgPrintDocument", [rows[0], rows[0]]);

        Assert.Single(outcome.Output);
        Assert.StartsWith("MoreThanOneFile", outcome.Error().FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_that_wants_no_more_stops_what_is_on_its_way()
    {
        List<PSObject> rows = await AddDocumentsAsync([NewFile(10, "a.pdf"), NewFile(10, "b.pdf"), NewFile(10, "c.pdf")]);
        // Whichever comes second or third never gets an answer: without the stop this test would not end.
        await Emulator.PlanAsync(new { match = new { method = "PUT", nth = 2, times = (int?)null }, fault = new { kind = "stall" } });

        Outcome outcome = Shell.RunPiped("$input | Send-MgPrintDocument -TimeoutSec 3600 | Select-Object -First 1", rows);

        Assert.Single(outcome.Output);
    }

    [Theory]
    [InlineData("$input | Send-MgPrintDocument -ThrottleLimit 1 | ForEach-Object { throw 'bad' }")]
    [InlineData("$input | ForEach-Object { $_ | Send-MgPrintDocument -Content 1, 2 -DocumentName a.pdf | ForEach-Object { throw 'bad' } }")]
    [InlineData("foreach ($row in @($input)) { $row | Send-MgPrintDocument -InputStream $stream -DocumentName a.pdf | ForEach-Object { throw 'bad' } }")]
    public async Task What_a_later_command_throws_is_its_own_and_no_document_counts_as_not_sent(string script)
    {
        List<PSObject> rows = await AddDocumentsAsync([NewFile(10, "a.pdf"), NewFile(10, "b.pdf"), NewFile(10, "c.pdf")]);

        Outcome outcome = Shell.RunPiped($"{script}; 'went on'", rows, ("stream", new MemoryStream([1, 2, 3])));

        Assert.Equal("bad", outcome.Thrown?.Message);
        Assert.Empty(outcome.Errors);
        Assert.Empty(outcome.Output);
    }

    [Theory]
    [InlineData("break")]
    [InlineData("continue")]
    public async Task A_loop_that_a_later_command_leaves_is_left_without_an_error(string leave)
    {
        List<PSObject> rows = await AddDocumentsAsync([NewFile(10, "a.pdf")]);

        Outcome outcome = Shell.RunPiped(
            $"foreach ($row in @($input)) {{ $row | Send-MgPrintDocument -InputStream $stream -DocumentName a.pdf | ForEach-Object {{ {leave} }}; 'not here' }}; 'went on'",
            rows, ("stream", new MemoryStream([1, 2, 3])));

        Assert.Equal("went on", outcome.Single().BaseObject);
    }

    [Fact]
    public async Task Every_document_has_a_bar_of_its_own_and_all_go_away()
    {
        List<PSObject> rows =
            await AddDocumentsAsync([NewFile(30_000_000, "a.pdf"), NewFile(30_000_001, "b.pdf"), NewFile(30_000_002, "c.pdf")]);

        Outcome outcome = Shell.RunPiped("$input | Send-MgPrintDocument -ChunkSize 1000000 -MaxConcurrency 1", rows).AssertQuiet();

        var bars = outcome.Progress.GroupBy(record => record.ActivityId).ToList();
        Assert.All(bars, bar => Assert.Single(bar.Select(record => record.Activity).Distinct()));
        Assert.All(bars, bar => Assert.Equal(ProgressRecordType.Completed, bar.Last().RecordType));
        Assert.Equal(bars.Count, bars.Select(bar => bar.First().Activity).Distinct().Count());
        List<ProgressRecord> updates = [.. outcome.Progress.Where(record => record.RecordType == ProgressRecordType.Processing)];
        ProgressRecord[] total = [.. updates.Where(record => record.Activity == "Sending documents")];
        Assert.All(total, record => Assert.Matches("^[012] of [23]$", record.StatusDescription));
        Assert.Equal(total.Length, total.Select(record => record.StatusDescription).Distinct().Count());
        double seconds = outcome.Output.Max(sent => ((TimeSpan)sent.Properties["Duration"].Value).TotalSeconds);
        Assert.True(updates.Count - total.Length <= 3 + (seconds * 10), $"{updates.Count} updates in {seconds} s.");
    }

    [Fact]
    public async Task Lines_say_which_document_they_are_about()
    {
        List<PSObject> rows = await AddDocumentsAsync([NewFile(10, "a.pdf"), NewFile(10, "b.pdf")]);
        await Emulator.PlanAsync(new { match = new { method = "PUT" }, fault = new { kind = "cutBody" } });

        Outcome outcome = Shell.RunPiped("$input | Send-MgPrintDocument -Verbose", rows).AssertQuiet();

        Assert.Contains(outcome.Verbose, line => line.StartsWith("'b.pdf': Created an upload session", StringComparison.Ordinal));
        Assert.Contains(outcome.Verbose, line => line.Contains("Trying again", StringComparison.Ordinal) && line.StartsWith('\''));
    }

    [Fact]
    public async Task A_thousand_small_documents_go_through_one_pipeline()
    {
        string file = NewFile(100, "small.pdf");
        List<PSObject> rows = await AddDocumentsAsync(Enumerable.Repeat(file, 1000));

        Outcome outcome = Shell.RunPiped("$input | Send-MgPrintDocument | ForEach-Object { $_.Confirmed }", rows).AssertQuiet();

        Assert.Equal(1000, outcome.Output.Count(confirmed => (bool)confirmed.BaseObject));
        JsonElement journal = await Emulator.JournalAsync();
        Assert.Equal(0, journal.GetProperty("violations").GetArrayLength());
    }
}
