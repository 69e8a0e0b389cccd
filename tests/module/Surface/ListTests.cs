using System.Globalization;
using System.Management.Automation;
using MgPrint.PowerShell.Tests.Hosting;

namespace MgPrint.PowerShell.Tests.Surface;

/// <summary>Lists: their pages, how many, which, and the variable with the count.</summary>
public sealed class ListTests : ServiceTest
{
    private const int Pages = 4;

    public ListTests() => Service.Answer = Page;

    [Fact]
    public void All_follows_every_page()
    {
        Outcome outcome = Shell.Run("(Get-MgPrintShare -All).Id").AssertQuiet();

        Assert.Equal(Enumerable.Range(0, 3 * Pages).Select(number => $"s{number}"), outcome.Output.Select(id => (string)id.BaseObject));
        Assert.Equal(Pages, Service.RequestCount);
        Assert.All(Service.Requests, request => Assert.Equal($"Bearer {Token}", request.Header("Authorization")));
    }

    [Fact]
    public void Top_gives_as_many_where_the_service_gives_fewer_a_page()
    {
        Outcome outcome = Shell.Run("(Get-MgPrintShare -Top 5).Id").AssertQuiet();

        Assert.Equal(5, outcome.Output.Count);
        Assert.Equal(["/v1.0/print/shares?$top=5", "/v1.0/print/shares?$skiptoken=1"], Service.Requests.Select(request => request.Target));
    }

    [Fact]
    public void Whoever_has_enough_stops_the_asking()
    {
        Outcome outcome = Shell.Run("Get-MgPrintShare -All | Select-Object -First 1").AssertQuiet();

        Assert.Single(outcome.Output);
        Assert.Single(Service.Requests);
    }

    [Fact]
    public void Without_all_or_top_it_is_one_page_and_a_warning_says_that_there_are_more()
    {
        Outcome outcome = Shell.Run("Get-MgPrintShare").AssertQuiet();

        Assert.Equal(3, outcome.Output.Count);
        Assert.Contains("-All", Assert.Single(outcome.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_next_link_to_another_place_is_refused_and_gets_no_token()
    {
        using var elsewhere = new StubService();
        Service.Answer = _ =>
            Reply.Json(200, $$"""{"value":[{"id":"a"}],"@odata.nextLink":"{{elsewhere.Endpoint}}/v1.0/print/shares?x"}""");

        Outcome outcome = Shell.Run("Get-MgPrintShare -All");

        Assert.Single(outcome.Output);
        Assert.Equal("InvalidArgument", outcome.Error().FullyQualifiedErrorId.Split(',')[0]);
        Assert.Empty(elsewhere.Requests);
    }

    [Theory]
    [InlineData("-Filter \"displayName eq 'A & B'\"", "$filter=displayName%20eq%20%27A%20%26%20B%27")]
    [InlineData("-Property id,displayName -ExpandProperty printer", "$expand=printer&$select=id,displayName")]
    [InlineData("-Search 'floor 3'", "$search=%22floor%203%22")]
    [InlineData("-Skip 4 -Sort 'displayName desc' -PageSize 2", "$skip=4&$orderby=displayName%20desc&$top=2")]
    [InlineData("-Top 5 -PageSize 2", "$top=2")]
    [InlineData("-Select id -Expand printer -OrderBy id -Limit 3", "$expand=printer&$select=id&$orderby=id&$top=3")]
    [InlineData("-Property id, '' -Filter '' -Search '' -Sort @() -ExpandProperty ''", "$select=id")]
    public void Options_are_encoded_and_named_as_OData_has_them(string options, string query)
    {
        Service.Answer = _ => Reply.Json(200, """{"value":[]}""");

        Shell.Run($"Get-MgPrintShare {options}").AssertQuiet();

        Assert.Equal($"/v1.0/print/shares?{query}", Service.Request.Target);
    }

    [Theory]
    [InlineData("total", "total")]
    [InlineData("script:total", "script:total")]
    public void The_count_goes_into_the_variable_that_was_named(string name, string variable)
    {
        Service.Answer = _ => Reply.Json(200, """{"@odata.count":41,"value":[{"id":"a"}]}""");

        Outcome outcome = Shell.Run($"$null = Get-MgPrintShare -CountVariable {name}; ${variable}");

        Assert.Equal(41, outcome.Single().BaseObject);
        Assert.Equal("/v1.0/print/shares?$count=true", Service.Request.Target);
    }

    [Theory]
    [InlineData("""{"value":[{"id":"a"}]}""")]
    [InlineData("""{"error":{"code":"x"}}""")]
    public void Of_a_list_without_a_count_the_variable_holds_none(string answer)
    {
        Service.Answer = _ => Reply.Json(200, answer);

        Outcome outcome = Shell.Run("$global:c = 'old'; $null = Get-MgPrintShare -CountVariable c -ErrorAction Ignore; \"$c\"");

        Assert.Equal("", outcome.Single().BaseObject);
    }

    [Theory]
    [InlineData("""{"id":"x"}""")]
    [InlineData("""{"value":null}""")]
    [InlineData("""{"value":[5]}""")]
    [InlineData("""{"value":[],"@odata.nextLink":5}""")]
    public void What_is_no_list_is_an_error_and_not_an_empty_one(string answer)
    {
        Service.Answer = _ => Reply.Json(200, answer);

        Outcome outcome = Shell.Run("Get-MgPrintShare");

        Assert.Equal("UnexpectedResponse", outcome.Error().FullyQualifiedErrorId.Split(',')[0]);
        Assert.Empty(outcome.Output);
    }

    [Fact]
    public void A_page_that_leads_to_itself_is_the_end_of_the_list()
    {
        Service.Answer = _ => Reply.Json(200, """{"value":[{"id":"a"}],"@odata.nextLink":"/v1.0/print/shares?$skiptoken=z"}""");

        Outcome outcome = Shell.Run("Get-MgPrintShare -All");

        Assert.Equal("UnexpectedResponse", outcome.Error().FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal(2, Service.Requests.Count);
    }

    [Fact]
    public void A_next_link_without_a_host_is_the_service_s_own()
    {
        Service.Answer = request => Reply.Json(
            200, request.Target.Contains('?', StringComparison.Ordinal)
                ? """{"value":[{"id":"b"}]}""" : """{"value":[{"id":"a"}],"@odata.nextLink":"/v1.0/print/shares?$skiptoken=z"}""");

        Assert.Equal(2, Shell.Run("Get-MgPrintShare -All").AssertQuiet().Output.Count);
        Assert.Equal("/v1.0/print/shares?$skiptoken=z", Service.Requests[^1].Target);
    }

    [Theory]
    [InlineData("7", "7")]
    [InlineData("3000000000", "")]
    public void The_count_is_a_number_that_the_variable_holds_or_none(string count, string expected)
    {
        Service.Answer = _ => Reply.Json(200, $$"""{"@odata.count":{{count}},"value":[{"id":"a"}]}""");

        Outcome outcome = Shell.Run("$c = 5; $null = Get-MgPrintShare -CountVariable c; \"$c\"");

        Assert.Equal(expected, outcome.Single().BaseObject);
    }

    [Theory]
    [InlineData("-PageSize 1000")]
    [InlineData("-PageSize 0")]
    [InlineData("-Top 0")]
    public void Numbers_out_of_range_end_the_call_before_anything_is_sent(string options)
    {
        Outcome outcome = Shell.Run($"Get-MgPrintShare {options}");

        Assert.Equal("ParameterArgumentValidationError", outcome.Error().FullyQualifiedErrorId.Split(',')[0]);
        Assert.Empty(Service.Requests);
    }

    [Fact]
    public void What_comes_out_can_be_piped_to_what_takes_ids()
    {
        Service.Answer = request => request.Method == "GET" ? Reply.Json(200, """{"value":[{"id":"7"},{"id":"8"}]}""") : Reply.Of(204, "");

        Shell.Run("Get-MgPrintShareJob -PrinterShareId 'my share' | Stop-MgPrintShareJob").AssertQuiet();

        Assert.Equal(
            ["/v1.0/print/shares/my%20share/jobs", "/v1.0/print/shares/my%20share/jobs/7/microsoft.graph.cancel",
                "/v1.0/print/shares/my%20share/jobs/8/microsoft.graph.cancel"],
            Service.Requests.Select(request => request.Target));
    }

    [Fact]
    public void Objects_have_typed_properties_and_keep_what_is_not_documented()
    {
        Service.Answer = _ => Reply.Json(200, """{"id":"p","isShared":true,"status":{"state":"stopped","details":["disconnected"]},"registeredDateTime":"2030-01-02T03:04:05+01:00","new":{"x":1}}""");

        Outcome outcome = Shell.Run("$p = Get-MgPrintPrinter -PrinterId p; $p.IsShared; $p.Status.Details[0]; $p.RegisteredDateTime.ToString('o'); $p.AdditionalProperties['new']['x']").AssertQuiet();

        Assert.Equal([true, "disconnected", "2030-01-02T02:04:05.0000000Z", 1], outcome.Output.Select(value => value.BaseObject));
    }

    [Fact]
    public void A_user_and_a_group_have_their_plain_properties()
    {
        Service.Answer = _ => Reply.Json(200, """{"value":[{"id":"u","department":"D","accountEnabled":true,"businessPhones":["1"],"groupTypes":["Unified"]}]}""");

        Outcome outcome = Shell.Run(
            "(Get-MgPrintShareAllowedUser -PrinterShareId s | ? Department -eq D).AccountEnabled; "
                + "(Get-MgPrintShareAllowedGroup -PrinterShareId s).GroupTypes[0]").AssertQuiet();

        Assert.Equal([true, "Unified"], outcome.Output.Select(value => value.BaseObject));
    }

    private Reply Page(ReceivedRequest request)
    {
        int page = request.Target.Split("skiptoken=") is [_, string token] ? int.Parse(token, CultureInfo.InvariantCulture) : 0;
        string next = page + 1 < Pages ? $",\"@odata.nextLink\":\"{Service.Endpoint}/v1.0/print/shares?$skiptoken={page + 1}\"" : "";
        string items = string.Join(',', Enumerable.Range(3 * page, 3).Select(number => $"{{\"id\":\"s{number}\"}}"));
        return Reply.Json(200, $"{{\"value\":[{items}]{next}}}");
    }
}
