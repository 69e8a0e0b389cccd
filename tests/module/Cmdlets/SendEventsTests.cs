using System.Management.Automation;
using MgPrint.PowerShell.Tests.Hosting;

namespace MgPrint.PowerShell.Tests.Cmdlets;

/// <summary>When results come out, when bars go away, and what a failure says of how to go on.</summary>
public sealed class SendEventsTests(EmulatorProcess emulator) : EmulatorTest(emulator)
{
    [Fact]
    public async Task A_document_comes_out_while_the_command_before_is_still_busy()
    {
        List<PSObject> rows = await AddDocumentsAsync([NewFile(10, "a.pdf"), NewFile(10, "b.pdf")]);

        // Rows that go nowhere are written until the first document has come out, and only then the last one.
        Outcome outcome = Shell.Run(
            """
            $sent = [Collections.Generic.List[string]]::new()
            $clock = [Diagnostics.Stopwatch]::StartNew()
            & {
                $rows[0]
                while ($sent.Count -eq 0 -and $clock.Elapsed.TotalSeconds -lt 30) { [pscustomobject]@{ Path = 'nowhere' } }
                if ($sent.Count -eq 0) { throw 'It did not come out.' }
                $rows[1]
            } | Send-MgPrintDocument -ErrorAction SilentlyContinue | ForEach-Object { $sent.Add($_.Name); $_.Name }
            """,
            ("rows", rows));

        Assert.Null(outcome.Thrown);
        Assert.Equal(["a.pdf", "b.pdf"], outcome.Output.Select(name => (string)name.BaseObject));
    }

    [Theory]
    [InlineData("$rows | Send-MgPrintDocument -MaxConcurrency 1 -ErrorAction Stop", true)]
    [InlineData("$rows | Send-MgPrintDocument -MaxConcurrency 1 | ForEach-Object { throw 'enough' }", false)]
    public async Task An_error_that_ends_all_takes_every_bar_away(string send, bool fails)
    {
        // The first shows its bar and stalls. The second is answered a second later, and ends the pipeline.
        List<PSObject> rows = await AddDocumentsAsync([NewFile(20_000_000, "stalls.pdf"), NewFile(10, "late.pdf")]);
        string late = (string)rows[1].Properties["PrintDocumentId"].Value;
        await Emulator.PlanAsync(
            new { match = new { method = "PUT", rangeStart = 8_192_000, times = (int?)null }, fault = new { kind = "stall" } });
        await Emulator.PlanAsync(
            new { match = new { method = "POST", pathContains = late }, fault = new { kind = "status", status = 503, retryAfter = "1" } });
        if (fails)
        {
            await Emulator.PlanAsync(
                new { match = new { method = "POST", pathContains = late, nth = 2 }, fault = new { kind = "status", status = 400 } });
        }

        Outcome outcome = Shell.Run($"try {{ {send} }} catch {{ 'caught' }}", ("rows", rows));

        Assert.Equal("caught", Assert.Single(outcome.Output).BaseObject);
        Assert.Contains(outcome.Progress, record => record.Activity == "Sending stalls.pdf");
        Assert.Contains(outcome.Progress, record => record.Activity == "Sending documents" && record.StatusDescription == "0 of 2");
        Assert.All(outcome.Progress.GroupBy(record => record.ActivityId),
            bar => Assert.Equal(ProgressRecordType.Completed, bar.Last().RecordType));
    }

    [Theory]
    [InlineData("$ProgressPreference = 'SilentlyContinue'", "-ProgressAction Continue", true)]
    [InlineData("$ProgressPreference = 'Continue'", "-ProgressAction SilentlyContinue", false)]
    public void The_progress_that_the_command_line_asks_for_goes_before_the_preference(string preference, string action, bool isShown)
    {
        Outcome outcome =
            Run($"{preference}; {Create} | Send-MgPrintDocument $file -ChunkSize 200000 -MaxConcurrency 1 {action}", NewFile(10_000_000),
                10_000_000).AssertQuiet();

        Assert.Equal(isShown, outcome.Progress.Count > 0);
    }

    [Theory]
    [InlineData("Send-MgPrintDocument $file", "With a resume file, or a folder of them, it would continue where it stopped.")]
    [InlineData("Send-MgPrintDocument -Content ([byte[]](1..9)) -DocumentName a.pdf", "Run the command again; it sends the whole document.")]
    [InlineData("Send-MgPrintDocument -InputStream ([IO.MemoryStream]::new([byte[]](1..9))) -DocumentName a.pdf",
        "Run the command again; it sends the whole document.")]
    public async Task A_resume_file_is_advised_where_there_can_be_one(string send, string advice)
    {
        await Emulator.PlanAsync(
            new { match = new { method = "PUT", times = (int?)null }, fault = new { kind = "status", status = 503, retryAfter = "1000" } });

        ErrorRecord error = AssertError(Run($"{send} {Address}", NewFile(10)), "ServiceUnavailable", ErrorCategory.InvalidOperation);

        Assert.StartsWith("Wait that long. ", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.EndsWith(advice, error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_that_refuses_a_range_is_told_with_how_far_it_is_and_how_to_go_on()
    {
        await Emulator.PlanAsync(
            new
            {
                match = new { method = "PUT", rangeStart = 400_000, times = (int?)null },
                fault =
                new { kind = "status", status = 503, retryAfter = "1000" }
            });

        ErrorRecord error = AssertError(
            Run($"{Create} | Send-MgPrintDocument $file -ChunkSize 400000 -MaxConcurrency 1", NewFile(1_000_000), 1_000_000),
                "ServiceUnavailable", ErrorCategory.InvalidOperation);

        Assert.Contains("It asks to be tried again in 17 minutes.", error.ErrorDetails.Message, StringComparison.Ordinal);
        Assert.Contains("The service has 400000 of 1000000 bytes.", error.ErrorDetails.Message, StringComparison.Ordinal);
        Assert.StartsWith("'document.pdf': ", error.ErrorDetails.Message, StringComparison.Ordinal);
        Assert.Contains("it goes on where it stopped", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Contains("status 503", error.ErrorDetails.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("tempauthtoken", error.ErrorDetails.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_resume_file_that_cannot_be_written_is_told_with_what_to_look_at()
    {
        ErrorRecord error = AssertError(
            Run($"Send-MgPrintDocument $file {Address} -ResumeFile \"$folder/absent/job.resume\"", NewFile(10)), "ResumeFileFailed",
                ErrorCategory.WriteError);

        Assert.StartsWith("Check the folder", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_with_a_NUL_is_told_to_be_none()
    {
        ErrorRecord error = AssertError(Run($"Send-MgPrintDocument \"a`0.pdf\" {Address}"), "InvalidPath", ErrorCategory.InvalidArgument);

        Assert.Contains("NUL", error.Exception.Message, StringComparison.Ordinal);
    }
}
