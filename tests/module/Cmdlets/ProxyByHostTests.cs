using System.Management.Automation;
using System.Net;
using MgPrint.PowerShell.Tests.Hosting;

namespace MgPrint.PowerShell.Tests.Cmdlets;

/// <summary>
/// Which proxies a document goes through whose session is created by the same call: Graph's, and that of the host that
/// Graph answers with, which may be another.
/// </summary>
public sealed class ProxyByHostTests : ServiceTest
{
    private string Proxy => Service.Endpoint;

    public ProxyByHostTests()
    {
        SetEnvironment("https://graph.test", Token);
        Service.Answer = _ => Reply.Of(403, "");
    }

    [Theory]
    [InlineData("https_proxy")]
    [InlineData("ALL_PROXY")]
    public void A_document_whose_session_is_created_on_this_machine_goes_through_the_environment_s_proxy(string variable)
    {
        using StubService graph = GraphOnThisMachine();

        Outcome outcome = Shell.Run($$"""
            $env:{{variable}} = '{{Proxy}}'
            try { {{SendAll}} } finally { $env:{{variable}} = $null }
            """);

        AssertTheUploadAloneWentToTheProxy(outcome, graph);
    }

    [Fact]
    public void NO_PROXY_is_asked_for_the_upload_of_a_session_that_is_created_too()
    {
        using StubService graph = GraphOnThisMachine();

        Outcome outcome = Shell.Run($$"""
            $env:https_proxy = '{{Proxy}}'
            $env:no_proxy = 'upload.test'
            try { {{SendAll}} } finally { $env:https_proxy = $env:no_proxy = $null }
            """);

        Assert.Equal("ConnectionFailed", outcome.Error().FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal("POST", graph.Request.Method);
        Assert.Empty(Service.Requests);
    }

    [Theory]
    [InlineData("nothing", "ProxyFailed", 1)]
    [InlineData(@"graph\.test", "ConnectionFailed", 0)]
    public void A_session_that_is_created_elsewhere_is_asked_for_as_the_session_s_proxy_says(string bypassed, string expected, int asked)
    {
        Outcome outcome =
            WithDefaultProxy(new WebProxy(Proxy) { BypassList = [bypassed] },
                $"$env:MGPRINT_TIMEOUT_SEC = '5'; try {{ {SendAll} }} finally {{ $env:MGPRINT_TIMEOUT_SEC = $null }}");

        Assert.Equal(expected, outcome.Error().FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal(asked, Service.Requests.Select(request => request.Target).Distinct().Count(target => target == "graph.test:443"));
    }

    /// <summary>Creates a session and sends the document through it.</summary>
    private const string SendAll = $"Send-MgPrintDocument -Content ([byte[]](1..8)) -DocumentName d.pdf {Ids} -MaxRetry 0";

    /// <summary>The same of bytes that come through PowerShell's thread.</summary>
    private const string SendStream =
        $"Send-MgPrintDocument -InputStream ([IO.MemoryStream]::new([byte[]](1..8))) -DocumentName d.pdf {Ids} -MaxRetry 0";

    /// <summary>A Graph service on loopback whose sessions are on hosts that nobody knows but a proxy: one for printer q.</summary>
    private static StubService GraphOnThisMachine()
    {
        var graph = new StubService
        {
            Answer = request => Reply.Json(200, $$"""{"uploadUrl":"https://upload{{(request.Target.Contains("/printers/q/", StringComparison.Ordinal) ? "2" : "")}}.test/u?t=CANARY","nextExpectedRanges":["0-7"]}"""),
        };
        SetEnvironment(graph.Endpoint, Token);
        return graph;
    }

    private void AssertTheUploadAloneWentToTheProxy(Outcome outcome, StubService graph)
    {
        Assert.Equal("ProxyFailed", outcome.Error().FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal("POST", graph.Request.Method);
        // More than one: the session that nobody could go on with is cancelled, in the same way.
        Assert.NotEmpty(Service.Requests);
        Assert.All(Service.Requests, request => Assert.Equal(("CONNECT", "upload.test:443"), (request.Method, request.Target)));
    }

    private Outcome WithDefaultProxy(IWebProxy proxy, string script, params (string Name, object? Value)[] variables)
    {
        IWebProxy before = HttpClient.DefaultProxy;
        HttpClient.DefaultProxy = proxy;
        try
        {
            return Shell.Run(script, variables);
        }
        finally
        {
            HttpClient.DefaultProxy = before;
        }
    }
}
