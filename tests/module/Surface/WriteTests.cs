using System.Management.Automation;
using MgPrint.PowerShell.Tests.Hosting;

namespace MgPrint.PowerShell.Tests.Surface;

/// <summary>What changes something: bodies of what was given and nothing else, conditions, and what is asked first.</summary>
public sealed class WriteTests : ServiceTest
{
    public WriteTests() => Service.Answer = _ => Reply.Json(200, """{"id":"1825"}""");

    [Theory]
    [InlineData("New-MgPrintShareJob -PrinterShareId s -Configuration @{ copies = 2; collate = $false }",
        """{"configuration":{"collate":false,"copies":2}}""")]
    [InlineData("New-MgPrintShareJob -PrinterShareId s", "{}")]
    [InlineData("New-MgPrintShareJob -PrinterShareId s -BodyParameter @{ configuration = @{ pageRanges = @(@{ start = 1; end = 2 }) } }",
        """{"configuration":{"pageRanges":[{"end":2,"start":1}]}}""")]
    [InlineData("New-MgPrintShareJob -PrinterShareId s -BodyParameter @{ configuration = @{ finishings = 'staple' } }",
        """{"configuration":{"finishings":["staple"]}}""")]
    [InlineData("New-MgPrintShareJob -PrinterShareId s -IsFetchable:$false -AdditionalProperties @{ z = 1 }",
        """{"z":1,"isFetchable":false}""")]
    [InlineData("New-MgPrintShare -BodyParameter @{ displayName = 'x'; allowAllUsers = 'True' }",
        """{"allowAllUsers":true,"displayName":"x"}""")]
    [InlineData("Update-MgPrintPrinter -PrinterId p -DisplayName x", """{"displayName":"x"}""")]
    [InlineData("Update-MgPrintPrinter -PrinterId p -Location @{ building = $null; latitude = 52.5 }",
        """{"location":{"building":null,"latitude":52.5}}""")]
    [InlineData("New-MgPrintTaskDefinition -DisplayName d -CreatedBy @{ displayName = 'app' }",
        """{"createdBy":{"displayName":"app"},"displayName":"d"}""")]
    [InlineData("Invoke-MgRedirectPrintPrinterJob -PrinterId p -PrintJobId j -DestinationPrinterId q", """{"destinationPrinterId":"q"}""")]
    [InlineData("Invoke-MgAbortPrintPrinterJob -PrinterId p -PrintJobId j -Reason 'no paper'", """{"reason":"no paper"}""")]
    [InlineData("New-MgPrintShareAllowedUserByRef -PrinterShareId s -OdataId https://graph.microsoft.com/v1.0/users/u",
        """{"@odata.id":"https://graph.microsoft.com/v1.0/users/u"}""")]
    [InlineData("New-MgPrintShareAllowedUserByRef -PrinterShareId s -BodyParameter @{ OdataId = 'u' }", """{"@odata.id":"u"}""")]
    [InlineData("@{ odataid = 'u' } | New-MgPrintShareAllowedGroupByRef -PrinterShareId s", """{"@odata.id":"u"}""")]
    [InlineData("Update-MgPrintPrinter -PrinterId p -DisplayName '日本é/\"\\'", """{"displayName":"日本é/\"\\"}""")]
    public void A_body_holds_what_was_given(string command, string body)
    {
        Shell.Run(command).AssertQuiet();

        Assert.Equal(body, Service.Request.BodyText);
        Assert.Equal("application/json", Service.Request.Header("Content-Type"));
    }

    [Fact]
    public void A_list_that_stands_for_no_object_ends_its_own_record_alone()
    {
        Outcome outcome = Shell.Run(
            "$bad, @{ configuration = @{ copies = 1 } } | ForEach-Object { , $_ } | New-MgPrintShareJob -PrinterShareId s; 'went on'",
            ("bad", Newtonsoft.Json.Linq.JArray.Parse("[1]")));

        Assert.Null(outcome.Thrown);
        Assert.Single(outcome.Errors);
        Assert.Equal("went on", outcome.Output[^1].BaseObject);
        Assert.Equal("""{"configuration":{"copies":1}}""", Service.Request.BodyText);
    }

    [Theory]
    [InlineData("New-MgPrintShareJob -PrinterShareId s -Configuration @{ copies = 'many' }", "copies: expected a whole number, at most 2147483647, but got 'many'")]
    [InlineData("New-MgPrintShareJob -PrinterShareId s -Configuration @{ copies = 3000000000 }",
        "copies: expected a whole number, at most 2147483647")]
    [InlineData("New-MgPrintShareJob -PrinterShareId s -Configuration @{ collate = 'yes' }", "collate: expected $true or $false")]
    [InlineData("New-MgPrintShareJob -PrinterShareId s -BodyParameter @{ createdDateTime = 'soon' }", "createdDateTime: expected a date")]
    public void A_value_of_another_type_is_refused_before_anything_is_sent(string command, string expected)
    {
        Assert.Contains(expected, Shell.Run(command).Error().Exception.Message, StringComparison.Ordinal);
        Assert.Empty(Service.Requests);
    }

    [Fact]
    public void A_deletion_takes_a_condition_and_answers_only_when_asked_to()
    {
        Service.Answer = _ => Reply.Of(204, "");

        Outcome outcome =
            Shell.Run("Remove-MgPrintShare -PrinterShareId s; Remove-MgPrintShare -PrinterShareId s -IfMatch 'W/\"1\"' -PassThru")
                .AssertQuiet();

        Assert.Equal(true, Assert.Single(outcome.Output).BaseObject);
        Assert.Equal([null, "W/\"1\""], Service.Requests.Select(request => request.Header("If-Match")));
    }

    [Theory]
    [InlineData("New-MgPrintShare -DisplayName x -Headers @{ Prefer = 'return=minimal' }")]
    [InlineData("Get-MgPrintSharePrinter -PrinterShareId s")]
    public void Where_the_service_says_that_there_is_no_object_none_is_written(string command)
    {
        Service.Answer = _ => Reply.Of(204, "");

        Assert.Empty(Shell.Run(command).AssertQuiet().Output);
    }

    [Fact]
    public void An_object_that_was_asked_for_and_is_not_there_is_an_error()
    {
        Service.Answer = _ => Reply.Of(201, "");

        Assert.StartsWith(
            "UnexpectedResponse,", Shell.Run("New-MgPrintShare -DisplayName x").Error().FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_condition_is_none()
    {
        Shell.Run("Remove-MgPrintShare -PrinterShareId s -IfMatch ''").AssertQuiet();

        Assert.Null(Service.Request.Header("If-Match"));
    }

    [Fact]
    public void What_is_taken_away_is_named_before_it_is()
    {
        var host = new TestHost();
        using var shell = new Shell(host);

        shell.Run("Remove-MgPrintShareAllowedUserByRef -PrinterShareId s -Id https://graph.microsoft.com/v1.0/users/u -WhatIf")
            .AssertQuiet();

        Assert.Contains("allowedUsers/$ref?@id=https://graph.microsoft.com/v1.0/users/u'", host.Screen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Remove-MgPrintShare -PrinterShareId s -WhatIf")]
    [InlineData("New-MgPrintShareJob -PrinterShareId s -WhatIf")]
    [InlineData("Start-MgPrintShareJob -PrinterShareId s -PrintJobId 1 -WhatIf")]
    public void WhatIf_sends_nothing(string command)
    {
        Shell.Run(command).AssertQuiet();

        Assert.Empty(Service.Requests);
    }

    [Fact]
    public void A_job_whose_creation_got_no_response_is_not_created_again()
    {
        Service.Answer = _ => new Reply([], Closes: true);

        Outcome outcome = Shell.Run("New-MgPrintShareJob -PrinterShareId s");

        Assert.Single(outcome.Errors);
        Assert.Single(Service.Requests);
    }

    [Fact]
    public void A_refusal_says_what_was_being_done()
    {
        Service.Answer = _ => Reply.GraphError(403, "Forbidden", "no");

        ErrorRecord error = Shell.Run("Get-MgPrintPrinter -PrinterId 'p 1'").Error();

        Assert.Equal("Forbidden", error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal("printer 'p 1'", error.CategoryInfo.TargetName);
    }

    [Fact]
    public void One_failing_record_does_not_stop_the_others()
    {
        Service.Answer = request =>
            request.Target.EndsWith("/b", StringComparison.Ordinal) ? Reply.GraphError(404, "NotFound", "no")
                : Reply.Json(200, """{"id":"x"}""");

        Outcome outcome = Shell.Run("@{ PrinterId = 'a' }, @{ PrinterId = 'b' }, @{ PrinterId = 'c' } | Get-MgPrintPrinter");

        Assert.Equal((2, 1), (outcome.Output.Count, outcome.Errors.Count));
    }
}
