using System.Globalization;
using System.Management.Automation;
using MgPrint.PowerShell.Tests.Hosting;

namespace MgPrint.PowerShell.Tests.Surface;

/// <summary>Every operation of the published surface, once, against a service that keeps what arrives byte for byte.</summary>
public sealed class SurfaceTests : ServiceTest
{
    [Fact]
    public void The_manifest_exports_the_published_cmdlets_and_eight_of_the_modules_own()
    {
        string[] own =
            ["Connect-MgPrint", "Disconnect-MgPrint", "Get-MgPrintContext", "Get-MgPrintUploadSession", "New-MgPrintUploadSession",
                "Out-MgPrinter", "Remove-MgPrintUploadSession", "Send-MgPrintDocument"];
        IEnumerable<string> published = PublishedOperation.All
            .Select(operation => operation.Cmdlet).Distinct();

        IEnumerable<string> exported =
            Shell.Run($"(Get-Module {Repository.ModuleName}).ExportedCommands.Keys").Output.Select(name => (string)name.BaseObject);

        Assert.Equal(published.Concat(own).Order(StringComparer.Ordinal), exported.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_operation_sends_its_method_to_its_path()
    {
        var wrong = new List<string>();
        foreach (PublishedOperation operation in PublishedOperation.All.Where(
            operation => !operation.IsWithoutCmdlet && !operation.IsContent))
        {
            Service.Forget();
            if (operation.IsCount)
            {
                Service.Answer = _ => Reply.Of(200, "42", ("Content-Type", "text/plain"));
            }
            else
            {
                Service.Answer = _ => Reply.Json(200, """{"id":"made","uploadUrl":"https://h/u","value":[{"id":"one","@odata.id":"https://h/one"}]}""");
            }

            Outcome outcome = Shell.Run(operation.CommandLine);
            ReceivedRequest? request = Service.Requests.Count == 1 ? Service.Request : null;
            string expected = $"{operation.Method} /v1.0{operation.FilledPath} {operation.ExpectedBody}";
            string actual = request is null ? $"{Service.RequestCount} requests" : $"{request.Method} {request.Target} {request.BodyText}";
            if (actual != expected || outcome.Errors.Count > 0 || outcome.Thrown is not null)
            {
                wrong.Add($"{operation.CommandLine}: expected {expected}, got {actual} {outcome.Thrown?.Message}{string.Join(' ', outcome.Errors)}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join(Environment.NewLine, wrong));
    }

    [Fact]
    public void Every_operation_takes_its_ids_from_an_identity()
    {
        var wrong = new List<string>();
        foreach (PublishedOperation operation in PublishedOperation.All.Where(
            operation => !operation.IsWithoutCmdlet && !operation.IsContent && operation.TakesIdentity))
        {
            Service.Forget();
            Service.Answer = operation.IsCount ? _ => Reply.Of(200, "42") : _ =>
                Reply.Json(200, """{"id":"made","uploadUrl":"https://h/u"}""");
            Outcome outcome = Shell.Run(operation.IdentityCommandLine);
            string actual = Service.Requests.Count == 1 ? $"{Service.Request.Method} {Service.Request.Target}"
                : $"{Service.RequestCount} requests";
            if (actual != $"{operation.Method} /v1.0{operation.FilledPath}" || outcome.Errors.Count > 0 || outcome.Thrown is not null)
            {
                wrong.Add($"{operation.IdentityCommandLine}: got {actual} {outcome.Thrown?.Message}{string.Join(' ', outcome.Errors)}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join(Environment.NewLine, wrong));
    }

    /// <summary>What no rule says, from the cmdlets' own pages: sets, each with what it demands, and the types of bodies.</summary>
    [Theory]
    [InlineData("Remove-MgPrintShareAllowedUserByRef", "Delete", "Id PrinterShareId", true)]
    [InlineData("Remove-MgPrintShareAllowedUserByRef", "Delete1", "PrinterShareId UserId")]
    [InlineData("Remove-MgPrintShareAllowedUserByRef", "DeleteViaIdentity", "Id InputObject")]
    [InlineData("Remove-MgPrintShareAllowedUserByRef", "DeleteViaIdentity1", "InputObject")]
    [InlineData("Remove-MgPrintShareAllowedGroupByRef", "Delete", "Id PrinterShareId", true)]
    [InlineData("New-MgPrintShareAllowedUserByRef", "CreateExpanded", "OdataId PrinterShareId", true)]
    [InlineData("New-MgPrintShareAllowedGroupByRef", "CreateViaIdentityExpanded", "InputObject OdataId")]
    [InlineData("New-MgPrintPrinter", "CreateExpanded1", "", true)]
    [InlineData("New-MgPrintPrinter", "Create1", "BodyParameter")]
    public void Sets_demand_what_their_pages_say(string cmdlet, string set, string demanded, bool isDefault = false)
    {
        var command = (CommandInfo)Shell.Run($"Get-Command {cmdlet}").Output[0].BaseObject;

        CommandParameterSetInfo found = command.ParameterSets.Single(one => one.Name == set);
        Assert.Equal(isDefault, found.IsDefault);
        IEnumerable<string> names = found.Parameters
            .Where(parameter => parameter.IsMandatory).Select(parameter => parameter.Name).Order(StringComparer.Ordinal);
        Assert.Equal(demanded, string.Join(' ', names));
    }

    [Theory]
    [InlineData("New-MgPrintPrinter", "18VwyqhPrintPrintersMicrosoftGraphCreate")]
    [InlineData("Invoke-MgAbortPrintPrinterJob", "Hsc7MjPrintPrintersPrinterIdJobsPrintjobIdMicrosoftGraphAbort")]
    [InlineData("Invoke-MgAbortPrintShareJob", "P8CwgsPrintSharesPrintershareIdJobsPrintjobIdMicrosoftGraphAbort")]
    [InlineData("Invoke-MgRedirectPrintShareJob", "Qcb95LPrintSharesPrintershareIdJobsPrintjobIdMicrosoftGraphRedirect")]
    public void Bodies_have_their_documented_types(string cmdlet, string name)
    {
        var command = (CommandInfo)Shell.Run($"Get-Command {cmdlet}").Output[0].BaseObject;

        Assert.Equal($"IPaths{name}PostRequestbodyContentApplicationJsonSchema", command.Parameters["BodyParameter"].ParameterType.Name);
    }

    [Fact]
    public void The_tenant_s_print_service_has_no_id()
    {
        var command = (CommandInfo)Shell.Run("Get-Command Update-MgPrint").Output[0].BaseObject;

        Assert.DoesNotContain("Id", command.Parameters.Keys);
    }

    [Fact]
    public void What_stands_at_a_place_of_its_own_can_be_piped_to_what_takes_its_id()
    {
        Service.Answer = request => Reply.Json(200, request.Target.EndsWith("/$count", StringComparison.Ordinal) ? "7" : """{"id":"p"}""");

        Assert.Equal(7, Shell.Run("Get-MgPrintSharePrinter -PrinterShareId s | Get-MgPrintPrinterJobCount").AssertQuiet().Output[0].BaseObject);
        Assert.Equal("/v1.0/print/printers/p/jobs/$count", Service.Requests[^1].Target);
    }

    [Fact]
    public void Cmdlets_have_the_kinds_of_parameters_that_their_operations_have()
    {
        Dictionary<string, CommandInfo> commands = Shell.Run($"Get-Command -Module {Repository.ModuleName}").Output
            .Select(command => (CommandInfo)command.BaseObject).ToDictionary(command => command.Name);
        foreach (IGrouping<string, PublishedOperation> cmdlet in PublishedOperation.All
            .Where(operation => !operation.IsWithoutCmdlet).GroupBy(operation => operation.Cmdlet))
        {
            var names = commands[cmdlet.Key].Parameters.Keys;
            string[] eight =
                ["ResponseHeadersVariable", "Break", "Headers", "HttpPipelineAppend", "HttpPipelinePrepend", "Proxy", "ProxyCredential",
                    "ProxyUseDefaultCredentials"];
            Assert.All(eight, name => Assert.Contains(name, names));
            Assert.All(cmdlet.SelectMany(operation => operation.Ids), name => Assert.Contains(name, names));
            Assert.Equal(!cmdlet.Key.StartsWith("Get-", StringComparison.Ordinal), names.Contains("WhatIf"));
            Assert.Equal(cmdlet.Any(operation => operation.Kind == "list" || (operation.Kind == "ref" && operation.Method == "GET")),
                names.Contains("All"));
            Assert.Equal(cmdlet.Any(operation => operation.IsContent && operation.Method == "GET"), names.Contains("OutFile"));
            Assert.Equal(
                cmdlet.Any(operation => operation.IsContent && operation.Method == "PUT"),
                names.Contains("InFile") && names.Contains("Data") && names.Contains("ContentType"));
            Assert.Equal(cmdlet.Any(operation => operation.TakesIdentity), names.Contains("InputObject"));
            Assert.Equal(cmdlet.Any(operation => operation.Method == "DELETE"), names.Contains("IfMatch"));
        }
    }
}

/// <summary>A row of the published list: which cmdlet makes which request.</summary>
internal sealed record PublishedOperation(string Cmdlet, string Method, string Path, string Kind)
{
    public static IReadOnlyList<PublishedOperation> All { get; } =
    [
        .. File.ReadLines(System.IO.Path.Combine(AppContext.BaseDirectory, "Contract", "operations.tsv")).Select(line => line.Split('\t'))
            .Select(cells => new PublishedOperation(cells[0], cells[1], cells[2], cells[3])),
    ];

    /// <summary>A directive of the official module takes this one away: New-MgPrintPrinter is the action.</summary>
    public bool IsWithoutCmdlet => (Method, Path) == ("POST", "/print/printers");

    public bool IsContent => Path.EndsWith("/$value", StringComparison.Ordinal);

    public bool IsCount => Path.EndsWith("/$count", StringComparison.Ordinal);

    public bool TakesIdentity => Ids.Count > 0 && Kind != "list" && !(Kind == "ref" && Method == "GET");

    public IReadOnlyList<string> Ids =>
        [.. Path.Split('{').Skip(1).Select(part => part[..part.IndexOf("-id}", StringComparison.Ordinal)])
            .Select(key => $"{char.ToUpperInvariant(key[0])}{key[1..]}Id")];

    public string FilledPath =>
        Ids.Aggregate(Path,
            (path, id) => path.Replace($"{{{char.ToLowerInvariant(id[0])}{id[1..^2]}-id}}", $"{id}%201%2Fx", StringComparison.Ordinal))
                + Query;

    public string ExpectedBody => HasBody ? """{"x":1}""" : "";

    public string CommandLine => $"{Cmdlet} {string.Join(' ', Ids.Select(id => $"-{id} '{id} 1/x'"))}{Rest}";

    public string IdentityCommandLine => $"{Cmdlet} -InputObject @{{ {string.Join("; ", Ids.Select(id => $"{id} = '{id} 1/x'"))} }}{Rest}";

    private bool HasBody =>
        Method == "PATCH"
            || (Method == "POST"
                && (Kind != "action"
                    || Array.Exists(["abort", "redirect", "create", "createUploadSession"],
                        name => Path.EndsWith($".{name}", StringComparison.Ordinal))));

    private bool IsReferenceByAddress => Method == "DELETE" && Path.EndsWith("s/$ref", StringComparison.Ordinal);

    private string Query => IsReferenceByAddress ? "?@id=https%3A%2F%2Fh%2Fone" : "";

    private string Rest =>
        string.Create(CultureInfo.InvariantCulture,
            $"{(HasBody ? " -BodyParameter @{ x = 1 }" : "")}{(IsReferenceByAddress ? " -Id https://h/one" : "")}");
}
