using MgPrint.PowerShell.Surface;

namespace MgPrint.Surface;

/// <summary>One request that Graph knows: a row of the cmdlet that makes it.</summary>
/// <param name="Ids">The ids of the path, in its order.</param>
/// <param name="What">What is being done, as in "The service refused to …".</param>
internal sealed record Operation(GraphKind Kind, string Method, string Path, string[] Ids, string Cmdlet, string What)
{
    /// <summary>The set's name without Expanded and ViaIdentity; with a number where the cmdlet has another of that name.</summary>
    public string Set { get; set; } = "";

    /// <summary>The class of the body; null for none.</summary>
    public string? Body { get; init; }

    public List<Property> BodyProperties { get; init; } = [];

    /// <summary>The class of the result; null for nothing.</summary>
    public string? Result { get; init; }

    /// <summary>What a token must allow; null where that is not known.</summary>
    public (string Users, string Apps)? Permissions { get; init; }

    /// <summary>The id that an item of the result has, in the words of an identity.</summary>
    public string? ItemId { get; init; }

    public bool TakesIdentity => Ids.Length > 0 && Kind is not (GraphKind.List or GraphKind.RefList);

    public bool IsRead => Kind is GraphKind.List or GraphKind.Get or GraphKind.Count or GraphKind.RefList;

    /// <summary>Every set of the operation.</summary>
    public IEnumerable<string> Sets => [.. SetsByIds, .. SetsViaIdentity];

    public IEnumerable<string> SetsByIds => Body is null ? [Set] : [Numbered("Expanded"), Set];

    /// <summary>
    /// Whether another row of the cmdlet has the set for an identity: between two that differ in nothing PowerShell cannot
    /// choose.
    /// </summary>
    public bool SharesIdentitySet { get; set; }

    public IEnumerable<string> SetsViaIdentity =>
        !TakesIdentity || SharesIdentitySet
            ? []
            : Body is null ? [Numbered("ViaIdentity")] : [Numbered("ViaIdentityExpanded"), Numbered("ViaIdentity")];

    public IEnumerable<string> ExpandedSets =>
        Body is null ? [] : TakesIdentity ? [Numbered("Expanded"), Numbered("ViaIdentityExpanded")] : [Numbered("Expanded")];

    public IEnumerable<string> WholeBodySets => Body is null ? [] : TakesIdentity ? [Set, Numbered("ViaIdentity")] : [Set];

    private string Numbered(string ending) =>
        char.IsDigit(Set[Set.Length - 1]) ? $"{Set.Substring(0, Set.Length - 1)}{ending}{Set[Set.Length - 1]}" : Set + ending;
}

/// <summary>Expands the tree into operations.</summary>
internal static class Expansion
{
    // What a word of the tree stands for.
    private static readonly Shape[] Shapes =
    [
        new("list", GraphKind.List, "GET", IsOnItem: false, "", "Get", "", "List", "list the {items}", "list"),
        new("get", GraphKind.Get, "GET", IsOnItem: true, "", "Get", "", "Get", "get the {item}", "get"),
        new("count", GraphKind.Count, "GET", IsOnItem: false, "/$count", "Get", "Count", "Get", "count the {items}", "list"),
        new("create", GraphKind.Create, "POST", IsOnItem: false, "", "New", "", "Create", "create the {item}", "create"),
        new("update", GraphKind.Update, "PATCH", IsOnItem: true, "", "Update", "", "Update", "update the {item}", "update"),
        new("delete", GraphKind.Delete, "DELETE", IsOnItem: true, "", "Remove", "", "Delete", "delete the {item}", "delete"),
        new("ref", GraphKind.RefList, "GET", IsOnItem: false, "/$ref", "Get", "ByRef", "List", "list the {items}", "ref-list"),
        new("ref", GraphKind.RefCreate, "POST", IsOnItem: false, "/$ref", "New", "ByRef", "Create", "add to the {items}", "ref-create"),
        new(
            "ref", GraphKind.RefDelete, "DELETE", IsOnItem: false, "/$ref", "Remove", "ByRef", "Delete", "take from the {items}",
            "ref-delete"),
        new(
            "ref", GraphKind.RefDelete, "DELETE", IsOnItem: true, "/$ref", "Remove", "ByRef", "Delete1", "take from the {items}",
            "ref-delete"),
        new("value", GraphKind.ContentGet, "GET", IsOnItem: true, "/$value", "Get", "Content", "Get", "download the {item}", "value-get"),
        new("value", GraphKind.ContentSet, "PUT", IsOnItem: true, "/$value", "Set", "Content", "Set", "send the {item}", "value-set"),
        new(
            "value", GraphKind.ContentDelete, "DELETE", IsOnItem: true, "/$value", "Remove", "Content", "Delete",
            "delete the {item}'s content", "value-delete"),
    ];

    public static List<Operation> Of(Table table) => [.. table.Places.SelectMany(place => place.Operations
        .Where(word => !word.EndsWith("/", StringComparison.Ordinal)).SelectMany(word => Of(place, word, table)))];

    private static IEnumerable<Operation> Of(Place place, string word, Table table)
    {
        Shape[] shapes = Array.FindAll(Shapes, shape => shape.Word == word);
        return shapes.Length > 0
            ? shapes.Select(shape => Of(place, shape, table))
            : [ActionOf(place, word.TrimStart('!'), isOnItem: !word.StartsWith("!!", StringComparison.Ordinal), table)];
    }

    private static Operation Of(Place place, Shape shape, Table table)
    {
        string model = Names.ClassOf(place.Model);
        bool takesModel = shape.Kind is GraphKind.Create or GraphKind.Update, isReference = shape.Kind == GraphKind.RefCreate;
        return new Operation(
            shape.Kind, shape.Method, (shape.IsOnItem ? place.ItemPath : place.Path) + shape.Below,
            [.. shape.IsOnItem ? place.ItemIds : place.Ids], $"{shape.Verb}-Mg{Names.Noun(place)}{shape.Suffix}",
            shape.What.Replace("{items}", Names.InWords(place.Segment)).Replace("{item}", Names.InWords(place.Model)))
        {
            Set = shape.Set,
            Result = takesModel || shape.Kind is GraphKind.List or GraphKind.Get ? model : null,
            Body = takesModel ? model : isReference ? "ReferenceCreate" : null,
            BodyProperties = takesModel ? table.PropertiesOf(table.Models[place.Model])
                : isReference ? [new Property("@odata.id", "String")]
                : [],
            Permissions = table.PermissionsOf(place, shape.Permission),
            ItemId = Names.IdOf(place.Key ?? place.Model),
        };
    }

    private static Operation ActionOf(Place place, string name, bool isOnItem, Table table)
    {
        ActionEntry action = table.Actions[name];
        table.Hashes.TryGetValue($"{(isOnItem ? place.Bare : place.Bare.Replace("/{}", ""))}/{name}".TrimStart('/'), out string? hash);
        return new Operation(
            GraphKind.Action, "POST", $"{(isOnItem ? place.ItemPath : place.Path)}/microsoft.graph.{name}",
            [.. isOnItem ? place.ItemIds : place.Ids], $"{action.Verb}-Mg{action.Prefix}{Names.Noun(place)}{action.Suffix}",
            name == "createUploadSession" ? "create an upload session"
            : name == "restoreFactoryDefaults" ? "restore the printer's factory defaults"
            : $"{name} the {Names.InWords(place.Model)}")
        {
            Set = action.Set,
            Result = action.Result is null ? null : Names.ClassOf(action.Result),
            Body = action.Body.Count > 0 ? Names.BodyClass(place, name, isOnItem, hash ?? "") : null,
            BodyProperties = [.. action.Body.OrderBy(property => property.Pascal, StringComparer.Ordinal)],
            Permissions = table.PermissionsOf(place, name),
        };
    }

    /// <param name="IsOnItem">Whether the path is that of an item, and not of the collection.</param>
    /// <param name="Below">What follows in the path.</param>
    /// <param name="Suffix">What follows the noun in the cmdlet's name.</param>
    /// <param name="What">What is being done, with a place for the name of what it is done to.</param>
    /// <param name="Permission">How the lines of permissions call it.</param>
    private sealed record Shape(
        string Word, GraphKind Kind, string Method, bool IsOnItem, string Below, string Verb, string Suffix, string Set, string What,
        string Permission);
}
