using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace MgPrint.HelpTopics;

/// <summary>The files that Get-Help reads, by name.</summary>
internal sealed class HelpFiles
{
    // Get-Help takes UTF-8 for granted, and a mark at the beginning for a part of the text.
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private readonly Dictionary<string, string> _texts = [];

    private HelpFiles()
    {
    }

    /// <summary>The help of a module.</summary>
    /// <remarks>
    /// Get-Help looks for ASSEMBLY.dll-Help.xml first and then, since PowerShell 3, for MODULE-Help.xml. The second is the
    /// name that the published help page gives, and stays right whatever assembly a command lives in.
    /// </remarks>
    public static HelpFiles Of(TopicFolder topics, TableHelp table, IReadOnlyList<CommandFacts> commands, string moduleName)
    {
        var files = new HelpFiles();
        IEnumerable<CommandHelp> written = topics.Of(commands)
            .Select(pair => TopicException.In(pair.Topic.File, () => CommandHelp.Of(pair.Topic, pair.Command)));
        IEnumerable<CommandHelp> made = commands.Where(command => !topics.Has(command.Name) && table.Has(command.Name)).Select(table.Of);
        files._texts[$"{moduleName}-Help.xml"] = Text(Maml.Document(written.Concat(made)));
        foreach (Topic topic in topics.AboutTopics)
        {
            files._texts[$"{topic.Name}.help.txt"] = TopicException.In(topic.File, () => AboutText.Of(topic));
        }

        return files;
    }

    /// <summary>Writes the files, each put in place as a whole, and takes away those of topics that are no more.</summary>
    public void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (string stale in Directory.EnumerateFiles(folder).Where(path => !_texts.ContainsKey(Path.GetFileName(path))).ToArray())
        {
            File.Delete(stale);
        }

        foreach ((string name, string text) in _texts)
        {
            string path = Path.Combine(folder, name);
            File.WriteAllText($"{path}.new", text, Utf8);
            File.Move($"{path}.new", path, overwrite: true);
        }
    }

    private static string Text(XDocument document)
    {
        using var text = new MemoryStream();
        using (var writer = XmlWriter.Create(text, new XmlWriterSettings { Encoding = Utf8, Indent = true, NewLineChars = "\n" }))
        {
            document.Save(writer);
        }

        return Utf8.GetString(text.ToArray()) + "\n";
    }
}
