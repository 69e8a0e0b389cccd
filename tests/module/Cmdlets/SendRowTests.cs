using System.Management.Automation;
using MgPrint.PowerShell.Tests.Hosting;

namespace MgPrint.PowerShell.Tests.Cmdlets;

/// <summary>Rows of a table, as Import-Csv and Select-Object make them: everything of a document comes down the pipe.</summary>
public sealed class SendRowTests(EmulatorProcess emulator) : EmulatorTest(emulator)
{
    private const string IdColumns = "PrinterId = $ids.PrinterId; PrintJobId = $ids.PrintJobId; PrintDocumentId = $ids.PrintDocumentId";

    [Theory]
    [InlineData($"[pscustomobject]@{{ {IdColumns}; Path = $file }}")]
    [InlineData($"[pscustomobject]@{{ {IdColumns}; Path = $file; PrinterShareId = ''; DocumentName = ''; ContentType = ''; UploadUrl = '' }}")]
    [InlineData($"[pscustomobject]@{{ {IdColumns}; Path = $file; UploadUrl = $null }}")]
    [InlineData($"[pscustomobject]@{{ {IdColumns}; FullName = $file }}")]
    [InlineData($"[pscustomobject]@{{ {IdColumns}; LiteralPath = $file }}")]
    [InlineData($"[pscustomobject]@{{ {IdColumns}; PSPath = \"Microsoft.PowerShell.Core\\FileSystem::$file\" }}")]
    [InlineData($"[pscustomobject]@{{ {IdColumns}; LiteralPath = $file; DocumentName = 'other.pdf' }}")]
    [InlineData($"@{{ {IdColumns}; Path = $file }}")]
    [InlineData($"@{{ {IdColumns}; LiteralPath = $file }}")]
    [InlineData("@{ PrinterId = $ids.PrinterId; PrintJobId = [guid]$ids.PrintJobId; PrintDocumentId = $ids.PrintDocumentId; Path = $file }")]
    public async Task A_row_names_a_print_document_and_a_file(string row)
    {
        string file = NewFile(1000, "page [1].pdf");

        PSObject sent = Run($"{row} | Send-MgPrintDocument", file).Single();

        Assert.Equal(file, sent.Properties["Path"].Value);
        await AssertArrivedAsync(file);
    }

    [Theory]
    [InlineData("[pscustomobject]@{ UploadUrl = $s.UploadUrl; Path = $file }")]
    [InlineData("[pscustomobject]@{ UploadUrl = $s.UploadUrl; LiteralPath = $file }")]
    [InlineData("[pscustomobject]@{ UploadUrl = $s.UploadUrl; PSPath = \"FileSystem::$file\" }")]
    [InlineData("[pscustomobject]@{ UploadSession = $s; Path = $file }")]
    [InlineData("[pscustomobject]@{ UploadSession = $s; LiteralPath = $file }")]
    [InlineData("[pscustomobject]@{ UploadUrl = $s.UploadUrl; Path = $file; PrinterId = 'p' }")]
    [InlineData("[pscustomobject]@{ UploadUrl = $s.UploadUrl; Path = $file; PrinterId = 'p'; PrinterShareId = 's'; PrintJobId = 'j'; PrintDocumentId = 'd' }")]
    [InlineData("@{ UploadUrl = $s.UploadUrl; Path = $file }")]
    public async Task A_row_names_a_session_and_a_file(string row)
    {
        string file = NewFile(1000, "page [1].pdf");

        Run($"$s = {Create}; {row} | Send-MgPrintDocument", file, 1000).Single();

        await AssertArrivedAsync(file);
    }

    [Fact]
    public void A_file_that_is_piped_is_not_left_out_for_the_one_that_is_named()
    {
        string file = NewFile(1000, "named.pdf");

        Outcome outcome = Run($"Get-Item $file | Send-MgPrintDocument {Address} -Path $file", file);

        Assert.StartsWith("AmbiguousInput,", outcome.Error().FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Empty(outcome.Output);
    }

    [Fact]
    public async Task A_dictionary_may_say_name_and_type_too()
    {
        string file = NewFile(1000, "scan.bin");

        Run($"@{{ {IdColumns}; DocumentName = 'Q3'; ContentType = 'application/oxps' }} | Send-MgPrintDocument $file", file).Single();

        Assert.Equal("Q3", (await Emulator.DocumentAsync(Ids.PrintDocumentId)).GetProperty("documentName").GetString());
        Assert.Equal("application/oxps", (await Emulator.DocumentAsync(Ids.PrintDocumentId)).GetProperty("contentType").GetString());
    }

    [Theory]
    [InlineData("[pscustomobject]@{ PrinterId = 'p'; PrintJobId = ''; PrintDocumentId = 'd'; Path = $file }", "IncompleteTarget",
        "-PrintJobId is needed too")]
    [InlineData("[pscustomobject]@{ PrinterId = 'p'; PrintJobId = ''; PrintDocumentId = ''; LiteralPath = $file }", "IncompleteTarget",
        "-PrintJobId and -PrintDocumentId are needed too")]
    [InlineData("[pscustomobject]@{ PrinterId = 'p'; PrinterShareId = 's'; PrintJobId = 'j'; PrintDocumentId = 'd'; Path = $file }",
        "AmbiguousTarget", "not both")]
    [InlineData("[IO.FileInfo]$file", "TargetMissing", "nowhere to send")]
    public async Task A_row_that_is_not_enough_is_told_by_its_file(string row, string id, string why)
    {
        string file = NewFile(10);

        ErrorRecord error = AssertError(Run($"{row} | Send-MgPrintDocument", file), id, ErrorCategory.InvalidArgument);

        Assert.Equal(file, PSObject.AsPSObject(error.TargetObject).Properties["Path"].Value);
        Assert.StartsWith($"'{Path.GetFileName(file)}' was not sent.", error.ErrorDetails.Message, StringComparison.Ordinal);
        Assert.Contains(why, error.ErrorDetails.Message, StringComparison.Ordinal);
        Assert.Empty(await RequestsAsync("POST"));
    }

    [Theory]
    [InlineData($"Send-MgPrintDocument {Address}")]
    [InlineData($"[pscustomobject]@{{ {IdColumns} }} | Send-MgPrintDocument")]
    [InlineData($"$file | Send-MgPrintDocument {Address}")]
    public async Task A_document_that_is_missing_is_said_to_be(string send)
    {
        ErrorRecord error = AssertError(Run(send, NewFile(10)), "SourceMissing", ErrorCategory.InvalidArgument);

        Assert.Contains("-Path", error.Exception.Message, StringComparison.Ordinal);
        Assert.Empty(await RequestsAsync("POST"));
    }

    [Fact]
    public async Task A_named_session_and_the_ids_of_a_row_contradict_each_other()
    {
        AssertError(
            Run($"$s = {Create}; [pscustomobject]@{{ {IdColumns}; Path = $file }} | Send-MgPrintDocument -UploadSession $s", NewFile(10),
                10), "AmbiguousTarget", ErrorCategory.InvalidArgument);

        Assert.Empty(await RequestsAsync("PUT"));
    }
}
