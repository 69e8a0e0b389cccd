using Markdig;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace MgPrint.HelpTopics;

/// <summary>One Markdown file: a title, and sections under headings of the second level.</summary>
/// <remarks>
/// A section that is nothing but a link to the same section of another topic, <c>[…](Other.md#parameters)</c>, is that
/// section: what two commands share is written once, and the sources read well in a browser too.
/// </remarks>
internal sealed class Topic
{
    private readonly Dictionary<string, Section> _sections;

    private Topic(string file, IEnumerable<Section> sections)
    {
        File = file;
        Name = Path.GetFileNameWithoutExtension(file);
        Sections = [.. sections];
        _sections = Sections.ToDictionary(section => section.Title, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>The file's name.</summary>
    public string File { get; }

    /// <summary>What Get-Help is asked for.</summary>
    public string Name { get; }

    /// <summary>The sections in their order.</summary>
    public IReadOnlyList<Section> Sections { get; }

    /// <summary>Reads a file.</summary>
    public static Topic Read(string path)
    {
        MarkdownDocument document = Markdown.Parse(System.IO.File.ReadAllText(path));
        if (document is not [HeadingBlock { Level: 1 } title, HeadingBlock { Level: 2 }, ..]
            || PlainText.Of(title.Inline) != Path.GetFileNameWithoutExtension(path))
        {
            throw new TopicException("it has to begin with its own name as the title, and then a section.");
        }

        return new Topic(Path.GetFileName(path), Section.Split(document.Skip(1), level: 2));
    }

    /// <summary>The section of this title.</summary>
    public Section this[string title] => _sections.TryGetValue(title, out Section? section)
        ? section
        : throw new TopicException($"it has no section '{title}'.");

    /// <summary>Replaces sections that only lead to another topic by what they lead to.</summary>
    public Topic TakeOver(IReadOnlyDictionary<string, Topic> topics)
    {
        foreach (Section section in Sections)
        {
            if (section.OnlyLink is not string link || link.Split(".md#") is not [string other, string anchor])
            {
                continue;
            }

            Section? target = topics.TryGetValue(other, out Topic? topic)
                ? topic.Sections.FirstOrDefault(candidate =>
                    candidate.Title.Equals(anchor.Replace('-', ' '), StringComparison.OrdinalIgnoreCase))
                : null;
            section.Become(target ?? throw new TopicException($"the section '{section.Title}' leads to '{link}', which is not there."));
        }

        return this;
    }
}

/// <summary>What stands under a heading.</summary>
internal sealed class Section
{
    private Section(string title, IReadOnlyList<Block> blocks, int level)
    {
        Title = title;
        Blocks = [.. blocks.TakeWhile(block => block is not HeadingBlock)];
        Sections = [.. Split(blocks.SkipWhile(block => block is not HeadingBlock), level + 1)];
    }

    /// <summary>The heading.</summary>
    public string Title { get; }

    /// <summary>What stands before the first heading inside.</summary>
    public IReadOnlyList<Block> Blocks { get; private set; }

    /// <summary>What stands under headings inside.</summary>
    public IReadOnlyList<Section> Sections { get; private set; }

    /// <summary>Where the link goes that is all there is; null when there is more, or none.</summary>
    public string? OnlyLink =>
        Sections.Count == 0 && Blocks is [ParagraphBlock { Inline: { FirstChild: LinkInline { NextSibling: null } link } }] ? link.Url
            : null;

    /// <summary>The sections that begin with headings of a level.</summary>
    public static IEnumerable<Section> Split(IEnumerable<Block> blocks, int level)
    {
        HeadingBlock? heading = null;
        var inside = new List<Block>();
        foreach (Block block in blocks)
        {
            if (block is HeadingBlock next && next.Level <= level)
            {
                if (heading is not null)
                {
                    yield return new Section(PlainText.Of(heading.Inline), inside, level);
                }

                heading = next;
                inside = [];
            }
            else
            {
                inside.Add(block);
            }
        }

        if (heading is not null)
        {
            yield return new Section(PlainText.Of(heading.Inline), inside, level);
        }
    }

    /// <summary>Takes over another section's content.</summary>
    public void Become(Section other) => (Blocks, Sections) = (other.Blocks, other.Sections);
}
