using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;

namespace PwshHost;

/// <summary>Runs pipelines so that their objects and errors are shown while they come, and so that a signal stops them.</summary>
internal sealed class Execution(Runspace runspace, ScriptHost host, Interruption interruption)
{
    /// <summary>True when the text ends before its last statement does.</summary>
    public static bool IsIncomplete(string text)
    {
        Parser.ParseInput(text, out _, out var errors);
        return errors.Any(error => error.IncompleteInput);
    }

    /// <summary>Runs a pipeline of one command to its end; a terminating error has been shown when this returns false.</summary>
    /// <param name="pipeline">What to run; disposed of here.</param>
    /// <param name="readInput">Whether the lines of standard input are the pipeline's input.</param>
    public bool Run(Pipeline pipeline, bool readInput)
    {
        pipeline.Commands[0].MergeMyResults(PipelineResultTypes.Error, PipelineResultTypes.Output);
        pipeline.Commands.Add(OutDefault());
        var failure = Invoke(pipeline, readInput);
        if (failure is null)
        {
            return true;
        }

        // A person who pressed Ctrl+C knows that the pipeline was stopped.
        if (interruption.ExitCode is null)
        {
            Show(failure);
        }

        return false;
    }

    /// <summary>Runs a text while another pipeline waits (a suspended confirmation).</summary>
    public void RunNested(string text) => Run(runspace.CreateNestedPipeline(text, addToHistory: false), readInput: false);

    /// <summary>Whether a stop has reached what is running now.</summary>
    public bool IsStopping() => EngineSwitches.IsStopping(runspace);

    /// <summary>The engine's <c>$?</c>.</summary>
    public bool LastStatementSucceeded()
    {
        using var pipeline = runspace.CreatePipeline("$global:?");
        return pipeline.Invoke() is [{ BaseObject: true }];
    }

    private Exception? Invoke(Pipeline pipeline, bool readInput)
    {
        using (pipeline)
        {
            try
            {
                using var stop = interruption.Token.Register(pipeline.StopAsync);
                if (readInput)
                {
                    return InvokeWithInput(pipeline);
                }

                pipeline.Invoke();
                return null;
            }
            catch (Exception failure)
            {
                // Whatever a cmdlet or the engine throws is an error of the script, to be shown as one.
                return failure;
            }
        }
    }

    private Exception? InvokeWithInput(Pipeline pipeline)
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

        // The script may end, or be stopped, while the read still waits for a line that may never come.
        _ = Task.Factory.StartNew(() => Feed(pipeline), TaskCreationOptions.LongRunning);
        finished.Wait();
        return pipeline.PipelineStateInfo.State == PipelineState.Failed ? pipeline.PipelineStateInfo.Reason : null;
    }

    private void Feed(Pipeline pipeline)
    {
        try
        {
            while (StandardInput.ReadLine(interruption.Token) is { } line)
            {
                pipeline.Input.Write(line);
            }

            pipeline.Input.Close();
        }
        catch (PipelineClosedException)
        {
            // The script has ended and wanted no more.
        }
    }

    /// <summary>Shows an exception as the engine shows errors.</summary>
    public void Show(Exception failure)
    {
        using var pipeline = runspace.CreatePipeline();
        pipeline.Commands.Add(OutDefault());
        try
        {
            pipeline.Invoke(new[] { EngineSwitches.AsError(RecordOf(failure)) });
        }
        catch (Exception)
        {
            // Formatting can be broken by the script itself; the message must still be seen.
            host.UI.WriteErrorLine(failure.Message);
        }
    }

    private static ErrorRecord RecordOf(Exception failure) => failure switch
    {
        IContainsErrorRecord carrier => carrier.ErrorRecord,
        _ => new ErrorRecord(failure, "ScriptHost", ErrorCategory.NotSpecified, targetObject: null),
    };

    private static Command OutDefault() => new("Out-Default", isScript: false, useLocalScope: true)
    {
        MergeUnclaimedPreviousCommandResults = PipelineResultTypes.Error | PipelineResultTypes.Output,
    };
}
