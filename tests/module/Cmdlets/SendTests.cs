using System.Management.Automation;
using System.Text.Json;
using System.Text.RegularExpressions;
using MgPrint.PowerShell.Tests.Hosting;

namespace MgPrint.PowerShell.Tests.Cmdlets;

/// <summary>A document's whole way, from the session to equal bytes at the other end, against the strict emulator.</summary>
public sealed class SendTests(EmulatorProcess emulator) : EmulatorTest(emulator)
{
    [Theory]
    [InlineData(1)]
    [InlineData(8_191_999)]
    [InlineData(8_192_000)]
    [InlineData(8_192_001)]
    [InlineData(40_000_000)]
    public async Task A_document_arrives_byte_for_byte(int size)
    {
        string file = NewFile(size);

        PSObject sent = Run($"{Create} | Send-MgPrintDocument $file", file, size).Single();

        await AssertArrivedAsync(file);
        Assert.Equal(file, sent.Properties["Path"].Value);
        Assert.Equal("TestFile.pdf", sent.Properties["Name"].Value);
        Assert.Equal("application/pdf", sent.Properties["ContentType"].Value);
        Assert.Equal((long)size, sent.Properties["Bytes"].Value);
        Assert.Equal(Ids.PrintDocumentId, sent.Properties["DocumentId"].Value);
        Assert.Equal(0, sent.Properties["Retries"].Value);
        Assert.Equal(true, sent.Properties["Confirmed"].Value);
        Assert.True((TimeSpan)sent.Properties["Duration"].Value >= TimeSpan.Zero);
    }

    [Theory]
    [InlineData("$s | Send-MgPrintDocument $file")]
    [InlineData("Send-MgPrintDocument -Path $file -UploadSession $s")]
    [InlineData("($s | ConvertTo-CliXml | ConvertFrom-CliXml) | Send-MgPrintDocument $file")]
    [InlineData("[pscustomobject]@{ uploadUrl = $s.UploadUrl; anything = 1 } | Send-MgPrintDocument $file")]
    [InlineData("@{ UPLOADURL = $s.UploadUrl } | Send-MgPrintDocument $file")]
    [InlineData("$s.ToJsonString() | Send-MgPrintDocument $file")]
    [InlineData("Send-MgPrintDocument $file -UploadUrl $s.UploadUrl")]
    [InlineData("Send-MgPrintDocument $file -UploadUrl ([uri]$s.UploadUrl)")]
    [InlineData("$u = [securestring]::new(); $s.UploadUrl.ToCharArray() | ForEach-Object { $u.AppendChar($_) }; Send-MgPrintDocument $file -UploadUrl $u")]
    public async Task A_session_is_taken_in_whatever_form(string send)
    {
        string file = NewFile(100_000);

        Run($"$s = {Create}; {send}", file, 100_000).Single();

        await AssertArrivedAsync(file);
    }

    [Fact]
    public async Task An_upload_needs_no_token()
    {
        string file = NewFile(1000);

        Run($"$s = {Create}; $env:MGPRINT_ACCESS_TOKEN = $null; $s | Send-MgPrintDocument $file", file, 1000).Single();

        await AssertArrivedAsync(file);
    }

    [Fact]
    public async Task Paths_are_PowerShells_own()
    {
        string file = NewFile(1000, "näme [1] 日本.pdf");
        Shell.Run("$null = $ExecutionContext.SessionState.Path.SetLocation($folder)", ("folder", Folder)).AssertQuiet();

        PSObject sent = Run($"{Create} | Send-MgPrintDocument '.{Path.DirectorySeparatorChar}näme [1] 日本.pdf'", file, 1000).Single();

        Assert.Equal(file, sent.Properties["Path"].Value);
        await AssertArrivedAsync(file);
    }

    [Fact]
    public async Task Progress_is_shown_at_most_ten_times_a_second_and_taken_away()
    {
        string file = NewFile(60_000_000, "big.pdf");

        Outcome outcome = Run($"{Create} | Send-MgPrintDocument $file -ChunkSize 1000000 -MaxConcurrency 2", file, 60_000_000);

        var duration = (TimeSpan)outcome.Single().Properties["Duration"].Value;
        Assert.NotEmpty(outcome.Progress);
        Assert.All(outcome.Progress, record => Assert.Equal("Sending big.pdf", record.Activity));
        Assert.All(outcome.Progress.SkipLast(1),
            record => Assert.Matches(@"^[\d.,]+ \w+ (of [\d.,]+ \w+(, [\d.,]+ \w+/s)?|sent, waiting for the service)$", record.StatusDescription));
        Assert.Equal(ProgressRecordType.Completed, outcome.Progress[^1].RecordType);
        Assert.True(outcome.Progress.Count <= 3 + (duration.TotalSeconds * 10), $"{outcome.Progress.Count} updates in {duration}.");
        await AssertArrivedAsync(file);
    }

    [Fact]
    public void No_progress_is_written_where_none_is_wanted()
    {
        string file = NewFile(10_000_000);

        Outcome outcome = Run($"$ProgressPreference = 'SilentlyContinue'; {Create} | Send-MgPrintDocument $file", file, 10_000_000);

        outcome.Single();
        Assert.Empty(outcome.Progress);
    }

    [Fact]
    public async Task A_lost_answer_is_told_in_words_and_costs_no_byte()
    {
        string file = NewFile(20_000_000);
        await Emulator.PlanAsync(new { match = new { method = "PUT", rangeStart = 8_192_000 }, fault = new { kind = "loseAnswer" } });

        Outcome outcome = Run($"{Create} | Send-MgPrintDocument $file -MaxConcurrency 1 -Verbose", file, 20_000_000);

        Assert.NotEqual(0, outcome.Single().Properties["Retries"].Value);
        Assert.Contains(outcome.Verbose, line => line.Contains("Trying again", StringComparison.Ordinal));
        await AssertArrivedAsync(file);
    }

    [Fact]
    public async Task A_retry_is_shown_for_as_long_as_it_is_waited_for()
    {
        string file = NewFile(100_000);
        await Emulator.PlanAsync(new { match = new { method = "PUT" }, fault = new { kind = "status", status = 503, retryAfter = "1" } });

        Outcome outcome = Run($"{Create} | Send-MgPrintDocument $file", file, 100_000);

        outcome.Single();
        int retry = outcome.Progress.ToList()
            .FindIndex(record =>
                record.StatusDescription.StartsWith("Trying again in 1 s (retry 1 of 8): 127.0.0.1", StringComparison.Ordinal));
        Assert.True(retry >= 0, string.Join('\n', outcome.Progress.Select(record => record.StatusDescription)));
        // Before it, what had moved; after it, what moves again, and the end.
        Assert.All(outcome.Progress.Skip(retry + 1),
            record => Assert.DoesNotContain("Trying", record.StatusDescription, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_lost_last_answer_is_neither_success_nor_failure()
    {
        string file = NewFile(1000);
        await Emulator.PlanAsync(new { match = new { method = "PUT" }, fault = new { kind = "loseAnswer" } });

        Outcome outcome = Run($"{Create} | Send-MgPrintDocument $file", file, 1000);

        Assert.Equal(false, outcome.Single().Properties["Confirmed"].Value);
        Assert.Contains("the response that says so was lost", Assert.Single(outcome.Warnings), StringComparison.Ordinal);
        await AssertArrivedAsync(file);
    }

    [Fact]
    public async Task What_the_service_was_told_stands_in_for_an_answer_that_was_lost()
    {
        await Emulator.PlanAsync(new { match = new { method = "PUT" }, fault = new { kind = "loseAnswer" } });

        PSObject sent = Run($"Send-MgPrintDocument $file {Address}", NewFile(1000)).Single();

        Assert.Equal("document.pdf", sent.Properties["Name"].Value);
        Assert.Equal("application/pdf", sent.Properties["ContentType"].Value);
        Assert.Equal(Ids.PrintDocumentId, sent.Properties["DocumentId"].Value);
    }

    [Fact]
    public async Task A_range_that_is_too_large_is_advised_to_be_smaller_by_its_parameter()
    {
        await Emulator.PlanAsync(new { match = new { method = "PUT" }, fault = new { kind = "status", status = 413 } });

        ErrorRecord error = Run($"Send-MgPrintDocument $file {Address}", NewFile(1000)).Error();

        Assert.Contains("-ChunkSize", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(999, 1000)]
    [InlineData(1001, 1000)]
    public async Task A_size_that_contradicts_the_session_is_refused_and_nothing_is_sent(int fileSize, int sessionSize)
    {
        string file = NewFile(fileSize);

        Outcome outcome = Run($"{Create} | Send-MgPrintDocument $file", file, sessionSize);

        AssertError(outcome, "SizeMismatch", ErrorCategory.InvalidData);
        JsonElement journal = await Emulator.JournalAsync();
        Assert.DoesNotContain(journal.GetProperty("entries").EnumerateArray(), entry => entry.GetProperty("method").GetString() == "PUT");
    }

    [Fact]
    public void Files_that_cannot_be_sent_are_refused()
    {
        string empty = NewFile(0, "empty.pdf");

        AssertError(Run($"{Create} | Send-MgPrintDocument '{Path.Combine(Folder, "absent.pdf")}'", empty, 10), "SourceNotFound",
            ErrorCategory.ObjectNotFound);
        AssertError(Run($"{Create} | Send-MgPrintDocument '{Folder}'", empty, 10), "SourceNotAFile", ErrorCategory.InvalidType);
        AssertError(Run($"{Create} | Send-MgPrintDocument $file", empty, 10), "SourceEmpty", ErrorCategory.InvalidData);
        AssertError(Run($"{Create} | Send-MgPrintDocument env:PATH", empty, 10), "InvalidPath", ErrorCategory.InvalidArgument);
        AssertError(Run($"{Create} | Send-MgPrintDocument nosuchdrive:x", empty, 10), "InvalidPath", ErrorCategory.InvalidArgument);
        if (!OperatingSystem.IsWindows())
        {
            AssertError(Run($"{Create} | Send-MgPrintDocument /dev/null", empty, 10), "SourceNotAFile", ErrorCategory.InvalidType);
            string pipe = Path.Combine(Folder, "pipe");
            using (var make = System.Diagnostics.Process.Start("mkfifo", [pipe]))
            {
                make.WaitForExit();
            }

            AssertError(Run($"{Create} | Send-MgPrintDocument '{pipe}'", empty, 10), "SourceNotAFile", ErrorCategory.InvalidType);
        }
    }

    [Theory]
    [InlineData("@{ a = 1 } | Send-MgPrintDocument $file", "InvalidUploadSession")]
    [InlineData("@{ uploadUrl = $null } | Send-MgPrintDocument $file", "InvalidUploadSession")]
    [InlineData("5 | Send-MgPrintDocument $file", "InvalidUploadSession")]
    [InlineData("Send-MgPrintDocument $file -UploadUrl 'ftp://h/u?t=1'", "InvalidUploadUrl")]
    [InlineData("Send-MgPrintDocument $file -UploadUrl 'http://foreign.example/u?t=1'", "InvalidUploadUrl")]
    [InlineData("Send-MgPrintDocument $file -UploadUrl 'no address'", "InvalidUploadUrl")]
    public void What_is_no_session_is_refused(string script, string id) =>
        AssertError(Run(script, NewFile(10), 10), id, ErrorCategory.InvalidArgument);

    [Theory]
    [InlineData("-ChunkSize 0")]
    [InlineData("-ChunkSize 10000000")]
    [InlineData("-MaxConcurrency 5")]
    [InlineData("-MaxConcurrency 0")]
    [InlineData("-TimeoutSec 0")]
    [InlineData("-MaxRetry -1")]
    public void Settings_out_of_their_range_are_binding_errors(string arguments)
    {
        Outcome outcome = Run($"Send-MgPrintDocument $file -UploadUrl 'https://h/u' {arguments}", NewFile(10), 10);

        Assert.Contains("ParameterArgumentValidationError", outcome.Error().FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_of_html_in_the_services_place_is_an_unexpected_response()
    {
        string file = NewFile(1000);
        await Emulator.PlanAsync(
            new
            {
                match = new { part = "upload", times = (int?)null },
                fault =
                new { kind = "html", status = 200, body = "<html>Sign in to the network</html>" }
            });

        AssertError(Run($"{Create} | Send-MgPrintDocument $file -MaxRetry 0", file, 1000), "UnexpectedResponse",
            ErrorCategory.InvalidResult);
    }

    [Fact]
    public async Task An_expired_session_is_said_to_be_gone()
    {
        string file = NewFile(1000);
        Run($"$global:s = {Create}", file, 1000).AssertQuiet();
        await Emulator.ExpireAsync(Ids);

        AssertError(Run("$s | Send-MgPrintDocument $file", file, 1000), "SessionGone", ErrorCategory.ObjectNotFound);
    }

    [Fact]
    public async Task Stopping_ends_an_upload_at_once_and_leaves_it_resumable()
    {
        string file = NewFile(30_000_000);
        await Emulator.PlanAsync(new { match = new { method = "PUT", rangeStart = 8_192_000 }, fault = new { kind = "stall" } });
        Run($"$global:s = {Create}", file, 30_000_000).AssertQuiet();
        using (var shell = System.Management.Automation.PowerShell.Create(Shell.Runspace))
        {
            shell.AddScript("$s | Send-MgPrintDocument $file -MaxConcurrency 1");
            var stalled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            shell.Streams.Progress.DataAdded += (records, added) =>
            {
                // More than the first range: the second one is on its way into the stall.
                if (((PSDataCollection<ProgressRecord>)records!)[added.Index].PercentComplete > 27)
                {
                    stalled.TrySetResult();
                }
            };
            IAsyncResult running = shell.BeginInvoke();
            await stalled.Task;

            var clock = System.Diagnostics.Stopwatch.StartNew();
            shell.Stop();

            Assert.True(clock.Elapsed < TimeSpan.FromMilliseconds(500), $"It took {clock.Elapsed.TotalMilliseconds} ms.");
            Assert.Throws<PipelineStoppedException>(() => shell.EndInvoke(running));
        }

        Run("$s | Send-MgPrintDocument $file", file, 30_000_000).Single();
        await AssertArrivedAsync(file);
    }

    [Fact]
    public void The_table_of_a_sent_document_fits_a_line()
    {
        var host = new TestHost();
        using var shell = new Shell(host);
        string file = NewFile(1000);

        shell.Run($"{Create} | Send-MgPrintDocument $file | Out-Default", ("ids", Ids), ("file", file), ("size", 1000)).AssertQuiet();

        string header = Assert.Single(host.Lines, line => line.Contains("Duration", StringComparison.Ordinal));
        Assert.Matches(@"^\s+Size\s+Duration\s+Speed Retries Confirmed Name$", header);
        Assert.Contains(host.Lines,
            line => Regex.IsMatch(line, @"^\s+1000 B\s+\d+[.,]\d\d s\s+(\d+[.,]\d MiB/s)?\s+0 True\s+TestFile\.pdf$"));
    }
}
