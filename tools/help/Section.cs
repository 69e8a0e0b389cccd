using Markdig;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace MgPrint.HelpTopics;

/// <summary>A topic, which is a text in Markdown with its name for a title, or what stands under a heading in it.</summary>
/// <remarks>
/// A section that is nothing but a link to the same section of another topic, <c>[…](Other.md#parameters)</c>, is that
/// section: what two commands share is written once, and the sources read well in a browser too.
/// </remarks>
internal sealed class Section
{
    private Section(string title, IReadOnlyList<Block> blocks, int level)
    {
        Title = title;
        Blocks = [.. blocks.TakeWhile(block => block is not HeadingBlock)];
        Sections = [.. Split([.. blocks.Skip(Blocks.Count)], level + 1)];
    }

    /// <summary>The heading; of a topic, what Get-Help is asked for.</summary>
    public string Title { get; }

    /// <summary>What stands before the first heading inside.</summary>
    public IReadOnlyList<Block> Blocks { get; private set; }

    /// <summary>What stands under headings inside, in its order.</summary>
    public IReadOnlyList<Section> Sections { get; private set; }

    /// <summary>Reads a topic.</summary>
    public static Section Topic(string name, string markdown)
    {
        MarkdownDocument document = Markdown.Parse(markdown);
        return document is [HeadingBlock { Level: 1 } title, HeadingBlock { Level: 2 }, ..] && PlainText.Of(title.Inline) == name
            ? new Section(name, [.. document.Skip(1)], level: 1)
            : throw new InvalidDataException("it has to begin with its own name as the title, and then a section.");
    }

    /// <summary>The section of this title; null where there is none.</summary>
    public Section? Find(string title) =>
        Sections.FirstOrDefault(section => section.Title.Equals(title, StringComparison.OrdinalIgnoreCase));

    /// <summary>The section of this title.</summary>
    public Section this[string title] => Find(title) ?? throw new InvalidDataException($"it has no section '{title}'.");

    /// <summary>Replaces sections that only lead to another topic by what they lead to.</summary>
    public void TakeOver(IReadOnlyDictionary<string, Section> topics)
    {
        foreach (Section section in Sections)
        {
            if (section.Sections.Count == 0
                && section.Blocks is [ParagraphBlock { Inline.FirstChild: LinkInline { NextSibling: null, Url: string link } }]
                && link.Split(".md#") is [string other, string anchor])
            {
                Section target = topics.GetValueOrDefault(other)?.Find(anchor.Replace('-', ' '))
                    ?? throw new InvalidDataException($"the section '{section.Title}' leads to '{link}', which is not there.");
                (section.Blocks, section.Sections) = (target.Blocks, target.Sections);
            }
        }
    }

    /// <summary>The sections that begin with headings of a level, or of one above it.</summary>
    private static IEnumerable<Section> Split(Block[] blocks, int level)
    {
        int[] starts = [.. blocks.Index().Where(at => at.Item is HeadingBlock heading && heading.Level <= level).Select(at => at.Index)];
        return starts.Zip([.. starts.Skip(1), blocks.Length], (start, end) =>
            new Section(PlainText.Of(((HeadingBlock)blocks[start]).Inline), blocks[(start + 1)..end], level));
    }
}
