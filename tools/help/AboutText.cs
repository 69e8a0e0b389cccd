using System.Text;
using System.Text.RegularExpressions;

namespace MgPrint.HelpTopics;

/// <summary>A topic of no command, as the text that Get-Help shows unchanged.</summary>
internal static class AboutText
{
    // What fits into the narrowest terminal that is usual.
    private const int Width = 78;
    private const int Indent = 4;

    /// <summary>The text, in the form that Get-Help finds the synopsis in: SHORT DESCRIPTION and LONG DESCRIPTION under TOPIC.</summary>
    public static string Of(Section topic) =>
        $"TOPIC\n{new string(' ', Indent)}{topic.Title}\n{string.Concat(topic.Sections.Select(section => Of(section, 0)))}";

    private static string Of(Section section, int indent)
    {
        var text = new StringBuilder().Append('\n').Append(' ', indent).Append(section.Title).Append('\n');
        foreach ((int index, TextBlock block) in PlainText.Of(section.Blocks).Index())
        {
            text.Append(index == 0 || block.IsItem ? "" : "\n");
            Append(text, block, new string(' ', Indent + (2 * block.Depth)));
        }

        return text.AppendJoin("", section.Sections.Select(inside => Of(inside, 2))).ToString();
    }

    private static void Append(StringBuilder text, TextBlock block, string indent)
    {
        string mark = block.IsItem ? "- " : "";
        IEnumerable<string> lines = block.IsCode ? block.Text.Split('\n') : Wrap(block.Text, Width - indent.Length - mark.Length);
        foreach ((int index, string line) in lines.Index())
        {
            text.Append($"{indent}{(index == 0 ? mark : new string(' ', mark.Length))}{line}".TrimEnd()).Append('\n');
        }
    }

    // As many words as fit, and a longer one by itself.
    private static IEnumerable<string> Wrap(string paragraph, int width) =>
        Regex.Matches(paragraph, $@"\S.{{0,{width - 1}}}(?!\S)|\S+").Select(line => line.Value);
}
