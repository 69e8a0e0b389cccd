using System.Collections;
using System.Management.Automation;
using MgPrint.PowerShell.Native;
using MgPrint.PowerShell.Runtime;

namespace MgPrint.PowerShell.Cmdlets;

/// <summary>
/// What the module's cmdlets have in common: an operation of the engine runs while its events are read on the pipeline's
/// own thread, so that progress and log lines may be written there, and Ctrl+C ends it at once from another.
/// </summary>
public abstract class EngineCmdlet : PSCmdlet, IDisposable
{
    private const uint VerboseLevel = 1;
    private const uint DebugLevel = 2;

    private readonly CancellationTokenSource _stopping = new();
    private volatile EngineOperation? _running;
    private uint _logLevel;

    /// <summary>Cancelled when the pipeline is stopped.</summary>
    private protected CancellationToken StoppingToken => _stopping.Token;

    /// <inheritdoc/>
    protected override void BeginProcessing() =>
        _logLevel = IsAskedFor("Debug", "DebugPreference") ? DebugLevel : IsAskedFor("Verbose", "VerbosePreference") ? VerboseLevel : 0;

    /// <inheritdoc/>
    protected override void StopProcessing()
    {
        _running?.Cancel();
        try
        {
            _stopping.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The pipeline ended by itself while the stop was on its way.
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases what the cmdlet holds; PowerShell calls it when the pipeline ends.</summary>
    protected virtual void Dispose(bool disposing) => _stopping.Dispose();

    /// <summary>The engine's client for an endpoint.</summary>
    private protected EngineClient ClientFor(ServiceEndpoint endpoint) =>
        ClientCache.For(endpoint, ProductNames.UserAgent(PowerShellVersion()));

    /// <summary>Settings for an operation that logs what this call wants to see.</summary>
    private protected EngineOptions OperationOptions() => new EngineOptions().With(EngineOption.LogLevel, _logLevel);

    /// <summary>The same where there is nothing else to set: null, for the engine's defaults, in a call that wants no log.</summary>
    private protected EngineOptions? LogOptions() => _logLevel > 0 ? OperationOptions() : null;

    /// <summary>Runs an operation to its end.</summary>
    /// <param name="operation">A started operation.</param>
    /// <param name="secrets">What no line may show.</param>
    /// <param name="report">What to do with an event that is no log line, or when none came in time (null); says how long to wait for the next.</param>
    /// <exception cref="EngineException">The operation failed.</exception>
    /// <exception cref="PipelineStoppedException">The pipeline was stopped.</exception>
    private protected EngineResult Complete(EngineOperation operation, KnownSecrets secrets, Func<EngineEvent?, TimeSpan> report)
    {
        _running = operation;
        try
        {
            // The stop may have come before there was an operation to cancel.
            if (_stopping.IsCancellationRequested)
            {
                operation.Cancel();
            }

            TimeSpan patience = Timeout.InfiniteTimeSpan;
            EngineEvent? next;
            while ((next = operation.Next(patience))?.Kind != EngineEventKind.Finished)
            {
                patience = next is EngineEvent { Kind: EngineEventKind.Log } line
                    ? Log(line.Level, secrets.Mask(line.Text), patience)
                    : report(next is EngineEvent other ? other with { Text = secrets.Mask(other.Text) } : null);
            }

            return operation.Result();
        }
        catch (EngineException failure) when (failure.Error.Status == EngineStatus.Cancelled && _stopping.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
        finally
        {
            _running = null;
        }
    }

    private TimeSpan Log(uint level, string line, TimeSpan patience)
    {
        switch (level)
        {
            case DebugLevel: WriteDebug(line); break;
            case VerboseLevel: WriteVerbose(line); break;
            default: WriteWarning(line); break;
        }

        return patience;
    }

    /// <summary>Writes a retry in words.</summary>
    private protected void WriteRetry(EngineEvent retry) => WriteVerbose(InWords(retry));

    /// <summary>A retry in words: why, and when.</summary>
    internal static string InWords(EngineEvent retry) =>
        $"{DisplayText.Clean(retry.Text)} Trying again in {retry.Delay.TotalSeconds:0.#} s (retry {retry.Attempt} of {retry.MaxAttempts}).";

    private bool IsAskedFor(string parameter, string preference)
    {
        if (MyInvocation.BoundParameters.TryGetValue(parameter, out object? given) && given is SwitchParameter asked)
        {
            return asked.IsPresent;
        }

        return GetVariableValue(preference) is ActionPreference wanted
            && wanted is not (ActionPreference.SilentlyContinue or ActionPreference.Ignore);
    }

    private string PowerShellVersion() =>
        (GetVariableValue("PSVersionTable") as IDictionary)?["PSVersion"]?.ToString() ?? Host.Version.ToString();
}
