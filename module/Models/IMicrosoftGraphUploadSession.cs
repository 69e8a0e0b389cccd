using System.ComponentModel;
using Microsoft.Graph.PowerShell.Runtime;

namespace Microsoft.Graph.PowerShell.Models;

/// <summary>An upload session: where to send a document, until when, and what is still missing.</summary>
[TypeConverter(typeof(MicrosoftGraphUploadSessionTypeConverter))]
public interface IMicrosoftGraphUploadSession : IAssociativeArray<object?>
{
    /// <summary>When the session ends, in UTC.</summary>
    DateTime? ExpirationDateTime { get; set; }

    /// <summary>The ranges that the server still misses, such as <c>0-4533321</c> (both ends included).</summary>
    string[]? NextExpectedRanges { get; set; }

    /// <summary>Where the bytes go. It carries a secret of its own: whoever has it can write the document.</summary>
    string? UploadUrl { get; set; }
}
