using System.Management.Automation;
using MgPrint.PowerShell.Tests.Hosting;

namespace MgPrint.PowerShell.Tests.SignIn;

/// <summary>
/// The session of Connect-MgGraph is used as it is: its token, its cloud, for as long as it is open. The stand-in's cloud is
/// one of the user's own, which Get-MgEnvironment tells to be the service of the test.
/// </summary>
public sealed class ConnectMgGraphTests : ServiceTest
{
    private const string Cloud = "Here";
    private readonly StubService _foreign = new();
    private OfficialSignIn _official = new();

    public ConnectMgGraphTests()
    {
        SetEnvironment(null, null);
        Import($$"""
            function Get-MgEnvironment($Name) { [pscustomobject]@{ Name = '{{Cloud}}'; GraphEndpoint = '{{Service.Endpoint}}' } }
            function Invoke-MgGraphRequest { throw 'It is not asked for.' }
            """);
    }

    public override void Dispose()
    {
        _official.Dispose();
        _foreign.Dispose();
        base.Dispose();
    }

    [Theory]
    [InlineData(OfficialSignIn.First)]
    [InlineData(OfficialSignIn.Second)]
    [InlineData(OfficialSignIn.Isolated)]
    public void Its_token_goes_to_its_cloud_in_every_generation(string generation)
    {
        Use(generation);
        _official.Connect(Cloud);

        Outcome outcome = Shell.Run($"$null = {Cmdlet} {Ids} -Verbose; $null = {Cmdlet} {Ids}").AssertQuiet();

        Assert.All(Service.Requests, request => Assert.Equal("Bearer OFFICIAL-TOKEN-1", request.Header("Authorization")));
        Assert.Equal((2, 1, 1), (Service.RequestCount, _official.Made, _official.Asked.Count));
        Assert.Equal("https://graph.microsoft.com/", _official.Asked[0].For.AbsoluteUri);
        Assert.Contains($"The access token is that of Connect-MgGraph, for {Service.Endpoint}.", outcome.Verbose);
    }

    [Fact]
    public void The_end_of_the_session_and_another_one_are_seen_at_the_next_call()
    {
        _official.Connect(Cloud);
        Shell.Run($"{Cmdlet} {Ids}").Single();
        _official.Disconnect();

        ErrorRecord error = Shell.Run($"{Cmdlet} {Ids}").Error();

        Assert.Equal("AuthenticationNeeded", error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal(
            "Authentication needed. Please call Connect-MgGraph. There is no access token: run Connect-MgGraph -Scopes PrinterShare.ReadBasic.All,PrintJob.ReadWrite, or Connect-MgPrint -AccessToken …, or set MGPRINT_ACCESS_TOKEN.",
            error.Exception.Message);
        Assert.Contains("is loaded, but not connected", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal(1, Service.RequestCount);

        _official.Token = (_, _) => Task.FromResult("OFFICIAL-TOKEN-2");
        _official.Connect(Cloud);
        Shell.Run($"{Cmdlet} {Ids}").Single();
        Assert.Equal("Bearer OFFICIAL-TOKEN-2", Service.Requests[^1].Header("Authorization"));
        Assert.Equal(2, _official.Made);
    }

    [Fact]
    public void No_token_goes_where_an_absolute_address_has_led_their_session()
    {
        _official.Connect(Cloud);
        Shell.Run($"{Cmdlet} {Ids}").Single();
        _official.Poison(_foreign.Endpoint);
        Shell.Run($"{Cmdlet} {Ids}").Single();
        _official.Connect(Cloud);
        _official.Poison(_foreign.Endpoint);

        Shell.Run($"{Cmdlet} {Ids}").Single();

        Assert.Equal((3, 0), (Service.RequestCount, _foreign.RequestCount));
    }

    [Fact]
    public void Where_their_sign_in_cannot_be_built_that_of_their_client_is_asked()
    {
        _official.Connect(Cloud);
        _official.OnMade = () => throw new InvalidOperationException("Authority host must be a TLS protected (https) endpoint.");
        _official.MakeHttpClient();

        Shell.Run($"{Cmdlet} {Ids}").Single();

        Assert.Equal("Bearer OFFICIAL-TOKEN-1", Service.Request.Header("Authorization"));
    }

    [Fact]
    public void And_where_that_cannot_either_their_own_command_is_run_but_not_by_a_poisoned_address()
    {
        Import($$"""
            function Get-MgEnvironment($Name) { [pscustomobject]@{ Name = '{{Cloud}}'; GraphEndpoint = '{{Service.Endpoint}}' } }
            function Invoke-MgGraphRequest($Uri, $OutputType, [switch] $SkipHttpErrorCheck) {
                $response = [Net.Http.HttpResponseMessage]::new()
                $response.RequestMessage = [Net.Http.HttpRequestMessage]::new('GET', "https://graph.microsoft.com/$Uri")
                $response.RequestMessage.Headers.Authorization = [Net.Http.Headers.AuthenticationHeaderValue]::new('Bearer', 'TOKEN-OF-THEIR-COMMAND')
                $response
            }
            """);
        _official.Connect(Cloud);
        _official.OnMade = () => throw new InvalidOperationException("The helpers are gone.");
        _official.Poison(_foreign.Endpoint);

        ErrorRecord error = Shell.Run($"{Cmdlet} {Ids}").Error();

        Assert.Equal("ConnectMgGraphFailed", error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Contains("The helpers are gone.", error.Exception.Message, StringComparison.Ordinal);
        _official.Connect(Cloud);
        Shell.Run($"{Cmdlet} {Ids}").Single();
        Assert.Equal("Bearer TOKEN-OF-THEIR-COMMAND", Service.Request.Header("Authorization"));
    }

    [Fact]
    public void A_sign_in_that_fails_is_an_error_and_nothing_is_sent()
    {
        _official.Connect(Cloud);
        _official.Token = (_, _) => throw new InvalidOperationException("The person closed the browser.");

        ErrorRecord error = Shell.Run($"{Cmdlet} {Ids}").Error();

        Assert.Equal("ConnectMgGraphFailed", error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal(ErrorCategory.AuthenticationError, error.CategoryInfo.Category);
        Assert.Contains("The person closed the browser.", error.Exception.Message, StringComparison.Ordinal);
        Assert.Equal(0, Service.RequestCount);
    }

    [Fact]
    public async Task Waiting_for_a_person_to_sign_in_ends_with_a_stop()
    {
        var begun = new TaskCompletionSource();
        _official.Connect(Cloud);
        _official.Token = (_, _) =>
        {
            begun.SetResult();
            return new TaskCompletionSource<string>().Task;
        };
        using var shell = System.Management.Automation.PowerShell.Create(Shell.Runspace);
        IAsyncResult running = shell.AddScript($"{Cmdlet} {Ids}").BeginInvoke();
        await begun.Task.WaitAsync(TimeSpan.FromSeconds(60));

        await Task.Run(shell.Stop).WaitAsync(TimeSpan.FromSeconds(60));

        Assert.Throws<PipelineStoppedException>(() => shell.EndInvoke(running));
    }

    [Fact]
    public void A_token_is_kept_until_five_minutes_before_its_end()
    {
        _official.Connect(Cloud);
        _official.Token = (time, _) => Task.FromResult(OfficialSignIn.Jwt($"token-{time}", TimeSpan.FromMinutes(time < 3 ? 4 : 60)));

        Outcome outcome = Shell.Run($"1..5 | ForEach-Object {{ $null = {Cmdlet} {Ids} }}").AssertQuiet();

        Assert.Equal(3, _official.Asked.Count);
        Assert.Equal(1, _official.Made);
        Assert.Equal(3, Service.Requests.Select(request => request.Header("Authorization")).Distinct().Count());
        Assert.Equal(2, outcome.Warnings.Count);
        Assert.All(outcome.Warnings,
            warning => Assert.StartsWith("The access token of Connect-MgGraph expires at ", warning, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData($"{Cmdlet} {Ids}")]
    [InlineData($"{Cmdlet} {Ids} -HttpPipelineAppend {{ param($r, $c, $n) $n.SendAsync($r, $c) }}")]
    [InlineData($"Send-MgPrintDocument -Content (1..8) -DocumentName d.pdf {Ids}")]
    public void A_refused_token_is_asked_for_anew_with_the_claims_of_the_service(string command)
    {
        const string Claims = "eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7ImVzc2VudGlhbCI6dHJ1ZX19fQ==";
        _official.Connect(Cloud);
        _official.Token = (time, _) => Task.FromResult($"OFFICIAL-TOKEN-{time}");
        Service.Answer = request => request.Method switch
        {
            "PUT" => Reply.Json(201, "{}"),
            _ when request.Header("Authorization") == "Bearer OFFICIAL-TOKEN-2" =>
                Reply.Json(200, $$"""{"uploadUrl":"{{Service.Endpoint}}/u?t=SECRET","nextExpectedRanges":["0-7"]}"""),
            _ => Reply.Of(401, """{"error":{"code":"InvalidAuthenticationToken","message":"Continuous access evaluation."}}""",
                ("Content-Type", "application/json"), ("WWW-Authenticate", "Negotiate"),
                    ("WWW-Authenticate", $"Bearer realm=\"\", error=\"insufficient_claims\", claims=\"{Claims}\"")),
        };

        Shell.Run(command).Single();
        Shell.Run(command).Single();

        Assert.Equal([null, Claims], _official.Asked.Select(asked => asked.Claims));
        Assert.Equal(
            ["Bearer OFFICIAL-TOKEN-1", "Bearer OFFICIAL-TOKEN-2", "Bearer OFFICIAL-TOKEN-2"],
            Service.Requests.Where(request => request.Method == "POST").Select(request => request.Header("Authorization")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_token_that_stays_refused_is_an_error_after_one_more_try_at_most(bool hasAnother)
    {
        _official.Connect(Cloud);
        _official.Token = (time, _) => Task.FromResult(hasAnother ? $"OFFICIAL-TOKEN-{time}" : "OFFICIAL-TOKEN-1");
        Service.Answer = _ => Reply.GraphError(401, "InvalidAuthenticationToken", "No.");

        ErrorRecord error = Shell.Run($"{Cmdlet} {Ids}").Error();

        Assert.Equal("InvalidAuthenticationToken", error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal((hasAnother ? 2 : 1, 2), (Service.RequestCount, _official.Asked.Count));
    }

    [Fact]
    public void What_Set_MgRequestContext_says_counts_where_nothing_of_ours_does()
    {
        _official.Connect(Cloud);
        _official.Session.RequestContext.MaxRetry = 1;
        _official.Session.RequestContext.RetryDelay = 1;
        Service.Answer = _ => Reply.GraphError(503, "serviceUnavailable", "Busy.");

        Outcome outcome = Shell.Run($"{Cmdlet} {Ids} -Verbose");

        Assert.Equal("serviceUnavailable", outcome.Error().FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal(2, Service.RequestCount);
        Assert.Contains(outcome.Verbose, line => line.EndsWith("Trying again in 1 s (retry 1 of 1).", StringComparison.Ordinal));
        Service.Forget();
        Shell.Run($"Send-MgPrintDocument -Content (1..8) -DocumentName d.pdf {Ids} -MaxRetry 0").Error();
        Assert.Equal(1, Service.RequestCount);
        Service.Answer = _ => null;
        _official.Session.RequestContext.MaxRetry = 0;
        _official.Session.RequestContext.ClientTimeout = TimeSpan.FromSeconds(1);
        Assert.Equal("Timeout", Shell.Run($"{Cmdlet} {Ids}").Error().FullyQualifiedErrorId.Split(',')[0]);
    }

    [Fact]
    public void A_missing_scope_is_named_with_the_command_that_would_do()
    {
        _official.Connect(Cloud, ["User.Read", "PrintJob.Read"]);

        Outcome outcome = Shell.Run($"{Cmdlet} {Ids}; Send-MgPrintDocument -Content 1 -DocumentName d.pdf -PrinterShareId s -PrintJobId j -PrintDocumentId d");

        Assert.Equal(["PermissionMissing", "PermissionMissing"], outcome.Errors.Select(error => error.FullyQualifiedErrorId.Split(',')[0]));
        Assert.Contains("lacks the permission PrintJob.ReadWrite.", outcome.Errors[0].Exception.Message, StringComparison.Ordinal);
        Assert.Contains("Connect-MgGraph -Scopes Printer.Read.All,PrintJob.ReadWrite", outcome.Errors[0].ErrorDetails.RecommendedAction,
            StringComparison.Ordinal);
        Assert.Contains("lacks the permission PrinterShare.ReadBasic.All and PrintJob.ReadWrite.", outcome.Errors[1].Exception.Message,
            StringComparison.Ordinal);
        Assert.Contains("Connect-MgGraph -Scopes PrinterShare.ReadBasic.All,PrintJob.ReadWrite",
            outcome.Errors[1].ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal(0, Service.RequestCount);
    }

    [Fact]
    public void An_app_is_told_before_anything_is_sent_that_printing_is_for_users()
    {
        _official.Connect(Cloud, ["Printer.Read.All"], "AppOnly");

        ErrorRecord error = Shell.Run($"{Cmdlet} {Ids}").Error();

        Assert.Equal("AppOnlyNotSupported", error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal(0, Service.RequestCount);
        _official.Connect(Cloud, ["PrintJob.ReadWrite.All"], "AppOnly");
        Outcome outcome = Shell.Run($"{Cmdlet} {Ids}").AssertQuiet();
        Assert.Contains("signed in as an app", Assert.Single(outcome.Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("China", "NoUniversalPrint")]
    [InlineData("Elsewhere", "UnknownCloud")]
    public void A_cloud_without_an_address_is_an_error(string cloud, string id)
    {
        _official.Connect(cloud);

        ErrorRecord error = Shell.Run($"{Cmdlet} {Ids}").Error();

        Assert.Equal(id, error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Contains($"'{cloud}'", error.Exception.Message, StringComparison.Ordinal);
        Assert.Empty(_official.Asked);
    }

    [Theory]
    [InlineData("Global", "https://graph.microsoft.com")]
    [InlineData("USGov", "https://graph.microsoft.us")]
    [InlineData("USGovDoD", "https://dod-graph.microsoft.us")]
    public void The_name_of_the_cloud_tells_where_Graph_is(string cloud, string endpoint)
    {
        _official.Connect(cloud);
        _official.Poison(_foreign.Endpoint);

        PSObject context = Shell.Run("Get-MgPrintContext").Single();

        Assert.Equal(endpoint, context.Properties["Endpoint"].Value);
        Assert.Equal("ada@contoso.example", context.Properties["Account"].Value);
        Assert.Equal("tenant-1", context.Properties["TenantId"].Value);
        Assert.Equal("Connect-MgGraph", context.Properties["Source"].Value);
        Assert.Empty(_official.Asked);
    }

    [Fact]
    public void A_release_before_the_second_has_its_cloud_in_the_session()
    {
        Use(OfficialSignIn.First);
        _official.Connect("USGov");

        Assert.Equal("https://graph.microsoft.us", Shell.Run("Get-MgPrintContext").Single().Properties["Endpoint"].Value);
        _official.Poison(_foreign.Endpoint);
        _official.Reconnect();
        Assert.Equal("UnknownCloud", Shell.Run("Get-MgPrintContext").Error().FullyQualifiedErrorId.Split(',')[0]);
    }

    [Fact]
    public void An_upload_url_of_this_machine_is_taken_where_the_session_is_of_this_machine()
    {
        _official.Connect(Cloud);
        Service.Answer = _ => Reply.Json(200, """{"nextExpectedRanges":["0-0"]}""");

        Shell.Run($"Get-MgPrintUploadSession -UploadUrl {Service.Endpoint}/u?t=1").Single();

        Assert.Null(Service.Request.Header("Authorization"));
        Assert.Empty(_official.Asked);
    }

    private void Use(string generation)
    {
        _official.Dispose();
        _official = new OfficialSignIn(generation);
    }

    private void Import(string functions) => Shell.Run(
        $"Get-Module Microsoft.Graph.Authentication | Remove-Module; New-Module Microsoft.Graph.Authentication {{ {functions} }} | Import-Module").AssertQuiet();
}
