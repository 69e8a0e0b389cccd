using System.Management.Automation;
using MgPrint.PowerShell.Tests.Hosting;

namespace MgPrint.PowerShell.Tests.Cmdlets;

/// <summary>Where the bytes come from: files by every way to name one, streams, memory.</summary>
public sealed class SendSourceTests(EmulatorProcess emulator) : EmulatorTest(emulator)
{
    [Theory]
    [InlineData("Send-MgPrintDocument -Path \"$folder/one*.pdf\"")]
    [InlineData("Send-MgPrintDocument -Path \"$folder/[o]ne*.pdf\"")]
    [InlineData("Send-MgPrintDocument -Path \"$folder/one [1].pdf\"")]
    [InlineData("Send-MgPrintDocument -Path \"$folder/one ``[1``].pdf\"")]
    [InlineData("Send-MgPrintDocument -LiteralPath \"$folder/one [1].pdf\"")]
    [InlineData("Send-MgPrintDocument -LP \"FileSystem::$folder/one [1].pdf\"")]
    [InlineData("Send-MgPrintDocument -PSPath \"Microsoft.PowerShell.Core\\FileSystem::$folder/one [1].pdf\"")]
    [InlineData("Send-MgPrintDocument -FullName \"$folder/one [1].pdf\"")]
    [InlineData("[pscustomobject]@{ PSPath = \"Microsoft.PowerShell.Core\\FileSystem::$folder/one [1].pdf\" } | Send-MgPrintDocument")]
    [InlineData("$drive = [Management.Automation.PSDriveInfo]::new('docs', $ExecutionContext.SessionState.Provider.GetOne('FileSystem'), $folder, '', $null); $null = $ExecutionContext.SessionState.Drive.New($drive, 'local'); Send-MgPrintDocument 'docs:/one [1].pdf'")]
    public async Task A_file_is_found_by_every_path_that_PowerShell_knows(string send)
    {
        string file = NewFile(1000, "one [1].pdf");
        NewFile(1, "two.pdf");

        PSObject sent = Run($"{send} {Address}", file).Single();

        Assert.Equal(file, sent.Properties["Path"].Value);
        await AssertArrivedAsync(file);
    }

    [Fact]
    public async Task A_file_object_with_a_provider_path_is_one_file()
    {
        string file = NewFile(1000, "a [b].pdf");
        var item = new PSObject(new FileInfo(file));
        item.Properties.Add(new PSNoteProperty("PSPath", $"Microsoft.PowerShell.Core\\FileSystem::{file}"));

        Shell.RunPiped($"$input | Send-MgPrintDocument {Address}", [item], ("ids", Ids)).Single();

        await AssertArrivedAsync(file);
    }

    [Theory]
    [InlineData("日本語の文書 – ünïcödé 🖨.pdf")]
    [InlineData("a\u0301 combining.pdf")]
    [InlineData("-leading dash.pdf")]
    [InlineData("it's $here `tick`.pdf")]
    public async Task Names_in_any_script_arrive(string name)
    {
        string file = NewFile(1000, name);

        PSObject sent = Run($"Send-MgPrintDocument -LiteralPath $file {Address}", file).Single();

        Assert.Equal(name, sent.Properties["Name"].Value);
        Assert.Equal(name, (await Emulator.DocumentAsync(Ids.PrintDocumentId)).GetProperty("documentName").GetString());
        await AssertArrivedAsync(file);
    }

    [Fact]
    public async Task A_long_path_arrives()
    {
        string folder = Folder;
        for (int depth = 0; depth < 8; depth++)
        {
            folder = Path.Combine(folder, new string('d', 120));
        }

        string file = Path.Combine(Directory.CreateDirectory(folder).FullName, new string('f', 200) + ".pdf");
        await File.WriteAllBytesAsync(file, NewContent(1000));

        Run($"Send-MgPrintDocument $file {Address}", file).Single();

        await AssertArrivedAsync(file);
    }

    [Fact]
    public async Task A_path_in_the_home_folder_arrives()
    {
        string file = NewFile(1000, "home.pdf");

        Run($"$ExecutionContext.SessionState.Provider.GetOne('FileSystem').Home = $folder; Send-MgPrintDocument '~/home.pdf' {Address}",
            file).Single();

        await AssertArrivedAsync(file);
    }

    [Fact]
    public async Task A_name_that_is_no_text_arrives()
    {
        if (!OperatingSystem.IsLinux())
        {
            // Elsewhere every name is text.
            return;
        }

        NewFile(1000, "plain.pdf");
        InShell("mv \"$1/plain.pdf\" \"$1/$(printf 'caf\\351.pdf')\"");
        try
        {
            PSObject sent = Run($"[IO.DirectoryInfo]::new($folder).GetFiles() | Send-MgPrintDocument {Address}").Single();

            Assert.Equal("caf\uFFFD.pdf", sent.Properties["Name"].Value);
            await AssertArrivedAsync(Ids.PrintDocumentId, NewContent(1000));
        }
        finally
        {
            // Nor does .NET find it to delete it.
            InShell("rm \"$1\"/caf*");
        }
    }

    [Theory]
    [InlineData("-Path \"$folder/*.pdf\"")]
    [InlineData("-Path \"$folder/a.pdf\", \"$folder/b.pdf\"")]
    [InlineData("-LiteralPath \"$folder/a.pdf\", \"$folder/b.pdf\"")]
    public async Task Several_files_for_one_document_are_refused_before_anything_is_sent(string paths)
    {
        NewFile(10, "a.pdf");
        NewFile(10, "b.pdf");

        ErrorRecord error = AssertError(Run($"Send-MgPrintDocument {paths} {Address}"), "MoreThanOneFile", ErrorCategory.InvalidArgument);

        Assert.Contains("'a.pdf' and 'b.pdf'", error.Exception.Message, StringComparison.Ordinal);
        Assert.Empty(await RequestsAsync("POST"));
    }

    [Theory]
    [InlineData($"$files | Send-MgPrintDocument {Address}")]
    [InlineData("$s = " + Create + "; $files | Send-MgPrintDocument -UploadSession $s")]
    [InlineData("$s = " + Create + "; $files | Send-MgPrintDocument -UploadUrl $s.UploadUrl")]
    public async Task Several_piped_files_for_one_named_document_are_refused_before_anything_is_sent(string send)
    {
        NewFile(10, "a.pdf");
        NewFile(10, "b.pdf");

        Outcome outcome = Run($"$files = [IO.DirectoryInfo]::new($folder).GetFiles(); {send}", size: 10);

        Assert.StartsWith("MoreThanOneFile", outcome.Error().FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Empty(await RequestsAsync("PUT"));
    }

    [Theory]
    [InlineData("$folder/none*.pdf", "SourceNotFound", ErrorCategory.ObjectNotFound)]
    [InlineData("$folder/none.pdf", "SourceNotFound", ErrorCategory.ObjectNotFound)]
    [InlineData("env:PA*", "InvalidPath", ErrorCategory.InvalidArgument)]
    [InlineData("nosuchdrive:*", "InvalidPath", ErrorCategory.InvalidArgument)]
    [InlineData("NoSuchProvider::x", "InvalidPath", ErrorCategory.InvalidArgument)]
    public async Task A_path_to_nothing_is_refused_before_anything_is_sent(string path, string id, ErrorCategory category)
    {
        AssertError(Run($"Send-MgPrintDocument \"{path}\" {Address} -ContentType application/pdf"), id, category);

        Assert.Empty(await RequestsAsync("POST"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1_048_577)]
    [InlineData(20_000_000)]
    public async Task A_stream_arrives_from_its_beginning_and_stays_open(int size)
    {
        byte[] content = NewContent(size);
        using var stream = new MemoryStream(content);
        stream.Position = size;

        PSObject sent =
            Shell.Run($"Send-MgPrintDocument -InputStream $stream -DocumentName stream.pdf {Address}", ("ids", Ids), ("stream", stream))
                .Single();

        Assert.Null(sent.Properties["Path"].Value);
        Assert.Equal("stream.pdf", sent.Properties["Name"].Value);
        Assert.True(stream.CanRead);
        await AssertArrivedAsync(Ids.PrintDocumentId, content);
    }

    [Fact]
    public async Task A_stream_goes_through_a_session_too_and_again_after_a_break()
    {
        byte[] content = NewContent(3_000_000);
        await Emulator.PlanAsync(new { match = new { method = "PUT" }, fault = new { kind = "cutBody", afterBytes = 1_500_000 } });
        using var stream = new MemoryStream(content);

        Shell.Run($"{Create} | Send-MgPrintDocument -InputStream $stream", ("ids", Ids), ("size", content.Length), ("stream", stream))
            .Single();

        await AssertArrivedAsync(Ids.PrintDocumentId, content);
    }

    [Fact]
    public async Task A_class_of_the_scripts_own_may_be_the_stream()
    {
        Outcome outcome = Run(
            $$"""
            class Counted : IO.MemoryStream {
                [int] $Reads
                Counted([byte[]] $content) : base($content) { }
                [int] Read([byte[]] $buffer, [int] $offset, [int] $count) { $this.Reads++; return ([IO.MemoryStream] $this).Read($buffer, $offset, $count) }
            }
            $stream = [Counted]::new([IO.File]::ReadAllBytes($file))
            Send-MgPrintDocument -InputStream $stream -DocumentName a.pdf {{Address}}
            """, NewFile(3_000_000));

        outcome.Single();
        await AssertArrivedAsync(Path.Combine(Folder, "document.pdf"));
    }

    [Theory]
    [InlineData("[IO.Compression.GZipStream]::new([IO.MemoryStream]::new([byte[]](1..9)), [IO.Compression.CompressionMode]::Decompress)",
        "InvalidStream")]
    [InlineData("$(($m = [IO.MemoryStream]::new()).Dispose(); $m)", "InvalidStream")]
    [InlineData("[IO.MemoryStream]::new()", "SourceEmpty")]
    public async Task A_stream_that_cannot_be_sent_is_refused(string stream, string id)
    {
        Outcome outcome = Run($"Send-MgPrintDocument -InputStream ({stream}) -DocumentName a.pdf {Address}");

        Assert.StartsWith(id, outcome.Error().FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Empty(await RequestsAsync("POST"));
    }

    [Fact]
    public void A_stream_that_fails_in_the_middle_is_told_in_its_own_words()
    {
        using var stream = new FailingStream(3_000_000);

        Outcome outcome =
            Shell.Run($"Send-MgPrintDocument -InputStream $stream -DocumentName a.pdf {Address}", ("ids", Ids), ("stream", stream));

        ErrorRecord error = AssertError(outcome, "SourceUnreadable", ErrorCategory.PermissionDenied);
        Assert.StartsWith("'a.pdf' cannot be read: The tape is torn. The service has ", error.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stopping_does_not_wait_for_a_stream_that_hangs()
    {
        using var stream = new HangingStream(1000);
        using var shell = System.Management.Automation.PowerShell.Create(Shell.Runspace);
        Run("");
        Shell.Runspace.SessionStateProxy.SetVariable("stream", stream);
        shell.AddScript($"Send-MgPrintDocument -InputStream $stream -DocumentName a.pdf {Address}");
        IAsyncResult running = shell.BeginInvoke();
        await stream.Reading;

        // It would hang for ever: that this comes back is what is tested.
        shell.Stop();

        Assert.Throws<PipelineStoppedException>(() => shell.EndInvoke(running));
        stream.Release();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(9_000_000)]
    public async Task Bytes_arrive(int size)
    {
        byte[] content = NewContent(size);

        PSObject sent =
            Shell.Run($"Send-MgPrintDocument -Content $content -DocumentName bytes.pdf {Address}", ("ids", Ids), ("content", content))
                .Single();

        Assert.Null(sent.Properties["Path"].Value);
        await AssertArrivedAsync(Ids.PrintDocumentId, content);
    }

    [Theory]
    [InlineData("-Content ([byte[]](1, 2))", "DocumentNameMissing")]
    [InlineData("-Content ([byte[]]@()) -DocumentName a.pdf", "SourceEmpty")]
    [InlineData("-Content ([byte[]](1, 2)) -DocumentName a", "ContentTypeUnknown")]
    public async Task Bytes_that_cannot_be_sent_are_refused(string arguments, string id)
    {
        Outcome outcome = Run($"Send-MgPrintDocument {arguments} {Address}");

        Assert.StartsWith(id, outcome.Error().FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Empty(await RequestsAsync("POST"));
    }

    [Fact]
    public void More_than_a_job_may_have_is_a_warning()
    {
        string file = NewFile(0);
        using (FileStream sparse = File.OpenWrite(file))
        {
            sparse.SetLength(1_000_000_001);
        }

        Outcome outcome = Run("Send-MgPrintDocument $file -UploadUrl http://127.0.0.1:9/u?t=1 -MaxRetry 0", file);

        Assert.Contains("1 GB", Assert.Single(outcome.Warnings), StringComparison.Ordinal);
    }

    private void InShell(string command)
    {
        using var shell = System.Diagnostics.Process.Start("sh", ["-c", command, "sh", Folder]);
        shell.WaitForExit();
        Assert.Equal(0, shell.ExitCode);
    }

    private sealed class FailingStream(long length) : MemoryStream
    {
        public override long Length => length;

        public override long Position { get; set; }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            buffer.Span.Clear();
            return Position == 0 ? ValueTask.FromResult(buffer.Length) : throw new IOException("The tape is torn.");
        }
    }

    private sealed class HangingStream(long length) : MemoryStream
    {
        private readonly TaskCompletionSource _reading = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource<int> _never = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Reading => _reading.Task;

        public override long Length => length;

        public override long Position { get; set; }

        public void Release() => _never.TrySetResult(0);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            _reading.TrySetResult();
            return new ValueTask<int>(_never.Task);
        }
    }
}
