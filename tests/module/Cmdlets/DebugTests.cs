using MgPrint.PowerShell.Tests.Hosting;

namespace MgPrint.PowerShell.Tests.Cmdlets;

/// <summary>-Debug shows what went over the wire, without secrets and in our own words alone.</summary>
public sealed class DebugTests : ServiceTest
{
    [Fact]
    public void A_request_and_its_answer_are_shown_with_headers_and_bodies()
    {
        Outcome outcome = Shell.Run($"$null = {Cmdlet} {Ids} -Properties @{{ size = 1 }} -Headers @{{ 'x-note' = 'mine'; 'x-api-key' = 'CANARY-API-KEY'; 'Ocp-Apim-Subscription-Key' = 'CANARY-KEY'; 'X-Functions-Key' = 'CANARY-KEY' }} -Debug");

        outcome.AssertQuiet();
        string[] exchange = [.. outcome.Debug.Where(line => line.StartsWith("HTTP", StringComparison.Ordinal))];
        Assert.Equal(2, exchange.Length);
        string[] request = exchange[0].Split('\n', StringSplitOptions.TrimEntries);
        Assert.Equal("HTTP REQUEST", request[0]);
        Assert.Equal($"POST {Service.Endpoint}/v1.0/print/printers/p/jobs/j/documents/d/microsoft.graph.createUploadSession", request[1]);
        Assert.Contains("x-note: mine", request);
        Assert.Contains("content-type: application/json", request);
        Assert.Contains(request, line => line.StartsWith("user-agent: Microsoft.Graph.Devices.CloudPrint/", StringComparison.Ordinal));
        Assert.Contains(request, line => line.StartsWith("client-request-id: ", StringComparison.Ordinal));
        Assert.Equal("""{"properties":{"size":1}}""", request[^1]);

        string[] answer = exchange[1].Split('\n', StringSplitOptions.TrimEntries);
        Assert.Equal(["HTTP RESPONSE", "200 OK"], answer[..2]);
        Assert.Contains("request-id: 6b8f0c1e-0001", answer);
        Assert.Contains("https://print.example/uploadSessions/5400be13", answer[^1], StringComparison.Ordinal);

        Assert.DoesNotContain("CANARY", string.Join('\n', outcome.Debug), StringComparison.Ordinal);
        Assert.Contains(request, line => line.StartsWith("authorization: ", StringComparison.Ordinal));
        Assert.Contains(request, line => line.StartsWith("x-api-key: ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Continue", "SilentlyContinue", true)]
    [InlineData("SilentlyContinue", "Continue", false)]
    public void A_function_s_own_preference_counts(string own, string global, bool isShown)
    {
        Outcome outcome = Shell.Run($$"""
            $global:DebugPreference = '{{global}}'
            function Send-It { $DebugPreference = '{{own}}'; $null = {{Cmdlet}} {{Ids}} }
            Send-It
            """);

        Assert.Equal(isShown, outcome.AssertQuiet().Debug.Any(line => line.StartsWith("HTTP REQUEST", StringComparison.Ordinal)));
    }

    [Fact]
    public void Each_try_is_shown()
    {
        int calls = 0;
        Service.Answer = _ =>
            Interlocked.Increment(ref calls) < 2 ? Reply.GraphError(503, "busy", "Not now.", ("Retry-After", "0")) : Reply.Session();

        Outcome outcome = Shell.Run($"$null = {Cmdlet} {Ids} -Debug");

        outcome.AssertQuiet();
        Assert.Equal(
            ["HTTP REQUEST", "HTTP RESPONSE", "HTTP REQUEST", "HTTP RESPONSE"],
            outcome.Debug.Where(line => line.StartsWith("HTTP", StringComparison.Ordinal)).Select(line => line.Split('\n')[0].Trim()));
    }

    private const string Step =
        "{ param($r, $c, $n) 'Verbose', 'Warning' | ForEach-Object { $m = \"a step's $_\"; $null = $c.Signal($_, $c.Token, { [Microsoft.Graph.PowerShell.Runtime.EventData]@{ Message = $m } }.GetNewClosure()) }; $n.SendAsync($r, $c) }";

    public static TheoryData<string, string, string, string> WaysToAskForDebug() => new()
    {
        { "", "-Debug", "DEBUG", "DEBUG" },
        { "", "-Debug -Verbose", "VERBOSE", "DEBUG" },
        { "", "-Debug -Verbose:$false", "", "DEBUG" },
        { "$VerbosePreference = 'Continue'", "-Debug", "DEBUG", "DEBUG" },
        { "", "-Debug -WarningAction Continue", "DEBUG", "WARNING" },
        { "", "-Debug -WarningAction SilentlyContinue", "DEBUG", "" },
        { "$DebugPreference = 'Continue'", "", "DEBUG", "WARNING" },
        { "$DebugPreference = 'Continue'; $VerbosePreference = 'Continue'", "", "VERBOSE", "WARNING" },
    };

    [Theory]
    [MemberData(nameof(WaysToAskForDebug))]
    public void A_document_is_sent_without_a_question_past_retries_and_warnings(string preamble, string switches, string retry,
        string warning)
    {
        int calls = 0;
        Service.Answer = request => request.Method switch
        {
            "POST" when Interlocked.Increment(ref calls) < 2 => Reply.GraphError(503, "busy", "Not now.", ("Retry-After", "0")),
            "POST" => Reply.Json(200, $$"""{"uploadUrl":"{{Service.Endpoint}}/u?t=CANARY","nextExpectedRanges":["0-7"]}"""),
            // The last answer is lost, and the session gone: a warning.
            "PUT" => new Reply([], Closes: true),
            _ => Reply.GraphError(404, "notFound", "No such session."),
        };

        Outcome outcome = RunUnasked(
            $"{preamble}\n(Send-MgPrintDocument -Content ([byte[]](1..8)) -DocumentName d.pdf {Ids} {switches}).Confirmed");

        Assert.Equal(false, outcome.Single().BaseObject);
        AssertTold(outcome, "Trying again", retry);
        AssertTold(outcome, "was lost or could not be read", warning);
    }

    [Theory]
    [MemberData(nameof(WaysToAskForDebug))]
    public void A_session_is_opened_without_a_question_past_retries_and_warnings(string preamble, string switches, string retry,
        string warning)
    {
        int calls = 0;
        Service.Answer = _ => Interlocked.Increment(ref calls) < 2
            ? Reply.GraphError(503, "busy", "Not now.", ("Retry-After", "0"))
            : Reply.Session();

        Outcome outcome = RunUnasked($"{preamble}\n({Cmdlet} {Ids} -HttpPipelineAppend {Step} {switches}).UploadUrl");

        Assert.Equal(Reply.UploadUrl, outcome.Single().BaseObject);
        AssertTold(outcome, "Trying again", retry);
        AssertTold(outcome, "a step's Verbose", retry);
        AssertTold(outcome, "a step's Warning", warning);
    }

    [Theory]
    [InlineData("Get-MgPrintUploadSession", "GET", 200)]
    [InlineData("Remove-MgPrintUploadSession", "DELETE", 204)]
    public void A_session_is_asked_and_ended_without_a_question(string command, string method, int status)
    {
        int calls = 0;
        Service.Answer = _ => Interlocked.Increment(ref calls) < 2
            ? Reply.GraphError(503, "busy", "Not now.", ("Retry-After", "0"))
            : Reply.Json(status, status == 204 ? "" : "{}");

        Outcome outcome = RunUnasked($"$null = {command} '{Service.Endpoint}/u?t=CANARY' -Debug").AssertQuiet();

        AssertTold(outcome, "Trying again", "DEBUG");
        Assert.Equal([method, method], Service.Requests.Select(request => request.Method));
    }

    /// <summary>Runs where a person could be asked, and fails when they are.</summary>
    private static Outcome RunUnasked(string script)
    {
        var host = new TestHost();
        using var shell = new Shell(host);
        Outcome outcome = shell.Run(script);
        Assert.Empty(host.Prompts);
        return outcome;
    }

    /// <summary>What was told in these words is on the stream of this name alone; on none, where there is no name.</summary>
    private static void AssertTold(Outcome outcome, string words, string stream)
    {
        (string Name, IReadOnlyList<string> Lines)[] streams =
            [("DEBUG", outcome.Debug), ("VERBOSE", outcome.Verbose), ("WARNING", outcome.Warnings)];
        IEnumerable<string> told = streams.Where(told => told.Lines.Any(line => line.Contains(words, StringComparison.Ordinal)))
            .Select(told => told.Name);
        Assert.Equal(stream.Length > 0 ? [stream] : [], told);
    }

    [Fact]
    public async Task No_library_says_anything_whatever_it_is_asked_to()
    {
        PwshOutcome outcome = await PwshProcess.RunAsync(
            ["-Command", $"$null = {Cmdlet} {Ids} -Properties @{{ size = 1 }} -Debug -Verbose"],
            ("RUST_LOG", "trace"), ("SSLKEYLOGFILE", Path.Combine(Path.GetTempPath(), "mgprint-no-such-log")));

        Assert.Equal(0, outcome.ExitCode);
        Assert.Equal("", outcome.Errors);
        string[] lines = outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        // What ShouldProcess and the sign-in say, the request and the response.
        Assert.Equal(4,
            lines.Count(line => line.StartsWith("VERBOSE:", StringComparison.Ordinal)
                || line.StartsWith("DEBUG:", StringComparison.Ordinal)));
        Assert.All(new[] { "reqwest", "hyper", "rustls", "tokio", "TRACE", Token },
            word => Assert.DoesNotContain(word, outcome.Output, StringComparison.OrdinalIgnoreCase));
        Assert.False(File.Exists(Path.Combine(Path.GetTempPath(), "mgprint-no-such-log")),
            "The keys of encrypted connections were written to a file.");
    }
}
