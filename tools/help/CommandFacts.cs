using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Text.RegularExpressions;

namespace MgPrint.HelpTopics;

/// <summary>What the engine knows of a command: everything in its help that is no prose.</summary>
/// <param name="Name">The command's name.</param>
/// <param name="Sets">Its parameter sets, the default one first, each with its parameters in the order of the syntax.</param>
/// <param name="Parameters">All its own parameters by name, without the common ones.</param>
/// <param name="Inputs">The types that the pipeline takes.</param>
/// <param name="Outputs">The types that it puts out.</param>
/// <param name="HelpUri">Where its help is on the web; empty when it does not say.</param>
internal sealed record CommandFacts(
    string Name,
    IReadOnlyList<ParameterSetFacts> Sets,
    IReadOnlyDictionary<string, ParameterFacts> Parameters,
    IReadOnlyList<string> Inputs,
    IReadOnlyList<string> Outputs,
    string HelpUri)
{
    /// <summary>The commands of a built module. The engine that will run them is asked, so that help cannot say otherwise.</summary>
    public static IReadOnlyList<CommandFacts> OfModule(string manifest)
    {
        var state = InitialSessionState.CreateDefault2();
        state.ThrowOnRunspaceOpenError = true;
        state.ImportPSModule(Path.GetFullPath(manifest));
        using Runspace runspace = RunspaceFactory.CreateRunspace(state);
        runspace.Open();
        using var shell = System.Management.Automation.PowerShell.Create(runspace);
        shell.AddCommand("Get-Command").AddParameter("Module", Path.GetFileNameWithoutExtension(manifest));
        return [.. shell.Invoke<CmdletInfo>().OrderBy(command => command.Name, StringComparer.Ordinal).Select(Of)];
    }

    private static CommandFacts Of(CmdletInfo command)
    {
        object instance = Activator.CreateInstance(command.ImplementingType)!;
        ParameterSetFacts[] sets = [.. command.ParameterSets.OrderByDescending(set => set.IsDefault).Select(ParameterSetFacts.Of)];
        Dictionary<string, ParameterFacts> parameters = command.Parameters.Values
            .Where(parameter => !Cmdlet.CommonParameters.Contains(parameter.Name))
            .ToDictionary(parameter => parameter.Name, parameter => ParameterFacts.Of(parameter, sets, instance),
                StringComparer.OrdinalIgnoreCase);
        (instance as IDisposable)?.Dispose();
        return new CommandFacts(
            command.Name, sets, parameters,
            [.. parameters.Values.Where(parameter => parameter.IsPiped).Select(parameter => parameter.Type.FullName!).Distinct()
                .Order(StringComparer.Ordinal)],
            [.. command.OutputType.Select(type => type.Name)],
            command.CommandType == CommandTypes.Cmdlet ? new CommandMetadata(command).HelpUri ?? "" : "");
    }
}

/// <summary>One way to call a command.</summary>
internal sealed record ParameterSetFacts(string Name, IReadOnlyList<SyntaxParameter> Parameters)
{
    public static ParameterSetFacts Of(CommandParameterSetInfo set)
    {
        // The engine's own text has the order in which it shows parameters, and the short names of their types.
        string syntax = set.ToString();
        Dictionary<string, CommandParameterInfo> byName =
            set.Parameters.ToDictionary(parameter => parameter.Name, StringComparer.OrdinalIgnoreCase);
        return new ParameterSetFacts(set.Name,
            [.. SyntaxParameter.InOrder(syntax).Select(found => found with { Binding = byName[found.Name] })]);
    }
}

/// <summary>A parameter within a syntax line. <see cref="ShortType"/> is null for a switch, which takes no value.</summary>
internal sealed partial record SyntaxParameter(string Name, string? ShortType, CommandParameterInfo Binding)
{
    public string Position => Binding.Position == int.MinValue ? "named" : Binding.Position.ToString(CultureInfo.InvariantCulture);

    public static IEnumerable<SyntaxParameter> InOrder(string syntax) => Parameter().Matches(syntax)
        .Select(match =>
            new SyntaxParameter(match.Groups["name"].Value, match.Groups["type"].Success ? match.Groups["type"].Value : null, null!));

    // -Name <type>, [-Name <type>], [-Name] <type>, [[-Name] <type>], [-Switch]
    [GeneratedRegex(@"-(?<name>\w+)\]?(?: <(?<type>[^<>]+)>)?")]
    private static partial Regex Parameter();
}

/// <summary>A parameter over all the sets that it belongs to.</summary>
internal sealed record ParameterFacts(
    string Name, Type Type, string? ShortType, bool IsRequired, string Position, string PipelineInput, IReadOnlyList<string> Aliases,
        string Default, bool TakesWildcards)
{
    /// <summary>Whether the pipeline gives it a value.</summary>
    public bool IsPiped => PipelineInput != NotPiped;

    private const string NotPiped = "False";

    public static ParameterFacts Of(ParameterMetadata parameter, IEnumerable<ParameterSetFacts> sets, object cmdlet)
    {
        SyntaxParameter[] uses = [.. sets.SelectMany(set => set.Parameters).Where(use => use.Name == parameter.Name)];
        return new ParameterFacts(
            parameter.Name,
            parameter.ParameterType,
            uses[0].ShortType,
            uses.All(use => use.Binding.IsMandatory),
            string.Join(", ", uses.Select(use => use.Position).Distinct()),
            Pipeline(uses),
            [.. parameter.Aliases],
            DefaultOf(parameter, cmdlet),
            parameter.Attributes.OfType<SupportsWildcardsAttribute>().Any());
    }

    private static string Pipeline(SyntaxParameter[] uses)
    {
        string[] ways =
        [
            .. uses.Any(use => use.Binding.ValueFromPipelineByPropertyName) ? ["ByPropertyName"] : Array.Empty<string>(),
            .. uses.Any(use => use.Binding.ValueFromPipeline) ? ["ByValue"] : Array.Empty<string>(),
        ];
        return ways.Length == 0 ? NotPiped : $"True ({string.Join(", ", ways)})";
    }

    /// <summary>The value that a new cmdlet has. WhatIf and Confirm are the engine's own, and no properties of it.</summary>
    private static string DefaultOf(ParameterMetadata parameter, object cmdlet)
    {
        object? value = parameter.SwitchParameter ? false : cmdlet.GetType().GetProperty(parameter.Name)?.GetValue(cmdlet);
        return value is null or "" or ICollection { Count: 0 } ? "None" : Convert.ToString(value, CultureInfo.InvariantCulture)!;
    }
}
