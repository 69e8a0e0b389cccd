namespace MgPrint.PowerShell.Models;

/// <summary>
/// Sees to it that each name of an object is given once. Names that differ in letter case alone are one documented
/// property; which of the two values was meant, nobody can tell.
/// </summary>
internal sealed class OnceEach(string path)
{
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);

    /// <summary>The place of a member, for errors.</summary>
    public string PathOf(string name)
    {
        string memberPath = path.Length == 0 ? name : $"{path}.{name}";
        return _seen.Add(name)
            ? memberPath
            : throw new PSInvalidCastException($"{Expectation.Subject(memberPath)} is given more than once.");
    }
}
