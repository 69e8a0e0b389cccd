using System.Management.Automation;
using System.Xml.Linq;

namespace MgPrint.HelpTopics;

/// <summary>Help in the XML that Get-Help reads.</summary>
internal static class Maml
{
    private static readonly XNamespace Help = "http://msh";
    private static readonly XNamespace Text = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace Dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    /// <summary>The file of a module.</summary>
    public static XDocument Document(IEnumerable<CommandHelp> commands) => new(
        new XElement(Help + "helpItems", new XAttribute("schema", "maml"), commands.Select(Of)));

    private static XElement Of(CommandHelp help)
    {
        string[] name = help.Command.Name.Split('-', 2);
        return new XElement(
            Command + "command",
            new XAttribute(XNamespace.Xmlns + "maml", Text),
            new XAttribute(XNamespace.Xmlns + "command", Command),
            new XAttribute(XNamespace.Xmlns + "dev", Dev),
            new XElement(
                Command + "details",
                new XElement(Command + "name", help.Command.Name),
                new XElement(Command + "verb", name[0]),
                new XElement(Command + "noun", name[1]),
                Described([help.Synopsis])),
            Described(help.Description),
            new XElement(Command + "syntax", help.Command.Sets.Select(set => Syntax(help, set))),
            new XElement(
                Command + "parameters",
                help.Command.Parameters.Values.OrderBy(parameter => parameter.Name, StringComparer.OrdinalIgnoreCase)
                    .Select(parameter => Parameter(help, parameter))),
            new XElement(Command + "inputTypes", help.Inputs.Select(type => InOrOut("inputType", type))),
            new XElement(Command + "returnValues", help.Outputs.Select(type => InOrOut("returnValue", type))),
            new XElement(Text + "alertSet", help.Notes.SelectMany(Note)),
            new XElement(Command + "examples", help.Examples.Select(Example)),
            new XElement(Command + "relatedLinks", help.Links.Select(Link)));
    }

    private static XElement Syntax(CommandHelp help, ParameterSetFacts set) => new(
        Command + "syntaxItem",
        new XElement(Text + "name", help.Command.Name),
        from use in set.Parameters
        where help.Command.Parameters.ContainsKey(use.Name)
        // A switch is its name alone.
        select Parameter(help.Command.Parameters[use.Name], use.Binding.IsMandatory, use.Position, use.ShortType is null ? null
            : Value(use.ShortType, isRequired: true)));

    private static XElement Parameter(CommandHelp help, ParameterFacts parameter) => Parameter(
        parameter, parameter.IsRequired, parameter.Position,
        Described(help.Parameters.GetValueOrDefault(parameter.Name) ?? []),
        Value(parameter.ShortType ?? nameof(SwitchParameter), isRequired: parameter.ShortType is not null),
        new XElement(Dev + "type", new XElement(Text + "name", parameter.Type.FullName), new XElement(Text + "uri")),
        new XElement(Dev + "defaultValue", parameter.Default));

    private static XElement Parameter(ParameterFacts parameter, bool isRequired, string position, params XElement?[] inside) => new(
        Command + "parameter",
        new XAttribute("required", isRequired),
        new XAttribute("variableLength", parameter.Type.IsArray),
        new XAttribute("globbing", parameter.TakesWildcards),
        new XAttribute("pipelineInput", parameter.PipelineInput),
        new XAttribute("position", position),
        new XAttribute("aliases", parameter.Aliases.Count == 0 ? "none" : string.Join(", ", parameter.Aliases)),
        new XElement(Text + "name", parameter.Name),
        inside);

    private static XElement Value(string type, bool isRequired) =>
        new(Command + "parameterValue", new XAttribute("required", isRequired), new XAttribute("variableLength", false), type);

    private static XElement InOrOut(string name, TypeHelp type) => new(
        Command + name,
        new XElement(Dev + "type", new XElement(Text + "name", type.Name), new XElement(Text + "uri")),
        Described(type.Description));

    private static IEnumerable<XElement> Note(NoteHelp note) =>
    [
        .. note.Title is null ? Array.Empty<XElement>() : [new XElement(Text + "title", note.Title)],
        new XElement(Text + "alert", Paragraphs([.. note.Paragraphs, ""])),
    ];

    private static XElement Example(ExampleHelp example) => new(
        Command + "example",
        new XElement(Text + "title", $"-------- {example.Title} --------"),
        new XElement(Text + "introduction", Paragraphs(example.Introduction)),
        new XElement(Dev + "code", example.Code),
        // Get-Help puts nothing between two examples.
        new XElement(Dev + "remarks", Paragraphs([.. example.Remarks, ""])));

    private static XElement Link(LinkHelp link) => new(
        Text + "navigationLink", new XElement(Text + "linkText", link.Text), new XElement(Text + "uri", link.Uri));

    private static XElement Described(IEnumerable<string> paragraphs) => new(Text + "description", Paragraphs(paragraphs));

    private static IEnumerable<XElement> Paragraphs(IEnumerable<string> paragraphs) =>
        paragraphs.Select(paragraph => new XElement(Text + "para", paragraph));
}
