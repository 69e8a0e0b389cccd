using System.Management.Automation;

namespace MgPrint.PowerShell.Cmdlets;

/// <summary>
/// Leaves a piped object that names a file or a print document, and no upload URL, to the parameters of those names. Once
/// PowerShell has bound it as a session too, it takes the default parameter set and looks for a -LiteralPath no more.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class UploadSessionAttribute : ArgumentTransformationAttribute
{
    private static readonly string[] NamesOfOthers =
    [
        nameof(SendMgPrintDocument.Path), "FullName", nameof(SendMgPrintDocument.LiteralPath), "PSPath",
        nameof(SendMgPrintDocument.PrinterId), nameof(SendMgPrintDocument.PrinterShareId),
        nameof(SendMgPrintDocument.PrintJobId), nameof(SendMgPrintDocument.PrintDocumentId),
    ];

    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        if (inputData is null or string || UploadTarget.HasUrl(inputData))
        {
            return inputData;
        }

        PSMemberInfoCollection<PSPropertyInfo> properties = PSObject.AsPSObject(inputData).Properties;
        return Array.TrueForAll(NamesOfOthers, name => properties[name] is null)
            ? inputData
            : throw new ArgumentTransformationMetadataException(NoUrl, new PSInvalidCastException(NoUrl));
    }

    private const string NoUrl = "The object has no uploadUrl, so it is no upload session.";
}
