using System.Globalization;
using System.Text;
using Markdig.Syntax;

namespace MgPrint.HelpTopics;

/// <summary>What a hashtable for a parameter may hold: the properties of its type, which its note describes as a list.</summary>
internal static class ComplexParameter
{
    private const string AnyOther = "AdditionalProperties";

    /// <summary>The parameter, and a line for each property: <c>  [Name &lt;Type&gt;]: description</c>.</summary>
    public static string Text(Section section, ParameterFacts parameter)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{parameter.Name.ToUpperInvariant()} <{parameter.ShortType}>: ");
        text.AppendJoin(' ', Maml.TextOf(section.Blocks.Where(block => block is not ListBlock)));
        AppendProperties(text, section, section.Blocks.OfType<ListBlock>().FirstOrDefault(), parameter.Type, 1);
        return text.ToString();
    }

    private static void AppendProperties(StringBuilder text, Section section, ListBlock? described, Type type, int depth)
    {
        Dictionary<string, ListItemBlock> items = (described?.Cast<ListItemBlock>() ?? []).ToDictionary(NameOf, StringComparer.Ordinal);
        foreach (System.Reflection.PropertyInfo property in PropertiesOf(type).OrderByDescending(property => property.Name == AnyOther)
            .ThenBy(property => property.Name, StringComparer.Ordinal))
        {
            if (!items.Remove(property.Name, out ListItemBlock? item))
            {
                throw new InvalidDataException($"the note {section.Title} does not describe {type.Name}.{property.Name}.");
            }

            string name = property.Name == AnyOther ? "(Any) <Object>" : $"{property.Name} <{ShortName(property.PropertyType)}>";
            text.Append('\n').Append(' ', depth * 2).Append(CultureInfo.InvariantCulture, $"[{name}]: {DescriptionOf(item)}");
            if (item.OfType<ListBlock>().FirstOrDefault() is ListBlock nested)
            {
                AppendProperties(text, section, nested, property.PropertyType, depth + 1);
            }
        }

        if (items.Count > 0)
        {
            throw new InvalidDataException($"the note {section.Title} describes more than there is: {type.Name} has no {items.Keys.First()}.");
        }
    }

    // An interface does not list what it inherits, and an indexer names no property.
    private static IEnumerable<System.Reflection.PropertyInfo> PropertiesOf(Type type) => type.GetInterfaces().Prepend(type)
        .SelectMany(declaring => declaring.GetProperties()).Where(property => property.GetIndexParameters().Length == 0);

    // An item reads "Name: what it is."
    private static string NameOf(ListItemBlock item) => TextOf(item).Split(": ", 2)[0];

    private static string DescriptionOf(ListItemBlock item) => TextOf(item).Split(": ", 2)[^1];

    private static string TextOf(ListItemBlock item) => PlainText.Of(((ParagraphBlock)item[0]).Inline);

    private static string ShortName(Type type) => Nullable.GetUnderlyingType(type) is Type inner ? $"{inner.Name}?" : type.Name;
}
