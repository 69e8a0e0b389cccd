using MgPrint.PowerShell.Tests.Hosting;

namespace MgPrint.PowerShell.Tests.Cmdlets;

/// <summary>-Debug shows what went over the wire, without secrets and in our own words alone.</summary>
public sealed class DebugTests : ServiceTest
{
    [Fact]
    public void A_request_and_its_answer_are_shown_with_headers_and_bodies()
    {
        Outcome outcome = Shell.Run($"$null = {Cmdlet} {Ids} -Properties @{{ size = 1 }} -Headers @{{ 'x-note' = 'mine'; 'x-api-key' = 'CANARY-API-KEY' }} -Debug");

        outcome.AssertQuiet();
        Assert.Equal(2, outcome.Debug.Count);
        string[] request = outcome.Debug[0].Split('\n', StringSplitOptions.TrimEntries);
        Assert.Equal("HTTP REQUEST", request[0]);
        Assert.Equal($"POST {Service.Endpoint}/v1.0/print/printers/p/jobs/j/documents/d/microsoft.graph.createUploadSession", request[1]);
        Assert.Contains("x-note: mine", request);
        Assert.Contains("content-type: application/json", request);
        Assert.Contains(request, line => line.StartsWith("user-agent: Microsoft.Graph.Devices.CloudPrint/", StringComparison.Ordinal));
        Assert.Contains(request, line => line.StartsWith("client-request-id: ", StringComparison.Ordinal));
        Assert.Equal("""{"properties":{"size":1}}""", request[^1]);

        string[] answer = outcome.Debug[1].Split('\n', StringSplitOptions.TrimEntries);
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
        Service.Answer = _ => Interlocked.Increment(ref calls) < 2 ? Reply.GraphError(503, "busy", "Not now.", ("Retry-After", "0")) : Reply.Session();

        Outcome outcome = Shell.Run($"$null = {Cmdlet} {Ids} -Debug");

        outcome.AssertQuiet();
        Assert.Equal(
            ["HTTP REQUEST", "HTTP RESPONSE", "HTTP REQUEST", "HTTP RESPONSE"],
            outcome.Debug.Where(line => line.StartsWith("HTTP", StringComparison.Ordinal)).Select(line => line.Split('\n')[0].Trim()));
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
        Assert.Equal(3, lines.Count(line => line.StartsWith("VERBOSE:", StringComparison.Ordinal) || line.StartsWith("DEBUG:", StringComparison.Ordinal)));
        Assert.All(new[] { "reqwest", "hyper", "rustls", "tokio", "TRACE", Token }, word => Assert.DoesNotContain(word, outcome.Output, StringComparison.OrdinalIgnoreCase));
        Assert.False(File.Exists(Path.Combine(Path.GetTempPath(), "mgprint-no-such-log")), "The keys of encrypted connections were written to a file.");
    }
}
