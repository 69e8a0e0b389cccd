using System.Management.Automation;
using MgPrint.PowerShell.Tests.Hosting;

namespace MgPrint.PowerShell.Tests.Cmdlets;

/// <summary>What reaches the service: method, target, headers and body, byte for byte.</summary>
public sealed class RequestTests : ServiceTest
{
    [Fact]
    public void A_body_that_is_too_long_is_refused_with_its_size_before_anything_is_sent()
    {
        Outcome outcome = Shell.Run($"{Cmdlet} {Ids} -AdditionalProperties @{{ x = 'a' * 17MB }}");

        ErrorRecord error = outcome.Error();
        Assert.Equal("InvalidText", error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Matches("The request's body has 178[0-9]{5} bytes, of at most 16777216 that can be sent", error.Exception.Message);
        Assert.Empty(Service.Requests);
    }

    [Fact]
    public void The_example_of_the_help_page_runs_as_it_stands()
    {
        string example = File.ReadAllText(Path.Combine(Repository.Root, "examples", "help-page-example.ps1"));
        using var shell = new Shell(importModule: false);

        Outcome outcome = shell.Run(example, ("printerId", "p1"), ("printJobId", "7"), ("printDocumentId", "d1"));

        Assert.Equal(Contract.Contract.Read().Example + "\n", example);

        outcome.Single();
        Assert.Equal("POST", Service.Request.Method);
        Assert.Equal("/v1.0/print/printers/p1/jobs/7/documents/d1/microsoft.graph.createUploadSession", Service.Request.Target);
        Assert.Equal("""{"properties":{"contentType":"application/pdf","documentName":"TestFile.pdf","size":4533322}}""",
            Service.Request.BodyText);
        Assert.Equal("application/json", Service.Request.Header("Content-Type"));
        Assert.Equal($"Bearer {Token}", Service.Request.Header("Authorization"));
    }

    [Theory]
    [InlineData("p 1/x", "p%201%2Fx")]
    [InlineData("a+b%2F", "a%2Bb%252F")]
    [InlineData("日", "%E6%97%A5")]
    [InlineData("a?b#c", "a%3Fb%23c")]
    [InlineData("3f2504e0-4f89_.~", "3f2504e0-4f89_.~")]
    public void Each_id_is_one_segment_of_the_path(string id, string encoded)
    {
        Shell.Run($"{Cmdlet} -PrinterId $id -PrintJobId $id -PrintDocumentId $id", ("id", id)).Single();

        Assert.Equal($"/v1.0/print/printers/{encoded}/jobs/{encoded}/documents/{encoded}/microsoft.graph.createUploadSession",
            Service.Request.Target);
    }

    [Fact]
    public void The_client_names_itself_the_same_at_every_call()
    {
        Shell.Run($"{Cmdlet} {Ids}; {Cmdlet} {Ids}; New-MgPrintUploadSession {Ids}").AssertQuiet();

        string[] names = [.. Service.Requests.Select(request => request.Header("User-Agent")!).Distinct()];
        Assert.Matches(@"^Microsoft\.Graph\.Devices\.CloudPrint/3\.0\.0 mgprint/3\.\d+\.\d+ PowerShell/7\.\d+\.\d+ \(.+; .+\)$",
            Assert.Single(names));
        Assert.All(Service.Requests, request => Assert.Equal("mgprint-powershell/3.0.0", request.Header("SdkVersion")));
        Assert.Equal(3, Service.Requests.Select(request => Guid.Parse(request.Header("client-request-id")!)).Distinct().Count());
    }

    [Theory]
    [InlineData("", "{}")]
    [InlineData("-Properties @{}", """{"properties":{}}""")]
    [InlineData("-Properties $null", "{}")]
    [InlineData("-Properties ([pscustomobject]@{ size = 1 })", """{"properties":{"size":1}}""")]
    [InlineData("""-Properties '{"size":1}'""", """{"properties":{"size":1}}""")]
    [InlineData("-Properties @{ documentName = 'n' } -AdditionalProperties @{ note = 'x' }",
        """{"note":"x","properties":{"documentName":"n"}}""")]
    [InlineData("-AdditionalProperties @{ note = 'x' }", """{"note":"x"}""")]
    [InlineData("-AdditionalProperties @{ properties = @{ size = 2 } }", """{"properties":{"size":2}}""")]
    [InlineData("-BodyParameter @{}", "{}")]
    [InlineData("-BodyParameter ([pscustomobject]@{ properties = [pscustomobject]@{ documentName = 'a/b' } })",
        """{"properties":{"documentName":"a/b"}}""")]
    [InlineData("""-BodyParameter '{"properties":{"size":9007199254740993}}'""", """{"properties":{"size":9007199254740993}}""")]
    [InlineData("-BodyParameter ([Microsoft.Graph.PowerShell.Models.Paths1GenyolPrintPrintersPrinterIdJobsPrintjobIdDocumentsPrintdocumentIdMicrosoftGraphCreateuploadsessionPostRequestbodyContentApplicationJsonSchema]@{ properties = @{ size = 3 } })", """{"properties":{"size":3}}""")]
    public void Bodies_are_sent_as_given(string arguments, string expected)
    {
        Shell.Run($"{Cmdlet} {Ids} {arguments}").Single();

        Assert.Equal(expected, Service.Request.BodyText);
    }

    [Fact]
    public void An_identity_names_the_document()
    {
        Shell.Run($"{Cmdlet} -InputObject @{{ printerid = 'a'; PrintJobId = 'b'; PrintDocumentId = 'c'; UserId = 'u' }} -Properties @{{ size = 1 }}").Single();

        Assert.Equal("/v1.0/print/printers/a/jobs/b/documents/c/microsoft.graph.createUploadSession", Service.Request.Target);
        Assert.Equal("""{"properties":{"size":1}}""", Service.Request.BodyText);
    }

    [Theory]
    [InlineData("-Properties @{ size = 'abc' }", "properties", "size: expected a whole number")]
    [InlineData("-BodyParameter @{ properties = @{ documentName = 'a','b' } }", "bodyParameter", "properties.documentName: expected text")]
    [InlineData("-BodyParameter '{\"properties\":{\"size\":\"x\"}}'", "bodyParameter", "properties.size: expected a whole number")]
    [InlineData("-BodyParameter '{\"properties\":'", "bodyParameter", "is not valid JSON")]
    [InlineData("-BodyParameter @(@{ properties = @{} }, @{ properties = @{} })", "bodyParameter",
        "expected an object (a hashtable, a custom object or JSON text), but got a list (Object[])")]
    [InlineData("-Properties ([System.IO.FileInfo]::new('/tmp/x'))", "properties",
        "expected an object (a hashtable, a custom object or JSON text), but got a value of type System.IO.FileInfo")]
    public void A_wrong_value_is_a_binding_error_and_nothing_is_sent(string arguments, string parameter, string expected)
    {
        Outcome outcome = Shell.Run($"{Cmdlet} {Ids} {arguments}");

        Assert.Equal($"ParameterArgumentTransformationError,Microsoft.Graph.PowerShell.Cmdlets.NewMgPrintPrinterJobDocumentUploadSession",
            outcome.Error().FullyQualifiedErrorId);
        Assert.Contains(parameter, outcome.Error().Exception.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Contains(expected, outcome.Error().Exception.Message, StringComparison.Ordinal);
        Assert.Equal(0, Service.RequestCount);
    }

    [Fact]
    public void Typed_upload_properties_given_for_a_body_are_the_properties_of_one()
    {
        Shell.Run($"{Cmdlet} {Ids} -BodyParameter ([Microsoft.Graph.PowerShell.Models.MicrosoftGraphPrintDocumentUploadProperties]@{{ size = 1 }})").Single();

        Assert.Equal("""{"properties":{"size":1}}""", Service.Request.BodyText);
    }

    [Theory]
    [InlineData("-AdditionalProperties @{ Properties = @{} } -Properties @{ size = 1 }", "ConflictingProperties")]
    [InlineData("-AdditionalProperties @{ x = { } }", "InvalidBody")]
    [InlineData("-Properties @{ x = [double]::PositiveInfinity }", "InvalidBody")]
    public void A_body_that_cannot_be_written_is_an_error_of_its_record_and_nothing_is_sent(string arguments, string id)
    {
        Outcome outcome = Shell.Run($"{Cmdlet} {Ids} {arguments}; 'went on'");

        Assert.Equal(id, outcome.Error().FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal(System.Management.Automation.ErrorCategory.InvalidArgument, outcome.Error().CategoryInfo.Category);
        Assert.Equal("went on", outcome.Output.Single().BaseObject);
        Assert.Equal(0, Service.RequestCount);
    }

    [Fact]
    public void Endpoint_and_token_are_read_at_each_call()
    {
        using var other = new StubService();

        Shell.Run($"{Cmdlet} {Ids}; $env:MGPRINT_ENDPOINT = $other; $env:MGPRINT_ACCESS_TOKEN = 'second-token'; {Cmdlet} {Ids}",
            ("other", other.Endpoint)).AssertQuiet();

        Assert.Equal($"Bearer {Token}", Service.Request.Header("Authorization"));
        Assert.Equal("Bearer second-token", other.Request.Header("Authorization"));
    }

    [Fact]
    public void Calls_share_connections()
    {
        int connections = 0;
        var seen = new HashSet<string>();
        Service.Answer = request =>
        {
            lock (seen)
            {
                connections += seen.Add(request.Connection) ? 1 : 0;
            }

            return Reply.Session();
        };

        Shell.Run($"1..20 | ForEach-Object {{ {Cmdlet} {Ids} }}").AssertQuiet();

        Assert.Equal(1, connections);
    }

    [Fact]
    public void Debug_tells_request_and_answer_with_secrets_masked()
    {
        Outcome outcome = Shell.Run($"{Cmdlet} {Ids} -Debug -BodyParameter @{{ properties = @{{ documentName = 'a/b' }} }}");

        outcome.Single();
        string told = string.Join('\n', outcome.Debug);
        Assert.Contains("POST", told, StringComparison.Ordinal);
        Assert.Contains("/v1.0/print/printers/p/jobs/j/documents/d/microsoft.graph.createUploadSession", told, StringComparison.Ordinal);
        Assert.Contains("""{"properties":{"documentName":"a/b"}}""", told, StringComparison.Ordinal);
        Assert.Contains("200", told, StringComparison.Ordinal);
        Assert.Contains("6b8f0c1e-0001", told, StringComparison.Ordinal);
        Assert.Contains("https://print.example/uploadSessions/5400be13", told, StringComparison.Ordinal);
        Assert.DoesNotContain("CANARY", told, StringComparison.Ordinal);
        Assert.Empty(outcome.Verbose);
    }

    [Fact]
    public void Without_Verbose_or_Debug_nothing_is_told()
    {
        Outcome outcome = Shell.Run($"{Cmdlet} {Ids}");

        outcome.Single();
        Assert.Empty(outcome.Verbose);
        Assert.Empty(outcome.Debug);
        Assert.Empty(outcome.Warnings);
        Assert.Empty(outcome.Information);
        Assert.Empty(outcome.Progress);
    }
}
