using System.Globalization;
using PwshHost.Tests.Hosting;

namespace PwshHost.Tests;

/// <summary>The shell script in front: finding, building, preferring.</summary>
public sealed class LauncherTests : IDisposable
{
    // What the script calls, without dotnet, pwsh or flock.
    private static readonly string[] _tools =
        ["sh", "dirname", "readlink", "find", "mkdir", "rm", "mv", "cat", "grep", "head", "sleep", "env"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_is_found_through_symbolic_links_and_from_any_folder()
    {
        var first = Path.Combine(_folder.Path, "first");
        var second = Path.Combine(_folder.Path, "second");
        File.CreateSymbolicLink(first, Repository.Pwsh);
        File.CreateSymbolicLink(second, "first");

        await using var running = Running.Start(second, ["-c", "\"$PWD\""], workingDirectory: _folder.Path);
        var outcome = await running.EndsWithoutInput();

        Assert.Equal((0, $"{_folder.Path}\n", ""), (outcome.ExitCode, outcome.Output, outcome.Error));
    }

    [Theory]
    [InlineData("PowerShell 7.4.6", "real -c 'it runs'")]
    [InlineData("PowerShell 7.10.0-preview.1", "real -c 'it runs'")]
    [InlineData("PowerShell 7.3.12", "it runs")]
    [InlineData("PowerShell 6.2.4", "it runs")]
    public async Task A_real_pwsh_is_preferred_when_it_is_new_enough(string version, string expected)
    {
        _folder.WriteProgram("bin/pwsh", $"#!/bin/sh\nfor word; do last=$word; done\nif [ \"$last\" = -Version ]; then echo '{version}'; else echo real \"$@\"; fi\n");

        var outcome = await Pwsh.RunWith(WithFirstOnPath(null), "-c", "'it runs'");

        Assert.Equal((0, expected + "\n"), (outcome.ExitCode, outcome.Output));
    }

    [Fact]
    public async Task The_projects_own_host_can_be_asked_for()
    {
        _folder.WriteProgram("bin/pwsh", "#!/bin/sh\necho real\n");

        var outcome = await Pwsh.RunWith(WithFirstOnPath("1"), "-c", "'it runs'");

        Assert.Equal("it runs\n", outcome.Output);
    }

    [Fact]
    public async Task A_pwsh_that_leads_back_here_is_not_taken_for_the_real_one()
    {
        _folder.WriteProgram("bin/pwsh", $"#!/bin/sh\nexec '{Repository.Pwsh}' \"$@\"\n");

        var outcome = await Pwsh.RunWith(WithFirstOnPath(null), "-c", "'it runs'");

        Assert.Equal("it runs\n", outcome.Output);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task First_uses_at_once_build_once(bool withFlock)
    {
        var pwsh = CopyOfTheTools();
        var environment = WithDotnet("", withFlock ? ["flock"] : []);
        await using var first = Running.Start(pwsh, ["-c", "1"], environment);
        await first.SeesError("building the script host");
        await using var second = Running.Start(pwsh, ["-c", "2"], environment);

        // The build waits to be let go on, so the second use meets it under way.
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "go"), "");
        var outcomes = await Task.WhenAll(first.EndsWithoutInput(), second.EndsWithoutInput());

        Assert.Equal(["host ran -c 1\n", "host ran -c 2\n"], outcomes.Select(outcome => outcome.Output));
        Assert.Equal([1, 0], outcomes.Select(outcome => outcome.Error.Split('\n').Length - 1));
        Assert.Single(File.ReadAllLines(Path.Combine(_folder.Path, "calls")));
    }

    [Fact]
    public async Task A_build_that_was_killed_does_not_block_the_next()
    {
        var pwsh = CopyOfTheTools();
        await using var dead = Running.Start("true", []);
        await dead.Ends();
        _folder.Write("out/obj/tools/pwsh-host/lock.d/pid", dead.Id.ToString(CultureInfo.InvariantCulture));
        _folder.Write("go", "");
        await using var running = Running.Start(pwsh, ["-c", "1"], WithDotnet("", []));
        var outcome = await running.EndsWithoutInput();

        Assert.Equal((0, "host ran -c 1\n"), (outcome.ExitCode, outcome.Output));
    }

    [Fact]
    public async Task A_changed_an_added_and_a_removed_source_build_again()
    {
        var pwsh = CopyOfTheTools();
        var added = Path.Combine(_folder.Path, "tools", "pwsh-host", "Added.cs");
        _folder.Write("go", "");

        Assert.True(await Builds());
        Assert.False(await Builds());
        File.AppendAllText(Path.Combine(_folder.Path, "tools", "pwsh-host", "Program.cs"), "// changed");
        Assert.True(await Builds());
        File.WriteAllText(added, "");
        Assert.True(await Builds());
        File.Delete(added);
        Assert.True(await Builds());
        Assert.False(await Builds());

        async Task<bool> Builds()
        {
            await using var running = Running.Start(pwsh, ["script.ps1", "a b"], WithDotnet("", ["flock"]));
            var outcome = await running.EndsWithoutInput();
            Assert.Equal((0, "host ran script.ps1 a b\n"), (outcome.ExitCode, outcome.Output));
            return outcome.Error.Contains("building the script host", StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task It_builds_without_the_ahead_of_time_compiler_where_that_cannot_be_had()
    {
        var pwsh = CopyOfTheTools();
        _folder.Write("go", "");
        var refusing = "case \"$*\" in *PublishReadyToRun=false*) ;; *) echo 'error NU1102: Unable to find package Microsoft.NETCore.App.Crossgen2'; exit 1 ;; esac";
        await using var running = Running.Start(pwsh, ["-c", "1"], WithDotnet(refusing, ["flock"]));
        var outcome = await running.EndsWithoutInput();

        Assert.Equal((0, "host ran -c 1\n"), (outcome.ExitCode, outcome.Output));
        Assert.Single(outcome.Error.TrimEnd().Split('\n'));
    }

    [Theory]
    [InlineData("error NU1301: Unable to load the service index for source", "NuGet could not fetch the PowerShell engine (see above); check the network and 'dotnet nuget list source', and run this again.")]
    [InlineData("error NU1101: Unable to find package System.Management.Automation.", "NuGet could not fetch the PowerShell engine (see above); check the network and 'dotnet nuget list source', and run this again.")]
    [InlineData("error NETSDK1045: The current .NET SDK does not support targeting .NET 10.0.", "the script host could not be built (see above); it needs the .NET 10 SDK, and here 'dotnet --version' says: 8.0.100.")]
    public async Task A_build_that_fails_says_why_and_what_to_do(string cause, string advice)
    {
        var pwsh = CopyOfTheTools();
        await using var running = Running.Start(pwsh, ["-c", "1"], WithDotnet($"echo '{cause}'; exit 1", ["flock"]));
        var outcome = await running.EndsWithoutInput();

        Assert.Equal((70, ""), (outcome.ExitCode, outcome.Output));
        Assert.EndsWith($"{cause}\npwsh: {advice}\n", outcome.Error);
        Assert.False(Directory.Exists(Path.Combine(_folder.Path, "out", "tools", "pwsh-host")));
    }

    [Fact]
    public async Task Without_dotnet_it_says_what_to_install()
    {
        var environment = new Dictionary<string, string?>
        {
            ["PATH"] = ToolsOnly(),
            ["DOTNET_ROOT"] = Path.Combine(_folder.Path, "nowhere"),
            ["HOME"] = _folder.Path,
        };
        await using var running = Running.Start(CopyOfTheTools(), ["-c", "1"], environment);
        var outcome = await running.EndsWithoutInput();

        Assert.Equal((70, ""), (outcome.ExitCode, outcome.Output));
        Assert.Equal("pwsh: the .NET SDK is missing (there is no 'dotnet' on the PATH); install the .NET 10 SDK (https://dot.net) and run this again.\n", outcome.Error);
    }

    private Dictionary<string, string?> WithFirstOnPath(string? ownHost) => new()
    {
        ["PATH"] = $"{Path.Combine(_folder.Path, "bin")}:{Environment.GetEnvironmentVariable("PATH")}",
        ["MGPRINT_PWSH_HOST"] = ownHost,
    };

    // A dotnet of the test's own, that only says what it was asked for: `publish` waits for the file "go" and leaves a
    // program behind, unless the test's own lines make it fail.
    private Dictionary<string, string?> WithDotnet(string whenPublishing, string[] tools)
    {
        var path = ToolsOnly([.. tools, "touch"]);
        _folder.WriteProgram("only/dotnet", $"""
            #!/bin/sh
            case $1 in
                --version) echo 8.0.100 ;;
                publish)
                    {whenPublishing}
                    echo publish >>'{_folder.Path}/calls'
                    until [ -e '{_folder.Path}/go' ]; do sleep 0.02; done
                    while [ "$1" != -o ]; do shift; done
                    mkdir -p "$2" && touch "$2/pwsh-host.dll"
                    ;;
                *.dll) shift; echo host ran "$@" ;;
            esac

            """);
        return new() { ["PATH"] = path };
    }

    // A checkout of its own, with nothing built.
    private string CopyOfTheTools()
    {
        foreach (var source in Directory.EnumerateFiles(Path.Combine(Repository.Root, "tools", "pwsh-host")))
        {
            _folder.Write(Path.Combine("tools", "pwsh-host", Path.GetFileName(source)), File.ReadAllText(source));
        }

        return _folder.WriteProgram("tools/pwsh", File.ReadAllText(Repository.Pwsh));
    }

    // A folder for PATH that holds these programs and no others.
    private string ToolsOnly(params string[] more)
    {
        var bin = Directory.CreateDirectory(Path.Combine(_folder.Path, "only")).FullName;
        foreach (var tool in _tools.Concat(more))
        {
            var found = Environment.GetEnvironmentVariable("PATH")!.Split(':')
                .Select(folder => Path.Combine(folder, tool))
                .FirstOrDefault(File.Exists);
            Assert.True(found is not null, $"These tests need '{tool}', which is not on the PATH.");
            _folder.WriteProgram(Path.Combine("only", tool), $"#!/bin/sh\nexec '{found}' \"$@\"\n");
        }

        return bin;
    }
}
