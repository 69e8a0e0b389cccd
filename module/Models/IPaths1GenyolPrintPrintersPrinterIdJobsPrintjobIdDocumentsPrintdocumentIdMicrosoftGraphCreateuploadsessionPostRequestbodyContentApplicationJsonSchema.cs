using System.ComponentModel;

namespace Microsoft.Graph.PowerShell.Models;

/// <summary>The body of the createUploadSession request. Any property can be added to it.</summary>
[TypeConverter(typeof(Paths1GenyolPrintPrintersPrinterIdJobsPrintjobIdDocumentsPrintdocumentIdMicrosoftGraphCreateuploadsessionPostRequestbodyContentApplicationJsonSchemaTypeConverter))]
public interface IPaths1GenyolPrintPrintersPrinterIdJobsPrintjobIdDocumentsPrintdocumentIdMicrosoftGraphCreateuploadsessionPostRequestbodyContentApplicationJsonSchema
{
    /// <summary>Properties beside the documented ones, under the names they are sent with.</summary>
    IDictionary<string, object?> AdditionalProperties { get; }

    /// <summary>printDocumentUploadProperties: what the service is told of the document.</summary>
    IMicrosoftGraphPrintDocumentUploadProperties? Properties { get; set; }
}
