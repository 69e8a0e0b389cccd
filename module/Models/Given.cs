using System.Management.Automation;

namespace MgPrint.PowerShell.Models;

/// <summary>A property's value, and whether one was given at all: a null that was given is sent, one that was not is left out.</summary>
internal readonly struct Given<T>(T value)
{
    /// <summary>Whether a value was given, be it null.</summary>
    public bool IsGiven { get; } = true;

    /// <summary>The value, or the type's default when none was given.</summary>
    public T Value { get; } = value;

    /// <summary>Writes the member when a value was given.</summary>
    /// <exception cref="JsonTextException">The additional properties have one of that name too.</exception>
    public void WriteTo(JsonText json, string name, Dictionary<string, object?> additional, string path)
    {
        if (!IsGiven)
        {
            return;
        }

        if (additional.ContainsKey(name))
        {
            throw new JsonTextException(
                $"{Expectation.Subject(path.Length == 0 ? name : $"{path}.{name}")} is given twice: as the documented property and among the additional ones.");
        }

        json.Member(name, Value, path);
    }
}

/// <summary>
/// Sees to it that each name of an object is given once. Names that differ in letter case alone are one documented
/// property; which of the two values was meant, nobody can tell.
/// </summary>
internal sealed class OnceEach(string path)
{
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);

    /// <summary>The place of a member, for errors.</summary>
    /// <exception cref="PSInvalidCastException">The name was given before.</exception>
    public string PathOf(string name)
    {
        string memberPath = path.Length == 0 ? name : $"{path}.{name}";
        return _seen.Add(name)
            ? memberPath
            : throw new PSInvalidCastException($"{Expectation.Subject(memberPath)} is given more than once.");
    }
}
