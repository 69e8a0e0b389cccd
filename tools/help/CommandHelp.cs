using System.Globalization;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace MgPrint.HelpTopics;

/// <summary>A command's help: the words of its topic with the facts of its metadata.</summary>
internal sealed record CommandHelp(
    CommandFacts Command,
    string Synopsis,
    IReadOnlyList<string> Description,
    IReadOnlyDictionary<string, IReadOnlyList<string>> Parameters,
    IReadOnlyList<TypeHelp> Inputs,
    IReadOnlyList<TypeHelp> Outputs,
    IReadOnlyList<NoteHelp> Notes,
    IReadOnlyList<ExampleHelp> Examples,
    IReadOnlyList<LinkHelp> Links)
{
    public static CommandHelp Of(Topic topic, CommandFacts command) => new(
        command,
        string.Join(' ', Paragraphs(topic["SYNOPSIS"])),
        Paragraphs(topic["DESCRIPTION"]),
        topic["PARAMETERS"].Sections.ToDictionary(section => section.Title.TrimStart('-'), Paragraphs, StringComparer.OrdinalIgnoreCase),
        [.. topic["INPUTS"].Sections.Select(TypeHelp.Of)],
        [.. topic["OUTPUTS"].Sections.Select(TypeHelp.Of)],
        [.. NoteHelp.Of(topic["NOTES"], command)],
        [.. topic["EXAMPLES"].Sections.Select((section, index) => ExampleHelp.Of(section, index + 1))],
        [.. LinkHelp.Of(topic["RELATED LINKS"], command)]);

    internal static IReadOnlyList<string> Paragraphs(Section section) => Paragraphs(section.Blocks);

    // Get-Help trims each paragraph, so that an item's mark is all that can be kept of a list.
    internal static IReadOnlyList<string> Paragraphs(IEnumerable<Block> blocks) =>
        [.. PlainText.Of(blocks).Select(block => block.IsItem ? $"- {block.Text}" : block.Text)];
}

/// <summary>A type that goes in or comes out.</summary>
internal sealed record TypeHelp(string Name, IReadOnlyList<string> Description)
{
    public static TypeHelp Of(Section section) => new(section.Title, CommandHelp.Paragraphs(section));
}

/// <summary>A note under a heading; under none for the first.</summary>
internal sealed record NoteHelp(string? Title, IReadOnlyList<string> Paragraphs)
{
    /// <summary>The notes. One that is called by a parameter lists the properties of its type.</summary>
    public static IEnumerable<NoteHelp> Of(Section notes, CommandFacts command)
    {
        yield return new NoteHelp(null, CommandHelp.Paragraphs(notes));
        foreach (Section section in notes.Sections)
        {
            yield return section.Title.StartsWith('-') && command.Parameters.TryGetValue(section.Title[1..], out ParameterFacts? parameter)
                ? new NoteHelp(null, [ComplexParameter.Text(section, parameter)])
                : new NoteHelp(section.Title, CommandHelp.Paragraphs(section));
        }
    }
}

/// <summary>An example: what it is for, the code, and what is to be said of it.</summary>
internal sealed record ExampleHelp(string Title, IReadOnlyList<string> Introduction, string Code, IReadOnlyList<string> Remarks)
{
    public static ExampleHelp Of(Section section, int number)
    {
        CodeBlock code = section.Blocks.OfType<CodeBlock>().FirstOrDefault()
            ?? throw new TopicException($"the example '{section.Title}' needs a block of code.");
        int place = section.Blocks.ToList().IndexOf(code);
        return new ExampleHelp(
            string.Create(CultureInfo.InvariantCulture, $"Example {number}: {section.Title}"),
            CommandHelp.Paragraphs(section.Blocks.Take(place)),
            PlainText.Of(code),
            CommandHelp.Paragraphs(section.Blocks.Skip(place + 1)));
    }
}

/// <summary>Where to read on.</summary>
internal sealed record LinkHelp(string Text, string Uri)
{
    /// <summary>The links. The first is the one that <c>Get-Help -Online</c> opens: the command's own, where it says one.</summary>
    public static IEnumerable<LinkHelp> Of(Section section, CommandFacts command)
    {
        if (command.HelpUri.Length > 0)
        {
            yield return new LinkHelp("Online Version:", command.HelpUri);
        }

        foreach (LinkInline link in section.Blocks.OfType<ListBlock>().SelectMany(list => list.Descendants<LinkInline>()))
        {
            string text = PlainText.Of(link);
            bool isTopic = !System.Uri.TryCreate(link.Url, UriKind.Absolute, out _);
            if (isTopic || link.Url != command.HelpUri)
            {
                yield return new LinkHelp(text, isTopic ? "" : link.Url!);
            }
        }
    }
}
