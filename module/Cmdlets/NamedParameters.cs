namespace MgPrint.PowerShell.Cmdlets;

/// <summary>Which parameters the command line named. Taken before the first record, it leaves out what the pipe will bring.</summary>
internal sealed class NamedParameters(IEnumerable<string> names)
{
    private readonly HashSet<string> _names = new(names, StringComparer.OrdinalIgnoreCase);

    public bool InputObject => _names.Contains("InputObject");

    public bool BodyParameter => _names.Contains("BodyParameter");

    public bool Headers => _names.Contains("Headers");

    /// <summary>The ids of the document, each on its own.</summary>
    public bool Ids => _names.Contains("PrinterId") || _names.Contains("PrintJobId") || _names.Contains("PrintDocumentId");

    /// <summary>The body in parts.</summary>
    public bool BodyInParts => _names.Contains("Properties") || _names.Contains("AdditionalProperties");
}
