using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace MgPrint.HelpTopics;

/// <summary>Markdown as the text that a terminal shows.</summary>
internal static class PlainText
{
    /// <summary>One paragraph of text for each paragraph, list item and code block.</summary>
    public static IEnumerable<TextBlock> Of(IEnumerable<Block> blocks, int depth = 0) => blocks.SelectMany(block => block switch
    {
        ParagraphBlock paragraph => [new TextBlock(Of(paragraph.Inline), depth)],
        CodeBlock code => [new TextBlock(Of(code), depth + 1, IsCode: true)],
        ListBlock { IsOrdered: false } list => list.Cast<ListItemBlock>().SelectMany(item => Of(item, depth + 1)
            .Select((inside, index) => index == 0 ? inside with { Depth = depth, IsItem = true } : inside)),
        LinkReferenceDefinitionGroup => Enumerable.Empty<TextBlock>(),
        _ => throw NoForm(block.Line, block is ListBlock ? "numbered list" : block.GetType().Name),
    });

    /// <summary>The text of a line of Markdown.</summary>
    public static string Of(ContainerInline? line) => string.Concat((line ?? Enumerable.Empty<Inline>()).Select(inline => inline switch
    {
        LiteralInline literal => literal.Content.ToString(),
        CodeInline code => code.Content,
        LineBreakInline => " ",
        AutolinkInline link => link.Url,
        LinkInline link => OfLink(link),
        // Emphasis would lose its marks, which may have been meant as themselves: Get-Module *Cloud*.
        _ => throw NoForm(line?.ParentBlock?.Line ?? inline.Line, inline.GetType().Name),
    })).Trim();

    /// <summary>A code block, as it stands.</summary>
    public static string Of(CodeBlock code) =>
        string.Join('\n', code.Lines.Lines.Take(code.Lines.Count).Select(line => line.Slice.ToString().TrimEnd())).TrimEnd();

    /// <summary>Whether a link leads out of the help: those to other topics are relative.</summary>
    public static bool IsAbsolute(LinkInline link) => Uri.TryCreate(link.Url, UriKind.Absolute, out _);

    /// <summary>A link's text. Where the link leads out of the help, its address follows, unless the text says that itself.</summary>
    private static string OfLink(LinkInline link)
    {
        string text = Of(link);
        return IsAbsolute(link) && text != link.Url ? $"{text} ({link.Url})" : text;
    }

    private static InvalidDataException NoForm(int line, string what) => new($"line {line + 1}: help has no form for a {what}.");
}

/// <summary>A paragraph, a list's item or a code block, and how deep it stands.</summary>
internal sealed record TextBlock(string Text, int Depth, bool IsItem = false, bool IsCode = false);
