namespace MgPrint.HelpTopics;

/// <summary>The Markdown sources: one file for each command and for each about topic.</summary>
internal sealed class TopicFolder
{
    private const string About = "about_";

    private readonly Dictionary<string, Topic> _topics;

    private TopicFolder(IEnumerable<Topic> topics) => _topics = topics.ToDictionary(topic => topic.Name, StringComparer.OrdinalIgnoreCase);

    /// <summary>The topics that belong to no command.</summary>
    public IEnumerable<Topic> AboutTopics =>
        _topics.Values.Where(topic => IsAbout(topic.Name)).OrderBy(topic => topic.Name, StringComparer.Ordinal);

    /// <summary>Reads every Markdown file of the folder.</summary>
    public static TopicFolder Read(string folder)
    {
        var topics =
            new TopicFolder(Directory.EnumerateFiles(folder, "*.md")
                .Select(path => TopicException.In(Path.GetFileName(path), () => Topic.Read(path))));
        foreach (Topic topic in topics._topics.Values)
        {
            TopicException.In(topic.File, () => topic.TakeOver(topics._topics));
        }

        return topics;
    }

    /// <summary>Whether a command has a topic of its own; of the others the table tells.</summary>
    public bool Has(string command) => _topics.ContainsKey(command);

    /// <summary>The commands that have a topic. That all have one is for the tests to say: a build goes on without.</summary>
    public IEnumerable<(CommandFacts Command, Topic Topic)> Of(IReadOnlyList<CommandFacts> commands) => commands
        .Where(command => _topics.ContainsKey(command.Name))
        .Select(command => (command, _topics[command.Name]));

    private static bool IsAbout(string name) => name.StartsWith(About, StringComparison.Ordinal);
}
