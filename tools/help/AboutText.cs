using System.Text;

namespace MgPrint.HelpTopics;

/// <summary>A topic of no command, as the text that Get-Help shows unchanged.</summary>
internal static class AboutText
{
    // What fits into the narrowest terminal that is usual.
    private const int Width = 78;
    private const int Indent = 4;

    /// <summary>The text, in the form that Get-Help finds the synopsis in: SHORT DESCRIPTION and LONG DESCRIPTION under TOPIC.</summary>
    public static string Of(Topic topic)
    {
        var text = new StringBuilder();
        text.Append("TOPIC\n").Append(' ', Indent).Append(topic.Name).Append('\n');
        foreach (Section section in topic.Sections)
        {
            Append(text, section, 0);
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, Section section, int indent)
    {
        text.Append('\n').Append(' ', indent).Append(section.Title).Append('\n');
        bool isFirst = true;
        foreach (TextBlock block in PlainText.Of(section.Blocks))
        {
            if (!isFirst && !block.IsItem)
            {
                text.Append('\n');
            }

            Append(text, block, Indent + (2 * block.Depth));
            isFirst = false;
        }

        foreach (Section inside in section.Sections)
        {
            Append(text, inside, 2);
        }
    }

    private static void Append(StringBuilder text, TextBlock block, int indent)
    {
        IEnumerable<string> lines = block.IsCode ? block.Text.Split('\n') : Wrap(block.Text, Width - indent - (block.IsItem ? 2 : 0));
        string before = block.IsItem ? "- " : "";
        foreach (string line in lines)
        {
            text.Append($"{new string(' ', indent)}{before}{line}".TrimEnd()).Append('\n');
            before = block.IsItem ? "  " : "";
        }
    }

    private static IEnumerable<string> Wrap(string paragraph, int width)
    {
        var line = new StringBuilder();
        foreach (string word in paragraph.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                yield return line.ToString();
                line.Clear();
            }

            line.Append(line.Length > 0 ? " " : "").Append(word);
        }

        if (line.Length > 0)
        {
            yield return line.ToString();
        }
    }
}
