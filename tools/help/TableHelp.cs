using MgPrint.PowerShell.Surface;
using MgPrint.Surface;

namespace MgPrint.HelpTopics;

/// <summary>The help of the commands that are made of the table: what its rows say, and the words that it has for properties.</summary>
internal sealed class TableHelp
{
    private static readonly Dictionary<string, string> Common = new(StringComparer.OrdinalIgnoreCase)
    {
        ["InputObject"] = "One object for all ids: a hashtable or an object with these ids, or what a command of this module put out, which knows the ids that it came from.",
        ["BodyParameter"] = "The whole body of the request, as a hashtable, an object or JSON text.",
        ["AdditionalProperties"] = "Members of the body beside the documented ones, under the names that they are to be sent with.",
        ["ExpandProperty"] = "Related objects to put into each object, such as documents.",
        ["Property"] = "The properties to ask for; without it the service gives those that it gives by default.",
        ["Filter"] = "Which items to give, as an OData expression such as createdBy/userPrincipalName eq 'ada@contoso.com'. The service says which it takes.",
        ["Search"] = "Words to look for. It is put in quotation marks where it has none.",
        ["Skip"] = "How many of the first items to leave out.",
        ["Sort"] = "The properties to sort by; desc after a name turns the order round.",
        ["Top"] = "How many items to give at most. The service may give fewer on a page: then the next page is asked for.",
        ["PageSize"] = "How many items to ask for at once, 1 to 999.",
        ["All"] = "All items, page by page: each page is put out before the next is asked for.",
        ["CountVariable"] = "The name of a variable for the number of all items, where the service gives it.",
        ["IfMatch"] = "The ETag that the object must still have.",
        ["Id"] = "The address in Graph of what is taken from the collection.",
        ["OutFile"] = "The file to write. It is written beside its place and put there when it is whole; an existing file is replaced.",
        ["InFile"] = "The file to send.",
        ["Data"] = "A stream of the bytes to send.",
        ["ContentType"] = "The content (MIME) type of what is sent; from the file name's extension by default.",
        ["PassThru"] = "Puts out True when the service has done it.",
        ["ResponseHeadersVariable"] = "The name of a variable for the headers of the response: a global one, unless the name says another scope.",
        ["Break"] = "Waits for a .NET debugger before anything is sent. Ctrl+C ends the wait.",
        ["Headers"] = "Headers of the request, by name; a list of texts is several values. Those that frame the message are refused.",
        ["HttpPipelineAppend"] = "Script blocks that see each request and its response, nearest the wire. Get-Help about_MgPrint has an example.",
        ["HttpPipelinePrepend"] = "Script blocks that see each request and its response, farthest from the wire.",
        ["Proxy"] = "The proxy to go through, such as http://proxy.contoso.com:8080. Nothing on this machine itself is reached through it.",
        ["ProxyCredential"] = "The user name and password for the proxy.",
        ["ProxyUseDefaultCredentials"] = "Refused: this module signs in at a proxy with a user name and a password alone.",
        ["WhatIf"] = "Shows what would be asked of the service, and asks nothing.",
        ["Confirm"] = "Asks before anything is sent.",
    };

    private static readonly Dictionary<string, string> Examples = new()
    {
        ["properties"] = "@{ documentName = 'TestFile.pdf'; contentType = 'application/pdf'; size = 4533322 }",
        ["displayName"] = "'Lobby'",
        ["reason"] = "'No paper'",
        ["destinationPrinterId"] = "$otherPrinterId",
        ["@odata.id"] = "https://graph.microsoft.com/v1.0/directoryObjects/$id",
    };

    private const string Nobody = "-";

    private readonly Table _table = new();
    private readonly ILookup<string, Operation> _operations;

    /// <summary>Reads the tables of a folder.</summary>
    public TableHelp(string folder)
    {
        _table.ReadModels(File.ReadAllText(Path.Combine(folder, "models.txt")));
        _table.ReadOperations(File.ReadAllText(Path.Combine(folder, "operations.txt")));
        _operations = Expansion.Of(_table).ToLookup(operation => operation.Cmdlet, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>A topic like those that are written by hand; null for a command that is not of the table.</summary>
    public Section? TopicOf(CommandFacts command)
    {
        Operation[] rows = [.. _operations[command.Name]];
        return rows.Length == 0 ? null : Section.Topic(command.Name, $"""
            # {command.Name}

            ## SYNOPSIS
            {Sentence(string.Join(", or ", rows.Select(row => row.What).Distinct().Select(ThirdPerson)))}

            ## DESCRIPTION
            {string.Join("\n\n", [.. rows.Select(Request), .. Permissions(rows)])}

            {(Array.Exists(rows, row => row.TakesIdentity)
                ? "Pipe an object with ids to say which resource is meant, or one with a body's names as the body." : "")}

            {(Array.Exists(rows, row => row.Kind == GraphKind.List)
                ? "Without -All and -Top the first page is given, with a warning where the service has more." : "")}

            ## EXAMPLES
            {Sections(rows, row => Sentence(ThirdPerson(row.What)), row => $"```\n{command.Name}{Arguments(row)}\n```")}

            ## PARAMETERS
            {Sections(command.Parameters.Keys, name => $"-{name}", name => WordsOf(name, rows))}

            ## INPUTS
            {Sections(command.Inputs, type => type, type =>
                type.EndsWith("Identity", StringComparison.Ordinal) ? "The ids."
                    : type.EndsWith("IDictionary", StringComparison.Ordinal) ? "Headers of the request." : "The body.")}

            ## OUTPUTS
            {Sections(command.Outputs, type => type, type => type switch
            {
                "System.Boolean" => "True, with -PassThru.",
                "System.Int32" => "The number.",
                _ => "What the service answered.",
            })}

            ## NOTES
            Whatever else the service gives is in AdditionalProperties. Times are UTC; views show them in local time.

            ## RELATED LINKS
            - [about_MgPrint](about_MgPrint.md)
            """);
    }

    private static string Sections<T>(IEnumerable<T> items, Func<T, string> title, Func<T, string> text) =>
        string.Join("\n", items.Select(item => $"### {title(item)}\n{text(item)}"));

    private static string ThirdPerson(string what) => what.Split(' ', 2) is [string verb, string rest] ? $"{verb}s {rest}" : what;

    private static string Sentence(string text) => $"{char.ToUpperInvariant(text[0])}{text[1..]}.";

    private static string Request(Operation row) => $"To {row.What}, it sends {row.Method} /v1.0{row.Path} to Microsoft Graph.";

    private static IEnumerable<string> Permissions(IEnumerable<Operation> rows) =>
        from row in rows
        where row.Permissions is not null
        group row by row.Permissions into same
        let who = same.Key!.Value
        let what = string.Join(" or ", same.Select(row => row.What).Distinct())
        select $"To {what}, {(who.Users == Nobody ? "no user's token will do" : $"a user's token needs {InWords(who.Users)}")}; "
            + $"{(who.Apps == Nobody ? "app tokens are refused" : $"an app's needs {InWords(who.Apps)}")}.";

    private static string InWords(string names) =>
        string.Join(", and ", names.TrimEnd('!', ' ').Split(' ')
            .Select(group => group.TrimEnd('?').Replace("|", ", or ", StringComparison.Ordinal)));

    private string WordsOf(string parameter, Operation[] rows)
    {
        Property? property = rows.SelectMany(row => row.BodyProperties)
            .FirstOrDefault(property => property.Pascal.Equals(parameter, StringComparison.OrdinalIgnoreCase));
        if (property is null)
        {
            return Common.GetValueOrDefault(parameter) ?? $"The id of the {Names.InWords(char.ToLowerInvariant(parameter[0]) + parameter[1..^2])}.";
        }

        string words = property.Help.Length > 0 ? property.Help : _table.Words[property.Name];
        return _table.Enums.TryGetValue(property.Type, out string[]? values)
            ? $"{words} Known values: {string.Join(", ", values)}; others are sent too."
            : _table.Models.TryGetValue(property.Type, out Model? model)
            ? $"{words} {(property.IsList ? "Hashtables" : "A hashtable")} with: {string.Join(", ", _table.PropertiesOf(model).Select(inner => inner.Name))}."
            : words;
    }

    private string Arguments(Operation row)
    {
        IEnumerable<string> ids = row.Ids.Select(id => $" -{id} ${char.ToLowerInvariant(id[0])}{id[1..]}");
        string rest = row.Kind switch
        {
            GraphKind.ContentGet => " -OutFile document.pdf",
            GraphKind.ContentSet => " -InFile document.pdf",
            GraphKind.RefDelete when row.Ids.Length == 1 => $" -Id https://graph.microsoft.com/v1.0/directoryObjects/$id",
            _ => row.Body is null ? "" : Body(row, row.BodyProperties),
        };
        return string.Concat(ids) + rest;
    }

    /// <summary>A property that shows how a body is given, and that the service takes.</summary>
    private string Body(Operation row, List<Property> properties)
    {
        Property? named = properties.Find(property => Examples.ContainsKey(property.Name));
        if (named is not null)
        {
            // A share is of a printer.
            string printer = row.Method == "POST" && properties.Exists(property => property.Name == "allowAllUsers")
                ? " -AdditionalProperties @{ 'printer@odata.bind' = \"https://graph.microsoft.com/v1.0/print/printers/$printerId\" }"
                : "";
            return $" -{named.Pascal} {Examples[named.Name]}{printer}";
        }

        // How something stands is the service's to say.
        return properties.Where(property => !property.IsList && property.Name is not ("id" or "status"))
            .Select(property => (property.Pascal, Value: KnownValue(property)))
            .Where(known => known.Value is not null)
            .Select(known => $" -{known.Pascal} {known.Value}")
            .FirstOrDefault(" -AdditionalProperties @{ name = 'value' }");
    }

    private string? KnownValue(Property property) =>
        _table.Enums.TryGetValue(property.Type, out string[]? values) ? values[0]
        : _table.Models.TryGetValue(property.Type, out Model? model)
            && _table.PropertiesOf(model).Find(inner => !inner.IsList && _table.Enums.ContainsKey(inner.Type)) is Property known
            ? $"@{{ {known.Name} = '{_table.Enums[known.Type][0]}' }}"
        : null;
}
