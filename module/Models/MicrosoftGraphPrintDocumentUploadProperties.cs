using System.Collections;
using System.ComponentModel;
using System.Management.Automation;
using System.Runtime.CompilerServices;
using MgPrint.PowerShell.Models;

namespace Microsoft.Graph.PowerShell.Models;

/// <inheritdoc cref="IMicrosoftGraphPrintDocumentUploadProperties"/>
[TypeConverter(typeof(MicrosoftGraphPrintDocumentUploadPropertiesTypeConverter))]
public class MicrosoftGraphPrintDocumentUploadProperties : IMicrosoftGraphPrintDocumentUploadProperties, IJsonModel
{
    private static readonly string[] Names = [nameof(ContentType), nameof(DocumentName), nameof(Size)];

    private readonly Dictionary<string, object?> _additional = new(StringComparer.Ordinal);
    private Given<string?> _contentType;
    private Given<string?> _documentName;
    private Given<long?> _size;

    /// <inheritdoc/>
    public string? ContentType
    {
        get => _contentType.Value;
        set => _contentType = new(value);
    }

    /// <inheritdoc/>
    public string? DocumentName
    {
        get => _documentName.Value;
        set => _documentName = new(value);
    }

    /// <inheritdoc/>
    public long? Size
    {
        get => _size.Value;
        set => _size = new(value);
    }

    /// <inheritdoc/>
    public IDictionary<string, object?> AdditionalProperties => _additional;

    /// <inheritdoc/>
    [IndexerName("EntityItem")]
    public object? this[string index]
    {
        get => _additional[index];
        set => _additional[index] = value;
    }

    /// <summary>The properties that a dictionary describes.</summary>
    public static IMicrosoftGraphPrintDocumentUploadProperties DeserializeFromDictionary(IDictionary content) => From(content, "");

    /// <summary>The properties that an object describes.</summary>
    public static IMicrosoftGraphPrintDocumentUploadProperties DeserializeFromPSObject(PSObject content) => From(content, "");

    /// <summary>The properties that JSON text describes.</summary>
    /// <exception cref="System.Management.Automation.PSInvalidCastException">The text is no JSON object, or a value in it is not of the documented type.</exception>
    public static IMicrosoftGraphPrintDocumentUploadProperties FromJsonString(string jsonText) => From(jsonText, "");

    /// <summary>The properties as compact JSON text: what would be sent.</summary>
    public string ToJsonString() => JsonText.Of(this);

    /// <inheritdoc/>
    public void Add(string key, object? value) => _additional.Add(key, value);

    /// <inheritdoc/>
    public bool ContainsKey(string key) => _additional.ContainsKey(key);

    /// <inheritdoc/>
    public bool Remove(string key) => _additional.Remove(key);

    /// <inheritdoc/>
    public bool TryGetValue(string key, out object? value) => _additional.TryGetValue(key, out value);

    /// <inheritdoc/>
    public void Clear() => _additional.Clear();

    /// <summary>Takes over the entries of a dictionary that are no documented properties.</summary>
    public void CopyFrom(IDictionary source) => NamedValues.CopyAllBut(Names, source, _additional);

    /// <summary>Takes over the properties of an object that are no documented ones.</summary>
    public void CopyFrom(PSObject source) => NamedValues.CopyAllBut(Names, source, _additional);

    /// <summary>Whether a name is one of the documented properties.</summary>
    internal static bool Knows(string name) => Array.Exists(Names, known => NamedValues.Same(name, known));

    /// <summary>The properties that a hashtable, custom object or JSON text describes.</summary>
    /// <param name="source">Anything that <see cref="NamedValues"/> reads.</param>
    /// <param name="path">Where it stands in the body, for errors; empty for a value of its own.</param>
    internal static MicrosoftGraphPrintDocumentUploadProperties From(object source, string path)
    {
        var properties = new MicrosoftGraphPrintDocumentUploadProperties();
        var names = new OnceEach(path);
        foreach ((string name, object? value) in NamedValues.ReadModel(source, path, Names))
        {
            if (NamedValues.Same(name, nameof(ContentType)))
            {
                properties.ContentType = Expectation.Text(value, names.PathOf("contentType"));
            }
            else if (NamedValues.Same(name, nameof(DocumentName)))
            {
                properties.DocumentName = Expectation.Text(value, names.PathOf("documentName"));
            }
            else if (NamedValues.Same(name, nameof(Size)))
            {
                properties.Size = Expectation.WholeNumber(value, names.PathOf("size"));
            }
            else
            {
                _ = names.PathOf(name);
                properties._additional[name] = value;
            }
        }

        return properties;
    }

    void IJsonModel.WriteTo(JsonText json, string path)
    {
        foreach ((string name, object? value) in _additional)
        {
            json.Member(name, value, path);
        }

        _contentType.WriteTo(json, "contentType", _additional, path);
        _documentName.WriteTo(json, "documentName", _additional, path);
        _size.WriteTo(json, "size", _additional, path);
    }
}
