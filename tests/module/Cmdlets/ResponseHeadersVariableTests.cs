using MgPrint.PowerShell.Tests.Hosting;

namespace MgPrint.PowerShell.Tests.Cmdlets;

/// <summary>-ResponseHeadersVariable tells of the last request: its answer's headers, or nothing.</summary>
public sealed class ResponseHeadersVariableTests : ServiceTest
{
    [Theory]
    [InlineData("ResponseHeadersVariable")]
    [InlineData("RHV")]
    public void It_is_global_and_a_dictionary_without_letter_case(string parameter)
    {
        Shell.Run($"& {{ {Cmdlet} {Ids} -{parameter} answer }}").AssertQuiet();

        var headers = Assert.IsType<Dictionary<string, IEnumerable<string>>>(Shell.Variable("answer"));
        Assert.Equal(["6b8f0c1e-0001"], headers["REQUEST-ID"]);
        Assert.Equal(["application/json"], headers["content-type"]);
    }

    [Fact]
    public void Several_values_of_a_header_stay_apart()
    {
        Service.Answer = _ => Reply.Json(200, """{"uploadUrl":"https://h/u?s=1"}""", ("x-part", "a"), ("x-part", "b"));

        Outcome outcome = Shell.Run($"$null = {Cmdlet} {Ids} -RHV answer; @($answer['X-Part'])");

        Assert.Equal(["a", "b"], outcome.AssertQuiet().Output.Select(item => item.BaseObject));
    }

    [Fact]
    public void It_is_set_when_the_service_answers_with_an_error()
    {
        Service.Answer = _ => Reply.GraphError(403, "Forbidden", "No.");

        Outcome outcome = Shell.Run($"{Cmdlet} {Ids} -RHV answer -ErrorAction SilentlyContinue; $answer['request-id']");

        Assert.Equal("6b8f0c1e-0002", outcome.Single().BaseObject);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(401)]
    [InlineData(502)]
    public void It_has_the_headers_as_they_came_and_the_error_shows_no_secret_of_them(int status)
    {
        (string Name, string Value)[] sent =
        [
            ("Location", "https://h/jobs/5?api=CANARY"), ("Set-Cookie", "sid=CANARY"), ("Link", "<https://h/x?$skip=5>; rel=\"next\""),
            ("WWW-Authenticate", "Bearer realm=\"\", error=\"insufficient_claims\""), ("x-note", "é"),
        ];
        Service.Answer = _ => Reply.Json(status, status == 401 ? """{"error":{"code":"c","message":"m"}}""" : "no session", sent);

        Outcome outcome = Shell.Run($"{Cmdlet} {Ids} -RHV answer");

        var headers = (Dictionary<string, IEnumerable<string>>)Shell.Variable("answer")!;
        Assert.All(sent, header => Assert.Equal([header.Value], headers[header.Name]));
        Assert.DoesNotContain("CANARY", outcome.Error().ErrorDetails.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void It_is_set_by_an_answer_that_is_cut()
    {
        Service.Answer = _ =>
            new Reply("HTTP/1.1 200 OK\r\nrequest-id: 6b8f0c1e-0005\r\nContent-Length: 500\r\n\r\n{"u8.ToArray(), Closes: true);

        Outcome outcome = Shell.Run($"{Cmdlet} {Ids} -RHV answer -ErrorAction SilentlyContinue; $answer['request-id']");

        Assert.Equal("6b8f0c1e-0005", outcome.Single().BaseObject);
    }

    [Theory]
    [InlineData(204, "")]
    [InlineData(200, "")]
    [InlineData(200, "<html>")]
    [InlineData(502, "<html>")]
    [InlineData(302, "")]
    [InlineData(200, "deep")]
    [InlineData(200, "long")]
    public void It_is_set_by_every_answer_be_it_no_session(int status, string body)
    {
        string sent = body switch
        {
            "deep" => $"{new string('[', 100)}{new string(']', 100)}",
            "long" => new string(' ', 2_000_000),
            _ => body,
        };
        Service.Answer = _ => Reply.Of(status, sent, ("Content-Type", "text/html"), ("request-id", "6b8f0c1e-0004"));

        Outcome outcome = Shell.Run($"{Cmdlet} {Ids} -RHV answer -ErrorAction SilentlyContinue; $answer['request-id']");

        Assert.Equal("6b8f0c1e-0004", outcome.Single().BaseObject);
    }

    [Fact]
    public void Its_names_are_spelled_as_NETs_own_client_spells_them()
    {
        Service.Answer = _ =>
            Reply.Json(200, """{"uploadUrl":"https://h/u?s=1"}""", ("date", "Mon, 07 Jan 2030 04:43:04 GMT"), ("REQUEST-ID", "r"));

        Outcome outcome = Shell.Run($"$null = {Cmdlet} {Ids} -RHV answer; $answer.Keys");

        Assert.Equal(["Content-Length", "Content-Type", "Date", "request-id"],
            outcome.AssertQuiet().Output.Select(name => (string)name.BaseObject).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void It_is_null_when_no_answer_comes()
    {
        SetEnvironment("http://127.0.0.1:1", Token);

        Outcome outcome =
            Shell.Run($"$global:answer = 'stale'; {Cmdlet} {Ids} -RHV answer -ErrorAction SilentlyContinue; $null -eq $answer");

        Assert.Equal(true, outcome.Single().BaseObject);
    }

    [Theory]
    [InlineData($"{Cmdlet} {Ids} -WhatIf")]
    [InlineData($"{Cmdlet} -InputObject @{{ PrinterId = 'x' }}")]
    [InlineData($"@{{ foo = 1 }} | {Cmdlet}")]
    [InlineData($"{Cmdlet} {Ids} -Headers @{{ Host = 'x' }}")]
    [InlineData($"{Cmdlet} {Ids} -AdditionalProperties @{{ x = [double]::NaN }}")]
    [InlineData("Get-MgPrintUploadSession -UploadUrl http://127.0.0.1:1/u -Headers @{ x = $null }")]
    [InlineData("@{ a = 1 } | Remove-MgPrintUploadSession")]
    public void It_is_null_after_a_record_that_sends_nothing(string command)
    {
        Outcome outcome = Shell.Run($"$global:answer = 'stale'; {command} -RHV answer -ErrorAction SilentlyContinue; $null -eq $answer");

        Assert.Equal(true, outcome.Output[^1].BaseObject);
        Assert.Equal(0, Service.RequestCount);
    }

    [Theory]
    [InlineData("script")]
    [InlineData("local")]
    [InlineData("Private")]
    public void A_scope_before_the_name_is_honoured(string scope)
    {
        Outcome outcome = Shell.Run(
            $$"""
            $module = New-Module { function Use-It { $null = {{Cmdlet}} {{Ids}} -RHV {{scope}}:answer; $null -ne ${{scope}}:answer } }
            & $module { Use-It }
            $null -eq $global:answer
            """);

        Assert.Equal([true, true], outcome.AssertQuiet().Output.Select(item => item.BaseObject));
    }

    [Fact]
    public void The_global_scope_may_be_named()
    {
        Outcome outcome = Shell.Run($"$null = & {{ {Cmdlet} {Ids} -RHV Global:answer }}; $null -ne $answer");

        Assert.Equal(true, outcome.Single().BaseObject);
    }

    [Fact]
    public void A_name_that_is_no_variable_is_refused_before_anything_is_sent()
    {
        Outcome outcome = Shell.Run($"{Cmdlet} {Ids} -RHV env:answer");

        Assert.Equal("InvalidVariableName", outcome.Error().FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal(0, Service.RequestCount);
    }

    [Theory]
    [InlineData("PSVersionTable", Cmdlet + " " + Ids)]
    [InlineData("typed", Cmdlet + " " + Ids)]
    [InlineData("typed", "Get-MgPrintUploadSession -UploadUrl http://127.0.0.1:1/u")]
    public void A_variable_that_cannot_hold_them_is_refused_before_anything_is_sent(string variable, string command)
    {
        Outcome outcome = Shell.Run($"[int] $global:typed = 1; {command} -RHV {variable}");

        Assert.Equal("VariableNotWritable", outcome.Error().FullyQualifiedErrorId.Split(',')[0]);
        Assert.Contains($"'{variable}'", outcome.Error().Exception.Message, StringComparison.Ordinal);
        Assert.Equal(0, Service.RequestCount);
    }

    [Fact]
    public void A_variable_that_takes_them_no_more_costs_no_session()
    {
        Outcome outcome = Shell.Run($$"""
            $step = { param($request, $callback, $next) $global:answer = 1; [int] $global:answer = 1; $next.SendAsync($request, $callback) }
            ({{Cmdlet}} {{Ids}} -RHV answer -HttpPipelineAppend $step).UploadUrl
            """);

        Assert.Equal(Reply.UploadUrl, Assert.Single(outcome.Output).BaseObject);
        Assert.Equal("VariableNotWritable", outcome.Error().FullyQualifiedErrorId.Split(',')[0]);
    }
}
