using System.ComponentModel;
using Microsoft.Graph.PowerShell.Runtime;

namespace Microsoft.Graph.PowerShell.Models;

/// <summary>The body of the createUploadSession request. Any property can be added to it.</summary>
[TypeConverter(typeof(Paths1GenyolPrintPrintersPrinterIdJobsPrintjobIdDocumentsPrintdocumentIdMicrosoftGraphCreateuploadsessionPostRequestbodyContentApplicationJsonSchemaTypeConverter))]
public interface IPaths1GenyolPrintPrintersPrinterIdJobsPrintjobIdDocumentsPrintdocumentIdMicrosoftGraphCreateuploadsessionPostRequestbodyContentApplicationJsonSchema : IAssociativeArray<object?>
{
    /// <summary>printDocumentUploadProperties: what the service is told of the document.</summary>
    IMicrosoftGraphPrintDocumentUploadProperties? Properties { get; set; }
}
