using System.Management.Automation;
using MgPrint.PowerShell.Tests.Hosting;

namespace MgPrint.PowerShell.Tests.Cmdlets;

/// <summary>-Headers: what is sent, and what is refused before anything is.</summary>
public sealed class HeadersTests : ServiceTest
{
    [Theory]
    [InlineData("@{ 'x-test' = 'value' }", "x-test", "value")]
    [InlineData("@{ 'x-test' = 'a', 'b' }", "x-test", "a, b")]
    [InlineData("@{ 'x-test' = 5 }", "x-test", "5")]
    [InlineData("@{ 'x-test' = $true }", "x-test", "True")]
    [InlineData("@{ 'x-test' = '' }", "x-test", "")]
    [InlineData("@{ 'Content-Type' = 'application/json; charset=utf-8' }", "Content-Type", "application/json; charset=utf-8")]
    [InlineData("@{ 'User-Agent' = 'mine/1.0' }", "User-Agent", "mine/1.0")]
    [InlineData("@{ 'Authorization' = 'Bearer given-by-the-caller' }", "Authorization", "Bearer given-by-the-caller")]
    [InlineData("@{ 'client-request-id' = 'my-own-id' }", "client-request-id", "my-own-id")]
    [InlineData("@{ 'Accept-Encoding' = 'identity' }", "Accept-Encoding", "identity")]
    [InlineData("[ordered]@{ 'ConsistencyLevel' = 'eventual' }", "ConsistencyLevel", "eventual")]
    public void Given_headers_are_sent_in_place_of_the_modules_own(string headers, string name, string expected)
    {
        Shell.Run($"{Cmdlet} {Ids} -Headers ({headers})").Single();

        Assert.Equal(expected, Service.Request.Header(name));
    }

    [Theory]
    [InlineData("@{ 'x-test' = $null }", "'x-test'")]
    [InlineData("@{ 'x-test' = 'a', $null }", "'x-test'")]
    [InlineData("@{ 'x-test' = @() }", "'x-test'")]
    [InlineData("@{ 'x-test' = [Collections.Generic.List[string]]::new() }", "'x-test'")]
    [InlineData("@{ 'x-test' = , @() }", "'x-test'")]
    [InlineData("@{ 'x-test' = @{ a = 1 } }", "'x-test'")]
    [InlineData("@{ 'x-test' = [pscustomobject]@{ a = 1 } }", "'x-test'")]
    [InlineData("@{ 'x-test' = 'a', ([pscustomobject]@{ a = 1 }) }", "'x-test'")]
    [InlineData("@{ 'x-test' = \"a`r`nInjected: yes\" }", "'x-test'")]
    [InlineData("@{ 'bad name' = 'v' }", "'bad name'")]
    [InlineData("@{ \"bad`nname\" = 'v' }", "'bad")]
    [InlineData("@{ '' = 'v' }", "no name")]
    [InlineData("@{ 'Host' = 'h' }", "'Host'")]
    [InlineData("@{ 'Content-Length' = '1' }", "'Content-Length'")]
    [InlineData("@{ 'Transfer-Encoding' = 'chunked' }", "'Transfer-Encoding'")]
    [InlineData("@{ 'Connection' = 'close' }", "'Connection'")]
    [InlineData("@{ 'Keep-Alive' = '1' }", "'Keep-Alive'")]
    [InlineData("@{ 'Upgrade' = 'h2c' }", "'Upgrade'")]
    [InlineData("@{ 'TE' = 'trailers' }", "'TE'")]
    [InlineData("@{ 'Proxy-Authorization' = 'Basic CANARY' }", "'Proxy-Authorization'")]
    public void A_header_that_cannot_be_sent_is_named_and_nothing_is_sent(string headers, string expected)
    {
        Outcome outcome = Shell.Run($"{Cmdlet} {Ids} -Headers ({headers}); 'went on'");

        ErrorRecord error = outcome.Error();
        Assert.Equal("InvalidHeader", error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal(ErrorCategory.InvalidArgument, error.CategoryInfo.Category);
        Assert.Contains(expected, error.Exception.Message, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain('\n', error.Exception.Message);
        Assert.Equal(0, Service.RequestCount);
        Assert.Equal("went on", Assert.Single(outcome.Output).BaseObject);
    }

    [Theory]
    [InlineData("Send-MgPrintDocument -Content ([byte[]](1, 2)) -DocumentName a.pdf")]
    [InlineData("Get-MgPrintUploadSession")]
    [InlineData("Remove-MgPrintUploadSession")]
    public void It_ends_no_more_than_its_record_in_the_other_cmdlets_either(string command)
    {
        Outcome outcome = Shell.Run($"'{Service.Endpoint}/u1', '{Service.Endpoint}/u2' | ForEach-Object {{ @{{ uploadUrl = $_ }} }} | {command} -Headers @{{ 'x-test' = $null }}");

        Assert.Null(outcome.Thrown);
        Assert.Equal(["InvalidHeader", "InvalidHeader"], outcome.Errors.Select(error => error.FullyQualifiedErrorId.Split(',')[0]));
        Assert.All(outcome.Errors, error => Assert.Contains("'x-test'", error.Exception.Message, StringComparison.Ordinal));
        Assert.Equal(0, Service.RequestCount);
    }

    [Fact]
    public void An_Authorization_header_makes_up_for_a_missing_token()
    {
        SetEnvironment(Service.Endpoint, null);

        Shell.Run($"{Cmdlet} {Ids} -Headers @{{ Authorization = 'Bearer given' }}").Single();

        Assert.Equal("Bearer given", Service.Request.Header("Authorization"));
    }
}
