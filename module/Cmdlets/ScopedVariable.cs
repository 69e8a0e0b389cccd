namespace MgPrint.PowerShell.Cmdlets;

/// <summary>A variable of the caller's that a parameter names: a global one, unless the name says another scope.</summary>
internal sealed class ScopedVariable(SessionState session, string scopedName, string parameter)
{
    private static readonly string[] Scopes = ["global", "script", "local", "private"];

    /// <summary>The variable of that name; null for no name.</summary>
    public static ScopedVariable? Parse(string? name, string parameter, SessionState session)
    {
        if (string.IsNullOrWhiteSpace(name))
        {
            return null;
        }

        return name.Split(':', 2) switch
        {
            [_] => new ScopedVariable(session, $"global:{name}", parameter),
            [var scope, { Length: > 0 }] when Scopes.Contains(scope, StringComparer.OrdinalIgnoreCase) => new(session, name, parameter),
            _ => throw new InputException(
                "InvalidVariableName",
                $"-{parameter} cannot be '{DisplayText.Clean(name)}': expected a variable's name, alone or after one of the scopes "
                    + $"{string.Join(", ", Scopes)} and a colon.",
                target: name),
        };
    }

    public void Set(object? value)
    {
        try
        {
            session.PSVariable.Set(scopedName, value);
        }
        catch (RuntimeException refused)
        {
            string bare = scopedName[(scopedName.IndexOf(':', StringComparison.Ordinal) + 1)..];
            throw new InputException(
                "VariableNotWritable",
                $"The variable '{DisplayText.Clean(bare)}', which -{parameter} names, cannot be set. {DisplayText.Clean(refused.Message)}",
                ErrorCategory.WriteError, bare);
        }
    }
}
