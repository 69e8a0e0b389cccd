using System.Management.Automation;
using MgPrint.PowerShell.Tests.Hosting;

namespace MgPrint.PowerShell.Tests.Cmdlets;

/// <summary>What a person at the prompt gives by mistake, and what the error says then.</summary>
public sealed class SendPromptTests(EmulatorProcess emulator) : EmulatorTest(emulator)
{
    [Fact]
    public async Task A_failed_document_is_tried_again_by_its_error()
    {
        await Emulator.PlanAsync(new { match = new { method = "PUT" }, fault = new { kind = "status", status = 403 } });
        string file = NewFile(1000);

        Outcome outcome = Run($"Send-MgPrintDocument $file {Address} -ErrorVariable failed -ErrorAction SilentlyContinue; $failed.TargetObject | Send-MgPrintDocument", file);

        Assert.Equal(file, outcome.Single().Properties["Path"].Value);
        await AssertArrivedAsync(file);
    }

    [Fact]
    public void A_session_goes_before_a_default_for_the_printer()
    {
        string file = NewFile(1000);

        Run($"$PSDefaultParameterValues = @{{ '*-MgPrint*:PrinterId' = $ids.PrinterId }}; $s = {Create}; Send-MgPrintDocument $file -UploadSession $s", file, 1000).Single();
    }

    [Theory]
    [InlineData("-UploadSession @($s)")]
    [InlineData("-UploadSession (, $s)")]
    [InlineData("-UploadUrl \"$($s.UploadUrl)`r`n\"")]
    public void A_session_in_a_list_of_its_own_and_a_url_with_a_line_break_will_do(string target)
    {
        string file = NewFile(1000);

        Run($"$s = {Create}; Send-MgPrintDocument $file {target}", file, 1000).Single();
    }

    [Theory]
    [InlineData("Send-MgPrintDocument ./missing {0}", "SourceNotFound", "There is no file")]
    [InlineData("Send-MgPrintDocument $folder {0}", "SourceNotAFile", "is a directory")]
    [InlineData("Send-MgPrintDocument $file {0} -ContentType pdf", "InvalidContentType", "application/pdf is the whole name")]
    [InlineData("Send-MgPrintDocument $file {0} -ContentType word", "InvalidContentType", "such as application/pdf")]
    [InlineData("[IO.FileInfo] $file | Send-MgPrintDocument", "TargetMissing",
        "'document.pdf' was not sent. There is nowhere to send the document to")]
    [InlineData("Send-MgPrintDocument missing.pdf {0} -WhatIf", "SourceNotFound", "There is no file")]
    [InlineData("Send-MgPrintDocument $empty {0} -WhatIf", "SourceEmpty", "is empty")]
    public async Task A_mistake_is_named_before_anything_is_sent(string command, string id, string why)
    {
        string empty = NewFile(0, "empty.pdf");

        Outcome outcome = Shell.Run(
            command.Replace("{0}", Address, StringComparison.Ordinal), ("ids", Ids), ("file", NewFile(10)), ("folder", Folder),
                ("empty", empty));

        ErrorRecord error = outcome.Error();
        Assert.StartsWith(id, error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(why, error.ToString(), StringComparison.Ordinal);
        Assert.Empty(await RequestsAsync("POST"));
    }

    [Fact]
    public void A_document_of_another_kind_is_not_advised_to_be_called_a_pdf()
    {
        ErrorRecord error =
            AssertError(Run($"Send-MgPrintDocument $file {Address}", NewFile(10, "letter.docx")), "ContentTypeUnknown",
                ErrorCategory.InvalidArgument);

        Assert.Contains("Convert the document to PDF", error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("application/pdf", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_is_one_sentence_with_the_document_and_one_advice()
    {
        await Emulator.PlanAsync(new { match = new { method = "PUT", times = (int?)null }, fault = new { kind = "status", status = 503 } });

        ErrorRecord error = Run($"Send-MgPrintDocument $file {Address} -MaxRetry 0", NewFile(1000)).Error();

        string told = error.ErrorDetails.Message;
        Assert.StartsWith("'document.pdf': ", told, StringComparison.Ordinal);
        // Below the sentence are the ids of the request, whose digits may be any.
        Assert.Equal(2, told.Split(Environment.NewLine)[0].Split("503").Length);
        Assert.DoesNotContain("Headers:", told, StringComparison.Ordinal);
        Assert.DoesNotContain(error.ErrorDetails.RecommendedAction, told, StringComparison.Ordinal);
    }
}
