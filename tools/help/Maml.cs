using System.Management.Automation;
using System.Xml.Linq;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace MgPrint.HelpTopics;

/// <summary>A command's help in the XML that Get-Help reads: the words of its topic with the facts of its metadata.</summary>
internal static class Maml
{
    private static readonly XNamespace Help = "http://msh";
    private static readonly XNamespace Text = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace Dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    /// <summary>The file of a module.</summary>
    public static string Document(IEnumerable<XElement> commands) =>
        $"{new XDeclaration("1.0", "utf-8", null)}\n{new XElement(Help + "helpItems", new XAttribute("schema", "maml"), commands)}\n";

    /// <summary>The help of a command.</summary>
    public static XElement Of(CommandFacts command, Section topic)
    {
        string[] name = command.Name.Split('-', 2);
        return new XElement(
            Command + "command",
            new XAttribute(XNamespace.Xmlns + "maml", Text),
            new XAttribute(XNamespace.Xmlns + "command", Command),
            new XAttribute(XNamespace.Xmlns + "dev", Dev),
            new XElement(
                Command + "details",
                new XElement(Command + "name", command.Name),
                new XElement(Command + "verb", name[0]),
                new XElement(Command + "noun", name[1]),
                Described([string.Join(' ', TextOf(topic["SYNOPSIS"].Blocks))])),
            Described(TextOf(topic["DESCRIPTION"].Blocks)),
            new XElement(Command + "syntax", command.Sets.Select(set => Syntax(command, set))),
            new XElement(
                Command + "parameters",
                command.Parameters.Values.OrderBy(parameter => parameter.Name, StringComparer.OrdinalIgnoreCase)
                    .Select(parameter => Parameter(parameter, topic["PARAMETERS"].Find($"-{parameter.Name}")?.Blocks ?? []))),
            new XElement(Command + "inputTypes", topic["INPUTS"].Sections.Select(type => InOrOut("inputType", type))),
            new XElement(Command + "returnValues", topic["OUTPUTS"].Sections.Select(type => InOrOut("returnValue", type))),
            new XElement(
                Text + "alertSet",
                Alert(TextOf(topic["NOTES"].Blocks)),
                topic["NOTES"].Sections.Select(note => Note(note, command))),
            new XElement(Command + "examples", topic["EXAMPLES"].Sections.Select(Example)),
            new XElement(Command + "relatedLinks", Links(topic["RELATED LINKS"], command)));
    }

    private static XElement Syntax(CommandFacts command, IEnumerable<SyntaxParameter> set) => new(
        Command + "syntaxItem",
        new XElement(Text + "name", command.Name),
        from use in set
        where command.Parameters.ContainsKey(use.Binding.Name)
        // A switch is its name alone.
        select Parameter(
            command.Parameters[use.Binding.Name], use.Binding.IsMandatory, use.Position,
            use.ShortType is null ? null : Value(use.ShortType, isRequired: true)));

    private static XElement Parameter(ParameterFacts parameter, IEnumerable<Block> words) => Parameter(
        parameter, parameter.IsRequired, parameter.Position,
        Described(TextOf(words)),
        Value(parameter.ShortType ?? nameof(SwitchParameter), isRequired: parameter.ShortType is not null),
        TypeOf(parameter.Type.FullName!),
        new XElement(Dev + "defaultValue", parameter.Default));

    private static XElement Parameter(ParameterFacts parameter, bool isRequired, string position, params XElement?[] inside) => new(
        Command + "parameter",
        new XAttribute("required", isRequired),
        new XAttribute("variableLength", parameter.Type.IsArray),
        new XAttribute("globbing", parameter.Metadata.Attributes.OfType<SupportsWildcardsAttribute>().Any()),
        new XAttribute("pipelineInput", parameter.PipelineInput),
        new XAttribute("position", position),
        new XAttribute("aliases", parameter.Metadata.Aliases.Count == 0 ? "none" : string.Join(", ", parameter.Metadata.Aliases)),
        new XElement(Text + "name", parameter.Name),
        inside);

    private static XElement Value(string type, bool isRequired) =>
        new(Command + "parameterValue", new XAttribute("required", isRequired), new XAttribute("variableLength", false), type);

    private static XElement InOrOut(string name, Section type) =>
        new(Command + name, TypeOf(type.Title), Described(TextOf(type.Blocks)));

    private static XElement TypeOf(string name) =>
        new(Dev + "type", new XElement(Text + "name", name), new XElement(Text + "uri"));

    /// <summary>A note under a heading. One that is called by a parameter lists the properties of its type.</summary>
    private static XElement[] Note(Section note, CommandFacts command) =>
        note.Title.StartsWith('-') && command.Parameters.TryGetValue(note.Title[1..], out ParameterFacts? parameter)
            ? [Alert([ComplexParameter.Text(note, parameter)])]
            : [new XElement(Text + "title", note.Title), Alert(TextOf(note.Blocks))];

    private static XElement Alert(IEnumerable<string> paragraphs) => new(Text + "alert", Paragraphs([.. paragraphs, ""]));

    /// <summary>An example: what it is for, the code, and what is to be said of it.</summary>
    private static XElement Example(Section example, int index)
    {
        CodeBlock code = example.Blocks.OfType<CodeBlock>().FirstOrDefault()
            ?? throw new InvalidDataException($"the example '{example.Title}' needs a block of code.");
        return new XElement(
            Command + "example",
            new XElement(Text + "title", $"-------- Example {index + 1}: {example.Title} --------"),
            new XElement(Text + "introduction", Paragraphs(TextOf(example.Blocks.TakeWhile(block => block != code)))),
            new XElement(Dev + "code", PlainText.Of(code)),
            // Get-Help puts nothing between two examples.
            new XElement(Dev + "remarks", Paragraphs([.. TextOf(example.Blocks.SkipWhile(block => block != code).Skip(1)), ""])));
    }

    /// <summary>The links. The first is the one that <c>Get-Help -Online</c> opens: the command's own, where it says one.</summary>
    private static IEnumerable<XElement> Links(Section section, CommandFacts command)
    {
        IEnumerable<(string Text, string Uri)> links =
            from link in section.Blocks.OfType<ListBlock>().SelectMany(list => list.Descendants<LinkInline>())
            select (PlainText.Of(link), PlainText.IsAbsolute(link) ? link.Url! : "");
        IEnumerable<(string Text, string Uri)> own = command.HelpUri.Length > 0 ? [("Online Version:", command.HelpUri)] : [];
        return from link in own.Concat(links).DistinctBy(link => link.Uri.Length > 0 ? link.Uri : link.Text)
               select new XElement(
                   Text + "navigationLink", new XElement(Text + "linkText", link.Text), new XElement(Text + "uri", link.Uri));
    }

    private static XElement Described(IEnumerable<string> paragraphs) => new(Text + "description", Paragraphs(paragraphs));

    private static IEnumerable<XElement> Paragraphs(IEnumerable<string> paragraphs) =>
        paragraphs.Select(paragraph => new XElement(Text + "para", paragraph));

    /// <summary>The paragraphs. Get-Help trims each, so that an item's mark is all that can be kept of a list.</summary>
    public static IEnumerable<string> TextOf(IEnumerable<Block> blocks) =>
        PlainText.Of(blocks).Select(block => block.IsItem ? $"- {block.Text}" : block.Text);
}
