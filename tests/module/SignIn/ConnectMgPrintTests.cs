using System.Management.Automation;
using System.Security;
using MgPrint.PowerShell.Tests.Hosting;

namespace MgPrint.PowerShell.Tests.SignIn;

/// <summary>Connect-MgPrint and its like: a token that was given, for the whole process, until it is wiped.</summary>
public sealed class ConnectMgPrintTests : ServiceTest
{
    private const string Canary = "CANARY-GIVEN-TOKEN-77aa";
    private const string Loud = "-Verbose -Debug -InformationAction Continue";

    public ConnectMgPrintTests() => SetEnvironment(null, null);

    public override void Dispose()
    {
        Shell.Run("Disconnect-MgPrint");
        base.Dispose();
    }

    [Fact]
    public void The_given_token_goes_to_the_given_address_from_every_runspace_until_it_is_wiped()
    {
        using var other = new Shell();

        Connect(Canary).AssertQuiet();
        Shell.Run($"{Cmdlet} {Ids}").Single();
        Outcome outcome = other.Run($"{Cmdlet} {Ids} -Verbose");

        outcome.AssertQuiet();
        Assert.All(Service.Requests, request => Assert.Equal($"Bearer {Canary}", request.Header("Authorization")));
        Assert.Contains($"The access token is that of Connect-MgPrint, for {Service.Endpoint}.", outcome.Verbose);
        other.Run("Disconnect-MgPrint").AssertQuiet();
        Assert.Equal("AuthenticationNeeded", Shell.Run($"{Cmdlet} {Ids}").Error().FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal(2, Service.RequestCount);
    }

    [Theory]
    [InlineData("-AccessToken ([pscustomobject]@{ Token = $token; ExpiresOn = [datetimeoffset]::Now; TenantId = 't'; UserId = 'u'; Type = 'Bearer' })")]
    [InlineData("-AccessToken ([pscustomobject]@{ Token = $text })")]
    [InlineData("$token")]
    public void What_Get_AzAccessToken_gives_is_taken_as_it_is(string argument)
    {
        Shell.Run($"Connect-MgPrint {argument} -Endpoint $endpoint", ("token", Secure(Canary)), ("text", Canary),
            ("endpoint", Service.Endpoint)).AssertQuiet();
        Shell.Run($"{Cmdlet} {Ids}").Single();

        Assert.Equal($"Bearer {Canary}", Service.Request.Header("Authorization"));
    }

    [Fact]
    public void And_on_the_pipeline()
    {
        Shell.Run("[pscustomobject]@{ Token = $token } | Connect-MgPrint -Endpoint $endpoint", ("token", Secure(Canary)),
            ("endpoint", Service.Endpoint)).AssertQuiet();
        Shell.Run($"{Cmdlet} {Ids}").Single();

        Assert.Equal($"Bearer {Canary}", Service.Request.Header("Authorization"));
    }

    [Fact]
    public void Of_several_sources_the_first_gives_both_token_and_address()
    {
        using var ofEnvironment = new StubService();
        using var official = new OfficialSignIn();
        official.Connect();
        SetEnvironment(ofEnvironment.Endpoint, "token-of-environment");
        Connect(Canary).AssertQuiet();

        Shell.Run($"{Cmdlet} {Ids}").Single();
        Assert.Equal((1, 0), (Service.RequestCount, ofEnvironment.RequestCount));
        Shell.Run($"{Cmdlet} {Ids} -Headers @{{ Authorization = 'Bearer token-of-header' }}").Single();
        Assert.Equal("Bearer token-of-header", ofEnvironment.Request.Header("Authorization"));
        Shell.Run($"Disconnect-MgPrint; {Cmdlet} {Ids}").Single();
        Assert.Equal("Bearer token-of-environment", ofEnvironment.Requests[^1].Header("Authorization"));
        SetEnvironment(ofEnvironment.Endpoint, null);

        Assert.Equal("https://graph.microsoft.com", Shell.Run("Get-MgPrintContext").Single().Properties["Endpoint"].Value);
        Assert.Empty(official.Asked);
        Assert.Equal((1, 2), (Service.RequestCount, ofEnvironment.RequestCount));
    }

    [Fact]
    public void The_context_tells_all_but_the_token()
    {
        string token =
            OfficialSignIn.Jwt(
                new { upn = "ada@contoso.example", tid = "tenant-2", scp = "User.Read PrintJob.ReadWrite", exp = 4102444800 });
        Connect(token).AssertQuiet();

        PSObject context = Shell.Run("Get-MgPrintContext").Single();

        Assert.Equal(
            "Connect-MgPrint|ada@contoso.example|tenant-2|User.Read PrintJob.ReadWrite|False|2100-01-01|" + Service.Endpoint,
            Shell.Run("$c = Get-MgPrintContext; $c.Source, $c.Account, $c.TenantId, \"$($c.Scopes)\", $c.IsAppOnly, $c.ExpiresOn.ToString('yyyy-MM-dd'), $c.Endpoint -join '|'").Single().BaseObject);
        Assert.DoesNotContain(context.Properties,
            property => property.Value?.ToString()?.Contains(token[4..20], StringComparison.Ordinal) == true);
        Shell.Run("Disconnect-MgPrint").AssertQuiet();
        Assert.Empty(Shell.Run("Get-MgPrintContext").AssertQuiet().Output);
    }

    [Theory]
    [InlineData(4, "expires at ")]
    [InlineData(-1, "expired at ")]
    public void A_token_that_is_about_to_expire_is_said_to_be(int minutes, string words)
    {
        Outcome connected = Connect(OfficialSignIn.Jwt("t", TimeSpan.FromMinutes(minutes)));
        Outcome called = Shell.Run($"1..2 | ForEach-Object {{ $null = {Cmdlet} {Ids} }}").AssertQuiet();

        Assert.Contains(words, Assert.Single(connected.AssertQuiet().Warnings), StringComparison.Ordinal);
        Assert.All(called.Warnings, warning => Assert.Contains(words, warning, StringComparison.Ordinal));
        Assert.NotEmpty(called.Warnings);
    }

    [Theory]
    [InlineData("-Environment China", "NoUniversalPrint")]
    [InlineData("-Endpoint http://graph.example", "InvalidEndpoint")]
    [InlineData("-Endpoint relative", "InvalidEndpoint")]
    public void What_cannot_be_signed_in_to_is_refused_at_once(string arguments, string id)
    {
        ErrorRecord error = Shell.Run($"Connect-MgPrint $token {arguments}", ("token", Secure(Canary))).Error();

        Assert.Equal(id, error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Empty(Shell.Run("Get-MgPrintContext").AssertQuiet().Output);
    }

    [Theory]
    [InlineData("CANARY GIVEN-TOKEN-77aa")]
    [InlineData("Bearer CANARY-GIVEN-TOKEN-77aa")]
    public void What_is_no_token_is_refused_at_once_and_not_shown(string token)
    {
        ErrorRecord error = Connect(token).Error();

        Assert.Equal("InvalidArgument", error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.DoesNotContain("CANARY", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Connect-MgPrint $text")]
    [InlineData("Connect-MgPrint -AccessToken $text")]
    [InlineData("Connect-MgPrint -AccessToken ([pscustomobject]@{ Other = $text })")]
    [InlineData("Connect-MgPrint -AccessToken @{ Other = $text }")]
    [InlineData("$text | Connect-MgPrint")]
    [InlineData("[pscustomobject]@{ Other = $text } | Connect-MgPrint")]
    public void A_bare_text_is_refused_and_not_shown(string command)
    {
        Outcome outcome = Shell.Run($"{command} -Endpoint $endpoint", ("text", Canary), ("endpoint", Service.Endpoint));

        ErrorRecord error = outcome.Error();
        Assert.Contains("SecureString", error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(
            Canary, $"{error}{error.Exception}{error.CategoryInfo}{error.ErrorDetails}{error.TargetObject}", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(502)]
    public void No_stream_and_no_error_has_the_token_be_it_repeated_by_the_service(int status)
    {
        Service.Answer = request => Reply.Of(
            status, $$$"""{"error":{"code":"C","message":"You sent {{{request.Header("Authorization")}}}"}}""",
            ("Content-Type", "application/json"), ("x-echo", request.Header("Authorization")!),
                ("WWW-Authenticate", $"Bearer error=\"{request.Header("Authorization")}\""));

        Outcome outcome = Shell.Run(
            $"Connect-MgPrint $token -Endpoint $endpoint {Loud}; {Cmdlet} {Ids} {Loud}; Send-MgPrintDocument -Content 1 -DocumentName d {Ids} {Loud}; (Get-MgPrintContext {Loud}).psobject.Properties.Value; Disconnect-MgPrint {Loud}",
            ("token", Secure(Canary)), ("endpoint", Service.Endpoint));

        string told =
            string.Join('\n',
                [.. outcome.Output.Select(output => output?.ToString() ?? ""), .. outcome.Warnings, .. outcome.Verbose, .. outcome.Debug,
                    .. outcome.Information,
            .. outcome.Errors.Select(error => $"{error}{error.Exception}{error.ErrorDetails}{error.TargetObject}{error.Exception.GetType().GetProperty("ResponseBody")?.GetValue(error.Exception)}")]);
        Assert.Equal(2, outcome.Errors.Count);
        Assert.Contains(Service.Requests, request => request.Header("Authorization") == $"Bearer {Canary}");
        Assert.DoesNotContain(Canary, told, StringComparison.OrdinalIgnoreCase);
    }

    private static SecureString Secure(string text)
    {
        var secret = new SecureString();
        Array.ForEach(text.ToCharArray(), secret.AppendChar);
        return secret;
    }

    private Outcome Connect(string token) =>
        Shell.Run("Connect-MgPrint -AccessToken $token -Endpoint $endpoint", ("token", Secure(token)), ("endpoint", Service.Endpoint));
}
