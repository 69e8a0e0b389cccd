namespace MgPrint.PowerShell.Cmdlets;

/// <summary>Which parameters the command line named. Taken before the first record, it leaves out what the pipe will bring.</summary>
internal sealed class NamedParameters(IEnumerable<string> names)
{
    private readonly HashSet<string> _names = new(names, StringComparer.OrdinalIgnoreCase);

    public bool InputObject => Has("InputObject");

    public bool BodyParameter => Has("BodyParameter");

    public bool Headers => Has("Headers");

    /// <summary>The ids of the document, each on its own.</summary>
    public bool Ids => Has("PrinterId") || Has("PrintJobId") || Has("PrintDocumentId");

    public bool WholeAddress => (Has("PrinterId") || Has("PrinterShareId")) && Has("PrintJobId") && Has("PrintDocumentId");

    public bool IsDocumentNamed => Ids || InputObject;

    /// <summary>The body, whole or in parts.</summary>
    public bool IsBodyNamed => BodyParameter || Has("Properties") || Has("AdditionalProperties");

    public bool Has(string name) => _names.Contains(name);
}
