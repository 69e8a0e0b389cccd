namespace MgPrint.PowerShell.Cmdlets;

/// <summary>The share or the printer that documents are printed to, and how.</summary>
/// <param name="To">The one of them that is given.</param>
/// <param name="Asked">The same as it was given.</param>
internal sealed record PrintDestination(
    (string? ShareName, string? ShareId, string? PrinterId) To, string Configuration, IDictionary Asked)
{
    /// <summary>Tells it from others.</summary>
    public string Path => To.ShareName is string name ? $"share {name.ToLowerInvariant()}"
        : To.ShareId is string id ? $"shares/{id}"
        : $"printers/{To.PrinterId}";

    /// <summary>The share or printer in words.</summary>
    public override string ToString() => To.PrinterId is string printer
        ? $"the printer '{DisplayText.Clean(printer)}'"
        : $"the printer share '{DisplayText.Clean(To.ShareName ?? To.ShareId)}'";
}
