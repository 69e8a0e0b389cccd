using System.Text;
using System.Text.RegularExpressions;

namespace MgPrint.Surface;

/// <summary>How cmdlets, parameters and types are named after the tree.</summary>
internal static class Names
{
    public static string Pascal(string name) => char.ToUpperInvariant(name[0]) + name.Substring(1);

    public static string IdOf(string key) => $"{Pascal(key)}Id";

    public static string Singular(string segment) =>
        segment.EndsWith("s", StringComparison.Ordinal) ? segment.Substring(0, segment.Length - 1) : segment;

    /// <summary>The noun of a place: its segments' words, each in the singular, a run of words that comes twice in a row once.</summary>
    public static string Noun(Place place) => Regex.Replace(
        string.Concat(place.Segments.Select(segment => Pascal(Singular(segment)))), "((?:[A-Z][a-z]*)+)\\1(?![a-z])", "$1");

    /// <summary>The name of a model's class.</summary>
    public static string ClassOf(string model) => $"MicrosoftGraph{Pascal(model)}";

    /// <summary>
    /// The class of an action's body: the path and the action in a row, as the generator of the official module has them.
    /// </summary>
    public static string BodyClass(Place place, string action, bool isOnItem, string hash)
    {
        var name = new StringBuilder("Paths").Append(hash);
        foreach (string part in (isOnItem ? place.ItemPath : place.Path).Split('/').Skip(1))
        {
            IEnumerable<string> words = part.Trim('{', '}').Split('-')
                .Select((word, index) => index == 0 && part[0] == '{' ? LowerTail(word) : Pascal(word));
            name.Append(string.Concat(words));
        }

        return name.Append("MicrosoftGraph").Append(LowerTail(action)).Append("PostRequestbodyContentApplicationJsonSchema").ToString();
    }

    /// <summary>An id's noun within an error: printJob → print job.</summary>
    public static string InWords(string camel) => string.Join(" ", WordsOf(camel).Select(word => word.ToLowerInvariant()));

    private static string LowerTail(string word) => char.ToUpperInvariant(word[0]) + word.Substring(1).ToLowerInvariant();

    private static string[] WordsOf(string pascal) => Regex.Split(pascal, "(?<!^)(?=[A-Z])");
}
