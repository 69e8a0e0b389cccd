using System.Text;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace MgPrint.HelpTopics;

/// <summary>Markdown as the text that a terminal shows.</summary>
internal static class PlainText
{
    /// <summary>One paragraph of text for each paragraph, list item and code block.</summary>
    public static IEnumerable<TextBlock> Of(IEnumerable<Block> blocks, int depth = 0)
    {
        foreach (Block block in blocks)
        {
            switch (block)
            {
                case ParagraphBlock paragraph:
                    yield return new TextBlock(Of(paragraph.Inline), depth);
                    break;
                case CodeBlock code:
                    yield return new TextBlock(Of(code), depth + 1, IsCode: true);
                    break;
                case ListBlock { IsOrdered: true }:
                    throw new TopicException($"line {block.Line + 1}: help has no form for a numbered list.");
                case ListBlock list:
                    foreach (TextBlock item in OfList(list, depth))
                    {
                        yield return item;
                    }

                    break;
                case LinkReferenceDefinitionGroup:
                    break;
                default:
                    throw new TopicException($"line {block.Line + 1}: help has no form for a {block.GetType().Name}.");
            }
        }
    }

    /// <summary>The text of a line of Markdown. An absolute link is followed by where it goes, unless it says that itself.</summary>
    public static string Of(ContainerInline? inlines)
    {
        var text = new StringBuilder();
        Append(text, inlines);
        return text.ToString().Trim();
    }

    /// <summary>A code block, as it stands.</summary>
    public static string Of(CodeBlock code) =>
        string.Join('\n', code.Lines.Lines.Take(code.Lines.Count).Select(line => line.Slice.ToString().TrimEnd())).TrimEnd();

    private static IEnumerable<TextBlock> OfList(ListBlock list, int depth)
    {
        foreach (ListItemBlock item in list.Cast<ListItemBlock>())
        {
            bool isFirst = true;
            foreach (TextBlock block in Of(item, depth + 1))
            {
                yield return isFirst ? block with { Depth = depth, IsItem = true } : block;
                isFirst = false;
            }
        }
    }

    private static void Append(StringBuilder text, ContainerInline? inlines)
    {
        foreach (Inline inline in inlines ?? Enumerable.Empty<Inline>())
        {
            switch (inline)
            {
                case LiteralInline literal:
                    text.Append(literal.Content);
                    break;
                case CodeInline code:
                    text.Append(code.Content);
                    break;
                case LineBreakInline:
                    text.Append(' ');
                    break;
                case AutolinkInline link:
                    text.Append(link.Url);
                    break;
                case LinkInline link:
                    AppendLink(text, link);
                    break;
                // Emphasis would lose its marks, which may have been meant as themselves: Get-Module *Cloud*.
                default:
                    throw new TopicException(
                        $"line {(inlines?.ParentBlock?.Line ?? inline.Line) + 1}: help has no form for a {inline.GetType().Name}.");
            }
        }
    }

    private static void AppendLink(StringBuilder text, LinkInline link)
    {
        int start = text.Length;
        Append(text, link);
        bool isAbsolute = Uri.TryCreate(link.Url, UriKind.Absolute, out _);
        if (isAbsolute && text.ToString(start, text.Length - start) != link.Url)
        {
            text.Append(" (").Append(link.Url).Append(')');
        }
    }
}

/// <summary>A paragraph, a list's item or a code block, and how deep it stands.</summary>
internal sealed record TextBlock(string Text, int Depth, bool IsItem = false, bool IsCode = false);
