using System.Management.Automation;
using MgPrint.PowerShell.Tests.Hosting;

namespace MgPrint.PowerShell.Tests.Cmdlets;

/// <summary>The state of an upload session, and its end.</summary>
public sealed class UploadSessionTests(EmulatorProcess emulator) : EmulatorTest(emulator)
{
    [Theory]
    [InlineData("Get-MgPrintUploadSession -UploadUrl $s.UploadUrl")]
    [InlineData("Get-MgPrintUploadSession ([uri]$s.UploadUrl)")]
    [InlineData("$u = [securestring]::new(); $s.UploadUrl.ToCharArray() | ForEach-Object { $u.AppendChar($_) }; Get-MgPrintUploadSession $u")]
    [InlineData("$s | Get-MgPrintUploadSession")]
    [InlineData("@{ uploadUrl = $s.UploadUrl } | Get-MgPrintUploadSession")]
    public async Task The_state_tells_what_is_there_and_what_is_missing(string get)
    {
        string file = NewFile(500_000);
        Run($"$global:s = {Create}", file, 500_000).AssertQuiet();
        await Emulator.PlanAsync(new { match = new { method = "PUT", nth = 3 }, fault = new { kind = "status", status = 409 } });
        Run("$s | Send-MgPrintDocument $file -ChunkSize 100000 -MaxConcurrency 1 -ErrorAction SilentlyContinue", file);

        PSObject state = Run(get).Single();

        Assert.Equal(200_000L, state.Properties["BytesThere"].Value);
        Assert.Equal(300_000L, state.Properties["BytesMissing"].Value);
        Assert.Equal(["200000-499999"], (string[])state.Properties["NextExpectedRanges"].Value);
        Assert.Equal(DateTimeKind.Utc, ((DateTime)state.Properties["ExpirationDateTime"].Value).Kind);
    }

    [Fact]
    public async Task The_state_goes_down_the_pipe_as_the_session_does()
    {
        string file = NewFile(1000);

        Run($"{Create} | Get-MgPrintUploadSession | Send-MgPrintDocument $file", file, 1000).Single();

        await AssertArrivedAsync(file);
    }

    [Fact]
    public void The_views_hide_the_secret()
    {
        var host = new TestHost();
        using var shell = new Shell(host);

        shell.Run($"{Create} | Get-MgPrintUploadSession | Out-Default", ("ids", Ids), ("size", 1000)).AssertQuiet();

        Assert.Contains(host.Lines, line => line.Contains("uploadSessions", StringComparison.Ordinal));
        Assert.Matches("BytesThere +BytesMissing", string.Join('\n', host.Lines));
        Assert.DoesNotContain("tempauthtoken", host.Screen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_removed_session_is_gone()
    {
        Outcome outcome = Run($"$global:s = {Create}; $s | Remove-MgPrintUploadSession", size: 1000).AssertQuiet();

        Assert.Empty(outcome.Output);
        Assert.Single(await RequestsAsync("DELETE"));
        AssertError(Run("$s | Get-MgPrintUploadSession"), "SessionGone", ErrorCategory.ObjectNotFound, "GetMgPrintUploadSession");
        AssertError(Run("Remove-MgPrintUploadSession $s.UploadUrl"), "SessionGone", ErrorCategory.ObjectNotFound,
            "RemoveMgPrintUploadSession");
    }

    [Fact]
    public async Task Removing_asks_where_it_should()
    {
        var host = new TestHost { Choice = 2 };
        using var shell = new Shell(host);

        shell.Run($"$s = {Create}; $s | Remove-MgPrintUploadSession -WhatIf; $s | Remove-MgPrintUploadSession -Confirm", ("ids", Ids),
            ("size", 1000)).AssertQuiet();

        Assert.Empty(await RequestsAsync("DELETE"));
        Assert.Contains("Cancel, and forget the bytes that were sent", Assert.Single(host.Prompts), StringComparison.Ordinal);
        Assert.DoesNotContain("tempauthtoken", host.Screen + string.Concat(host.Prompts), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Get-MgPrintUploadSession 'nothing'", "InvalidUploadUrl", "GetMgPrintUploadSession")]
    [InlineData("5 | Get-MgPrintUploadSession", "InvalidUploadSession", "GetMgPrintUploadSession")]
    [InlineData("@{ a = 1 } | Remove-MgPrintUploadSession", "InvalidUploadSession", "RemoveMgPrintUploadSession")]
    [InlineData("Get-MgPrintUploadSession 'http://127.0.0.1:9/u?t=1' -Headers @{ Cookie = 'x' }", "InvalidHeader",
        "GetMgPrintUploadSession")]
    public void What_is_no_session_is_refused(string script, string id, string cmdlet) =>
        AssertError(Run(script), id, ErrorCategory.InvalidArgument, cmdlet);
}
