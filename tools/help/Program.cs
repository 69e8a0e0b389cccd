using System.Xml.Linq;
using MgPrint.HelpTopics;

// mgprint-help TOPICS TABLES MODULE OUTPUT
//
// Writes the help that Get-Help reads. TOPICS: the folder of the Markdown sources, one for each about topic and each command
// but those that are made of a table. TABLES: the folder of these tables. MODULE: the built module's manifest. OUTPUT: the
// folder for the files, of the language of the sources.
if (args is not [string sources, string tables, string module, string output])
{
    Console.Error.WriteLine("mgprint-help TOPICS TABLES MODULE OUTPUT: four paths are needed, and nothing else.");
    return 2;
}

// The topic at hand, under whose name its problems are told.
string name = "";
try
{
    var topics = new Dictionary<string, Section>(StringComparer.OrdinalIgnoreCase);
    foreach (string path in Directory.EnumerateFiles(sources, "*.md"))
    {
        name = Path.GetFileNameWithoutExtension(path);
        topics.Add(name, Section.Topic(name, File.ReadAllText(path)));
    }

    var texts = new Dictionary<string, string>();
    foreach ((string title, Section topic) in topics)
    {
        name = title;
        topic.TakeOver(topics);
        if (name.StartsWith("about_", StringComparison.Ordinal))
        {
            texts.Add($"{name}.help.txt", AboutText.Of(topic));
        }
    }

    // That every command has a topic is for the tests to say: a build goes on without.
    var table = new TableHelp(tables);
    var commands = new List<XElement>();
    foreach (CommandFacts command in CommandFacts.OfModule(module).OrderByDescending(command => topics.ContainsKey(command.Name)))
    {
        name = command.Name;
        if ((topics.GetValueOrDefault(name) ?? table.TopicOf(command)) is Section topic)
        {
            commands.Add(Maml.Of(command, topic));
        }
    }

    // Get-Help looks for ASSEMBLY.dll-Help.xml first and then, since PowerShell 3, for MODULE-Help.xml. The second is the
    // name that the published help page gives, and stays right whatever assembly a command lives in.
    texts.Add($"{Path.GetFileNameWithoutExtension(module)}-Help.xml", Maml.Document(commands));

    // Each file is put in place as a whole, and those of topics that are no more are taken away. None has a byte order mark:
    // Get-Help takes UTF-8 for granted, and a mark at the beginning for a part of the text.
    Directory.CreateDirectory(output);
    foreach (string stale in Directory.EnumerateFiles(output).Where(path => !texts.ContainsKey(Path.GetFileName(path))).ToArray())
    {
        File.Delete(stale);
    }

    foreach ((string file, string text) in texts)
    {
        string path = Path.Combine(output, file);
        File.WriteAllText($"{path}.new", text);
        File.Move($"{path}.new", path, overwrite: true);
    }

    return 0;
}
catch (Exception failure) when (failure is InvalidDataException or IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine(failure is InvalidDataException ? $"{name}.md: {failure.Message}" : failure.Message);
    return 1;
}
