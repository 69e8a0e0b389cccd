using System.ComponentModel;
using MgPrint.PowerShell.Models;

namespace Microsoft.Graph.PowerShell.Models;

/// <inheritdoc cref="IPaths1GenyolPrintPrintersPrinterIdJobsPrintjobIdDocumentsPrintdocumentIdMicrosoftGraphCreateuploadsessionPostRequestbodyContentApplicationJsonSchema"/>
[TypeConverter(typeof(Paths1GenyolPrintPrintersPrinterIdJobsPrintjobIdDocumentsPrintdocumentIdMicrosoftGraphCreateuploadsessionPostRequestbodyContentApplicationJsonSchemaTypeConverter))]
public class Paths1GenyolPrintPrintersPrinterIdJobsPrintjobIdDocumentsPrintdocumentIdMicrosoftGraphCreateuploadsessionPostRequestbodyContentApplicationJsonSchema : IPaths1GenyolPrintPrintersPrinterIdJobsPrintjobIdDocumentsPrintdocumentIdMicrosoftGraphCreateuploadsessionPostRequestbodyContentApplicationJsonSchema, IJsonModel
{
    private Given<IMicrosoftGraphPrintDocumentUploadProperties?> _properties;

    /// <inheritdoc/>
    public IDictionary<string, object?> AdditionalProperties { get; } = new Dictionary<string, object?>(StringComparer.Ordinal);

    /// <inheritdoc/>
    public IMicrosoftGraphPrintDocumentUploadProperties? Properties
    {
        get => _properties.Value;
        set => _properties = new(value);
    }

    /// <summary>Whether <c>properties</c> were given, be it as null.</summary>
    internal bool HasProperties => _properties.IsGiven;

    /// <summary>Whether it was made of a dictionary without any of a body's names: piped, that would be headers.</summary>
    internal bool LooksLikeHeaders { get; private init; }

    /// <summary>The body that JSON text describes.</summary>
    /// <exception cref="System.Management.Automation.PSInvalidCastException">The text is no JSON object, or a value in it is not of the documented type.</exception>
    public static IPaths1GenyolPrintPrintersPrinterIdJobsPrintjobIdDocumentsPrintdocumentIdMicrosoftGraphCreateuploadsessionPostRequestbodyContentApplicationJsonSchema FromJsonString(string jsonText) => From(jsonText);

    /// <summary>The body as compact JSON text: what would be sent.</summary>
    public string ToJsonString() => JsonText.Of(this);

    /// <summary>Whether a name says that an object is a body: the documented names of both its levels.</summary>
    internal static bool Knows(string name) =>
        NamedValues.Same(name, nameof(Properties))
        || NamedValues.Same(name, nameof(IMicrosoftGraphPrintDocumentUploadProperties.ContentType))
        || NamedValues.Same(name, nameof(IMicrosoftGraphPrintDocumentUploadProperties.DocumentName))
        || NamedValues.Same(name, nameof(IMicrosoftGraphPrintDocumentUploadProperties.Size));

    /// <summary>The body that a hashtable, custom object or JSON text describes.</summary>
    internal static Paths1GenyolPrintPrintersPrinterIdJobsPrintjobIdDocumentsPrintdocumentIdMicrosoftGraphCreateuploadsessionPostRequestbodyContentApplicationJsonSchema From(object source)
    {
        var body = new Paths1GenyolPrintPrintersPrinterIdJobsPrintjobIdDocumentsPrintdocumentIdMicrosoftGraphCreateuploadsessionPostRequestbodyContentApplicationJsonSchema
        {
            LooksLikeHeaders = NamedValues.Unwrap(source) is System.Collections.IDictionary && ModelShape.Of(source) == Looks.LikeNeither,
        };
        var names = new OnceEach("");
        foreach ((string name, object? value) in NamedValues.Read(source, ""))
        {
            if (NamedValues.Same(name, nameof(Properties)))
            {
                body.Properties = PropertiesFrom(value, names.PathOf("properties"));
            }
            else
            {
                body.AdditionalProperties[names.PathOf(name)] = value;
            }
        }

        return body;
    }

    void IJsonModel.WriteTo(JsonText json, string path)
    {
        foreach ((string name, object? value) in AdditionalProperties)
        {
            json.Member(name, value, path);
        }

        _properties.WriteTo(json, "properties", path);
    }

    private static IMicrosoftGraphPrintDocumentUploadProperties? PropertiesFrom(object? value, string path) => NamedValues.Unwrap(value) switch
    {
        null => null,
        IMicrosoftGraphPrintDocumentUploadProperties typed => typed,
        object other => MicrosoftGraphPrintDocumentUploadProperties.From(other, path),
    };
}
