using System.Globalization;
using System.Management.Automation;
using MgPrint.PowerShell.Tests.Hosting;

namespace MgPrint.PowerShell.Tests.Contract;

/// <summary>Every cmdlet whose help page is kept here against that page: parameters, sets, syntax, types.</summary>
public sealed class PagesTests : IDisposable
{
    private readonly Shell _shell = new();

    public void Dispose() => _shell.Dispose();

    public static TheoryData<string> Pages() =>
        [.. Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Contract"), "*.json")
            .Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal)];

    [Fact]
    public void There_is_a_page_for_every_cmdlet_that_is_made_so_far() => Assert.Equal(19, Pages().Count);

    [Theory]
    [MemberData(nameof(Pages))]
    public void A_cmdlet_is_as_its_page_has_it(string page)
    {
        Contract contract = Contract.Read(page);
        var command = (CommandInfo)_shell.Run($"Get-Command {page}").Single().BaseObject;
        ParameterMetadata[] parameters =
            [.. command.Parameters.Values.Where(parameter => !Cmdlet.CommonParameters.Contains(parameter.Name))];

        Assert.Equal(contract.Parameters.Select(Describe).Order(StringComparer.Ordinal), parameters.Select(Describe)
            .Order(StringComparer.Ordinal));
        Assert.Equal(
            contract.Syntax.Select(set => $"{set.Key}: {set.Value}").Order(StringComparer.Ordinal),
            command.ParameterSets.Select(set => $"{set.Name}: {page} {set}").Order(StringComparer.Ordinal));
        Assert.Equal(contract.DefaultParameterSet, Assert.Single(command.ParameterSets, set => set.IsDefault).Name);
        Assert.Equal(contract.Outputs, command.OutputType.Select(type => type.Name));
        Assert.Equal(
            contract.Inputs.Order(StringComparer.Ordinal),
            parameters.Where(parameter => parameter.ParameterSets.Values.Any(set => set.ValueFromPipeline))
                .Select(parameter => parameter.ParameterType.FullName!).Order(StringComparer.Ordinal));
    }

    internal static string Describe(ContractParameter parameter)
    {
        IEnumerable<string> sets =
            parameter.Sets.OrderBy(set => set.Key == "(All)" ? ParameterAttribute.AllParameterSets : set.Key, StringComparer.Ordinal)
                .Select(set => Describe(
            set.Key == "(All)" ? ParameterAttribute.AllParameterSets : set.Key, set.Value.Position, set.Value.Required, set.Value.Pipeline,
                set.Value.PipelineByPropertyName, set.Value.RemainingArguments));
        return $"{parameter.Name} {parameter.Type} [{string.Join(',', parameter.Aliases)}] dontShow={parameter.DontShow} {string.Join("; ", sets)}";
    }

    internal static string Describe(ParameterMetadata parameter)
    {
        IEnumerable<string> sets = parameter.ParameterSets.OrderBy(set => set.Key, StringComparer.Ordinal).Select(set => Describe(
            set.Key, set.Value.Position == int.MinValue ? "Named" : set.Value.Position.ToString(CultureInfo.InvariantCulture),
            set.Value.IsMandatory, set.Value.ValueFromPipeline, set.Value.ValueFromPipelineByPropertyName,
                set.Value.ValueFromRemainingArguments));
        bool isHidden = parameter.Attributes.OfType<ParameterAttribute>().Any(attribute => attribute.DontShow);
        return $"{parameter.Name} {parameter.ParameterType.FullName} [{string.Join(',', parameter.Aliases)}] dontShow={isHidden} {string.Join("; ", sets)}";
    }

    private static string Describe(string set, string position, bool required, bool pipeline, bool byName, bool remaining) =>
        $"{set}: position={position} required={required} pipeline={pipeline} byName={byName} remaining={remaining}";
}
