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
    [InlineData("nothing")]
    [InlineData(@"127\.0\.0\.1")]
    public void A_document_whose_session_is_created_on_this_machine_goes_through_the_session_s_proxy(string bypassed)
    {
        using StubService graph = GraphOnThisMachine();

        Outcome outcome = WithDefaultProxy(new WebProxy(Proxy) { BypassList = [bypassed] }, SendAll);

        AssertTheUploadAloneWentToTheProxy(outcome, graph);
    }

    [Fact]
    public void A_session_s_proxy_that_leaves_out_the_upload_s_host_leaves_out_the_upload()
    {
        using StubService graph = GraphOnThisMachine();

        Outcome outcome = WithDefaultProxy(new WebProxy(Proxy) { BypassList = [@"upload\.test"] }, SendAll);

        Assert.Equal("ConnectionFailed", outcome.Error().FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal("POST", graph.Request.Method);
        Assert.Empty(Service.Requests);
    }

    [Fact]
    public void NET_is_asked_for_the_proxy_of_each_host_and_told_no_secret()
    {
        using StubService graph = GraphOnThisMachine(), other = new() { Answer = _ => Reply.Of(403, "") };
        var proxy = new ProxyByHost(host => host switch { "upload.test" => Proxy, "upload2.test" => other.Endpoint, _ => null });

        Outcome outcome = WithDefaultProxy(proxy, $"{SendAll}; {SendAll.Replace("-PrinterId p", "-PrinterId q", StringComparison.Ordinal)}");

        Assert.Equal(["ProxyFailed", "ProxyFailed"], outcome.Errors.Select(error => error.FullyQualifiedErrorId.Split(',')[0]));
        Assert.All(Service.Requests, request => Assert.Equal("upload.test:443", request.Target));
        Assert.All(other.Requests, request => Assert.Equal("upload2.test:443", request.Target));
        Assert.True(Service.RequestCount > 0 && other.RequestCount > 0);
        Assert.Equal(["https://upload.test/", "https://upload2.test/"], proxy.Asked.Distinct());
    }

    [Theory]
    [InlineData(SendAll)]
    [InlineData(SendStream)]
    public void A_proxy_that_is_written_in_PowerShell_is_asked_too(string send)
    {
        using StubService graph = GraphOnThisMachine();

        Outcome outcome = WithDefaultProxy(HttpClient.DefaultProxy, $$"""
            class ProxyOfScript : Net.IWebProxy {
                [Net.ICredentials] $own
                [Net.ICredentials] get_Credentials() { return $this.own }
                [void] set_Credentials([Net.ICredentials] $value) { $this.own = $value }
                [uri] GetProxy([uri] $destination) { $global:asked += , $destination.Host; return '{{Proxy}}' }
                [bool] IsBypassed([uri] $to) { return $false }
            }
            $global:asked = @()
            [Net.Http.HttpClient]::DefaultProxy = [ProxyOfScript]::new()
            {{send}}
            """);

        AssertTheUploadAloneWentToTheProxy(outcome, graph);
        Assert.Equal(["upload.test"], ((object[])Shell.Runspace.SessionStateProxy.GetVariable("asked")).Distinct());
    }

    [Theory]
    [InlineData(SendAll)]
    [InlineData(SendStream)]
    public void A_proxy_that_fails_for_the_upload_s_host_ends_the_upload_before_a_byte_is_sent(string send)
    {
        using StubService graph = GraphOnThisMachine();
        var proxy = new ProxyByHost(host => host == "upload.test" ? throw new InvalidOperationException("no way out") : null);

        Outcome outcome = WithDefaultProxy(proxy, $"{send}; 'after'");

        ErrorRecord error = outcome.Error();
        Assert.Equal("InvalidProxy", error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Contains("the way to https://upload.test/: no way out", error.Exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("CANARY", error + error.Exception.ToString(), StringComparison.Ordinal);
        Assert.Equal("after", outcome.Output.Single().ToString());
        // Nobody knows how to cancel the session: it is left to expire.
        Assert.Equal("POST", graph.Request.Method);
        Assert.Empty(Service.Requests);
    }

    [Fact]
    public void A_document_waits_for_no_other_command_before_it_sets_off()
    {
        using StubService graph = GraphOnThisMachine();
        string file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid()}.pdf");
        File.WriteAllBytes(file, new byte[8]);
        try
        {
            Outcome outcome = WithDefaultProxy(new WebProxy(Proxy), $$"""
                & {
                    [pscustomobject]@{ Path = '{{file}}'; PrinterId = 'p'; PrintJobId = 'j'; PrintDocumentId = 'd' }
                    if (-not $proxy.FirstRequest.Wait([timespan]::FromSeconds(30))) { throw 'It did not set off.' }
                } | Send-MgPrintDocument -MaxRetry 0
                """, ("proxy", Service));

            AssertTheUploadAloneWentToTheProxy(outcome, graph);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void A_proxy_that_runs_a_script_block_is_asked_too()
    {
        using StubService graph = GraphOnThisMachine();

        Outcome outcome = Shell.Run($$"""
            $before = [Net.Http.HttpClient]::DefaultProxy
            [Net.Http.HttpClient]::DefaultProxy = $new.Invoke({ param($at) if ($at -eq 'upload.test') { '{{Proxy}}' } })
            try { {{SendAll}} } finally { [Net.Http.HttpClient]::DefaultProxy = $before }
            """, ("new", (Func<Func<string, string?>, IWebProxy>)(choose => new ProxyByHost(choose))));

        AssertTheUploadAloneWentToTheProxy(outcome, graph);
    }

    [Fact]
    public void Documents_after_the_first_go_the_same_way_at_once()
    {
        // The second session is given when the third was asked for: they are created together.
        using var both = new CountdownEvent(2);
        using StubService graph = GraphOnThisMachine();
        Func<ReceivedRequest, Reply?> answer = graph.Answer;
        graph.Answer = request =>
        {
            if (!request.Target.Contains("/printers/p1/", StringComparison.Ordinal))
            {
                both.Signal();
                Assert.True(both.Wait(TimeSpan.FromSeconds(30)));
            }

            return answer(request);
        };
        var proxy = new ProxyByHost(host => host.StartsWith("upload", StringComparison.Ordinal) ? Proxy : null);
        string file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid()}.pdf");
        File.WriteAllBytes(file, new byte[8]);
        try
        {
            Outcome outcome = WithDefaultProxy(proxy, $$"""
                'p1', 'p2', 'p3' | ForEach-Object { [pscustomobject]@{ Path = '{{file}}'; PrinterId = $_; PrintJobId = 'j'; PrintDocumentId = 'd' } } |
                    Send-MgPrintDocument -MaxRetry 0
                """);

            Assert.Equal(3, outcome.Errors.Count(error => error.FullyQualifiedErrorId.StartsWith("ProxyFailed", StringComparison.Ordinal)));
            Assert.Single(proxy.Asked);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void The_password_of_the_upload_s_proxy_is_shown_nowhere()
    {
        using StubService graph = GraphOnThisMachine();
        Service.Answer = _ => Reply.Of(403, "CANARY-PASSWORD");
        var proxy = new ProxyByHost(host => host == "upload.test" ? Proxy : null) { Credentials = new NetworkCredential("session", "CANARY-PASSWORD") };

        Outcome outcome = WithDefaultProxy(proxy, $"{SendAll} -Debug");

        AssertTheUploadAloneWentToTheProxy(outcome, graph);
        Assert.Contains("Proxy-Authorization", Service.Requests[0].Headers.Select(header => header.Key));
        Assert.DoesNotContain("CANARY", outcome.Error() + string.Join('\n', outcome.Debug) + outcome.Error().Exception, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nothing", "ProxyFailed", 1)]
    [InlineData(@"graph\.test", "ConnectionFailed", 0)]
    public void A_session_that_is_created_elsewhere_is_asked_for_as_the_session_s_proxy_says(string bypassed, string expected, int asked)
    {
        Outcome outcome = WithDefaultProxy(new WebProxy(Proxy) { BypassList = [bypassed] }, $"$env:MGPRINT_TIMEOUT_SEC = '5'; try {{ {SendAll} }} finally {{ $env:MGPRINT_TIMEOUT_SEC = $null }}");

        Assert.Equal(expected, outcome.Error().FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal(asked, Service.Requests.Select(request => request.Target).Distinct().Count(target => target == "graph.test:443"));
    }

    /// <summary>Creates a session and sends the document through it.</summary>
    private const string SendAll = $"Send-MgPrintDocument -Content ([byte[]](1..8)) -DocumentName d.pdf {Ids} -MaxRetry 0";

    /// <summary>The same of bytes that come through PowerShell's thread.</summary>
    private const string SendStream = $"Send-MgPrintDocument -InputStream ([IO.MemoryStream]::new([byte[]](1..8))) -DocumentName d.pdf {Ids} -MaxRetry 0";

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
