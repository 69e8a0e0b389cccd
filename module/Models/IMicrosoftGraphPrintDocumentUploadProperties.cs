using System.ComponentModel;
using Microsoft.Graph.PowerShell.Runtime;

namespace Microsoft.Graph.PowerShell.Models;

/// <summary>What the service is told of a document before its bytes arrive. Any property can be added to it.</summary>
[TypeConverter(typeof(MicrosoftGraphPrintDocumentUploadPropertiesTypeConverter))]
public interface IMicrosoftGraphPrintDocumentUploadProperties : IAssociativeArray<object?>
{
    /// <summary>The document's content (MIME) type.</summary>
    string? ContentType { get; set; }

    /// <summary>The document's name.</summary>
    string? DocumentName { get; set; }

    /// <summary>The document's size in bytes.</summary>
    long? Size { get; set; }
}
