using MgPrint.HelpTopics;

// mgprint-help TOPICS TABLES MODULE OUTPUT
//
// Writes the help that Get-Help reads. TOPICS: the folder of the Markdown sources. TABLES: the folder of the tables that most
// cmdlets are made of. MODULE: the built module's manifest. OUTPUT: the folder for the files, of the language of the sources.
if (args is not [string topics, string tables, string module, string output])
{
    Console.Error.WriteLine("mgprint-help TOPICS TABLES MODULE OUTPUT: four paths are needed, and nothing else.");
    return 2;
}

try
{
    IReadOnlyList<CommandFacts> commands = CommandFacts.OfModule(module);
    TopicFolder sources = TopicFolder.Read(topics);
    var help = HelpFiles.Of(sources, TableHelp.Read(tables), commands, Path.GetFileNameWithoutExtension(module));
    help.Write(output);
    return 0;
}
catch (Exception failure) when (failure is TopicException or IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine(failure.Message);
    return 1;
}
