using MgPrint.PowerShell.Tests.Hosting;

namespace MgPrint.PowerShell.Tests.Neighbours;

/// <summary>
/// Beside Microsoft's module of the same name, for which tests/neighbour stands in: which command runs when, and its
/// objects and type literals as input of ours. Each order of import has a process of its own, since what a type
/// literal means is decided once a process.
/// </summary>
public sealed class NeighbourTests(NeighbourProcesses processes) : ServiceTest, IClassFixture<NeighbourProcesses>
{
    private const string Ours = "out/modules/Microsoft.Graph.Devices.CloudPrint";
    private const string Theirs = "out/neighbour/Microsoft.Graph.Devices.CloudPrint";
    private const string Own = "New-MgPrintUploadSession";
    private const string OfOurs = "MgPrint.PowerShell";
    private const string OfTheirs = "Microsoft.Graph.Devices.CloudPrint.private";

    private readonly string _file = Path.GetTempFileName();

    /// <summary>Both import orders, and whose types the literals then mean.</summary>
    public static TheoryData<string, string, string> Orders => new()
    {
        { Ours, Theirs, OfOurs },
        { Theirs, Ours, OfTheirs },
    };

    [Theory]
    [MemberData(nameof(Orders))]
    public async Task Their_function_goes_before_our_cmdlet_until_an_alias_says_otherwise(string first, string second, string _)
    {
        string[] output = await RunAsync(first, second, $$"""
            (Get-Command {{Cmdlet}}).CommandType
            (Get-Command {{Own}}).ImplementingType.Assembly.GetName().Name
            (Get-Command Send-MgPrintDocument).ImplementingType.Assembly.GetName().Name
            ${Alias:{{Cmdlet}}} = '{{Own}}'
            (Get-Command {{Cmdlet}}).CommandType
            (Get-Command {{Cmdlet}}).ResolvedCommand.ImplementingType.Assembly.GetName().Name
            $session = {{Cmdlet}} {{Ids}}
            $session.GetType().Assembly.GetName().Name
            """);

        Assert.Equal(["Function", OfOurs, OfOurs, "Alias", OfOurs, OfOurs], output);
        Assert.Equal($"Bearer {Token}", Service.Request.Header("Authorization"));
    }

    [Theory]
    [InlineData(Ours, Theirs, "Function")]
    [InlineData(Theirs, Ours, "Cmdlet")]
    public async Task A_name_with_the_module_s_before_it_means_the_module_that_was_imported_last(string first, string second,
        string expected) =>
        Assert.Equal([expected], await RunAsync(first, second, $"(Get-Command {Repository.ModuleName}\\{Cmdlet}).CommandType"));

    [Fact]
    public async Task A_command_of_theirs_in_mid_script_brings_their_module_and_takes_nothing_else_away()
    {
        string[] output = await PwshProcess.RunAsync(
            $$"""
            (Get-Command {{Cmdlet}}).CommandType
            $before = {{Own}} {{Ids}}
            Get-MgPrintOfALaterRelease
            (Get-Command {{Cmdlet}}).CommandType
            $after = {{Own}} {{Ids}}
            $before.GetType() -eq $after.GetType()
            """,
            ("PSModulePath", string.Join(Path.PathSeparator, FolderOf(Ours), FolderOf(Theirs))));

        Assert.Equal(["Cmdlet", "a printer", "Function", "True"], output);
        Assert.Equal(2, Service.RequestCount);
    }

    [Fact]
    public async Task In_one_folder_of_modules_ours_has_the_higher_version()
    {
        string folder = Directory.CreateTempSubdirectory("mgprint-").FullName;
        try
        {
            foreach ((string module, string version) in new[] { (Ours, "3.0.0"), (Theirs, "2.30.0") })
            {
                string named = Directory.CreateDirectory(Path.Combine(folder, Repository.ModuleName)).FullName;
                Directory.CreateSymbolicLink(Path.Combine(named, version), Path.Combine(Repository.Root, module));
            }

            Assert.Equal(["Cmdlet"], await PwshProcess.RunAsync($"(Get-Command {Cmdlet}).CommandType", ("PSModulePath", folder)));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [MemberData(nameof(Orders))]
    public async Task Objects_of_their_literals_are_taken_by_ours(string first, string second, string assembly)
    {
        string[] output = await RunAsync(first, second, $$"""
            [Microsoft.Graph.PowerShell.Models.DevicesCloudPrintIdentity].Assembly.GetName().Name
            $identity = [Microsoft.Graph.PowerShell.Models.DevicesCloudPrintIdentity]@{ PrinterId = 'P'; PrintJobId = 'J'; PrintDocumentId = 'D' }
            $properties = [Microsoft.Graph.PowerShell.Models.MicrosoftGraphPrintDocumentUploadProperties]@{ documentName = 'n'; contentType = 'a/b'; size = 7 }
            $body = [Microsoft.Graph.PowerShell.Models.{{BodyType}}]@{ properties = @{ documentName = 'n'; contentType = 'a/b'; size = 7 } }
            $null = $identity | {{Own}} -Properties $properties
            $null = {{Own}} -InputObject $identity -BodyParameter $body
            $null = $body | {{Own}} -InputObject $identity
            """);

        Assert.Equal([assembly], output);
        Assert.Equal(3, Service.RequestCount);
        Assert.All(Service.Requests, request =>
        {
            Assert.Equal("/v1.0/print/printers/P/jobs/J/documents/D/microsoft.graph.createUploadSession", request.Target);
            Assert.Equal("""{"properties":{"contentType":"a/b","documentName":"n","size":7}}""", request.BodyText);
        });
    }

    [Theory]
    [MemberData(nameof(Orders))]
    public async Task A_session_of_their_function_is_one_to_send_through(string first, string second, string _)
    {
        Service.Answer = request =>
            request.Method == "PUT" ? Reply.Json(201, """{"id":"d1","size":8}""") : Reply.Json(200, """{"nextExpectedRanges":["0-7"]}""");
        await File.WriteAllTextAsync(_file, "document");

        string[] output = await RunAsync(
            first, second, $"{Cmdlet} -PrinterId p | Send-MgPrintDocument -Path $env:TEST_FILE | ForEach-Object {{ $_.DocumentId }}",
            $"{Service.Endpoint}/uploadSessions/1?t=s");

        Assert.Equal(["d1"], output);
    }

    [Theory]
    [MemberData(nameof(Orders))]
    public async Task Their_view_never_shows_the_secret_of_our_session(string first, string second, string _)
    {
        const string Url = "https://h/u?t=CANARY";
        Service.Answer = _ => Reply.Json(200, $$"""{"uploadUrl":"{{Url}}"}""");

        string[] output = await RunAsync(first, second, $$"""
            $session = {{Own}} {{Ids}}
            $session | Out-String -Stream
            $session.UploadUrl -eq '{{Url}}'
            $session | Export-Clixml -LiteralPath $env:TEST_FILE
            $copy = Import-Clixml -LiteralPath $env:TEST_FILE
            $copy.UploadUrl -eq '{{Url}}'
            $copy | Out-String -Stream
            """);

        Assert.Equal(2, output.Count(line => line.Contains("https://h/u", StringComparison.Ordinal)));
        Assert.Equal(2, output.Count(line => line == "True"));
        Assert.DoesNotContain("CANARY", string.Join('\n', output), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Orders))]
    public async Task A_session_s_secret_is_not_listed_after_another_object_and_imports_go_well(string first, string second, string _)
    {
        Service.Answer = _ => Reply.Json(200, """{"uploadUrl":"https://h/u?t=CANARY"}""");

        string[] output = await RunAsync(
            first, second, $$"""
            Import-Module {{PathOf(Ours)}} -Force
            Import-Module {{PathOf(Theirs)}} -Force
            Get-Module {{Repository.ModuleName}} | Where-Object { $_.Version.Major -eq 3 } | Remove-Module
            Import-Module {{PathOf(Ours)}}
            $session = {{Own}} {{Ids}}
            $session | Export-Clixml -LiteralPath $env:TEST_FILE
            @{ before = 1 }, $session, (Import-Clixml -LiteralPath $env:TEST_FILE) | Out-String -Stream
            "errors: $($Error.Count)"
            """,
            "https://h/u?t=CANARY");

        Assert.Contains(output, line => line.StartsWith("ExpirationDateTime", StringComparison.Ordinal));
        Assert.Contains("errors: 0", output);
        Assert.DoesNotContain("CANARY", string.Join('\n', output), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_step_of_their_type_is_refused_when_it_is_bound_and_a_script_block_is_one()
    {
        string[] output = await RunAsync(Theirs, Ours, $$"""
            $typed = [Microsoft.Graph.PowerShell.Runtime.SendAsyncStep]{ param($request, $callback, $next) $next.SendAsync($request, $callback) }
            $typed.GetType().Assembly.GetName().Name
            try { {{Own}} {{Ids}} -HttpPipelineAppend $typed } catch { $_.FullyQualifiedErrorId.Split(',')[0] }
            $null = {{Own}} {{Ids}} -HttpPipelineAppend { param($request, $callback, $next) $request.Headers.Add('X-Step', 'plain'); $next.SendAsync($request, $callback) }
            """);

        Assert.Equal([OfTheirs, "CannotConvertArgumentNoMessage"], output);
        Assert.Equal("plain", Service.Request.Header("X-Step"));
    }

    [Fact]
    public void The_one_line_for_the_alias_is_in_the_README_and_in_the_help()
    {
        const string Line = $"Set-Alias {Cmdlet} {Own}";

        Assert.All(
            new[] { "README.md", "docs/en-US/about_MgPrint.md" },
            file => Assert.Single(File.ReadLines(Path.Combine(Repository.Root, file)), line => line == Line));
    }

    private const string BodyType = "Paths1GenyolPrintPrintersPrinterIdJobsPrintjobIdDocumentsPrintdocumentIdMicrosoftGraphCreateuploadsessionPostRequestbodyContentApplicationJsonSchema";

    private static string PathOf(string module) => Repository.Quoted(Path.Combine(Repository.Root, module));

    private static string FolderOf(string module) => Path.GetDirectoryName(Path.Combine(Repository.Root, module))!;

    private Task<string[]> RunAsync(string first, string second, string script, string? uploadUrl = null) =>
        processes.Of(first).RunAsync(
            $"Import-Module {PathOf(first)}, {PathOf(second)}\n{script}",
            ("MGPRINT_ENDPOINT", Service.Endpoint), ("MGPRINT_ACCESS_TOKEN", Token), ("NEIGHBOUR_UPLOAD_URL", uploadUrl),
                ("TEST_FILE", _file));

    public override void Dispose()
    {
        File.Delete(_file);
        base.Dispose();
    }
}

/// <summary>A process for each module that may be imported first.</summary>
public sealed class NeighbourProcesses : IDisposable
{
    private readonly Dictionary<string, PwshSession> _started = [];

    public void Dispose()
    {
        foreach (PwshSession session in _started.Values)
        {
            session.Dispose();
        }
    }

    internal PwshSession Of(string first) =>
        _started.TryGetValue(first, out PwshSession? session) ? session : _started[first] = new PwshSession();
}
