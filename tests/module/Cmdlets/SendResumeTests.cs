using System.Management.Automation;
using System.Text.Json;
using MgPrint.PowerShell.Tests.Hosting;

namespace MgPrint.PowerShell.Tests.Cmdlets;

/// <summary>The same command, again, goes on where it stopped.</summary>
public sealed class SendResumeTests(EmulatorProcess emulator) : EmulatorTest(emulator)
{
    private const string Small = "-ChunkSize 100000 -MaxConcurrency 1";

    private string ResumeFile => Path.Combine(Folder, "job.resume");

    [Fact]
    public async Task A_resume_file_makes_the_same_command_go_on()
    {
        string file = NewFile(500_000);
        string command = $"Send-MgPrintDocument $file {Address} {Small} -ResumeFile \"$folder/job.resume\"";
        await RefuseAsync(nth: 3);
        AssertError(Run(command, file), "Conflict", ErrorCategory.InvalidOperation);
        string text = await File.ReadAllTextAsync(ResumeFile);
        Assert.Contains("tempauthtoken", text, StringComparison.Ordinal);
        Assert.DoesNotContain(Emulator.Token, text, StringComparison.Ordinal);

        Run(command, file).Single();

        await AssertArrivedAsync(file);
        Assert.Single(await RequestsAsync("POST"));
        Assert.False(File.Exists(ResumeFile));
    }

    [Fact]
    public async Task The_rate_is_of_what_was_sent_and_not_of_what_was_there()
    {
        string file = NewFile(500_000);
        string command = $"$s | Send-MgPrintDocument $file {Small}";
        Run($"$global:s = {Create}", file, 500_000).AssertQuiet();
        await RefuseAsync(nth: 5);
        AssertError(Run(command, file), "Conflict", ErrorCategory.InvalidOperation);

        PSObject sent = Run(command, file).Single();

        double bytes = (long)sent.Properties["BytesPerSecond"].Value * ((TimeSpan)sent.Properties["Duration"].Value).TotalSeconds;
        Assert.Equal(500_000L, sent.Properties["Bytes"].Value);
        Assert.InRange(bytes, 0, 100_001);
    }

    [Fact]
    public async Task A_session_that_was_given_goes_on_with_its_resume_file()
    {
        string file = NewFile(500_000);
        Run($"$global:s = {Create}", file, 500_000).AssertQuiet();
        await RefuseAsync(nth: 3);
        AssertError(Run($"$s | Send-MgPrintDocument $file {Small} -ResumeFile \"$folder/job.resume\"", file), "Conflict",
            ErrorCategory.InvalidOperation);
        Assert.True(File.Exists(ResumeFile));

        Run($"Send-MgPrintDocument $file -UploadUrl $s.UploadUrl {Small} -ResumeFile \"$folder/job.resume\"", file).Single();

        await AssertArrivedAsync(file);
    }

    [Fact]
    public async Task A_resume_file_of_another_document_is_refused()
    {
        string file = NewFile(500_000);
        await RefuseAsync(nth: 2);
        Run($"Send-MgPrintDocument $file {Address} {Small} -ResumeFile \"$folder/job.resume\"", file);

        Outcome outcome =
            Run($"Send-MgPrintDocument $file -PrinterId p -PrintJobId j -PrintDocumentId d {Small} -ResumeFile \"$folder/job.resume\"",
                file);

        ErrorRecord error = AssertError(outcome, "ResumeFileRefused", ErrorCategory.SecurityError);
        Assert.DoesNotContain("tempauthtoken", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_holds_a_resume_file_for_each_document()
    {
        string[] files = [NewFile(300_000, "a.pdf"), NewFile(300_001, "b.pdf"), NewFile(300_002, "c.pdf")];
        List<PSObject> rows = await AddDocumentsAsync(files);
        string folder = Directory.CreateDirectory(Path.Combine(Folder, "resume")).FullName;
        await Emulator.PlanAsync(
            new { match = new { method = "PUT", rangeStart = 200_000, times = 2 }, fault = new { kind = "status", status = 409 } });
        string command = $"$input | Send-MgPrintDocument {Small} -ResumeDirectory '{folder}' -ErrorAction SilentlyContinue";
        Assert.Single(Shell.RunPiped(command, rows).Output);
        Assert.Equal(2, Directory.GetFiles(folder).Length);

        PSObject[] left = [.. rows.Where(row => !IsCompleteAsync(row).Result)];
        Outcome outcome = Shell.RunPiped(command, left).AssertQuiet();

        Assert.Equal(2, outcome.Output.Count);
        Assert.Equal(3, (await RequestsAsync("POST")).Count);
        Assert.Empty(Directory.GetFiles(folder));
        foreach ((string file, PSObject row) in files.Zip(rows))
        {
            await AssertArrivedAsync((string)row.Properties["PrintDocumentId"].Value, await File.ReadAllBytesAsync(file));
        }
    }

    [Fact]
    public async Task Several_documents_cannot_share_a_resume_file()
    {
        List<PSObject> rows = await AddDocumentsAsync([NewFile(10, "a.pdf"), NewFile(10, "b.pdf")]);

        Outcome outcome = Shell.RunPiped($"$input | Send-MgPrintDocument -ResumeFile '{ResumeFile}'", rows);

        Assert.StartsWith("MoreThanOneFile", outcome.Error().FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("-ResumeDirectory", outcome.Error().Exception.Message, StringComparison.Ordinal);
        Assert.Empty(await RequestsAsync("POST"));
    }

    [Theory]
    [InlineData("-ResumeFile x -ResumeDirectory y", "AmbiguousResumeFile")]
    [InlineData("-ResumeFile env:x", "InvalidPath")]
    [InlineData("-ResumeFile \"$folder/none/x\"", "ResumeFileFailed")]
    [InlineData("-ResumeDirectory \"$file/none\"", "ResumeFileFailed")]
    public async Task A_resume_file_that_cannot_be_is_an_error_and_no_byte_is_sent(string arguments, string id)
    {
        Outcome outcome = Run($"Send-MgPrintDocument $file {Address} {arguments}", NewFile(10));

        Assert.StartsWith(id, outcome.Error().FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Empty(await RequestsAsync("POST"));
    }

    [Fact]
    public async Task Ctrl_C_leaves_a_resume_file_that_is_true()
    {
        string file = NewFile(500_000);
        string command = $"Send-MgPrintDocument $file {Address} {Small} -ResumeFile \"$folder/job.resume\"";
        await Emulator.PlanAsync(new { match = new { method = "PUT", nth = 3 }, fault = new { kind = "stall" } });
        Run("");
        Shell.Runspace.SessionStateProxy.SetVariable("file", file);
        using (var shell = System.Management.Automation.PowerShell.Create(Shell.Runspace))
        {
            shell.AddScript($"$VerbosePreference = 'Continue'; {command}");
            var stalled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            shell.Streams.Verbose.DataAdded += (records, added) =>
            {
                if (((PSDataCollection<VerboseRecord>)records!)[added.Index].Message.Contains("200000-299999", StringComparison.Ordinal))
                {
                    stalled.TrySetResult();
                }
            };
            IAsyncResult running = shell.BeginInvoke();
            await stalled.Task;
            shell.Stop();
            Assert.Throws<PipelineStoppedException>(() => shell.EndInvoke(running));
        }

        Run(command, file).Single();

        await AssertArrivedAsync(file);
        Assert.Single(await RequestsAsync("POST"));
    }

    [Fact]
    public async Task A_folder_for_resume_files_that_is_not_there_is_made()
    {
        string file = NewFile(10);

        Run($"Send-MgPrintDocument $file {Address} -ResumeDirectory \"$folder/new/folder\" -WhatIf", file);
        Assert.False(Directory.Exists(Path.Combine(Folder, "new")));
        Run($"Send-MgPrintDocument $file {Address} -ResumeDirectory \"$folder/new/folder\"", file).Single();

        Assert.Empty(Directory.GetFiles(Path.Combine(Folder, "new", "folder")));
        await AssertArrivedAsync(file);
    }

    [Fact]
    public async Task A_document_whose_session_expired_starts_over_and_says_so()
    {
        string file = NewFile(500_000);
        string command = $"Send-MgPrintDocument $file {Address} {Small} -ResumeFile \"$folder/job.resume\"";
        await RefuseAsync(nth: 2);
        Run(command, file);
        await Emulator.ExpireAsync(Ids);

        Outcome outcome = Run(command, file);

        outcome.Single();
        Assert.Contains("Starting over with a new upload session", Assert.Single(outcome.Warnings), StringComparison.Ordinal);
        await AssertArrivedAsync(file);
    }

    private Task RefuseAsync(int nth) =>
        Emulator.PlanAsync(new { match = new { method = "PUT", nth }, fault = new { kind = "status", status = 409 } });

    private async Task<bool> IsCompleteAsync(PSObject row)
    {
        JsonElement document = await Emulator.DocumentAsync((string)row.Properties["PrintDocumentId"].Value);
        return document.GetProperty("state").GetString() == "uploaded";
    }
}
