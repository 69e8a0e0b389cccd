using System.Management.Automation.Internal;

namespace MgPrint.PowerShell.Models;

/// <summary>
/// The named values of whatever a person hands over for an object: a hashtable, any other dictionary, a custom or
/// deserialized object, JSON text, or an object of the official module's assembly, whose types bear the names of ours.
/// </summary>
internal static class NamedValues
{
    private const string ModelNamespace = "Microsoft.Graph.PowerShell.Models.";
    private const string DeserializedPrefix = "Deserialized.";
    private const string AdditionalProperties = "AdditionalProperties";

    /// <summary>The value without PowerShell's wrapping; a custom object stays wrapped, since it has no inside.</summary>
    public static object? Unwrap(object? value) => value switch
    {
        PSObject none when ReferenceEquals(none, AutomationNull.Value) => null,
        PSObject { BaseObject: not PSCustomObject } wrapped => Unwrap(wrapped.BaseObject),
        _ => value,
    };

    /// <summary>Whether the value can stand for an object at all. JSON text is told by its first character.</summary>
    public static bool CanRead(object? value) => Unwrap(value) switch
    {
        null => false,
        string text => LooksLikeJsonObject(text),
        IDictionary or PSObject => true,
        IEnumerable<KeyValuePair<string, object?>> => true,
        object other => ModelNameOf(other) is not null || HasProperties(other),
    };

    /// <summary>The names and values, in the order of their source.</summary>
    public static List<KeyValuePair<string, object?>> Read(object? value, string path)
    {
        object? plain = Unwrap(value);
        List<KeyValuePair<string, object?>>? entries = plain switch
        {
            string text => FromJson(text, path),
            IDictionary dictionary => FromDictionary(dictionary),
            PSObject custom => FromObject(custom, isModel: ModelNameOf(custom) is not null),
            not null when ModelNameOf(plain) is not null => FromObject(PSObject.AsPSObject(plain), isModel: true),
            not null when HasProperties(plain) => FromObject(PSObject.AsPSObject(plain), isModel: false),
            // A dictionary that is generic only, such as ExpandoObject.
            IEnumerable<KeyValuePair<string, object?>> pairs => [.. pairs],
            _ => null,
        };

        return entries ?? throw Expectation.NoObject(value, path);
    }

    /// <summary>
    /// The same, of what stands for a model with additional properties: a member <c>AdditionalProperties</c> holds those, as
    /// in the typed object, and in what Select-Object and ConvertTo-Json make of it.
    /// </summary>
    public static List<KeyValuePair<string, object?>> ReadModel(object source, string path, string[] documented)
    {
        List<KeyValuePair<string, object?>> entries = Read(source, path);
        int index = entries.FindIndex(entry => Same(entry.Key, AdditionalProperties));
        if (index < 0 || ModelNameOf(source) is not null)
        {
            return entries;
        }

        (string name, object? additional) = entries[index];
        entries.RemoveAt(index);
        // A typed object that was taken apart shows every documented property; those without a value were never set.
        entries.RemoveAll(entry => Unwrap(entry.Value) is null && Array.Exists(documented, shown => Same(entry.Key, shown)));
        if (Unwrap(additional) is not null)
        {
            entries.InsertRange(0, Read(additional, path.Length == 0 ? name : $"{path}.{name}"));
        }

        return entries;
    }

    /// <summary>Whether a name is spelled like another, letter case aside: the rule for every documented name.</summary>
    public static bool Same(string name, string documented) => string.Equals(name, documented, StringComparison.OrdinalIgnoreCase);

    /// <summary>The short name of the documented model that an object is, in whichever assembly, or was before it was serialized.</summary>
    public static string? ModelNameOf(object? value)
    {
        object? plain = Unwrap(value);
        return plain is PSObject custom
            ? custom.TypeNames.Select(ModelNameIn).FirstOrDefault(name => name is not null)
            : ModelNameIn(plain?.GetType().FullName);
    }

    private static string? ModelNameIn(string? typeName)
    {
        ReadOnlySpan<char> name = typeName;
        if (name.StartsWith(DeserializedPrefix))
        {
            name = name[DeserializedPrefix.Length..];
        }

        // A list of models is none.
        return name.StartsWith(ModelNamespace) && !name.EndsWith("[]") ? name[ModelNamespace.Length..].ToString() : null;
    }

    /// <summary>
    /// Whether it is an object with properties like any other: of a class that a script has defined, or a document that was
    /// sent or printed, whose ids lead on.
    /// </summary>
    private static bool HasProperties(object value) => value is PrintedDocument or SentDocument or FailedDocument
        || (value is not (IEnumerable or ValueType or Exception)
            && value.GetType().Assembly.IsDefined(typeof(DynamicClassImplementationAssemblyAttribute), inherit: false));

    private static bool LooksLikeJsonObject(string text) => text.AsSpan().TrimStart().StartsWith("{");

    private static List<KeyValuePair<string, object?>> FromJson(string text, string path)
    {
        if (!LooksLikeJsonObject(text))
        {
            throw Expectation.NoObject(text, path);
        }

        try
        {
            return [.. JsonTree.Read(Encoding.UTF8.GetBytes(text), isGiven: true)];
        }
        catch (FormatException fault)
        {
            throw new PSInvalidCastException($"{Expectation.Subject(path)} {fault.Message}");
        }
    }

    private static List<KeyValuePair<string, object?>> FromDictionary(IDictionary dictionary)
    {
        var entries = new List<KeyValuePair<string, object?>>(dictionary.Count);
        foreach (DictionaryEntry entry in dictionary)
        {
            entries.Add(new(NameOf(entry.Key), entry.Value));
        }

        return entries;
    }

    private static string NameOf(object? key) => Convert.ToString(Unwrap(key), CultureInfo.InvariantCulture) ?? "";

    /// <summary>
    /// A model of the official assembly, alive or deserialized, shows every documented property; those without a value
    /// were never set. Its additional properties are its own.
    /// </summary>
    private static List<KeyValuePair<string, object?>> FromObject(PSObject source, bool isModel)
    {
        var entries = new List<KeyValuePair<string, object?>>();
        foreach (PSPropertyInfo property in source.Properties.Where(property => property.IsGettable && IsContent(property, isModel)))
        {
            object? value = property.Value;
            if (!isModel)
            {
                entries.Add(new(property.Name, value));
            }
            else if (Same(property.Name, AdditionalProperties))
            {
                if (CanRead(value))
                {
                    entries.InsertRange(0, Read(value, property.Name));
                }
            }
            else if (Unwrap(value) is not null)
            {
                entries.Add(new(JsonNameOf(property.Name), value));
            }
        }

        return entries;
    }

    /// <summary>The name that a model's property has in JSON: the models spell it with a capital, Graph without.</summary>
    private static string JsonNameOf(string property) => char.ToLowerInvariant(property[0]) + property[1..];

    private static bool IsContent(PSPropertyInfo property, bool isModel) =>
        property.MemberType is PSMemberTypes.NoteProperty or PSMemberTypes.Property
        || (!isModel && property.MemberType is PSMemberTypes.ScriptProperty or PSMemberTypes.AliasProperty or PSMemberTypes.CodeProperty);
}
