namespace MgPrint.Surface;

/// <summary>The two tables, read: the tree of operations with its actions, and the models.</summary>
internal sealed class Table
{
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);

    public List<Place> Places { get; } = [];

    public Dictionary<string, ActionEntry> Actions { get; } = new(StringComparer.Ordinal);

    /// <summary>Hashes in documented names of bodies' types, by path and action.</summary>
    public Dictionary<string, string> Hashes { get; } = new(StringComparer.Ordinal);

    /// <summary>What help says of the properties of actions' bodies.</summary>
    public Dictionary<string, string> Words { get; } = new(StringComparer.Ordinal);

    /// <summary>What a user's token and an app's own must allow, by place and operation.</summary>
    public Dictionary<string, (string Users, string Apps)> Permissions { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, Model> Models { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, string[]> Enums { get; } = new(StringComparer.Ordinal);

    public void ReadOperations(string text)
    {
        var above = new Stack<Place>();
        foreach (string line in Lines(text))
        {
            string[] words = WordsOf(line);
            switch (words[0])
            {
                case "action":
                    ActionEntry action = ActionEntry.Parse(line);
                    Actions.Add(action.Name, action);
                    continue;
                case "hash":
                    Hashes.Add(words[1], words[2]);
                    continue;
                case "word":
                    Words[words[1]] = string.Join(" ", words.Skip(2));
                    continue;
                case "names":
                    _names.Add(words[1], words[3]);
                    continue;
                case "may":
                    string[] tokens = line.Substring(line.IndexOf(':') + 1).Split(';');
                    foreach (string operation in words.Skip(2).TakeWhile(word => word != ":"))
                    {
                        Permissions.Add($"{words[1]} {operation}", (InFull(tokens[0]), InFull(tokens[1])));
                    }

                    continue;
            }

            int depth = (line.Length - line.TrimStart(' ').Length) / 2;
            while (above.Count > depth)
            {
                above.Pop();
            }

            string[] segment = words[0].TrimEnd(')').Split('(');
            var place = new Place(
                above.Count > 0 ? above.Peek() : null, segment[0], segment.Length > 1 ? segment[1] : null, words[1], [.. words.Skip(2)]);
            Places.Add(place);
            above.Push(place);
        }
    }

    public void ReadModels(string text)
    {
        Model? model = null;
        string? values = null;
        foreach (string line in Lines(text))
        {
            string[] words = WordsOf(line);
            if (words[0] == "enum")
            {
                values = words[1].TrimEnd(':');
                Enums[values] = [.. words.Skip(2)];
            }
            else if (!line.StartsWith(" ", StringComparison.Ordinal))
            {
                values = null;
                model = new Model(words[0], words.Length > 2 && words[1] == "<" ? words[2] : null, words.Contains("(result)"));
                Models.Add(model.Name, model);
            }
            else if (values is not null)
            {
                Enums[values] = [.. Enums[values], .. words];
            }
            else
            {
                model!.Own.Add(new Property(words[0], words[1], string.Join(" ", words.Skip(2))));
            }
        }
    }

    /// <summary>What a token must allow for an operation on a place; null where that is not known.</summary>
    public (string Users, string Apps)? PermissionsOf(Place place, string operation) =>
        Permissions.TryGetValue($"{string.Join("/", place.Segments)} {operation}", out (string, string) found) ? found : null;

    private string InFull(string names) => string.Join(" ", WordsOf(names).Select(group =>
        string.Join("|", group.Split('|').Select(name => _names.TryGetValue(name, out string? all) ? all : name))));

    /// <summary>All properties of a model, those of its bases too, by name.</summary>
    public List<Property> PropertiesOf(Model model) =>
    [
        .. model.Own.Concat(model.Base is null ? [] : PropertiesOf(Models[model.Base]))
            .OrderBy(property => property.Pascal, StringComparer.Ordinal),
    ];

    private static IEnumerable<string> Lines(string text) =>
        text.Split('\n').Select(line => line.TrimEnd('\r', ' '))
            .Where(line => line.Trim().Length > 0 && !line.StartsWith("#", StringComparison.Ordinal));

    private static string[] WordsOf(string line) => line.Split([' '], StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>A place in the tree: a singleton, or a collection with its items.</summary>
/// <param name="Key">The id of an item; null for a singleton, and for a collection whose items have no address.</param>
internal sealed record Place(Place? Parent, string Segment, string? Key, string Model, string[] Operations)
{
    /// <summary>The path of the place: of the collection, where it is one.</summary>
    public string Path => $"{Parent?.ItemPath}/{Segment}";

    public string ItemPath => Key is null ? Path : $"{Path}/{{{Key}-id}}";

    /// <summary>The ids in <see cref="ItemPath"/>.</summary>
    public IEnumerable<string> ItemIds => Key is null ? Ids : Ids.Append(Names.IdOf(Key));

    public IEnumerable<string> Ids => Parent?.ItemIds ?? [];

    /// <summary>Such as print/printers/{}/jobs/{}.</summary>
    public string Bare => $"{(Parent is null ? "" : Parent.Bare + "/")}{Segment}{(Key is null ? "" : "/{}")}";

    public IEnumerable<string> Segments => (Parent?.Segments ?? []).Append(Segment);
}

/// <summary>An action: its verb, what its names are made of, and what its body and its result are.</summary>
internal sealed record ActionEntry(string Name, string Verb, string Prefix, string Suffix, string Set, string? Result, List<Property> Body)
{
    public static ActionEntry Parse(string line)
    {
        string[] halves = line.Split([':'], 2);
        string[] words = halves[0].Split([' '], StringSplitOptions.RemoveEmptyEntries);
        string[] verb = words[2].Split('+', '-');
        List<Property> body = halves.Length < 2 ? [] : [.. halves[1].Split(',')
            .Select(property => property.Split([' '], StringSplitOptions.RemoveEmptyEntries))
            .Select(property => new Property(property[0], property[1]))];
        return new ActionEntry(
            words[1], verb[0], words[2].Contains('+') ? verb[1] : "", words[2].Contains('-') ? verb[1] : "",
            words[3], words.Length > 4 ? words[5] : null, body);
    }
}

/// <summary>A model: its own properties, and the model that it extends.</summary>
internal sealed record Model(string Name, string? Base, bool IsResult)
{
    public List<Property> Own { get; } = [];
}

/// <summary>A property as Graph spells it, its type as the table has it, and what help says of it.</summary>
internal sealed record Property(string Name, string Spelled, string Help = "")
{
    public bool IsList => Spelled.EndsWith("[]", StringComparison.Ordinal);

    public string Type => IsList ? Spelled.Substring(0, Spelled.Length - 2) : Spelled;

    public string Pascal => Names.Pascal(Name.Replace("@odata.id", "odataId"));
}
