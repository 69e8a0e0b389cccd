using PwshHost.Tests.Hosting;

namespace PwshHost.Tests;

/// <summary>What a script finds around it.</summary>
public sealed class SessionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_engine_and_the_host_say_what_they_are()
    {
        var outcome = await Pwsh.Run("-c", "$Host.Name; \"$($Host.Version)\" -eq $PSVersionTable.PSVersion; $PSVersionTable.PSEdition; $PSHOME");

        Assert.Equal(["MgPrint Script Host", "True", "Core", Path.Combine(Repository.Root, "out", "tools", "pwsh-host")], outcome.Output.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task A_module_is_found_by_name_in_the_users_module_path()
    {
        _folder.Write("Printing/Printing.psm1", "function Get-Ticket { 'ticket' }");

        var outcome = await Pwsh.RunWith(
            new Dictionary<string, string?> { ["PSModulePath"] = _folder.Path },
            "-c", "Import-Module Printing; Get-Ticket; $env:PSModulePath.Split(':') -contains \"$PSHOME/Modules\"");

        Assert.Equal("ticket\nTrue\n", outcome.Output);
    }

    [Fact]
    public async Task No_profile_is_loaded()
    {
        _folder.Write("powershell/profile.ps1", "'profile'");
        _folder.Write("powershell/Microsoft.PowerShell_profile.ps1", "'profile'");

        var outcome = await Pwsh.RunWith(
            new Dictionary<string, string?> { ["XDG_CONFIG_HOME"] = _folder.Path }, "-c", "$PROFILE");

        Assert.Equal($"{_folder.Path}/powershell/Microsoft.PowerShell_profile.ps1\n", outcome.Output);
    }

    [Theory]
    [InlineData("POWERSHELL_TELEMETRY_OPTOUT")]
    [InlineData("POWERSHELL_DIAGNOSTICS_OPTOUT")]
    public async Task The_engine_reports_nothing_and_opens_nothing_unless_it_is_asked_to(string optOut)
    {
        var off = await Pwsh.RunWith(new Dictionary<string, string?> { [optOut] = null }, "-c", $"$env:{optOut}");
        var kept = await Pwsh.RunWith(new Dictionary<string, string?> { [optOut] = "0" }, "-c", $"$env:{optOut}");

        Assert.Equal(("1\n", "0\n"), (off.Output, kept.Output));
    }

    [Fact]
    public async Task No_socket_is_left_in_the_temporary_folder()
    {
        var outcome = await Pwsh.RunWith(
            new Dictionary<string, string?> { ["TMPDIR"] = _folder.Path, ["POWERSHELL_DIAGNOSTICS_OPTOUT"] = null },
            "-c", "[IO.Directory]::GetFiles([IO.Path]::GetTempPath(), 'CoreFxPipe*').Count");

        Assert.Equal("0\n", outcome.Output);
    }
}
