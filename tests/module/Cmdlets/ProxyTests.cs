using System.Management.Automation;
using System.Net;
using System.Text;
using MgPrint.PowerShell.Tests.Hosting;

namespace MgPrint.PowerShell.Tests.Cmdlets;

/// <summary>
/// Which proxy a request goes through, and what it is told. The stub plays a proxy that lets nobody through; the engine's
/// own tests go all the way.
/// </summary>
public sealed class ProxyTests : ServiceTest
{
    private const string Graph = "https://graph.test";

    private string Proxy => Service.Endpoint;

    public ProxyTests()
    {
        SetEnvironment(Graph, Token);
        Service.Answer = _ => Reply.Of(403, "");
    }

    [Fact]
    public void A_named_proxy_is_asked_with_the_named_credentials_and_its_refusal_is_told()
    {
        var credential = new PSCredential("user", Secure("CANARY-PROXY-PASSWORD"));

        Outcome outcome = Shell.Run($"{Cmdlet} {Ids} -Proxy {Proxy} -ProxyCredential $credential", ("credential", credential));

        ErrorRecord error = outcome.Error();
        Assert.Equal("ProxyFailed", error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal(ErrorCategory.ConnectionError, error.CategoryInfo.Category);
        Assert.Contains(Proxy, error.Exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("CANARY", error.ToString() + error.Exception, StringComparison.Ordinal);
        Assert.Equal(("CONNECT", "graph.test:443"), (Tunnel.Method, Tunnel.Target));
        Assert.Equal("user:CANARY-PROXY-PASSWORD", Login());
        Assert.Null(Tunnel.Header("Authorization"));
    }

    [Theory]
    [InlineData(@"EXAMPLE\user")]
    [InlineData("user@realm")]
    public void The_name_of_a_user_is_sent_as_it_was_given(string user)
    {
        var credential = new PSCredential(user, Secure("password"));

        Shell.Run($"{Cmdlet} {Ids} -Proxy {Proxy} -ProxyCredential $credential", ("credential", credential));

        Assert.Equal($"{user}:password", Login());
    }

    [Theory]
    [InlineData("New-MgPrintPrinterJobDocumentUploadSession -PrinterId p -PrintJobId j -PrintDocumentId d")]
    [InlineData("Send-MgPrintDocument -PrinterId p -PrintJobId j -PrintDocumentId d -Path *.pdf")]
    [InlineData("Get-MgPrintUploadSession -UploadUrl https://upload.test/1")]
    [InlineData("Remove-MgPrintUploadSession -UploadUrl https://upload.test/1")]
    public void The_user_of_the_process_cannot_sign_in_and_nothing_is_sent(string command)
    {
        ErrorRecord error = Shell.Run($"{command} -Proxy {Proxy} -ProxyUseDefaultCredentials").Error();

        Assert.Equal("ParameterNotSupported", error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Contains("-ProxyCredential", error.Exception.Message, StringComparison.Ordinal);
        Assert.Contains("relay", error.Exception.Message, StringComparison.Ordinal);
        Assert.Empty(Service.Requests);
    }

    [Fact]
    public void A_switch_that_is_off_asks_for_nothing()
    {
        Outcome outcome = Shell.Run($"{Cmdlet} {Ids} -Proxy {Proxy} -ProxyUseDefaultCredentials:$false");

        Assert.Equal("ProxyFailed", outcome.Error().FullyQualifiedErrorId.Split(',')[0]);
        Assert.Null(Tunnel.Header("Proxy-Authorization"));
    }

    [Fact]
    public void A_token_that_is_none_is_not_blamed_on_another_setting()
    {
        Outcome outcome = Shell.Run($$"""
            $env:MGPRINT_ACCESS_TOKEN = 'abc def'
            $env:SSL_CERT_FILE = '/no/such.pem'
            try { {{Cmdlet}} {{Ids}} -Proxy {{Proxy}} } finally { $env:SSL_CERT_FILE = $null }
            """);

        Assert.Contains("access token", outcome.Error().Exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("SSL_CERT_FILE", outcome.Error().Exception.Message + outcome.Error().ErrorDetails, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https_proxy")]
    [InlineData("HTTPS_PROXY")]
    [InlineData("all_proxy")]
    public void The_environment_s_proxy_is_read_at_each_call(string variable)
    {
        Outcome outcome = Shell.Run($$"""
            $env:{{variable}} = '{{Proxy}}'
            try { {{Cmdlet}} {{Ids}} } finally { $env:{{variable}} = $null }
            """);

        Assert.Equal("ProxyFailed", outcome.Error().FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal("graph.test:443", Tunnel.Target);
    }

    [Fact]
    public void A_named_proxy_goes_before_no_proxy()
    {
        Outcome outcome = Shell.Run($$"""
            $env:no_proxy = '*'
            try { {{Cmdlet}} {{Ids}} -Proxy {{Proxy}} } finally { $env:no_proxy = $null }
            """);

        Assert.Equal("ProxyFailed", outcome.Error().FullyQualifiedErrorId.Split(',')[0]);
    }

    [Fact]
    public void Loopback_is_never_reached_through_a_proxy()
    {
        using var service = new StubService();
        SetEnvironment(service.Endpoint, Token);

        Shell.Run($"{Cmdlet} {Ids} -Proxy {Proxy}").Single();

        Assert.Single(service.Requests);
        Assert.Empty(Service.Requests);
    }

    [Fact]
    public void A_proxy_that_the_session_has_set_for_NET_is_used()
    {
        IWebProxy before = HttpClient.DefaultProxy;
        HttpClient.DefaultProxy = new WebProxy(Proxy) { Credentials = new NetworkCredential("session", "password") };
        try
        {
            Outcome outcome = Shell.Run($"{Cmdlet} {Ids}");

            Assert.Equal("ProxyFailed", outcome.Error().FullyQualifiedErrorId.Split(',')[0]);
            Assert.Equal("session:password", Login());
        }
        finally
        {
            HttpClient.DefaultProxy = before;
        }
    }

    [Fact]
    public void A_session_that_has_set_no_proxy_for_NET_uses_none()
    {
        IWebProxy before = HttpClient.DefaultProxy;
        HttpClient.DefaultProxy = new WebProxy();
        try
        {
            Outcome outcome = Shell.Run($$"""
                $env:https_proxy = '{{Proxy}}'
                try { {{Cmdlet}} {{Ids}} } finally { $env:https_proxy = $null }
                """);

            // Nobody knows graph.test but a proxy.
            Assert.Equal("ConnectionFailed", outcome.Error().FullyQualifiedErrorId.Split(',')[0]);
            Assert.Empty(Service.Requests);
        }
        finally
        {
            HttpClient.DefaultProxy = before;
        }
    }

    [Fact]
    public void A_step_that_changes_the_host_gets_the_proxy_of_that_host()
    {
        IWebProxy before = HttpClient.DefaultProxy;
        HttpClient.DefaultProxy = new WebProxy(Proxy) { BypassList = [@"graph\.test"] };
        try
        {
            Outcome outcome = Shell.Run($$"""
                $step = { param($request, $callback, $next) $request.RequestUri = [uri]'https://elsewhere.test/'; $next.SendAsync($request, $callback) }
                {{Cmdlet}} {{Ids}} -HttpPipelineAppend $step
                """);

            Assert.Equal("ProxyFailed", outcome.Error().FullyQualifiedErrorId.Split(',')[0]);
            Assert.Equal("elsewhere.test:443", Tunnel.Target);
            Assert.Null(Tunnel.Header("Authorization"));
        }
        finally
        {
            HttpClient.DefaultProxy = before;
        }
    }

    [Fact]
    public async Task A_proxy_that_was_taken_out_of_the_environment_is_used_no_more()
    {
        // In a process of its own: .NET keeps what it found when it was first asked.
        string[] output = await PwshProcess.RunAsync(
            $$"""
            {{Cmdlet}} {{Ids}} -ErrorAction SilentlyContinue -ErrorVariable failed
            $env:HTTPS_PROXY = $null
            {{Cmdlet}} {{Ids}} -ErrorAction SilentlyContinue -ErrorVariable +failed
            $failed | ForEach-Object { $_.FullyQualifiedErrorId.Split(',')[0] }
            [Net.Http.HttpClient]::DefaultProxy.GetType().Name
            """,
            ("HTTPS_PROXY", Proxy));

        Assert.Equal(["ProxyFailed", "ConnectionFailed", "HttpEnvironmentProxy"], output);
        Assert.Equal("graph.test:443", Tunnel.Target);
    }

    [Theory]
    [InlineData("graph.test", "ConnectionFailed", 0)]
    [InlineData("print.test, other.test", "ProxyFailed", 1)]
    public void NO_PROXY_is_asked_for_each_host(string list, string expected, int asked)
    {
        Outcome outcome = Shell.Run($$"""
            $env:https_proxy = '{{Proxy}}'
            $env:no_proxy = '{{list}}'
            $env:MGPRINT_TIMEOUT_SEC = '5'
            try { {{Cmdlet}} {{Ids}} } finally { $env:https_proxy = $env:no_proxy = $env:MGPRINT_TIMEOUT_SEC = $null }
            """);

        Assert.Equal(expected, outcome.Error().FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal(asked, Service.Requests.Select(request => request.Target).Distinct().Count());
    }

    [Theory]
    [InlineData("ftp://proxy.test:21")]
    [InlineData("socks5://user:CANARY@proxy.test")]
    [InlineData("http://user:CANARY/x@proxy.test:8080")]
    [InlineData("'http://user:CANARY?x@proxy.test:8080'")]
    [InlineData("'http://user:CANARY#x@proxy.test:8080'")]
    [InlineData("user:CANARY")]
    [InlineData("http:/user:CANARY@proxy.test")]
    [InlineData("http//user:CANARY@proxy.test")]
    [InlineData(@"http://DOM\user:CANARY@proxy.test")]
    public void An_address_that_is_no_proxy_is_refused_before_anything_is_sent(string address)
    {
        string variable = $"try {{ $env:https_proxy = '{address.Trim('\'')}'; {Cmdlet} {Ids} }} finally {{ $env:https_proxy = $null }}";
        foreach (string script in new[] { $"{Cmdlet} {Ids} -Proxy {address}", $"$env:MGPRINT_ENDPOINT = 'https://graph.test'; {variable}" })
        {
            Outcome outcome = Shell.Run(script);

            // .NET itself takes some of them for no address.
            string id = outcome.Error().FullyQualifiedErrorId.Split(',')[0];
            bool isTyped = script.Contains("-Proxy", StringComparison.Ordinal);
            Assert.True(id == "InvalidProxy" || (isTyped && id == "ParameterArgumentTransformationError"), id);
            Assert.DoesNotContain("CANARY", $"{outcome.Error()} {outcome.Error().ErrorDetails}", StringComparison.Ordinal);
        }

        Assert.Empty(Service.Requests);
    }

    [Theory]
    [InlineData("'http://user:CANARY@ss:word@proxy.test'")]
    [InlineData("$null")]
    [InlineData("''")]
    public void What_is_no_address_is_refused_by_every_cmdlet_and_not_repeated(string address)
    {
        string[] commands =
            [$"{Cmdlet} {Ids}", "Send-MgPrintDocument x -UploadUrl https://print.test/u", "Get-MgPrintUploadSession https://print.test/u",
                "Remove-MgPrintUploadSession https://print.test/u"];

        Assert.All(commands, command =>
        {
            ErrorRecord error = Shell.Run($"{command} -Proxy {address}").Error();
            Assert.StartsWith("ParameterArgumentTransformationError", error.FullyQualifiedErrorId, StringComparison.Ordinal);
            Assert.DoesNotContain("CANARY", error + error.Exception.ToString(), StringComparison.Ordinal);
        });
        Assert.Empty(Service.Requests);
    }

    [Fact]
    public void A_proxy_of_the_session_that_fails_is_named_and_ends_no_other_record()
    {
        IWebProxy before = HttpClient.DefaultProxy;
        HttpClient.DefaultProxy = new BrokenProxy();
        try
        {
            Outcome outcome = Shell.Run($$"""
                $documents = 'p1', 'p2' | ForEach-Object { @{ PrinterId = $_; PrintJobId = 'j'; PrintDocumentId = 'd' } }
                $documents | {{Cmdlet}}
                Get-MgPrintUploadSession https://print.test/u
                Send-MgPrintDocument -Content ([byte[]](1, 2)) -UploadUrl https://print.test/u
                """);

            Assert.Null(outcome.Thrown);
            Assert.Equal(4, outcome.Errors.Count);
            Assert.All(outcome.Errors, error =>
            {
                Assert.Equal("InvalidProxy", error.FullyQualifiedErrorId.Split(',')[0]);
                Assert.Contains(nameof(BrokenProxy), error.Exception.Message, StringComparison.Ordinal);
                Assert.Contains("no way out", error.Exception.Message, StringComparison.Ordinal);
            });
        }
        finally
        {
            HttpClient.DefaultProxy = before;
        }
    }

    [Theory]
    [InlineData("HTTPS_PROXY", "ftp://proxy.test", "InvalidProxy")]
    [InlineData("all_proxy", "ftp://proxy.test", "InvalidProxy")]
    [InlineData("SSL_CERT_FILE", "/no/such/file.pem", "InvalidArgument")]
    public void A_bad_setting_of_the_environment_is_told_by_its_variable(string variable, string value, string id)
    {
        Outcome outcome = Shell.Run($$"""
            $env:{{variable}} = '{{value}}'
            try { {{Cmdlet}} {{Ids}} } finally { $env:{{variable}} = $null }
            """);

        ErrorRecord error = outcome.Error();
        Assert.Equal(id, error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Contains($"environment variable {variable}", error.Exception.Message, StringComparison.Ordinal);
        Assert.Contains(variable, error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal(variable == "SSL_CERT_FILE",
            error.ErrorDetails.RecommendedAction.StartsWith("Correct the path", StringComparison.Ordinal));
        Assert.Empty(Service.Requests);
    }

    [Fact]
    public void A_file_of_certificates_that_is_not_there_is_a_path_to_correct()
    {
        ErrorRecord error = Shell.Run("Get-MgPrintUploadSession https://print.test/u -CACertificate /no/such/file.pem").Error();

        Assert.Contains("/no/such/file.pem", error.Exception.Message, StringComparison.Ordinal);
        Assert.Equal("Correct the path.", error.ErrorDetails.RecommendedAction);
    }

    [Fact]
    public void Documents_go_through_the_proxy_too()
    {
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, "document");

            Outcome outcome =
                Shell.Run($"Send-MgPrintDocument $file -UploadUrl 'https://print.test/u?t=CANARY' -Proxy {Proxy} -MaxRetry 0",
                    ("file", file));

            Assert.Equal("ProxyFailed", outcome.Error().FullyQualifiedErrorId.Split(',')[0]);
            Assert.Equal("print.test:443", Tunnel.Target);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("soon")]
    [InlineData("0")]
    [InlineData("-5")]
    [InlineData("99999999")]
    public void A_time_out_that_is_none_is_refused_before_anything_is_sent(string seconds)
    {
        Outcome outcome = Shell.Run($$"""
            $env:MGPRINT_TIMEOUT_SEC = '{{seconds}}'
            try { {{Cmdlet}} {{Ids}} } finally { $env:MGPRINT_TIMEOUT_SEC = $null }
            """);

        Assert.Equal("InvalidTimeout", outcome.Error().FullyQualifiedErrorId.Split(',')[0]);
        Assert.Empty(Service.Requests);
    }

    [Fact]
    public void Silence_ends_a_call_after_the_environment_s_time_out()
    {
        SetEnvironment(Service.Endpoint, Token);
        int calls = 0;
        // The first try gets no answer, the second does.
        Service.Answer = _ => ++calls < 2 ? null : Reply.Session();

        Outcome outcome = Shell.Run($$"""
            $env:MGPRINT_TIMEOUT_SEC = '1'
            $VerbosePreference = 'Continue'
            try { {{Cmdlet}} {{Ids}} } finally { $env:MGPRINT_TIMEOUT_SEC = $null }
            """);

        Assert.Single(outcome.Output);
        Assert.Contains(outcome.Verbose, line => line.Contains("was silent for 1 second", StringComparison.Ordinal)
            && line.Contains("Trying again", StringComparison.Ordinal));
    }

    private sealed class BrokenProxy : IWebProxy
    {
        public ICredentials? Credentials { get; set; }

        public Uri GetProxy(Uri destination) => throw new InvalidOperationException("no way out");

        public bool IsBypassed(Uri host) => false;
    }

    /// <summary>Who the proxy was told that we are.</summary>
    /// <summary>What the proxy was asked for. A refusal may pass, and is tried again with the same request.</summary>
    private ReceivedRequest Tunnel =>
        Service.Requests.DistinctBy(request => (request.Method, request.Target, request.Header("Proxy-Authorization"))).Single();

    private string Login() =>
        Encoding.UTF8.GetString(Convert.FromBase64String(Tunnel.Header("Proxy-Authorization")!["Basic ".Length..]));

    private static System.Security.SecureString Secure(string text) => new NetworkCredential("", text).SecurePassword;
}
