using System;
using System.Collections.Generic;
using System.Linq;
using MgPrint.PowerShell.Surface;

namespace MgPrint.Surface;

/// <summary>One request that Graph knows: a row of the cmdlet that makes it.</summary>
internal sealed class Operation(GraphKind kind, string method, string path, IEnumerable<string> ids, string cmdlet, string set, string what)
{
    public GraphKind Kind { get; } = kind;

    public string Method { get; } = method;

    public string Path { get; } = path;

    /// <summary>The ids of the path, in its order.</summary>
    public string[] Ids { get; } = [.. ids];

    public string Cmdlet { get; } = cmdlet;

    /// <summary>The set's name without Expanded and ViaIdentity; with a number where the cmdlet has another of that name.</summary>
    public string Set { get; set; } = set;

    /// <summary>What is being done, as in "The service refused to …".</summary>
    public string What { get; } = what;

    /// <summary>The class of the body; null for none.</summary>
    public string? Body { get; set; }

    public List<Property> BodyProperties { get; set; } = [];

    /// <summary>The class of the result; null for nothing.</summary>
    public string? Result { get; set; }

    /// <summary>What a token must allow; null where that is not known.</summary>
    public (string Users, string Apps)? Permissions { get; set; }

    /// <summary>The id that an item of the result has, in the words of an identity.</summary>
    public string? ItemId { get; set; }

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
    public static List<Operation> Of(Table table) =>
        [.. table.Places.SelectMany(place => Of(place, table).Select(operation => operation.WithPermissions(place, table)))];

    private static Operation WithPermissions(this Operation operation, Place place, Table table)
    {
        string name = operation.Kind switch
        {
            GraphKind.Action => operation.Path.Substring(operation.Path.LastIndexOf('.') + 1),
            GraphKind.Count => "list",
            GraphKind.RefList => "ref-list",
            GraphKind.RefCreate => "ref-create",
            GraphKind.RefDelete => "ref-delete",
            GraphKind.ContentGet => "value-get",
            GraphKind.ContentSet => "value-set",
            GraphKind.ContentDelete => "value-delete",
            _ => operation.Kind.ToString().ToLowerInvariant(),
        };
        operation.Permissions = table.Permissions.TryGetValue($"{string.Join("/", place.Segments)} {name}", out (string, string) found)
            ? found
            : null;
        return operation;
    }

    private static IEnumerable<Operation> Of(Place place, Table table)
    {
        string noun = Names.Noun(place);
        string item = Names.InWords(place.Model), items = Names.InWords(place.Segment);
        string result = Names.ClassOf(place.Model);
        string? itemId = place.Key is null ? null : Names.IdOf(place.Key);
        foreach (string operation in place.Operations.Where(operation => !operation.EndsWith("/", StringComparison.Ordinal)))
        {
            Operation Row(
                GraphKind kind, string method, string path, IEnumerable<string> ids, string verb, string set, string what,
                string suffix = "") =>
                new(kind, method, path, ids, $"{verb}-Mg{noun}{suffix}", set, what) { ItemId = itemId };

            switch (operation)
            {
                case "list":
                    yield return Row(GraphKind.List, "GET", place.Path, place.Ids, "Get", "List", $"list the {items}").WithResult(result);
                    break;
                case "get":
                    yield return Row(GraphKind.Get, "GET", place.ItemPath, place.ItemIds, "Get", "Get", $"get the {item}")
                        .WithResult(result);
                    break;
                case "count":
                    yield return Row(
                        GraphKind.Count, "GET", $"{place.Path}/$count", place.Ids, "Get", "Get", $"count the {items}", "Count");
                    break;
                case "create":
                    yield return Row(GraphKind.Create, "POST", place.Path, place.Ids, "New", "Create", $"create the {item}")
                        .WithResult(result)
                        .WithBody(result, table.PropertiesOf(table.Models[place.Model]));
                    break;
                case "update":
                    yield return Row(
                        GraphKind.Update, "PATCH", place.ItemPath, place.ItemIds, "Update", "Update",
                        $"update the {item}").WithResult(result)
                        .WithBody(result, table.PropertiesOf(table.Models[place.Model]));
                    break;
                case "delete":
                    yield return Row(GraphKind.Delete, "DELETE", place.ItemPath, place.ItemIds, "Remove", "Delete", $"delete the {item}");
                    break;
                case "ref":
                    yield return Row(
                        GraphKind.RefList, "GET", $"{place.Path}/$ref", place.Ids, "Get", "List", $"list the {items}", "ByRef");
                    yield return Row(
                        GraphKind.RefCreate, "POST", $"{place.Path}/$ref", place.Ids, "New", "Create", $"add to the {items}", "ByRef")
                        .WithBody("ReferenceCreate", [new Property("@odata.id", "String")]);
                    yield return Row(
                        GraphKind.RefDelete, "DELETE", $"{place.ItemPath}/$ref", place.ItemIds, "Remove", "Delete",
                        $"take from the {items}", "ByRef");
                    yield return Row(
                        GraphKind.RefDelete, "DELETE", $"{place.Path}/$ref", place.Ids, "Remove", "Delete1", $"take from the {items}",
                        "ByRef");
                    break;
                case "value":
                    yield return Row(
                        GraphKind.ContentGet, "GET", $"{place.ItemPath}/$value", place.ItemIds, "Get", "Get", $"download the {item}",
                        "Content");
                    yield return Row(
                        GraphKind.ContentSet, "PUT", $"{place.ItemPath}/$value", place.ItemIds, "Set", "Set", $"send the {item}",
                        "Content");
                    yield return Row(
                        GraphKind.ContentDelete, "DELETE", $"{place.ItemPath}/$value", place.ItemIds, "Remove", "Delete",
                        $"delete the {item}'s content", "Content");
                    break;
                default:
                    yield return ActionOf(
                        place, table, operation.TrimStart('!'), isOnItem: !operation.StartsWith("!!", StringComparison.Ordinal), noun);
                    break;
            }
        }
    }

    private static Operation ActionOf(Place place, Table table, string name, bool isOnItem, string noun)
    {
        ActionEntry action = table.Actions[name];
        string path = isOnItem ? place.ItemPath : place.Path;
        var operation = new Operation(
            GraphKind.Action, "POST", $"{path}/microsoft.graph.{name}", isOnItem ? place.ItemIds : place.Ids,
            $"{action.Verb}-Mg{action.Prefix}{noun}{action.Suffix}", action.Set,
            name == "createUploadSession" ? "create an upload session"
            : name == "restoreFactoryDefaults" ? "restore the printer's factory defaults"
            : $"{name} the {Names.InWords(place.Model)}");
        if (action.Result is string result)
        {
            operation.WithResult(Names.ClassOf(result));
        }

        if (action.Body.Count > 0)
        {
            table.Hashes.TryGetValue($"{(isOnItem ? place.Bare : place.Bare.Replace("/{}", ""))}/{name}".TrimStart('/'), out string? hash);
            operation.WithBody(
                Names.BodyClass(place, name, isOnItem, hash ?? ""),
                [.. action.Body.OrderBy(property => property.Pascal, StringComparer.Ordinal)]);
        }

        return operation;
    }

    private static Operation WithResult(this Operation operation, string result)
    {
        operation.Result = result;
        return operation;
    }

    private static Operation WithBody(this Operation operation, string body, List<Property> properties)
    {
        (operation.Body, operation.BodyProperties) = (body, properties);
        return operation;
    }
}
