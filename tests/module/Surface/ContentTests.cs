using System.Management.Automation;
using MgPrint.PowerShell.Tests.Hosting;

namespace MgPrint.PowerShell.Tests.Surface;

/// <summary>The content of a document: down to a file, up from a file or a stream, and away.</summary>
public sealed class ContentTests : ServiceTest
{
    private const string Document = "-PrinterShareId s -PrintJobId j -PrintDocumentId d";
    private const string Address = "/v1.0/print/shares/s/jobs/j/documents/d/$value";

    private readonly string _folder = Directory.CreateTempSubdirectory("mgprint-").FullName;

    private string FilePath => Path.Combine(_folder, "document.pdf");

    [Fact]
    public void It_is_written_to_a_file_by_way_of_one_redirect_without_the_token()
    {
        using var host = new StubService();
        host.Answer = _ => Reply.Of(200, "%PDF-1.7 content", ("Content-Type", "application/pdf"));
        Service.Answer = _ => Reply.Of(302, "", ("Location", $"{host.Endpoint}/content?t=CANARY"));
        File.WriteAllText(FilePath, "an older file, which is longer than the new one");

        Outcome outcome = Shell.Run($"Get-MgPrintShareJobDocumentContent {Document} -OutFile $file -PassThru", ("file", FilePath));

        Assert.Equal(true, outcome.Single().BaseObject);
        Assert.Equal("%PDF-1.7 content", File.ReadAllText(FilePath));
        Assert.Equal([FilePath], Directory.EnumerateFileSystemEntries(_folder));
        Assert.Equal($"GET {Address}", $"{Service.Request.Method} {Service.Request.Target}");
        Assert.Equal($"Bearer {Token}", Service.Request.Header("Authorization"));
        Assert.Null(host.Request.Header("Authorization"));
    }

    [Fact]
    public void A_refusal_leaves_no_file_and_names_the_permission()
    {
        Service.Answer = _ => Reply.GraphError(403, "UnknownError", "");

        ErrorRecord error = Shell.Run(
            "Get-MgPrintPrinterJobDocumentContent -PrinterId p -PrintJobId j -PrintDocumentId d -OutFile $file", ("file", FilePath)).Error();

        Assert.Equal("PermissionMissing", error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Contains("PrintJob.Read.All", error.ErrorDetails.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
    }

    [Theory]
    [InlineData("-InFile $file", "application/pdf")]
    [InlineData("-InFile $file -ContentType image/png", "image/png")]
    [InlineData("-InFile $file -Headers @{ 'Content-Type' = 'image/tiff' }", "image/tiff")]
    [InlineData("-InFile $file -Data ([IO.MemoryStream]::new([Text.Encoding]::UTF8.GetBytes('bytes of it')))", "application/pdf")]
    public void A_file_or_a_stream_is_sent_as_the_body(string given, string contentType)
    {
        Service.Answer = _ => Reply.Of(204, "");
        File.WriteAllText(FilePath, "bytes of it");

        Outcome outcome = Shell.Run($"Set-MgPrintShareJobDocumentContent {Document} {given} -PassThru", ("file", FilePath));

        Assert.Equal(true, outcome.Single().BaseObject);
        Assert.Equal($"PUT {Address}", $"{Service.Request.Method} {Service.Request.Target}");
        Assert.Equal("bytes of it", Service.Request.BodyText);
        Assert.Equal(contentType, Service.Request.Header("Content-Type"));
    }

    [Fact]
    public void A_stream_may_come_down_the_pipe()
    {
        Service.Answer = _ => Reply.Of(204, "");

        Shell.Run(
            $", [IO.MemoryStream]::new([byte[]](65, 66)) | Set-MgPrintShareJobDocumentContent {Document} -InFile a.txt").AssertQuiet();

        Assert.Equal("AB", Service.Request.BodyText);
        Assert.Equal("text/plain", Service.Request.Header("Content-Type"));
    }

    [Theory]
    [InlineData("@{ PrinterShareId = 's'; PrintJobId = 'j'; PrintDocumentId = 'd' }", "", "application/octet-stream")]
    [InlineData("[pscustomobject] @{ PrinterShareId = 's'; PrintJobId = 'j'; PrintDocumentId = 'd' }", "", "application/octet-stream")]
    [InlineData("@{ 'X-A' = 'b' }", Document, "application/octet-stream")]
    [InlineData("'text/plain'", Document, "text/plain")]
    public void What_is_piped_is_a_content_type_only_where_it_is_one(string piped, string ids, string contentType)
    {
        Service.Answer = _ => Reply.Of(204, "");
        File.WriteAllText(Path.Combine(_folder, "in.bin"), "x");

        Shell.Run(
            $"{piped} | Set-MgPrintShareJobDocumentContent {ids} -InFile $file", ("file", Path.Combine(_folder, "in.bin"))).AssertQuiet();

        Assert.Equal($"PUT {Address}", $"{Service.Request.Method} {Service.Request.Target}");
        Assert.Equal(contentType, Service.Request.Header("Content-Type"));
        Assert.Equal(piped.Contains("X-A", StringComparison.Ordinal) ? "b" : null, Service.Request.Header("X-A"));
    }

    [Fact]
    public void What_is_no_content_type_and_nothing_else_is_refused()
    {
        Outcome outcome = Shell.Run($"5 | Set-MgPrintShareJobDocumentContent {Document} -InFile a.bin");

        Assert.Equal("InvalidContentType", outcome.Error().FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal(0, Service.RequestCount);
    }

    [Fact]
    public void It_is_deleted_under_a_condition_and_by_an_identity()
    {
        Service.Answer = _ => Reply.Of(204, "");

        const string Identity = "@{ PrinterShareId = 's'; PrintJobId = 'j'; PrintDocumentId = 'd' }";
        Shell.Run($"{Identity} | Remove-MgPrintShareJobDocumentContent -IfMatch etag").AssertQuiet();

        Assert.Equal($"DELETE {Address}", $"{Service.Request.Method} {Service.Request.Target}");
        Assert.Equal("etag", Service.Request.Header("If-Match"));
    }

    [Theory]
    [InlineData("Get-MgPrintShareJobDocumentContent", "-OutFile $file")]
    [InlineData("Set-MgPrintShareJobDocumentContent", "-InFile $file")]
    public void A_step_is_refused_before_anything_is_sent(string command, string file)
    {
        const string Step = "{ param($r, $c, $n) $n.SendAsync($r, $c) }";
        ErrorRecord error = Shell.Run($"{command} {Document} {file} -HttpPipelineAppend {Step}", ("file", FilePath)).Error();

        Assert.Equal("ParameterNotSupported", error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal(0, Service.RequestCount);
    }

    [Fact]
    public void What_if_sends_nothing()
    {
        Shell.Run($"Set-MgPrintShareJobDocumentContent {Document} -InFile $file -WhatIf", ("file", FilePath)).AssertQuiet();

        Assert.Equal(0, Service.RequestCount);
    }

    public override void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        base.Dispose();
    }
}
