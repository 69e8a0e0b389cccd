namespace MgPrint.PowerShell.Models;

/// <summary>An upload session as it is now. Send-MgPrintDocument takes it as it takes the session itself.</summary>
public sealed class UploadSessionStatus : MicrosoftGraphUploadSession
{
    /// <summary>
    /// Bytes of the document that are at the service; null where that is not known. Where the document's size is not
    /// known they are counted up to the end of the last missing range.
    /// </summary>
    public long? BytesThere { get; private init; }

    /// <summary>Bytes of the document that the service still expects; null where that is not known.</summary>
    public long? BytesMissing { get; private init; }

    /// <summary>The state of the service's response.</summary>
    /// <param name="uploadUrl">The URL that was asked, which the answer does not repeat.</param>
    /// <param name="documentSize">The size that the session was created for, where that is known.</param>
    internal static UploadSessionStatus From(
        IEnumerable<KeyValuePair<string, object?>> members, EngineResult result, string uploadUrl, long? documentSize)
    {
        bool isCounted = result.BytesTotal > 0;
        var status = new UploadSessionStatus
        {
            BytesThere = isCounted ? result.BytesSent : null,
            BytesMissing = isCounted ? result.BytesTotal - result.BytesSent : null,
            DocumentSize = documentSize,
        };
        status.Take(members, "", isGiven: false);
        status.UploadUrl ??= uploadUrl;
        return status;
    }
}
