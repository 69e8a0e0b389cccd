using System.Management.Automation;
using MgPrint.PowerShell.Tests.Hosting;

namespace MgPrint.PowerShell.Tests.Cmdlets;

/// <summary>
/// PowerShell's module log writes each bound argument as text, after the parameter's transformations. Nothing secret may be
/// in that text, however the argument came.
/// </summary>
public sealed class ModuleLogTests : ServiceTest
{
    private const string Secret = "CANARY-ARGUMENT";

    private static readonly Dictionary<Type, object[]> Secrets = new()
    {
        [typeof(object)] =
        [
            $"https://h/u?tempauthtoken={Secret}", new Uri($"https://h/u?tempauthtoken={Secret}"),
            new PSObject { Properties = { new PSNoteProperty("uploadUrl", $"https://h/u?tempauthtoken={Secret}") } },
        ],
        [typeof(Uri)] = [$"http://user:{Secret}@proxy:8080", new Uri($"http://user:{Secret}@proxy:8080")],
    };

    [Fact]
    public void What_is_logged_of_an_argument_holds_no_secret()
    {
        Outcome commands = Shell.Run("Get-Command -Module Microsoft.Graph.Devices.CloudPrint");

        ParameterMetadata[] parameters = [.. commands.Output
            .SelectMany(command => ((CommandInfo)command.BaseObject).Parameters.Values)
            .Where(parameter => Secrets.ContainsKey(parameter.ParameterType))];
        Assert.True(parameters.Length >= 11, string.Join(' ', parameters.Select(parameter => parameter.Name)));
        foreach (ParameterMetadata parameter in parameters)
        {
            ArgumentTransformationAttribute transformation = parameter.Attributes.OfType<ArgumentTransformationAttribute>().First();
            Assert.All(Secrets[parameter.ParameterType], given =>
                Assert.DoesNotContain(Secret, transformation.Transform(null!, given).ToString(), StringComparison.Ordinal));
        }
    }

    [Fact]
    public void A_session_is_bound_whole_and_its_url_not_by_itself()
    {
        Outcome outcome = Shell.Run("(Get-Command Send-MgPrintDocument).Parameters.UploadUrl");

        var parameter = (ParameterMetadata)outcome.Single().BaseObject;
        Assert.All(parameter.ParameterSets.Values, set => Assert.False(set.ValueFromPipelineByPropertyName || set.ValueFromPipeline));
    }

    [Fact]
    public void What_module_logging_writes_of_a_piped_session_holds_no_secret()
    {
        // PowerShell logs each bound parameter by the text of its value.
        Outcome outcome =
            Shell.Run($"$session = {Cmdlet} {Ids}; \"$session\"; [string]$session; '{{0}}' -f $session; $session.PSObject.ToString()");

        Assert.Equal(4, outcome.AssertQuiet().Output.Count);
        Assert.All(outcome.Output, text => Assert.DoesNotContain("CANARY", (string)text.BaseObject, StringComparison.Ordinal));
    }
}
