using System.Management.Automation;
using MgPrint.PowerShell.Tests.Hosting;

namespace MgPrint.PowerShell.Tests.Cmdlets;

/// <summary>What is piped means what it looks like, and reaches exactly one parameter, whatever else is named.</summary>
public sealed class PipelineTests : ServiceTest
{
    private const string Setup =
        """
        $identity = @{ PrinterId = 'P'; PrintJobId = 'J'; PrintDocumentId = 'D' }
        $body = @{ properties = @{ documentName = 'piped' } }
        $header = @{ 'x-test' = 'piped' }
        $typedIdentity = [Microsoft.Graph.PowerShell.Models.DevicesCloudPrintIdentity]$identity
        $typedBody = [Microsoft.Graph.PowerShell.Models.Paths1GenyolPrintPrintersPrinterIdJobsPrintjobIdDocumentsPrintdocumentIdMicrosoftGraphCreateuploadsessionPostRequestbodyContentApplicationJsonSchema]$body
        $customIdentity = [pscustomobject]$identity
        $customBody = [pscustomobject]$body
        $jsonIdentity = '{"PrinterId":"P","PrintJobId":"J","PrintDocumentId":"D"}'
        $jsonBody = '{"properties":{"documentName":"piped"}}'
        $genericIdentity = [System.Collections.Generic.Dictionary[string,string]]::new(); foreach ($k in $identity.Keys) { $genericIdentity[$k] = $identity[$k] }
        $orderedBody = [ordered]@{ properties = [ordered]@{ documentName = 'piped' } }
        $flatBody = @{ documentName = 'piped' }
        $flatCustom = [pscustomobject]@{ DocumentName = 'piped' }
        $flatJson = '{"documentName":"piped"}'
        $typedProperties = [Microsoft.Graph.PowerShell.Models.MicrosoftGraphPrintDocumentUploadProperties]@{ documentName = 'piped' }
        class Document { [string] $documentName = 'piped' }
        $classProperties = [Document]::new()
        $writtenIdentity = $typedIdentity.ToJsonString()
        $mixed = @{ PrinterId = 'P'; PrintJobId = 'J'; PrintDocumentId = 'D'; properties = @{ documentName = 'no' } }
        $mixedRow = [pscustomobject]@{ PrinterId = 'P'; PrintJobId = 'J'; PrintDocumentId = 'D'; documentName = 'no'; size = '4' }
        $mixedJson = '{"PrinterId":"P","PrintJobId":"J","PrintDocumentId":"D","contentType":"no"}'

        """;

    private const string IdsNamed = "-PrinterId p -PrintJobId j -PrintDocumentId d";
    private const string IdentityNamed = "-InputObject @{ PrinterId = 'n'; PrintJobId = 'n'; PrintDocumentId = 'n' }";
    private const string BodyNamed = "-BodyParameter @{ properties = @{ documentName = 'named' } }";
    private const string PartsNamed = "-Properties @{ documentName = 'named' }";
    private const string HeadersNamed = "-Headers @{ 'x-test' = 'named' }";

    /// <summary>As a file or another process gives it back.</summary>
    private const string WrittenAndRead = " | ConvertTo-CliXml | ConvertFrom-CliXml";

    private static readonly string[] Identities =
        ["identity", "typedIdentity", "customIdentity", "jsonIdentity", $"typedIdentity{WrittenAndRead}", $"identity{WrittenAndRead}",
            "genericIdentity", "writtenIdentity"];

    private static readonly string[] Bodies =
    [
        "body", "typedBody", "customBody", "jsonBody", "orderedBody", "flatBody", "flatCustom", "flatJson", "typedProperties",
            $"typedProperties{WrittenAndRead}", "classProperties",
    ];

    private static readonly string[] Mixtures = ["mixed", "mixedRow", "mixedJson"];

    /// <summary>Everything that can be piped, with everything that can be named beside it, and what the service must get.</summary>
    public static TheoryData<string, string, string> Combinations()
    {
        var data = new TheoryData<string, string, string>();
        foreach (string identity in Identities)
        {
            data.Add(identity, "", "P/J/D {} -");
            data.Add(identity, BodyNamed, "P/J/D named -");
            data.Add(identity, PartsNamed, "P/J/D named -");
            data.Add(identity, HeadersNamed, "P/J/D {} named");
            data.Add(identity, $"{BodyNamed} {HeadersNamed}", "P/J/D named named");
            data.Add(identity, $"{PartsNamed} {HeadersNamed}", "P/J/D named named");
        }

        foreach (string body in Bodies)
        {
            data.Add(body, IdsNamed, "p/j/d piped -");
            data.Add(body, IdentityNamed, "n/n/n piped -");
            data.Add(body, $"{IdsNamed} {HeadersNamed}", "p/j/d piped named");
            data.Add(body, $"{IdentityNamed} {HeadersNamed}", "n/n/n piped named");
        }

        data.Add("header", IdsNamed, "p/j/d {} piped");
        data.Add("header", IdentityNamed, "n/n/n {} piped");
        data.Add("header", $"{IdsNamed} {BodyNamed}", "p/j/d named piped");
        data.Add("header", $"{IdentityNamed} {BodyNamed}", "n/n/n named piped");
        data.Add("header", $"{IdsNamed} {PartsNamed}", "p/j/d named piped");
        data.Add("header", $"{IdentityNamed} {PartsNamed}", "n/n/n named piped");
        return data;
    }

    [Theory]
    [MemberData(nameof(Combinations))]
    public void Piped_objects_reach_one_parameter(string piped, string named, string expected)
    {
        Outcome outcome = Shell.Run($"{Setup} ${piped} | {Cmdlet} {named}");

        outcome.Single();
        Assert.Equal(expected, Summary(Service.Request));
    }

    public static TheoryData<string, string> Contradictions()
    {
        var data = new TheoryData<string, string>();
        foreach (string identity in Identities)
        {
            data.Add(identity, IdsNamed);
            data.Add(identity, IdentityNamed);
        }

        foreach (string body in Bodies)
        {
            data.Add(body, "");
            data.Add(body, $"{IdsNamed} {BodyNamed}");
            data.Add(body, $"{IdsNamed} {PartsNamed}");
        }

        data.Add("header", "");
        data.Add("header", BodyNamed);
        data.Add("header", $"{IdsNamed} {HeadersNamed}");
        return data;
    }

    [Theory]
    [MemberData(nameof(Contradictions))]
    public void What_is_piped_and_named_too_or_names_no_document_is_one_error_and_nothing_is_sent(string piped, string named)
    {
        Outcome outcome = Shell.Run($"{Setup} ${piped} | {Cmdlet} {named}; 'went on'");

        Assert.Single(outcome.Errors);
        Assert.Equal(ErrorCategory.InvalidArgument, outcome.Errors[0].CategoryInfo.Category);
        Assert.Equal("went on", Assert.Single(outcome.Output).BaseObject);
        Assert.Equal(0, Service.RequestCount);
    }

    public static TheoryData<string, string> MixtureCombinations()
    {
        var data = new TheoryData<string, string>();
        foreach (string mixture in Mixtures)
        {
            string[] combinations =
            [
                "", IdsNamed, IdentityNamed, BodyNamed, PartsNamed, HeadersNamed,
                $"{IdsNamed} {HeadersNamed}", $"{IdentityNamed} {HeadersNamed}", $"{PartsNamed} {HeadersNamed}",
            ];
            foreach (string named in combinations)
            {
                data.Add(mixture, named);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(MixtureCombinations))]
    public void An_identity_and_a_body_in_one_object_are_refused_whatever_is_named_and_nothing_is_lost(string mixture, string named)
    {
        Outcome outcome = Shell.Run($"{Setup} ${mixture} | {Cmdlet} {named}");

        ErrorRecord error = Assert.Single(outcome.Errors);
        Assert.StartsWith("AmbiguousInput,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("PrinterId", error.Exception.Message, StringComparison.Ordinal);
        Assert.Contains("-InputObject", error.Exception.Message, StringComparison.Ordinal);
        Assert.Contains("Send-MgPrintDocument", error.Exception.Message, StringComparison.Ordinal);
        Assert.Equal(0, Service.RequestCount);
    }

    [Fact]
    public void An_identity_and_a_body_in_one_object_are_taken_as_that_error_says()
    {
        Shell.Run($"{Setup} {Cmdlet} -InputObject $mixedRow -Properties @{{ documentName = 'named' }}").Single();

        Assert.Equal("P/J/D named -", Summary(Service.Request));
    }

    [Theory]
    [InlineData(IdsNamed)]
    [InlineData(IdentityNamed)]
    [InlineData($"{IdsNamed} {HeadersNamed}")]
    public void A_null_that_is_piped_is_an_error_of_its_record(string named)
    {
        Outcome outcome = Shell.Run($"{Setup} $null, $body, $null | {Cmdlet} {named}; @() | {Cmdlet} {named}");

        Assert.Equal(2, outcome.Errors.Count);
        Assert.All(outcome.Errors, error => Assert.Contains("null", error.Exception.Message, StringComparison.Ordinal));
        Assert.Single(outcome.Output);
        Assert.Equal(1, Service.RequestCount);
    }

    [Fact]
    public void A_command_that_runs_for_each_object_of_a_pipeline_has_nothing_piped_itself()
    {
        Shell.Run($"1, 2 | ForEach-Object {{ {Cmdlet} {IdsNamed} }}; 1, 2 | & {{ process {{ {Cmdlet} {IdsNamed} }} }}").AssertQuiet();

        Assert.Equal(4, Service.RequestCount);
    }

    [Theory]
    [InlineData("'https://h/u?t=CANARY'")]
    [InlineData("[uri]'https://h/u?t=CANARY'")]
    [InlineData(", @('https://h/u?t=CANARY', 2)")]
    public void What_is_piped_and_is_no_object_is_refused_without_being_shown(string piped)
    {
        ErrorRecord error = Shell.Run($"{piped} | {Cmdlet} {IdsNamed}").Error();

        Assert.Contains("expected an object (a hashtable, a custom object or JSON text)", error.Exception.Message,
            StringComparison.Ordinal);
        Assert.DoesNotContain("CANARY", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, Service.RequestCount);
    }

    [Theory]
    [InlineData("@{ PrintJobId = 'J'; PrintDocumentId = 'D' }", "PrinterId")]
    [InlineData("@{ PrinterId = 'P'; PrintDocumentId = 'D' }", "PrintJobId")]
    [InlineData("@{ PrinterId = 'P'; PrintJobId = 'J'; PrintDocumentId = $null }", "PrintDocumentId")]
    [InlineData("[pscustomobject]@{ PrinterId = 'P'; PrintJobId = 'J' }", "PrintDocumentId")]
    [InlineData("[Microsoft.Graph.PowerShell.Models.DevicesCloudPrintIdentity]::new()", "PrinterId")]
    public void An_identity_without_an_id_is_an_error_of_its_record(string identity, string missing)
    {
        Outcome outcome = Shell.Run($"{Setup} ({identity}), $identity | {Cmdlet}");

        ErrorRecord error = Assert.Single(outcome.Errors);
        Assert.Equal($"InputObject has null value for InputObject.{missing}", error.Exception.Message);
        Assert.Equal(ErrorCategory.InvalidArgument, error.CategoryInfo.Category);
        Assert.Single(outcome.Output);
        Assert.Equal("P/J/D {} -", Summary(Service.Request));
    }

    [Theory]
    [InlineData("@{ PrinterId = 'a', 'b'; PrintJobId = 'j'; PrintDocumentId = 'd' }", "", "PrinterId: expected text")]
    [InlineData("[pscustomobject]@{ PrinterId = $true; PrintJobId = 'j'; PrintDocumentId = 'd' }", "", "PrinterId: expected text")]
    [InlineData("@{ properties = @{ size = 'x' } }", IdsNamed, "properties.size: expected a whole number")]
    [InlineData("@{ properties = @{ size = 'x' } }", IdentityNamed, "properties.size: expected a whole number")]
    [InlineData("@{ properties = @{ size = 'x' } }", $"{IdsNamed} {HeadersNamed}", "properties.size: expected a whole number")]
    [InlineData("[pscustomobject]@{ properties = @{ size = 'x' } }", IdsNamed, "properties.size: expected a whole number")]
    [InlineData("'{\"properties\":{\"size\":true}}'", IdsNamed, "properties.size: expected a whole number")]
    [InlineData("'{\"properties\":'", IdsNamed, "is not valid JSON")]
    [InlineData("@{ documentName = 'a'; size = 'x' }", IdsNamed, "size: expected a whole number")]
    [InlineData("[pscustomobject]@{ documentName = 'a'; size = 'x' }", IdentityNamed, "size: expected a whole number")]
    public void A_piped_object_with_a_wrong_value_is_an_error_of_its_record_that_names_the_property(string piped, string named,
        string expected)
    {
        string good = named.Length == 0 ? "$identity" : "$body";

        Outcome outcome = Shell.Run($"{Setup} ({piped}), {good} | {Cmdlet} {named}; 'went on'");

        Assert.Null(outcome.Thrown);
        Assert.Contains(expected, Assert.Single(outcome.Errors).Exception.Message, StringComparison.Ordinal);
        Assert.Equal(2, outcome.Output.Count);
        Assert.Equal(1, Service.RequestCount);
    }

    [Fact]
    public void Records_of_different_looks_mix_in_one_pipeline()
    {
        Outcome outcome = Shell.Run($"{Setup} $header, $body, $customBody, $header | {Cmdlet} {IdsNamed}");

        outcome.AssertQuiet();
        Assert.Equal(
            ["p/j/d {} piped", "p/j/d piped -", "p/j/d piped -", "p/j/d {} piped"], Service.Requests.Select(Summary));
    }

    [Fact]
    public void What_is_named_for_a_body_is_one_whatever_it_looks_like()
    {
        Shell.Run(
            $$"""
            {{Cmdlet}} {{IdsNamed}} -BodyParameter @{ userId = 'u'; properties = @{ size = 1 } }
            {{Cmdlet}} {{IdsNamed}} -BodyParameter @{ userId = 'u' }
            {{Cmdlet}} {{IdsNamed}} -BodyParameter @{ documentName = 'at the top' }
            """).AssertQuiet();

        Assert.Equal(
            ["""{"userId":"u","properties":{"size":1}}""", """{"userId":"u"}""", """{"documentName":"at the top"}"""],
            Service.Requests.Select(request => request.BodyText));
    }

    [Fact]
    public void A_failing_record_does_not_stop_the_others()
    {
        Service.Answer = request => request.Target.Contains("/jobs/bad/", StringComparison.Ordinal)
            ? Reply.GraphError(400, "BadRequest", "No.")
            : Reply.Session();

        Outcome outcome = Shell.Run(
            $"'a', 'bad', 'c' | ForEach-Object {{ @{{ PrinterId = 'P'; PrintJobId = $_; PrintDocumentId = 'D' }} }} | {Cmdlet}");

        Assert.Equal(2, outcome.Output.Count);
        Assert.Equal("BadRequest", Assert.Single(outcome.Errors).FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal(3, Service.RequestCount);
    }

    [Fact]
    public void ErrorAction_ErrorVariable_OutVariable_and_PipelineVariable_behave()
    {
        Service.Answer = request => request.Target.Contains("/jobs/bad/", StringComparison.Ordinal)
            ? Reply.GraphError(400, "BadRequest", "No.")
            : Reply.Session();

        Outcome outcome = Shell.Run(
            $$"""
            'a', 'bad', 'c' | ForEach-Object { @{ PrinterId = 'P'; PrintJobId = $_; PrintDocumentId = 'D' } } |
                {{Cmdlet}} -ErrorAction SilentlyContinue -ErrorVariable failed -OutVariable made -PipelineVariable session |
                ForEach-Object { $session.UploadUrl -eq $_.UploadUrl }
            $failed.Count; $made.Count
            """);

        outcome.AssertQuiet();
        Assert.Equal([true, true, 1, 2], outcome.Output.Select(item => item.BaseObject));

        Outcome stopped = Shell.Run(
            $"'bad', 'c' | ForEach-Object {{ @{{ PrinterId = 'P'; PrintJobId = $_; PrintDocumentId = 'D' }} }} | {Cmdlet} -ErrorAction Stop");

        Assert.Equal("BadRequest", stopped.Error().FullyQualifiedErrorId.Split(',')[0]);
        Assert.Empty(stopped.Output);
    }

    private static string Summary(ReceivedRequest request)
    {
        string[] path = request.Target.Split('/');
        string body = request.BodyText switch
        {
            """{"properties":{"documentName":"piped"}}""" => "piped",
            """{"properties":{"documentName":"named"}}""" => "named",
            string other => other,
        };
        return $"{path[4]}/{path[6]}/{path[8]} {body} {request.Header("x-test") ?? "-"}";
    }
}
