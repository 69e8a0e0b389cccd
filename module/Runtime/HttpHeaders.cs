using System.Text.Json;

namespace MgPrint.PowerShell.Runtime;

/// <summary>Headers on their way between PowerShell's dictionaries and the engine.</summary>
internal static class HttpHeaders
{
    /// <summary>What stands in the place of a secret value.</summary>
    public const string Masked = "<redacted>";

    /// <summary>The service's id of a request; the client's own id of it has the same name after <c>client-</c>.</summary>
    public const string RequestId = "request-id";

    private const string InvalidHeader = "InvalidHeader";

    private static readonly string[] SecretNameParts = ["authorization", "cookie", "token", "secret", "password", "apikey", "signature"];

    /// <summary>The names and values of a -Headers dictionary. A list of texts is several values of one header.</summary>
    /// <exception cref="InputException">A name is empty, a value is neither text nor a list of texts, or a list is empty.</exception>
    public static List<KeyValuePair<string, string>> From(IDictionary? given)
    {
        var headers = new List<KeyValuePair<string, string>>();
        foreach (DictionaryEntry entry in given ?? new Hashtable())
        {
            string name = NamedValues.Unwrap(entry.Key) as string ?? "";
            if (name.Length == 0)
            {
                throw new InputException(InvalidHeader, "A header in -Headers has no name, or one that is not text.");
            }

            object? value = NamedValues.Unwrap(entry.Value);
            object?[] values = value is IEnumerable list and not (string or IDictionary) ? [.. list.Cast<object?>()] : [value];
            if (values.Length == 0)
            {
                // Left out silently, nobody would learn that a command which should have filled the list gave nothing.
                throw NoValue(name);
            }

            headers.AddRange(values.Select(item => new KeyValuePair<string, string>(name, ValueOf(name, item))));
        }

        return headers;
    }

    /// <summary>The engine's JSON form of an answer's headers, by names without letter case.</summary>
    public static Dictionary<string, IEnumerable<string>> Parse(string json)
    {
        var headers = new Dictionary<string, IEnumerable<string>>(StringComparer.OrdinalIgnoreCase);
        foreach ((string name, object? values) in (json.Length > 0 ? JsonTree.ObjectIn(json) : null) ?? [])
        {
            headers[Spelled(name).Name] = values is object?[] list ? [.. list.Select(value => value as string ?? "")] : [];
        }

        return headers;
    }

    /// <summary>Headers in the engine's JSON form: each name once, with its values.</summary>
    public static string ToJson(IEnumerable<KeyValuePair<string, string>> headers) => JsonSerializer.Serialize(
        headers.GroupBy(header => header.Key, header => header.Value, StringComparer.OrdinalIgnoreCase)
            .ToDictionary(group => group.Key, group => group.ToArray()));

    /// <summary>
    /// The headers of an error's answer; the two ids that a support case needs are named even where the answer left them out.
    /// </summary>
    public static Dictionary<string, IEnumerable<string>> WithIds(EngineError error)
    {
        Dictionary<string, IEnumerable<string>> headers = Parse(error.HeadersJson);
        foreach ((string name, string id) in new[] { (RequestId, error.RequestId), ($"client-{RequestId}", error.ClientRequestId) })
        {
            if (id.Length > 0)
            {
                headers.TryAdd(name, [id]);
            }
        }

        return headers;
    }

    /// <summary>The same headers with every secret value masked, for errors.</summary>
    public static Dictionary<string, string> Mask(IEnumerable<KeyValuePair<string, string>> headers) => headers
        .GroupBy(header => header.Key, header => IsSecret(header.Key) ? Masked : header.Value, StringComparer.OrdinalIgnoreCase)
        .ToDictionary(group => group.Key, group => string.Join(", ", group), StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a header's value is a secret, told by its name, as the engine tells it.</summary>
    public static bool IsSecret(string name) =>
        name.EndsWith("-key", StringComparison.OrdinalIgnoreCase)
        || Array.Exists(SecretNameParts, part => name.Contains(part, StringComparison.OrdinalIgnoreCase));

    /// <summary>
    /// An answer's headers one a line, as the official module's error details have them: those that tell of the body are left
    /// out.
    /// </summary>
    public static IEnumerable<string> Lines(IEnumerable<KeyValuePair<string, IEnumerable<string>>> headers) => headers
        .Where(header => !Spelled(header.Key).IsOfBody)
        .Select(header => $"{DisplayText.Clean(header.Key),-30}: {DisplayText.Clean(string.Join(",", header.Value))}");

    /// <summary>
    /// A header's name as the framework's own client spells it, which scripts know: the engine gives names in small
    /// letters.
    /// </summary>
    private static (string Name, bool IsOfBody) Spelled(string name)
    {
        using var answer = new HttpResponseMessage();
        bool isOfBody = !answer.Headers.TryAddWithoutValidation(name, "") && answer.Content.Headers.TryAddWithoutValidation(name, "");
        return (
            answer.Headers.NonValidated.Concat(answer.Content.Headers.NonValidated).Select(header => header.Key).FirstOrDefault(name),
            isOfBody);
    }

    private static string ValueOf(string name, object? given) => NamedValues.Unwrap(given) switch
    {
        string text => text,
        null => throw NoValue(name),
        bool truth => truth.ToString(),
        Uri uri => uri.OriginalString,
        // A custom object is one too, and would be sent as @{…}.
        IFormattable number and not PSObject => number.ToString(null, CultureInfo.InvariantCulture),
        object other => throw new InputException(
            InvalidHeader, $"The header '{DisplayText.Clean(name)}' in -Headers has a value of type {other.GetType()}; expected text or "
                + "a list of texts."),
    };

    private static InputException NoValue(string name) =>
        new(InvalidHeader, $"The header '{DisplayText.Clean(name)}' in -Headers has no value; give text, or leave the header out.");
}
