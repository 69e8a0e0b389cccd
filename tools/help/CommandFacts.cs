using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Text.RegularExpressions;

namespace MgPrint.HelpTopics;

/// <summary>What the engine knows of a command: everything in its help that is no prose.</summary>
/// <param name="Name">The command's name.</param>
/// <param name="Sets">The parameters of each of its sets in the order of the syntax, the default set first.</param>
/// <param name="Parameters">All its own parameters by name, without the common ones.</param>
/// <param name="Outputs">The types that it puts out.</param>
/// <param name="HelpUri">Where its help is on the web; empty when it does not say.</param>
internal sealed partial record CommandFacts(
    string Name,
    IReadOnlyList<IReadOnlyList<SyntaxParameter>> Sets,
    IReadOnlyDictionary<string, ParameterFacts> Parameters,
    IReadOnlyList<string> Outputs,
    string HelpUri)
{
    /// <summary>The types that the pipeline takes.</summary>
    public IEnumerable<string> Inputs => Parameters.Values.Where(parameter => parameter.IsPiped)
        .Select(parameter => parameter.Type.FullName!).Distinct().Order(StringComparer.Ordinal);

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
        using var disposable = instance as IDisposable;
        SyntaxParameter[][] sets = [.. command.ParameterSets.OrderByDescending(set => set.IsDefault).Select(InOrder)];
        IEnumerable<ParameterFacts> parameters =
            from parameter in command.Parameters.Values
            where !Cmdlet.CommonParameters.Contains(parameter.Name)
            let uses = sets.SelectMany(set => set).Where(use => use.Binding.Name == parameter.Name)
            select new ParameterFacts(parameter, [.. uses], DefaultOf(parameter, instance));
        return new CommandFacts(
            command.Name, sets, parameters.ToDictionary(parameter => parameter.Name, StringComparer.OrdinalIgnoreCase),
            [.. command.OutputType.Select(type => type.Name)], new CommandMetadata(command).HelpUri ?? "");
    }

    // The engine's own text has the order in which it shows parameters, and the short names of their types.
    private static SyntaxParameter[] InOrder(CommandParameterSetInfo set) =>
    [
        .. from Match shown in ParameterInSyntax().Matches(set.ToString())
           join parameter in set.Parameters on shown.Groups["name"].Value equals parameter.Name
           select new SyntaxParameter(parameter, shown.Groups["type"].Success ? shown.Groups["type"].Value : null),
    ];

    // -Name <type>, [-Name <type>], [-Name] <type>, [[-Name] <type>], [-Switch]
    [GeneratedRegex(@"-(?<name>\w+)\]?(?: <(?<type>[^<>]+)>)?")]
    private static partial Regex ParameterInSyntax();

    /// <summary>The value that a new cmdlet has. WhatIf and Confirm are the engine's own, and no properties of it.</summary>
    private static string DefaultOf(ParameterMetadata parameter, object cmdlet)
    {
        object? value = parameter.SwitchParameter ? false : cmdlet.GetType().GetProperty(parameter.Name)?.GetValue(cmdlet);
        return value is null or "" or ICollection { Count: 0 } ? "None" : Convert.ToString(value, CultureInfo.InvariantCulture)!;
    }
}

/// <summary>A parameter within a syntax line. <see cref="ShortType"/> is null for a switch, which takes no value.</summary>
internal sealed record SyntaxParameter(CommandParameterInfo Binding, string? ShortType)
{
    public string Position => Binding.Position == int.MinValue ? "named" : Binding.Position.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A parameter over all the sets that it belongs to.</summary>
internal sealed record ParameterFacts(ParameterMetadata Metadata, SyntaxParameter[] Uses, string Default)
{
    public string Name => Metadata.Name;

    public Type Type => Metadata.ParameterType;

    public string? ShortType => Uses[0].ShortType;

    public bool IsRequired => Uses.All(use => use.Binding.IsMandatory);

    public string Position => string.Join(", ", Uses.Select(use => use.Position).Distinct());

    /// <summary>Whether the pipeline gives it a value.</summary>
    public bool IsPiped => PipelineInput != "False";

    public string PipelineInput =>
        (Uses.Any(use => use.Binding.ValueFromPipelineByPropertyName), Uses.Any(use => use.Binding.ValueFromPipeline)) switch
        {
            (true, true) => "True (ByPropertyName, ByValue)",
            (true, false) => "True (ByPropertyName)",
            (false, true) => "True (ByValue)",
            _ => "False",
        };
}
