using System.Collections;
using System.ComponentModel;
using System.Management.Automation;
using System.Runtime.CompilerServices;
using MgPrint.PowerShell.Models;

namespace Microsoft.Graph.PowerShell.Models;

/// <inheritdoc cref="IPaths1GenyolPrintPrintersPrinterIdJobsPrintjobIdDocumentsPrintdocumentIdMicrosoftGraphCreateuploadsessionPostRequestbodyContentApplicationJsonSchema"/>
[TypeConverter(typeof(Paths1GenyolPrintPrintersPrinterIdJobsPrintjobIdDocumentsPrintdocumentIdMicrosoftGraphCreateuploadsessionPostRequestbodyContentApplicationJsonSchemaTypeConverter))]
public class Paths1GenyolPrintPrintersPrinterIdJobsPrintjobIdDocumentsPrintdocumentIdMicrosoftGraphCreateuploadsessionPostRequestbodyContentApplicationJsonSchema : IPaths1GenyolPrintPrintersPrinterIdJobsPrintjobIdDocumentsPrintdocumentIdMicrosoftGraphCreateuploadsessionPostRequestbodyContentApplicationJsonSchema, IJsonModel, IGivenModel
{
    private static readonly string[] Names = [nameof(Properties)];

    private readonly Dictionary<string, object?> _additional = new(StringComparer.Ordinal);
    private Given<IMicrosoftGraphPrintDocumentUploadProperties?> _properties;

    /// <inheritdoc/>
    public IMicrosoftGraphPrintDocumentUploadProperties? Properties
    {
        get => _properties.Value;
        set => _properties = new(value);
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

    /// <summary>Whether <c>properties</c> were given, be it as null.</summary>
    internal bool HasProperties => _properties.IsGiven;

    object? IGivenModel.MadeOf { get; set; }

    /// <summary>The body that a dictionary describes.</summary>
    public static IPaths1GenyolPrintPrintersPrinterIdJobsPrintjobIdDocumentsPrintdocumentIdMicrosoftGraphCreateuploadsessionPostRequestbodyContentApplicationJsonSchema DeserializeFromDictionary(IDictionary content) => From(content);

    /// <summary>The body that an object describes.</summary>
    public static IPaths1GenyolPrintPrintersPrinterIdJobsPrintjobIdDocumentsPrintdocumentIdMicrosoftGraphCreateuploadsessionPostRequestbodyContentApplicationJsonSchema DeserializeFromPSObject(PSObject content) => From(content);

    /// <summary>The body that JSON text describes.</summary>
    /// <exception cref="System.Management.Automation.PSInvalidCastException">The text is no JSON object, or a value in it is not of the documented type.</exception>
    public static IPaths1GenyolPrintPrintersPrinterIdJobsPrintjobIdDocumentsPrintdocumentIdMicrosoftGraphCreateuploadsessionPostRequestbodyContentApplicationJsonSchema FromJsonString(string jsonText) => From(jsonText);

    /// <summary>The body as compact JSON text: what would be sent.</summary>
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

    /// <summary>
    /// The body that a hashtable, custom object or JSON text describes. Typed upload properties are the properties of one.
    /// </summary>
    internal static Paths1GenyolPrintPrintersPrinterIdJobsPrintjobIdDocumentsPrintdocumentIdMicrosoftGraphCreateuploadsessionPostRequestbodyContentApplicationJsonSchema From(object source)
    {
        var body = new Paths1GenyolPrintPrintersPrinterIdJobsPrintjobIdDocumentsPrintdocumentIdMicrosoftGraphCreateuploadsessionPostRequestbodyContentApplicationJsonSchema();
        if (NamedValues.ModelNameOf(source) == nameof(MicrosoftGraphPrintDocumentUploadProperties))
        {
            body.Properties = PropertiesFrom(source, "properties");
            return body;
        }

        var names = new OnceEach("");
        foreach ((string name, object? value) in NamedValues.ReadModel(source, "", Names))
        {
            if (NamedValues.Same(name, nameof(Properties)))
            {
                body.Properties = PropertiesFrom(value, names.PathOf("properties"));
            }
            else
            {
                body._additional[names.PathOf(name)] = value;
            }
        }

        return body;
    }

    void IJsonModel.WriteTo(JsonText json, string path)
    {
        foreach ((string name, object? value) in _additional)
        {
            json.Member(name, value, path);
        }

        _properties.WriteTo(json, "properties", _additional, path);
    }

    private static IMicrosoftGraphPrintDocumentUploadProperties? PropertiesFrom(object? value, string path) => NamedValues.Unwrap(value) switch
    {
        null => null,
        IMicrosoftGraphPrintDocumentUploadProperties typed => typed,
        object other => MicrosoftGraphPrintDocumentUploadProperties.From(other, path),
    };
}
