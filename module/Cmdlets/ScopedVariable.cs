using System.Management.Automation;
using MgPrint.PowerShell.Runtime;

namespace MgPrint.PowerShell.Cmdlets;

/// <summary>A variable of the caller's that a parameter names: a global one, unless the name says another scope.</summary>
internal sealed class ScopedVariable
{
    private static readonly string[] Scopes = ["global", "script", "local", "private"];

    private readonly SessionState _session;
    private readonly string _name;
    private readonly string _parameter;

    private ScopedVariable(SessionState session, string name, string parameter) => (_session, _name, _parameter) = (session, name, parameter);

    /// <summary>The variable of that name; null for no name.</summary>
    /// <exception cref="ArgumentException">What stands before the colon is no scope.</exception>
    public static ScopedVariable? Parse(string? name, string parameter, SessionState session)
    {
        if (string.IsNullOrWhiteSpace(name))
        {
            return null;
        }

        int colon = name.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
        {
            return new ScopedVariable(session, $"global:{name}", parameter);
        }

        string scope = name[..colon];
        return Array.Exists(Scopes, known => known.Equals(scope, StringComparison.OrdinalIgnoreCase)) && colon + 1 < name.Length
            ? new ScopedVariable(session, name, parameter)
            : throw new ArgumentException(
                $"-{parameter} cannot be '{DisplayText.Clean(name)}': expected a variable's name, alone or after one of the scopes {string.Join(", ", Scopes)} and a colon.");
    }

    /// <exception cref="VariableException">The variable is read-only, or takes no such value.</exception>
    public void Set(object? value)
    {
        try
        {
            _session.PSVariable.Set(_name, value);
        }
        catch (RuntimeException refused)
        {
            throw new VariableException(_name[(_name.IndexOf(':', StringComparison.Ordinal) + 1)..], _parameter, refused);
        }
    }
}

/// <summary>A variable that a parameter names does not take its value.</summary>
internal sealed class VariableException(string name, string parameter, RuntimeException refused) : Exception(
    $"The variable '{DisplayText.Clean(name)}', which -{parameter} names, cannot hold {(parameter == "ResponseHeadersVariable" ? "the headers of an answer" : "a count")}. {DisplayText.Clean(refused.Message)}", refused)
{
    /// <summary>The record of it.</summary>
    public ErrorRecord ToRecord() => new(this, "VariableNotWritable", ErrorCategory.WriteError, name);
}
