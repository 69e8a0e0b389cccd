using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using System.Reflection;

namespace PwshHost;

/// <summary>The engine cannot be started; the message is for the person who tried.</summary>
internal sealed class StartException(string message, Exception cause) : Exception(message, cause);

/// <summary>One runspace of the engine, and the one thing it is asked to run.</summary>
internal sealed class Session : IDisposable
{
    private readonly Arguments _arguments;
    private readonly Interruption _interruption;
    private readonly ScriptHost _host;
    private readonly Runspace _runspace;
    private readonly Execution _execution;

    public Session(Arguments arguments, Screen screen, Interruption interruption)
    {
        _arguments = arguments;
        _interruption = interruption;
        _host = new ScriptHost(screen, new Prompts(screen, interruption, arguments.NonInteractive), interruption);
        _runspace = RunspaceFactory.CreateRunspace(_host, InitialSessionState.CreateDefault2());
        _runspace.ThreadOptions = PSThreadOptions.ReuseThread;
        _execution = new Execution(_runspace, _host, interruption);
        _host.Attach(_execution);
    }

    /// <summary>The engine's version, as <c>$PSVersionTable.PSVersion</c> has it.</summary>
    public static Version EngineVersion { get; } = ReadEngineVersion();

    public void Dispose() => _runspace.Dispose();

    /// <summary>Runs what was asked for, and gives the process's exit code.</summary>
    public int Run()
    {
        Open();
        _runspace.SessionStateProxy.SetVariable("PROFILE", ProfilePath());
        if (_arguments.WorkingDirectory is { } directory)
        {
            _runspace.SessionStateProxy.Path.SetLocation(WildcardPattern.Escape(directory));
        }

        var succeeded = _arguments.Request switch
        {
            Request.File => RunFile(),
            Request.Command => RunText(_arguments.Target, UsesInput(_arguments.Target)),
            _ => RunStandardInput(),
        };

        return _interruption.ExitCode
            ?? _host.ExitRequest
            ?? (succeeded && _execution.LastStatementSucceeded() ? ExitCode.Success : ExitCode.Failure);
    }

    private void Open()
    {
        try
        {
            _runspace.Open();
        }
        catch (Exception failure)
        {
            throw new StartException($"The PowerShell engine {EngineVersion} could not be started: {failure.Message}", failure);
        }
    }

    private bool RunFile()
    {
        string text;
        try
        {
            text = File.ReadAllText(_arguments.Target);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            _execution.Show(failure);
            return false;
        }

        // As in pwsh: a script without the extension (a "#!" script) is run from its text.
        var command = _arguments.Target.EndsWith(".ps1", StringComparison.OrdinalIgnoreCase)
            ? new Command(_arguments.Target, isScript: false, useLocalScope: false)
            : new Command(text, isScript: true, useLocalScope: false);
        foreach (var parameter in _arguments.Parameters)
        {
            command.Parameters.Add(parameter);
        }

        EngineSwitches.LetExitEndTheSession(_runspace);
        var pipeline = _runspace.CreatePipeline();
        pipeline.Commands.Add(command);
        return _execution.Run(pipeline, UsesInput(text));
    }

    private bool RunText(string text, bool readInput)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return true;
        }

        // The engine keeps silent about a text that ends too early, for a prompt that would ask for the next line.
        Parser.ParseInput(text, out _, out var errors);
        if (errors.Length > 0)
        {
            _execution.Show(new ParseException(errors));
            return false;
        }

        return _execution.Run(_runspace.CreatePipeline(text, addToHistory: true), readInput);
    }

    // Statement by statement: each is run as soon as it is complete, as at a prompt. As there, a failure of one does not
    // hold up the next, and the last one decides.
    private bool RunStandardInput()
    {
        var succeeded = true;
        var pending = "";
        string? line;
        do
        {
            line = StandardInput.ReadLine(_interruption.Token);
            pending = pending.Length == 0 ? line ?? "" : $"{pending}\n{line}";
            if (line is not null && Execution.IsIncomplete(pending))
            {
                continue;
            }

            succeeded = string.IsNullOrWhiteSpace(pending) ? succeeded : RunText(pending, readInput: false);
            pending = "";
        }
        while (line is not null && _host.ExitRequest is null && _interruption.ExitCode is null);

        return succeeded;
    }

    // Standard input belongs to the programs that the script starts, unless the script itself names $input.
    private static bool UsesInput(string text) =>
        Console.IsInputRedirected
        && Parser.ParseInput(text, out _, out _).Find(
            static ast => ast is VariableExpressionAst { VariablePath: { IsVariable: true, UserPath: var name } }
                && name.Equals("input", StringComparison.OrdinalIgnoreCase),
            searchNestedScriptBlocks: true) is not null;

    // The assembly's own version stays the same through a series of releases; the file's does not.
    private static Version ReadEngineVersion()
    {
        var file = typeof(PSObject).Assembly.GetCustomAttribute<AssemblyFileVersionAttribute>()!;
        var version = new Version(file.Version);
        return new Version(version.Major, version.Minor, version.Build);
    }

    // Set though it is never loaded, as in pwsh -NoProfile.
    private static string ProfilePath() => Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData), "powershell", "Microsoft.PowerShell_profile.ps1");
}
