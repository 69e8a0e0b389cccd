using System.Management.Automation;
using System.Text.Json;
using MgPrint.PowerShell.Tests.Hosting;

namespace MgPrint.PowerShell.Tests.Cmdlets;

/// <summary>Where a document goes: to a session that there is, or to a print document for which one is created.</summary>
public sealed class SendTargetTests(EmulatorProcess emulator) : EmulatorTest(emulator)
{
    private const string Share = "-PrinterShareId $ids.PrinterShareId -PrintJobId $ids.PrintJobId -PrintDocumentId $ids.PrintDocumentId";

    [Theory]
    [InlineData($"Send-MgPrintDocument $file {Address}")]
    [InlineData($"Send-MgPrintDocument $file {Share}")]
    [InlineData("$ids | Send-MgPrintDocument $file")]
    [InlineData("[pscustomobject]@{ PrinterId = $ids.PrinterId; printJobID = $ids.PrintJobId; PrintDocumentId = $ids.PrintDocumentId; PrinterShareId = '' } | Send-MgPrintDocument $file")]
    [InlineData("@{ printerId = $ids.PrinterId; printJobId = $ids.PrintJobId; printDocumentId = $ids.PrintDocumentId } | Send-MgPrintDocument $file")]
    [InlineData("[Microsoft.Graph.PowerShell.Models.DevicesCloudPrintIdentity]@{ PrinterId = $ids.PrinterId; PrintJobId = $ids.PrintJobId; PrintDocumentId = $ids.PrintDocumentId } | Send-MgPrintDocument $file")]
    [InlineData("[pscustomobject]@{ PrintJobId = $ids.PrintJobId; PrintDocumentId = $ids.PrintDocumentId; Path = $file } | Send-MgPrintDocument -PrinterId $ids.PrinterId")]
    [InlineData("[pscustomobject]@{ PrinterId = $ids.PrinterId; PrintJobId = $ids.PrintJobId; PrintDocumentId = $ids.PrintDocumentId; FullName = $file } | Send-MgPrintDocument")]
    [InlineData($"[IO.FileInfo]$file | Send-MgPrintDocument {Address}")]
    public async Task The_session_of_a_print_document_is_created_for_the_file(string send)
    {
        // Identities have no share, and DocumentIds have both: a job belongs to one of the two.
        string file = NewFile(1_000_001, "Bericht ä.PDF");

        PSObject sent = Run(send.Replace("$ids |", "$ids | ForEach-Object { [pscustomobject]@{ PrinterId = $_.PrinterId; PrintJobId = $_.PrintJobId; PrintDocumentId = $_.PrintDocumentId } } |", StringComparison.Ordinal), file).Single();

        Assert.Equal(file, sent.Properties["Path"].Value);
        Assert.Equal("Bericht ä.PDF", sent.Properties["Name"].Value);
        Assert.Equal(Ids.PrintDocumentId, sent.Properties["DocumentId"].Value);
        JsonElement document = await Emulator.DocumentAsync(Ids.PrintDocumentId);
        Assert.Equal("Bericht ä.PDF", document.GetProperty("documentName").GetString());
        Assert.Equal("application/pdf", document.GetProperty("contentType").GetString());
        await AssertArrivedAsync(file);
        Assert.Empty(await RequestsAsync("GET"));
    }

    [Fact]
    public async Task A_name_and_a_type_may_be_given()
    {
        string file = NewFile(1000, "scan.bin");

        PSObject sent = Run($"Send-MgPrintDocument $file {Address} -DocumentName 'Q3 report' -ContentType application/oxps", file).Single();

        Assert.Equal("Q3 report", sent.Properties["Name"].Value);
        JsonElement document = await Emulator.DocumentAsync(Ids.PrintDocumentId);
        Assert.Equal("Q3 report", document.GetProperty("documentName").GetString());
        Assert.Equal("application/oxps", document.GetProperty("contentType").GetString());
    }

    [Theory]
    [InlineData("Send-MgPrintDocument $file", "TargetMissing")]
    [InlineData("Send-MgPrintDocument $file -PrinterId p -PrintJobId j", "IncompleteTarget")]
    [InlineData("Send-MgPrintDocument $file -PrintJobId j -PrintDocumentId d", "IncompleteTarget")]
    [InlineData("Send-MgPrintDocument $file -PrinterId p -PrinterShareId s -PrintJobId j -PrintDocumentId d", "AmbiguousTarget")]
    [InlineData("Send-MgPrintDocument $file -PrinterId p -PrintJobId j -PrintDocumentId d -UploadUrl https://h/u?t=1", "AmbiguousTarget")]
    [InlineData("@{ uploadUrl = 'https://h/u?t=1' } | Send-MgPrintDocument $file -PrinterId p -PrintJobId j -PrintDocumentId d",
        "AmbiguousTarget")]
    [InlineData("@{ uploadUrl = 'https://h/u?t=1' } | Send-MgPrintDocument $file -UploadUrl https://h/u?t=2", "AmbiguousTarget")]
    [InlineData("Send-MgPrintDocument $file -UploadUrl https://h/u?t=2 -ContentType application/pdf", "AmbiguousTarget")]
    [InlineData("@{ PrinterId = 'p' } | Send-MgPrintDocument $file", "IncompleteTarget")]
    [InlineData("@{ PrinterId = 'p' }, 7 | Send-MgPrintDocument $file -UploadSession $null", "ParameterArgumentValidationError")]
    public async Task A_target_that_is_missing_or_given_twice_is_refused_and_nothing_is_sent(string send, string id)
    {
        Outcome outcome = Run(send, NewFile(10));

        Assert.StartsWith(id, outcome.Error().FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Empty(await RequestsAsync("POST"));
    }

    [Fact]
    public void A_session_that_knows_its_document_is_a_session()
    {
        string file = NewFile(1000);

        Run($"$s = {Create}; [pscustomobject]@{{ uploadUrl = $s.UploadUrl; PrinterId = 'p'; PrintJobId = 'j'; PrintDocumentId = 'd' }} | Send-MgPrintDocument $file", file, 1000).Single();
    }

    [Theory]
    [InlineData("a.pdf", "application/pdf")]
    [InlineData("REPORT.OXPS", "application/oxps")]
    [InlineData("raster.pwg", "image/pwg-raster")]
    public async Task The_ending_of_a_name_tells_the_content_type(string name, string contentType)
    {
        Run($"Send-MgPrintDocument $file {Address}", NewFile(10, name)).Single();

        Assert.Equal(contentType, (await Emulator.DocumentAsync(Ids.PrintDocumentId)).GetProperty("contentType").GetString());
    }

    [Theory]
    [InlineData("notes.docx")]
    [InlineData("README")]
    public async Task An_ending_that_is_not_known_is_an_error_and_never_a_guess(string name)
    {
        ErrorRecord error =
            AssertError(Run($"Send-MgPrintDocument $file {Address}", NewFile(10, name)), "ContentTypeUnknown",
                ErrorCategory.InvalidArgument);

        Assert.Contains("-ContentType", error.Exception.Message, StringComparison.Ordinal);
        Assert.Empty(await RequestsAsync("POST"));
    }

    [Theory]
    [InlineData("-ContentType ", "application/pdf")]
    [InlineData("-ContentType pwg", "image/pwg-raster")]
    public void Content_types_are_offered(string typed, string expected)
    {
        string line = $"Send-MgPrintDocument x.pdf {typed}";

        CommandCompletion completion = CompleteInput(line);

        Assert.Contains(completion.CompletionMatches, match => match.CompletionText == expected);
    }

    [Fact]
    public async Task What_if_names_the_document_sends_nothing_and_needs_no_sign_in()
    {
        ServiceTest.SetEnvironment(Emulator.Endpoint, null);
        var host = new TestHost();
        using var shell = new Shell(host);

        shell.Run($"Send-MgPrintDocument $file {Address} -WhatIf", ("ids", Ids), ("file", NewFile(10))).AssertQuiet();

        Assert.Contains(
            $"on target \"the print document '{Ids.PrintDocumentId}' of the job '{Ids.PrintJobId}' on the printer '{Ids.PrinterId}'",
                string.Concat(host.Lines), StringComparison.Ordinal);
        Assert.Empty(await RequestsAsync("POST"));
    }

    [Fact]
    public void A_refused_session_is_told_as_the_documented_cmdlet_tells_it()
    {
        ServiceTest.SetEnvironment(Emulator.Endpoint, null);

        ErrorRecord error =
            AssertError(Run($"Send-MgPrintDocument $file {Address}", NewFile(10)), "AuthenticationNeeded",
                ErrorCategory.AuthenticationError);

        Assert.StartsWith("Authentication needed. Please call Connect-MgGraph. There is no access token: run Connect-MgGraph -Scopes ", error.Exception.Message,
            StringComparison.Ordinal);
        Assert.Equal(Path.Combine(Folder, "document.pdf"), error.TargetObject.ToString());
    }

    [Fact]
    public async Task Headers_go_along_and_a_token_among_them_to_Graph_alone()
    {
        ServiceTest.SetEnvironment(Emulator.Endpoint, null);
        string file = NewFile(1000);

        Shell.Run(
            $"Send-MgPrintDocument $file {Address} -Headers @{{ 'X-Trace' = 'T1'; Authorization = \"Bearer $token\" }} -RHV answer",
            ("ids", Ids), ("file", file), ("token", Emulator.Token)).Single();

        JsonElement journal = await Emulator.JournalAsync();
        Assert.All(journal.GetProperty("entries").EnumerateArray(),
            entry => Assert.Contains("[\"x-trace\",\"T1\"]", entry.GetProperty("headers").ToString(), StringComparison.Ordinal));
        Assert.NotNull(Shell.Variable("answer"));
        await AssertArrivedAsync(file);
    }

    [Fact]
    public void The_headers_variable_tells_of_the_last_document_alone()
    {
        string file = NewFile(1000);
        Run($"Send-MgPrintDocument $file {Address} -RHV answer", file).Single();
        Assert.NotNull(Shell.Variable("answer"));

        Run("Send-MgPrintDocument $file -UploadUrl http://127.0.0.1:9/u?t=1 -MaxRetry 0 -RHV answer", file);

        Assert.Null(Shell.Variable("answer"));
    }

    [Theory]
    [InlineData("env:PATH", "InvalidPath")]
    [InlineData("none.pem", "InvalidArgument")]
    public void Certificates_that_cannot_be_read_are_an_error_before_anything_is_sent(string file, string id) =>
        AssertError(Run($"Send-MgPrintDocument $file {Address} -CACertificate {file}", NewFile(10)), id, ErrorCategory.InvalidArgument);

    [Theory]
    [InlineData("Authorization")]
    [InlineData("X-Api-Key")]
    [InlineData("X-Secret")]
    public void A_secret_for_an_upload_url_is_refused(string header)
    {
        ErrorRecord error = AssertError(
            Run("Send-MgPrintDocument $file -UploadUrl http://127.0.0.1:9/u?t=1 -Headers @{ $header = 'CANARY' }".Replace("$header",
                $"'{header}'", StringComparison.Ordinal), NewFile(10)), "InvalidHeader", ErrorCategory.InvalidArgument);

        Assert.Contains($"'{header}'", error.Exception.Message, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("CANARY", error.ToString(), StringComparison.Ordinal);
    }

    private CommandCompletion CompleteInput(string line)
    {
        using var shell = System.Management.Automation.PowerShell.Create(Shell.Runspace);
        return CommandCompletion.CompleteInput(line, line.Length, null, shell);
    }
}
