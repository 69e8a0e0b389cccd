using System.Management.Automation;
using MgPrint.PowerShell.Runtime;

namespace MgPrint.PowerShell.Cmdlets;

/// <summary>The variable that -ResponseHeadersVariable names. It tells of the last request alone: no answer, no value.</summary>
internal sealed class ResponseHeadersVariable
{
    private static readonly string[] Scopes = ["global", "script", "local", "private"];

    private readonly SessionState _session;
    private readonly string _name;

    private ResponseHeadersVariable(SessionState session, string name)
    {
        _session = session;
        _name = name;
    }

    /// <summary>The variable of that name, global unless the name says another scope; null for no name.</summary>
    /// <exception cref="ArgumentException">What stands before the colon is no scope.</exception>
    public static ResponseHeadersVariable? Parse(string? name, SessionState session)
    {
        if (string.IsNullOrWhiteSpace(name))
        {
            return null;
        }

        int colon = name.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
        {
            return new ResponseHeadersVariable(session, $"global:{name}");
        }

        string scope = name[..colon];
        return Array.Exists(Scopes, known => known.Equals(scope, StringComparison.OrdinalIgnoreCase)) && colon + 1 < name.Length
            ? new ResponseHeadersVariable(session, name)
            : throw new ArgumentException(
                $"-ResponseHeadersVariable cannot be '{DisplayText.Clean(name)}': expected a variable's name, alone or after one of the scopes {string.Join(", ", Scopes)} and a colon.");
    }

    /// <summary>Forgets the headers of the request before, in a variable that could take new ones.</summary>
    /// <exception cref="VariableException">The variable is read-only, or takes no such value.</exception>
    public void Clear()
    {
        // A variable of another type is seen before anything is sent, and not when the answer is there.
        Write(new Dictionary<string, IEnumerable<string>>());
        Write(null);
    }

    /// <summary>Sets the headers of an answer; leaves the variable alone when none came.</summary>
    /// <exception cref="VariableException">The variable has become read-only, or takes no such value.</exception>
    public void Set(string headersJson)
    {
        if (headersJson.Length > 0)
        {
            Write(HttpHeaders.Parse(headersJson));
        }
    }

    private void Write(object? value)
    {
        try
        {
            _session.PSVariable.Set(_name, value);
        }
        catch (RuntimeException refused)
        {
            throw new VariableException(_name[(_name.IndexOf(':', StringComparison.Ordinal) + 1)..], refused);
        }
    }
}

/// <summary>The variable that -ResponseHeadersVariable names takes no headers.</summary>
internal sealed class VariableException(string name, RuntimeException refused) : Exception(
    $"The variable '{DisplayText.Clean(name)}', which -ResponseHeadersVariable names, cannot hold the headers of an answer. {DisplayText.Clean(refused.Message)}", refused)
{
    /// <summary>The record of it.</summary>
    public ErrorRecord ToRecord() => new(this, "VariableNotWritable", ErrorCategory.WriteError, name);
}
