using System.Management.Automation.Language;

namespace MgPrint.PowerShell.Cmdlets;

/// <summary>Offers the names of the printer shares that the service shows.</summary>
internal sealed class ShareCompleter : IArgumentCompleter
{
    /// <summary>A prompt waits no longer for a service that sends no response.</summary>
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(4);

    private const string Names = "(Get-MgPrintShare -All -Property id,displayName -ErrorAction Ignore).DisplayName | Sort-Object -Unique";

    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        string word = (wordToComplete ?? "").Trim('\'', '"');
        using var shell = System.Management.Automation.PowerShell.Create(RunspaceMode.CurrentRunspace);
        using var deadline = new CancellationTokenSource(MaxWait);
        using CancellationTokenRegistration stop = deadline.Token.Register(() => shell.BeginStop(null, null));
        return [.. NamesOf(shell).Where(name => name.Contains(word, StringComparison.OrdinalIgnoreCase))
            .Select(name => new CompletionResult(
                $"'{CodeGeneration.EscapeSingleQuotedStringContent(name)}'", name, CompletionResultType.ParameterValue, name))];
    }

    private static IEnumerable<string> NamesOf(System.Management.Automation.PowerShell shell)
    {
        try
        {
            return shell.AddScript(Names).Invoke<string>().Where(name => !string.IsNullOrEmpty(name));
        }
        catch (PipelineStoppedException)
        {
            return [];
        }
    }
}
