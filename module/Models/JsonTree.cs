using System.Text.Json;

namespace MgPrint.PowerShell.Models;

/// <summary>
/// JSON read into plain objects: dictionaries that keep their order, arrays, strings, booleans, null, and numbers in the
/// first of Int32, Int64, Double and Decimal that holds what was written.
/// </summary>
internal static class JsonTree
{
    /// <summary>How deep objects and arrays may nest, the outermost counted: the service is never sent more, nor read.</summary>
    public const int DeepestNesting = 64;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = DeepestNesting };

    /// <summary>The object that JSON text of a service is, its names as they were spelled; null where it is none.</summary>
    public static Dictionary<string, object?>? ObjectIn(string text) => ObjectIn(Encoding.UTF8.GetBytes(text));

    /// <summary>The same of UTF-8 text.</summary>
    public static Dictionary<string, object?>? ObjectIn(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            return Read(utf8, isGiven: false);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    /// <summary>The object that JSON text is. Of a person's nothing is lost: no name that comes twice, no number too large.</summary>
    /// <exception cref="FormatException">What is wrong with the text: the rest of a sentence about it.</exception>
    public static Dictionary<string, object?> Read(ReadOnlyMemory<byte> utf8, bool isGiven)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8, Options);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? ReadObject(document.RootElement, isGiven)
                : throw new JsonException("an object is expected.");
        }
        catch (JsonException broken)
        {
            throw new FormatException(DisplayText.Clean($"is not valid JSON: {broken.Message}"));
        }
        catch (InvalidOperationException)
        {
            // What JsonElement throws for text that is no Unicode: a lone surrogate, escaped or not.
            throw new FormatException("is not valid JSON: it holds half of a character.");
        }
    }

    private static Dictionary<string, object?> ReadObject(JsonElement element, bool isGiven)
    {
        var members = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (JsonProperty member in element.EnumerateObject())
        {
            if (isGiven && members.ContainsKey(member.Name))
            {
                throw new FormatException($"gives '{DisplayText.Clean(member.Name)}' more than once.");
            }

            members[member.Name] = ReadValue(member.Value, isGiven);
        }

        return members;
    }

    private static object? ReadValue(JsonElement element, bool isGiven) => element.ValueKind switch
    {
        JsonValueKind.Object => ReadObject(element, isGiven),
        JsonValueKind.Array => element.EnumerateArray().Select(item => ReadValue(item, isGiven)).ToArray(),
        JsonValueKind.String => element.GetString(),
        JsonValueKind.Number => ReadNumber(element, isGiven),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    /// <summary>A script compares and looks up by Int32, PowerShell's own kind for a small number.</summary>
    private static object ReadNumber(JsonElement number, bool isGiven)
    {
        string text = number.GetRawText();
        double real = number.GetDouble();
        // 1.10 is a decimal with its zero, 1.1 a plain double; out of the range of both, the text is all that is left.
        return number.TryGetInt32(out int small) ? small
            : number.TryGetInt64(out long whole) ? whole
            : real.ToString("R", CultureInfo.InvariantCulture) != text && number.TryGetDecimal(out decimal exact) ? exact
            : double.IsFinite(real) ? real
            : isGiven ? throw new FormatException($"has the number {text}, which is out of the range of those that can be sent.")
            : text;
    }
}
