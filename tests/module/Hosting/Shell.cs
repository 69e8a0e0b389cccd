using System.Collections.ObjectModel;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Management.Automation.Runspaces;

namespace MgPrint.PowerShell.Tests.Hosting;

/// <summary>A runspace of the real PowerShell engine with the built module imported.</summary>
internal sealed class Shell : IDisposable
{
    private readonly Runspace _runspace;

    public Shell(PSHost? host = null, bool importModule = true)
    {
        InitialSessionState state = InitialSessionState.CreateDefault2();
        state.ThrowOnRunspaceOpenError = true;
        if (importModule)
        {
            state.ImportPSModule(Repository.ModuleManifest);
        }

        _runspace = host is null ? RunspaceFactory.CreateRunspace(state) : RunspaceFactory.CreateRunspace(host, state);
        _runspace.Open();
    }

    public Runspace Runspace => _runspace;

    /// <summary>Runs a script to its end and tells all that came of it.</summary>
    /// <param name="script">PowerShell source.</param>
    /// <param name="variables">Values that the script sees as variables.</param>
    public Outcome Run(string script, params (string Name, object? Value)[] variables) => RunPiped(script, null, variables);

    /// <summary>Runs a script with input on its pipeline.</summary>
    public Outcome RunPiped(string script, IEnumerable<object?>? input, params (string Name, object? Value)[] variables)
    {
        foreach ((string name, object? value) in variables)
        {
            _runspace.SessionStateProxy.SetVariable(name, value);
        }

        using var shell = System.Management.Automation.PowerShell.Create(_runspace);
        shell.AddScript(script);
        Collection<PSObject> output = [];
        Exception? thrown = null;
        try
        {
            shell.Invoke(input, output);
        }
        catch (RuntimeException failure)
        {
            thrown = failure;
        }

        return new Outcome(
            [.. output], [.. shell.Streams.Error], thrown, [.. shell.Streams.Warning.Select(record => record.Message)],
            [.. shell.Streams.Verbose.Select(record => record.Message)], [.. shell.Streams.Debug.Select(record => record.Message)],
            [.. shell.Streams.Progress], [.. shell.Streams.Information.Select(record => record.ToString())]);
    }

    public object? Variable(string name) => _runspace.SessionStateProxy.GetVariable(name);

    public void Dispose() => _runspace.Dispose();
}

/// <summary>Everything that a script left behind.</summary>
internal sealed record Outcome(
    IReadOnlyList<PSObject> Output,
    IReadOnlyList<ErrorRecord> Errors,
    Exception? Thrown,
    IReadOnlyList<string> Warnings,
    IReadOnlyList<string> Verbose,
    IReadOnlyList<string> Debug,
    IReadOnlyList<ProgressRecord> Progress,
    IReadOnlyList<string> Information)
{
    /// <summary>The one output of a script that must have gone well.</summary>
    public PSObject Single()
    {
        AssertQuiet();
        return Assert.Single(Output);
    }

    /// <summary>The one error of a script, thrown or written.</summary>
    public ErrorRecord Error() => Thrown is IContainsErrorRecord thrown ? thrown.ErrorRecord : Assert.Single(Errors);

    /// <summary>Fails when the script had errors, and tells them.</summary>
    public Outcome AssertQuiet()
    {
        Assert.True(Thrown is null, Thrown?.ToString());
        Assert.True(Errors.Count == 0,
            string.Join(Environment.NewLine,
                Errors.Select(error => string.Create(CultureInfo.InvariantCulture, $"{error.FullyQualifiedErrorId}: {error}"))));
        return this;
    }
}
