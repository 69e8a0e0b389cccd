using System.Management.Automation;
using MgPrint.PowerShell.Runtime;

namespace MgPrint.PowerShell.Cmdlets;

/// <summary>The variable that -ResponseHeadersVariable names. It tells of the last request alone: no answer, no value.</summary>
internal sealed class ResponseHeadersVariable
{
    private readonly ScopedVariable _variable;

    private ResponseHeadersVariable(ScopedVariable variable) => _variable = variable;

    /// <summary>The variable of that name; null for no name.</summary>
    /// <exception cref="ArgumentException">What stands before the colon is no scope.</exception>
    public static ResponseHeadersVariable? Parse(string? name, SessionState session) =>
        ScopedVariable.Parse(name, nameof(ResponseHeadersVariable), session) is ScopedVariable variable ? new ResponseHeadersVariable(variable) : null;

    /// <summary>Forgets the headers of the request before, in a variable that could take new ones.</summary>
    /// <exception cref="VariableException">The variable is read-only, or takes no such value.</exception>
    public void Clear()
    {
        // A variable of another type is seen before anything is sent, and not when the answer is there.
        _variable.Set(new Dictionary<string, IEnumerable<string>>());
        _variable.Set(null);
    }

    /// <summary>Sets the headers of an answer; leaves the variable alone when none came.</summary>
    /// <exception cref="VariableException">The variable has become read-only, or takes no such value.</exception>
    public void Set(string headersJson)
    {
        if (headersJson.Length > 0)
        {
            _variable.Set(HttpHeaders.Parse(headersJson));
        }
    }
}
