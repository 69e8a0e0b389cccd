using System.Collections.Concurrent;

namespace MgPrint.PowerShell.Cmdlets;

/// <summary>
/// What the module's cmdlets have in common: an operation of the engine runs while its events are read on the pipeline's
/// own thread, so that progress and log lines may be written there, and Ctrl+C ends it at once from another.
/// </summary>
public abstract partial class EngineCmdlet : PSCmdlet, IDisposable
{
    private const string ResponseHeadersVariable = "ResponseHeadersVariable";

    private readonly CancellationTokenSource _stopping = new();
    // Before a record is bound: the ids and the expanded properties of a body come from the command line alone.
    private Dictionary<string, object?> _named = [];
    private volatile EngineOperation? _running;
    private readonly ConcurrentQueue<Action> _heldLines = new();
    private int _pipelineThread;
    private EngineLogLevel _logLevel;
    private bool _areVerboseLinesForDebug;
    private bool _areWarningsForDebug;
    private ScopedVariable? _responseHeaders;
    private volatile ConnectionSettings? _connection;

    /// <summary>Headers of the request beside the module's own, which they replace. They may be piped.</summary>
    public abstract IDictionary? Headers { get; set; }

    private protected ProxyParameters ProxyParameters =>
        new(Named("Proxy") as Uri, Named("ProxyCredential") as PSCredential);

    /// <summary>Cancelled when the pipeline is stopped.</summary>
    internal CancellationToken StoppingToken => _stopping.Token;

    /// <summary>Whether the command line names a parameter. What the pipe will bring is not among them.</summary>
    internal bool IsNamed(string parameter) => _named.ContainsKey(parameter);

    /// <summary>What the command line gives to a parameter.</summary>
    internal object? Named(string parameter) => NamedValues.Unwrap(_named.GetValueOrDefault(parameter));

    /// <summary>Whether the command line turns a switch on.</summary>
    private protected bool IsOn(string parameter) => Named(parameter) is SwitchParameter { IsPresent: true };

    protected override void BeginProcessing()
    {
        _named = new Dictionary<string, object?>(MyInvocation.BoundParameters, StringComparer.OrdinalIgnoreCase);
        _pipelineThread = Environment.CurrentManagedThreadId;
        bool isVerbose = IsAskedFor("Verbose", "VerbosePreference");
        bool isDebug = IsAskedFor("Debug", "DebugPreference");
        _logLevel = isDebug ? EngineLogLevel.Debug : isVerbose ? EngineLogLevel.Verbose : EngineLogLevel.Warning;
        // Under the switch PowerShell makes a question of each verbose line, also where a preference wants them; -Verbose
        // itself decides about them, with and without it.
        _areVerboseLinesForDebug = isDebug && !IsGiven("Verbose") && (!isVerbose || IsGiven("Debug"));
        _areWarningsForDebug = isDebug && IsGiven("Debug") && !IsGiven("WarningAction");
        if (IsOn("ProxyUseDefaultCredentials"))
        {
            // Better an error than a request that silently goes another way than was asked for.
            throw new InputException(
                "ParameterNotSupported",
                "-ProxyUseDefaultCredentials is not supported, since this module signs in at a proxy with a user name and a password alone, "
                    + "so nothing was sent. Give them with -ProxyCredential, or run a relay on this machine that signs in at the proxy as "
                    + "you, and name it with -Proxy.",
                ErrorCategory.NotImplemented);
        }

        _responseHeaders = ScopedVariable.Parse(Named(ResponseHeadersVariable) as string, ResponseHeadersVariable, SessionState);
        // A variable of another type is seen before anything is sent, and not when the response is there.
        _responseHeaders?.Set(new Dictionary<string, IEnumerable<string>>());
        _responseHeaders?.Set(null);
    }

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

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases what the cmdlet holds; PowerShell calls it when the pipeline ends.</summary>
    protected virtual void Dispose(bool disposing) => _stopping.Dispose();

    /// <summary>How to reach an endpoint: through which proxy, trusting whom, as whom.</summary>
    /// <param name="certificateFile">A PEM file of certificates to trust, when the environment's is not meant.</param>
    private protected ConnectionSettings Connection(ServiceEndpoint endpoint, ProxyChoice? proxy, string? certificateFile = null) =>
        _connection = new(
            endpoint, proxy, certificateFile is null ? CertificatesOfEnvironment() : new CertificateFile(certificateFile),
            ProductNames.UserAgent(PowerShellVersion()), _stopping.Token);

    private static CertificateFile? CertificatesOfEnvironment() =>
        NonEmpty(Environment.GetEnvironmentVariable("SSL_CERT_FILE")) is string path ? new CertificateFile(path, "SSL_CERT_FILE") : null;

    /// <summary>Keeps an answer's headers in the caller's variable, which tells of the last record alone: no answer, no value.</summary>
    private protected void KeepResponseHeaders(string headersJson)
    {
        try
        {
            _responseHeaders?.Set(headersJson.Length > 0 ? HttpHeaders.Parse(headersJson) : null);
        }
        catch (InputException unwritable)
        {
            // It was writable when the command began; what the service answered is worth more.
            WriteError(unwritable.ToRecord());
        }
    }

    /// <summary>A record begins, and has no answer yet.</summary>
    private protected void ForgetResponseHeaders() => KeepResponseHeaders("");

    /// <summary>Settings for an operation that logs what this call wants to see.</summary>
    private protected EngineOptions OperationOptions() => new EngineOptions().With(EngineOption.LogLevel, (long)_logLevel);

    private protected static long? TimeoutFromEnvironment() => NonEmpty(Environment.GetEnvironmentVariable("MGPRINT_TIMEOUT_SEC")) switch
    {
        null => null,
        string given when uint.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out uint seconds)
            && seconds is > 0 and <= 86_400 => seconds * 1000L,
        string other => throw new EngineException(EngineError.Of(
            EngineStatus.InvalidArgument,
            $"The environment variable MGPRINT_TIMEOUT_SEC is '{DisplayText.Clean(other)}'; expected a whole number of seconds from "
                + "1 to 86400.",
            "Set it to such a number, or remove it.", id: "InvalidTimeout")),
    };

    /// <summary>Runs an operation to its end; <paramref name="other"/> takes the events that not every operation has.</summary>
    /// <exception cref="EngineException">The operation failed.</exception>
    private protected EngineResult Complete(EngineOperation operation, Action<EngineEvent>? other = null)
    {
        _running = operation;
        try
        {
            // The stop may have come before there was an operation to cancel.
            if (_stopping.IsCancellationRequested)
            {
                operation.Cancel();
            }

            while (operation.Next(Timeout.InfiniteTimeSpan) is EngineEvent { Kind: not EngineEventKind.Finished } next)
            {
                if (!TryTake(next, operation, _connection!))
                {
                    other?.Invoke(next);
                }
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

    /// <summary>Takes an event that every operation has; false for another.</summary>
    /// <param name="whose">What a line begins with.</param>
    private protected bool TryTake(EngineEvent next, EngineOperation operation, ConnectionSettings connection, string whose = "")
    {
        switch (next.Kind)
        {
            case EngineEventKind.TokenWanted: Renew(operation, connection, next.Text); return true;
            case EngineEventKind.Log: Write(() => WriteLogLine(next.Level, whose + next.Text)); return true;
            case EngineEventKind.Retry: Write(() => WriteVerboseLine(whose + InWords(next))); return true;
            default: return false;
        }
    }

    /// <summary>
    /// Writes a line where PowerShell has its like: one for -Verbose, where -Debug alone was asked for, as one for that. Under the
    /// -Debug switch PowerShell makes a question of each warning, and a failure where nobody can answer: a document that was sent
    /// would count as lost. So there it is a debug line too, unless -WarningAction says what to do.
    /// </summary>
    private protected void WriteLogLine(EngineLogLevel level, string line)
    {
        switch (level)
        {
            case EngineLogLevel.Verbose when !_areVerboseLinesForDebug: WriteVerbose(line); break;
            case EngineLogLevel.Warning when !_areWarningsForDebug: WriteWarning(line); break;
            default: WriteDebug(line); break;
        }
    }

    private protected void WriteVerboseLine(string line) => WriteLogLine(EngineLogLevel.Verbose, line);

    private protected void WriteWarningLine(string line) => WriteLogLine(EngineLogLevel.Warning, line);

    /// <summary>PowerShell takes lines from the pipeline's thread alone; a step of the caller's may send from another.</summary>
    private protected void Write(Action write)
    {
        if (Environment.CurrentManagedThreadId == _pipelineThread)
        {
            write();
        }
        else
        {
            _heldLines.Enqueue(write);
        }
    }

    /// <summary>Writes what was held back on other threads.</summary>
    private protected void WriteHeldLines()
    {
        while (_heldLines.TryDequeue(out Action? write))
        {
            write();
        }
    }

    /// <summary>A retry in words: why, and when.</summary>
    internal static string InWords(EngineEvent retry) =>
        $"{DisplayText.Clean(retry.Text)} {WaitInWords(retry)}.";

    /// <summary>When the next try is, and which it is.</summary>
    internal static string WaitInWords(EngineEvent retry) =>
        $"Trying again in {retry.Delay.TotalSeconds:0.#} s (retry {retry.Attempt} of {retry.MaxAttempts})";

    /// <summary>
    /// Whether reading what a record brought failed: an object of the caller's may throw whatever it likes, and ends its own
    /// record alone.
    /// </summary>
    private protected static bool IsOfInput(Exception failed) =>
        failed is not (PipelineStoppedException or OutOfMemoryException);

    private bool IsGiven(string parameter) => MyInvocation.BoundParameters.ContainsKey(parameter);

    private bool IsAskedFor(string parameter, string preference) =>
        MyInvocation.BoundParameters.TryGetValue(parameter, out object? given) && given is SwitchParameter asked
            ? asked.IsPresent
            : Preference(preference) is not (null or ActionPreference.SilentlyContinue or ActionPreference.Ignore);

    /// <summary>What a preference variable says: a function's own holds the text that was assigned, the global one its meaning.</summary>
    private protected ActionPreference? Preference(string name) =>
        LanguagePrimitives.TryConvertTo(GetVariableValue(name), out ActionPreference preference) ? preference : null;

    private static string? NonEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private string PowerShellVersion() =>
        (GetVariableValue("PSVersionTable") as IDictionary)?["PSVersion"]?.ToString() ?? Host.Version.ToString();
}
