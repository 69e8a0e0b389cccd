using System.ComponentModel;
using MgPrint.PowerShell.Models;

namespace Microsoft.Graph.PowerShell.Models;

/// <inheritdoc cref="IMicrosoftGraphPrintDocumentUploadProperties"/>
[TypeConverter(typeof(MicrosoftGraphPrintDocumentUploadPropertiesTypeConverter))]
public class MicrosoftGraphPrintDocumentUploadProperties : IMicrosoftGraphPrintDocumentUploadProperties, IJsonModel
{
    private Given<string?> _contentType;
    private Given<string?> _documentName;
    private Given<long?> _size;

    /// <inheritdoc/>
    public IDictionary<string, object?> AdditionalProperties { get; } = new Dictionary<string, object?>(StringComparer.Ordinal);

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

    /// <summary>The properties that JSON text describes.</summary>
    /// <exception cref="System.Management.Automation.PSInvalidCastException">The text is no JSON object, or a value in it is not of the documented type.</exception>
    public static IMicrosoftGraphPrintDocumentUploadProperties FromJsonString(string jsonText) => From(jsonText, "");

    /// <summary>The properties as compact JSON text: what would be sent.</summary>
    public string ToJsonString() => JsonText.Of(this);

    /// <summary>The properties that a hashtable, custom object or JSON text describes.</summary>
    /// <param name="source">Anything that <see cref="NamedValues"/> reads.</param>
    /// <param name="path">Where it stands in the body, for errors; empty for a value of its own.</param>
    internal static MicrosoftGraphPrintDocumentUploadProperties From(object source, string path)
    {
        var properties = new MicrosoftGraphPrintDocumentUploadProperties();
        var names = new OnceEach(path);
        foreach ((string name, object? value) in NamedValues.Read(source, path))
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
                properties.AdditionalProperties[name] = value;
            }
        }

        return properties;
    }

    void IJsonModel.WriteTo(JsonText json, string path)
    {
        foreach ((string name, object? value) in AdditionalProperties)
        {
            json.Member(name, value, path);
        }

        _contentType.WriteTo(json, "contentType", path);
        _documentName.WriteTo(json, "documentName", path);
        _size.WriteTo(json, "size", path);
    }
}
