using System.Management.Automation.Language;

namespace MgPrint.PowerShell.Cmdlets;

/// <summary>Offers the names of the printer shares that the service shows.</summary>
internal sealed class ShareCompleter : IArgumentCompleter
{
    private const string Names = "(Get-MgPrintShare -All -Property id,displayName -ErrorAction Ignore).DisplayName | Sort-Object -Unique";

    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        string word = (wordToComplete ?? "").Trim('\'', '"');
        using var shell = System.Management.Automation.PowerShell.Create(RunspaceMode.CurrentRunspace);
        IEnumerable<string> names = shell.AddScript(Names).Invoke<string>().Where(name => !string.IsNullOrEmpty(name));
        return [.. names.Where(name => name.Contains(word, StringComparison.OrdinalIgnoreCase))
            .Select(name => new CompletionResult(
                $"'{CodeGeneration.EscapeSingleQuotedStringContent(name)}'", name, CompletionResultType.ParameterValue, name))];
    }
}
