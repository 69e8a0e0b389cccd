using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using System.Reflection;

namespace PwshHost;

/// <summary>One runspace of the engine, and the one thing it is asked to run.</summary>
internal sealed class Session : IDisposable
{
    private readonly Arguments _arguments;
    private readonly Screen _screen;
    private readonly Interruption _interruption;
    private readonly ScriptHost _host;
    private readonly Runspace _runspace;

    public Session(Arguments arguments, Screen screen, Interruption interruption)
    {
        _arguments = arguments;
        _screen = screen;
        _interruption = interruption;
        _runspace = null!;
        _host = new ScriptHost(screen, new Prompts(screen, interruption, arguments.NonInteractive), () => _runspace!);
        _runspace = RunspaceFactory.CreateRunspace(_host, InitialSessionState.CreateDefault2());
    }

    /// <summary>The engine's version, as <c>$PSVersionTable.PSVersion</c> has it.</summary>
    public static Version EngineVersion { get; } =
        typeof(PSObject).Assembly.GetName().Version is { } v ? new Version(v.Major, v.Minor, v.Build) : new Version();

    public void Dispose() => _runspace.Dispose();

    /// <summary>Runs what was asked for, and gives the process's exit code.</summary>
    public int Run()
    {
        _runspace.ThreadOptions = PSThreadOptions.ReuseThread;
        _runspace.Open();
        _runspace.SessionStateProxy.SetVariable("PROFILE", "");
        if (_arguments.WorkingDirectory is { } directory)
        {
            _runspace.SessionStateProxy.Path.SetLocation(WildcardPattern.Escape(Path.GetFullPath(directory)));
        }

        var failure = _arguments.Request switch
        {
            Request.File => RunFile(),
            Request.Command => RunText(_arguments.Target, UsesInput(_arguments.Target)),
            _ => RunStandardInput(),
        };

        _screen.EndProgress();
        if (_interruption.ExitCode is { } interrupted)
        {
            return interrupted;
        }

        if (_host.ExitRequest is { } requested)
        {
            return requested;
        }

        return failure is null && LastStatementSucceeded() ? ExitCode.Success : ExitCode.Failure;
    }

    private Exception? RunFile()
    {
        // As in pwsh: a script without the extension (a "#!" script) is run from its text.
        var isScriptFile = _arguments.Target.EndsWith(".ps1", StringComparison.OrdinalIgnoreCase);
        var text = File.ReadAllText(_arguments.Target);
        var command = isScriptFile
            ? new Command(_arguments.Target, isScript: false, useLocalScope: false)
            : new Command(text, isScript: true, useLocalScope: false);
        foreach (var parameter in _arguments.Parameters)
        {
            command.Parameters.Add(parameter);
        }

        RethrowExit();
        var pipeline = _runspace.CreatePipeline();
        pipeline.Commands.Add(command);
        return Execute(pipeline, UsesInput(text));
    }

    private Exception? RunText(string text, bool readInput)
    {
        if (text.Length == 0)
        {
            return null;
        }

        return Execute(_runspace.CreatePipeline(text, addToHistory: true), readInput);
    }

    // Statement by statement: each is run as soon as it is complete, as at a prompt.
    private Exception? RunStandardInput()
    {
        Exception? failure = null;
        var pending = "";
        while (_host.ExitRequest is null && _interruption.ExitCode is null)
        {
            var line = Console.In.ReadLine();
            pending = pending.Length == 0 ? line ?? "" : $"{pending}\n{line}";
            Parser.ParseInput(pending, out _, out var errors);
            if (line is not null && errors.Any(error => error.IncompleteInput))
            {
                continue;
            }

            if (!string.IsNullOrWhiteSpace(pending))
            {
                failure = RunText(pending, readInput: false);
            }

            pending = "";
            if (line is null)
            {
                break;
            }
        }

        return failure;
    }

    private static bool UsesInput(string text) =>
        Console.IsInputRedirected
        && Parser.ParseInput(text, out _, out _).Find(
            static ast => ast is VariableExpressionAst { VariablePath: { IsVariable: true, UserPath: var name } }
                && name.Equals("input", StringComparison.OrdinalIgnoreCase),
            searchNestedScriptBlocks: true) is not null;

    // Sends the pipeline's output and errors through Out-Default, which formats them and writes them to the host.
    // A failure has been shown when this returns.
    private Exception? Execute(Pipeline pipeline, bool readInput)
    {
        pipeline.Commands[0].MergeMyResults(PipelineResultTypes.Error, PipelineResultTypes.Output);
        pipeline.Commands.Add(OutDefault());
        var failure = Invoke(pipeline, readInput);
        if (failure is not null && _interruption.ExitCode is null)
        {
            Report(failure);
        }

        return failure;
    }

    private Exception? Invoke(Pipeline pipeline, bool readInput)
    {
        using (pipeline)
        using (_interruption.Token.Register(pipeline.StopAsync))
        {
            try
            {
                if (readInput)
                {
                    return InvokeWithInput(pipeline);
                }

                pipeline.Invoke();
                return null;
            }
            catch (RuntimeException failure)
            {
                return failure;
            }
        }
    }

    private static Exception? InvokeWithInput(Pipeline pipeline)
    {
        using var finished = new ManualResetEventSlim();
        pipeline.StateChanged += (_, change) =>
        {
            if (change.PipelineStateInfo.State is PipelineState.Completed or PipelineState.Failed or PipelineState.Stopped)
            {
                finished.Set();
            }
        };
        pipeline.InvokeAsync();
        try
        {
            while (!finished.IsSet && Console.In.ReadLine() is { } line)
            {
                pipeline.Input.Write(line);
            }
        }
        catch (PipelineClosedException)
        {
            // The script ended without wanting more.
        }

        pipeline.Input.Close();
        finished.Wait();
        return pipeline.PipelineStateInfo.State == PipelineState.Failed ? pipeline.PipelineStateInfo.Reason : null;
    }

    private void Report(Exception failure)
    {
        var record = failure is IContainsErrorRecord carrier
            ? carrier.ErrorRecord
            : new ErrorRecord(failure, "ScriptHost.Report", ErrorCategory.NotSpecified, null);
        using var pipeline = _runspace.CreatePipeline();
        pipeline.Commands.Add(OutDefault());
        var shown = new PSObject(record);
        MarkAsError(shown);
        try
        {
            pipeline.Invoke(new[] { shown });
        }
        catch (RuntimeException)
        {
            _host.UI.WriteErrorLine(failure.Message);
        }
    }

    private bool LastStatementSucceeded()
    {
        using var pipeline = _runspace.CreatePipeline("$global:?");
        return pipeline.Invoke() is [{ BaseObject: true }];
    }

    private static Command OutDefault() => new("Out-Default", isScript: false, useLocalScope: true)
    {
        MergeUnclaimedPreviousCommandResults = PipelineResultTypes.Error | PipelineResultTypes.Output,
    };

    // Two switches that pwsh itself sets, and that the engine does not offer to other hosts: the first makes `exit N` of a
    // script file end the session instead of only setting $LASTEXITCODE, the second makes Out-Default show an object as an
    // error. The version of the engine is pinned, and the tests fail if either is gone.
    private void RethrowExit()
    {
        var context = typeof(Runspace).GetProperty("ExecutionContext", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(_runspace)!;
        context.GetType().GetProperty("ScriptCommandProcessorShouldRethrowExit", BindingFlags.Instance | BindingFlags.NonPublic)!
            .SetValue(context, true);
    }

    private static void MarkAsError(PSObject shown)
    {
        var stream = typeof(PSObject).GetProperty("WriteStream", BindingFlags.Instance | BindingFlags.NonPublic)!;
        stream.SetValue(shown, Enum.Parse(stream.PropertyType, "Error"));
    }
}
