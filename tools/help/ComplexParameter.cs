using System.Reflection;
using Markdig.Syntax;

namespace MgPrint.HelpTopics;

/// <summary>What a hashtable for a parameter may hold: the properties of its type, which its note describes as a list.</summary>
internal static class ComplexParameter
{
    private const string AnyOther = "AdditionalProperties";

    /// <summary>The parameter, and a line for each property: <c>  [Name &lt;Type&gt;]: description</c>.</summary>
    public static string Text(Section note, ParameterFacts parameter)
    {
        string words = string.Join(' ', Maml.TextOf(note.Blocks.Where(block => block is not ListBlock)));
        return $"{parameter.Name.ToUpperInvariant()} <{parameter.ShortType}>: {words}"
            + string.Concat(Properties(note.Title, note.Blocks, parameter.Type, depth: 1));
    }

    private static IEnumerable<string> Properties(string title, IEnumerable<Block> blocks, Type type, int depth)
    {
        // An item reads "Name: what it is.", and may have a list of its own for the properties of its type.
        var items = blocks.OfType<ListBlock>().SelectMany(list => list.Cast<ListItemBlock>())
            .Select(item => (Words: PlainText.Of(((ParagraphBlock)item[0]).Inline).Split(": ", 2), Inside: item.Skip(1)))
            .ToDictionary(item => item.Words[0], StringComparer.Ordinal);
        foreach (PropertyInfo property in PropertiesOf(type))
        {
            if (!items.Remove(property.Name, out (string[] Words, IEnumerable<Block> Inside) item))
            {
                throw new InvalidDataException($"the note {title} does not describe {type.Name}.{property.Name}.");
            }

            string name = property.Name == AnyOther ? "(Any) <Object>" : $"{property.Name} <{ShortName(property.PropertyType)}>";
            string inside = item.Inside.Any() ? string.Concat(Properties(title, item.Inside, property.PropertyType, depth + 1)) : "";
            yield return $"\n{new string(' ', depth * 2)}[{name}]: {item.Words[^1]}{inside}";
        }

        if (items.Count > 0)
        {
            throw new InvalidDataException($"the note {title} describes more than there is: {type.Name} has no {items.Keys.First()}.");
        }
    }

    // An interface does not list what it inherits, and an indexer names no property.
    private static IEnumerable<PropertyInfo> PropertiesOf(Type type) => type.GetInterfaces().Prepend(type)
        .SelectMany(declaring => declaring.GetProperties()).Where(property => property.GetIndexParameters().Length == 0)
        .OrderByDescending(property => property.Name == AnyOther).ThenBy(property => property.Name, StringComparer.Ordinal);

    private static string ShortName(Type type) => Nullable.GetUnderlyingType(type) is Type inner ? $"{inner.Name}?" : type.Name;
}
