using System.Collections;
using System.Management.Automation;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using MgPrint.PowerShell.Tests.Hosting;

namespace MgPrint.PowerShell.Tests.Help;

/// <summary>The help that was built, and the sources that it was built from.</summary>
internal static partial class ShippedHelp
{
    private static readonly XNamespace Maml = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace Dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    public static string SourceFolder => Path.Combine(Repository.Root, "docs", "en-US");

    public static string CommandsFile => Existing($"{Repository.ModuleName}-Help.xml");

    public static string AboutFile => Existing("about_MgPrint.help.txt");

    /// <summary>Every example of the cmdlets that have a source: its command, its title and its code.</summary>
    public static IEnumerable<(string Command, string Title, string Code)> Examples() =>
        from command in XDocument.Load(CommandsFile).Descendants(Command + "command")
        where CommandHelpTests.Names.Contains(command.Descendants(Command + "name").First().Value)
        from example in command.Descendants(Command + "example")
        select (command.Descendants(Command + "name").First().Value, example.Element(Maml + "title")!.Value.Trim('-', ' '),
            example.Element(Dev + "code")!.Value);

    /// <summary>What a source has headings for: the third level under one of the second.</summary>
    public static IEnumerable<string> Headings(string topic, string section) =>
        Heading().Matches(Section(topic, section)).Select(match => match.Groups["title"].Value.Trim());

    /// <summary>A section of a source, or the one of another source that it leads to.</summary>
    private static string Section(string topic, string section)
    {
        string source = File.ReadAllText(Path.Combine(SourceFolder, $"{topic}.md")).ReplaceLineEndings("\n");
        string text = source.Split("\n## ").Single(part => part.StartsWith($"{section}\n", StringComparison.Ordinal))[section.Length..];
        Match elsewhere = OnlyALink().Match(text);
        return elsewhere.Success ? Section(elsewhere.Groups["topic"].Value, section) : text;
    }

    /// <summary>The texts of paragraphs that Get-Help gives, however many there are.</summary>
    public static string Text(object? paragraphs) =>
        string.Join('\n', Items(paragraphs).Select(item => (string?)Property(item, "Text") ?? "")).Trim();

    /// <summary>A property of one of Get-Help's objects; null where it has none.</summary>
    public static object? Property(object? given, string name)
    {
        object? value = given is null ? null : PSObject.AsPSObject(given).Properties[name]?.Value;
        return value is PSObject { BaseObject: string text } ? text : value;
    }

    /// <summary>One or several things, as several.</summary>
    public static IEnumerable<object> Items(object? given) => given switch
    {
        null => [],
        PSObject { BaseObject: IEnumerable list and not string } => list.Cast<object>(),
        IEnumerable list and not string => list.Cast<object>(),
        _ => [given],
    };

    private static string Existing(string name)
    {
        string path = Path.Combine(Repository.ModulesFolder, Repository.ModuleName, "en-US", name);
        return File.Exists(path) ? path : throw new FileNotFoundException($"'{path}' is not built. Run: build.ps1 Build");
    }

    [GeneratedRegex(@"^### (?<title>.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"^\s*\[[^\]]+\]\((?<topic>[\w-]+)\.md#[\w-]+\)\s*$")]
    private static partial Regex OnlyALink();
}
