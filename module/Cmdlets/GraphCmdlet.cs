using Debugger = System.Diagnostics.Debugger;

namespace MgPrint.PowerShell.Cmdlets;

/// <summary>
/// What all generated cmdlets have in common: the eight parameters, and one request for each record of the pipeline. A
/// record that fails does not stop the others.
/// </summary>
public abstract class GraphCmdlet : EngineCmdlet
{
    private List<HttpPipelineStep> _steps = [];

    /// <summary>The rows of the table that this cmdlet makes requests of.</summary>
    private protected abstract GraphOperation[] SurfaceRows { get; }

    internal virtual IDevicesCloudPrintIdentity? GivenIdentity => null;

    internal virtual object? GivenBody => null;

    /// <summary>Whether the pipe brings a document's bytes.</summary>
    internal virtual bool IsContentPiped => false;

    /// <summary>What is piped is nothing that this cmdlet knows.</summary>
    internal virtual InputException? Meaningless => null;

    internal ModelSchema? BodySchema => Array.Find(SurfaceRows, operation => operation.Body is not null)?.Body!();

    /// <summary>Whether the command line says which resource is meant.</summary>
    internal bool IsTargetNamed => IsNamed("InputObject") || Array.Exists(SurfaceRows, operation => Array.Exists(operation.Ids, IsNamed));

    /// <summary>Whether the command line gives the body, whole or in parts.</summary>
    internal bool IsBodyNamed =>
        IsNamed("BodyParameter") || IsNamed("AdditionalProperties")
        || BodySchema?.Properties.Any(property => IsNamed(property.Name)) == true;

    /// <summary>The row that a record means: the one whose ids were all given, and of several the one with the most.</summary>
    internal GraphOperation Choose(IDevicesCloudPrintIdentity? identity)
    {
        if (SurfaceRows.Length == 1)
        {
            return SurfaceRows[0];
        }

        GraphOperation[] fitting = [.. SurfaceRows.Where(operation => IsNamed("Id") == (operation.Set == "Delete"))];
        return identity is null
            ? fitting.Where(operation => Array.TrueForAll(operation.Ids, IsNamed)).MaxBy(operation => operation.Ids.Length) ?? fitting[0]
            : fitting
                .Where(operation => operation.TakesIdentity
                    && Array.TrueForAll(operation.Ids, id => DevicesCloudPrintIdentity.IdOf(identity, id) is { Length: > 0 }))
                .MaxBy(operation => operation.Ids.Length) ?? fitting.First(operation => operation.TakesIdentity);
    }

    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        if (IsOn("Break"))
        {
            WaitForDebugger();
        }

        _steps = HttpPipeline.Steps(Named);
    }

    protected override void ProcessRecord()
    {
        ForgetResponseHeaders();
        GraphRequest request;
        try
        {
            request = GraphRequest.From(this);
        }
        catch (Exception unreadable) when (IsOfInput(unreadable))
        {
            WriteError(InputException.Of(unreadable).ToRecord());
            return;
        }

        if (IsWanted(request))
        {
            Run(request);
        }
    }

    /// <summary>Waits until a debugger is attached, writing dots to standard error, and then breaks into it.</summary>
    private void WaitForDebugger()
    {
        Console.Error.WriteLine($"Waiting for debugger to attach to process {Environment.ProcessId}");
        while (!Debugger.IsAttached)
        {
            if (StoppingToken.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(100)))
            {
                throw new PipelineStoppedException();
            }

            Console.Error.Write(".");
        }

        Debugger.Break();
    }

    /// <summary>Whether the request is to be sent.</summary>
    private protected virtual bool IsWanted(GraphRequest request) => true;

    /// <summary>Sends the request and writes what comes of it.</summary>
    private protected abstract void Send(GraphConnection connection, GraphRequest request);

    private void Run(GraphRequest request)
    {
        EngineLibrary.EnsureLoaded();
        ServiceEndpoint? endpoint = null;
        try
        {
            request.CheckIds();
            endpoint = SignedIn(request.Operation.Permissions, request.Headers);
            ConnectionSettings settings = Connection(endpoint, ProxyChoice.For(ProxyParameters, endpoint.Url, StoppingToken));
            using EngineOptions? options = OptionsFromEnvironment(endpoint.Session);
            Send(new GraphConnection(ClientCache.For(settings), endpoint, options ?? EngineOptions.Defaults), request);
        }
        catch (EngineException failure)
        {
            KeepResponseHeaders(failure.Error.ResponseHeadersJson);
            WriteError(ErrorRecords.From(failure.Error, request.ErrorTarget(), request.Operation.Permissions, endpoint));
        }
        catch (HttpPipelineException failure)
        {
            WriteError(failure.ToRecord(request));
        }
        catch (InputException invalid)
        {
            WriteError(invalid.ToRecord());
        }
    }

    /// <summary>Sends one request, through the caller's steps where there are any, and gives what came back.</summary>
    /// <param name="address">A path with its query, or a next link.</param>
    private protected EngineResult Ask(GraphConnection connection, GraphRequest request, string address)
    {
        using EngineRequest built = NewRequest(connection, request, address);
        EngineResult result = _steps.Count == 0
            ? Finish(connection.Client.StartRequest(built, connection.Options))
            : AskThroughSteps(connection, request, built);
        KeepResponseHeaders(result.HeadersJson);
        return result;
    }

    private protected bool HasSteps => _steps.Count > 0;

    private protected static EngineRequest NewRequest(GraphConnection connection, GraphRequest request, string address) =>
        EngineRequest.New(
            connection.Client, request.Operation.Method, address, request.BodyJson, request.Operation.What,
            request.Operation.IsRepeatable, request.Headers);

    /// <summary>The engine builds the request, the caller's steps pass it on, the engine sends it and reads what comes out.</summary>
    private EngineResult AskThroughSteps(GraphConnection connection, GraphRequest asked, EngineRequest built)
    {
        using var cancelling = CancellationTokenSource.CreateLinkedTokenSource(StoppingToken);
        using var pipeline = new HttpPipeline(
            _steps, (request, cancelled) => Finish(ClientFor(request, connection).StartRequest(request, connection.Options), cancelled),
            (id, report) => WriteReport(id, StepText.Mask(report.Message ?? "", asked.Headers)), cancelling, StoppingToken);
        using HttpRequestMessage request = HttpMessages.ToRequest(built.Read());
        try
        {
            (uint status, string headersJson, byte[] body) = pipeline.Pass(request);
            return connection.Client.Read(pipeline.Sent ?? built, status, headersJson, body);
        }
        finally
        {
            WriteHeldLines();
        }
    }

    /// <summary>A step may have changed the host, and another proxy, or none, may lead there.</summary>
    private EngineClient ClientFor(EngineRequest request, GraphConnection connection) => ClientCache.For(
        Connection(connection.Endpoint, ProxyChoice.For(ProxyParameters, request.Read().Url, StoppingToken)));

    /// <summary>What a step reports goes to the stream of its event's name; other events are nobody's.</summary>
    private void WriteReport(string id, string message) => Write(() =>
    {
        switch (id)
        {
            case "Verbose": WriteVerboseLine(message); break;
            case "Debug": WriteDebug(message); break;
            case "Warning": WriteWarningLine(message); break;
            case "Information": WriteInformation(message, []); break;
            case "Error":
                WriteError(new ErrorRecord(new RuntimeException(message), "HttpPipelineStepReported", ErrorCategory.NotSpecified, null));
                break;
        }
    });

    private protected EngineResult Finish(EngineOperation started, CancellationToken cancelled = default)
    {
        using EngineOperation operation = started;
        using CancellationTokenRegistration ending = cancelled.Register(operation.Cancel);
        return Complete(operation);
    }

    /// <summary>Whether the service says by its status that there is no object.</summary>
    private protected static bool IsEmpty(EngineResult result) => result.HttpStatus == (int)HttpStatusCode.NoContent;

    /// <summary>The members of a response's object.</summary>
    private protected static Dictionary<string, object?> MembersOf(EngineResult result, GraphRequest request) =>
        JsonTree.ObjectIn(result.Json) ?? throw Unexpected(result, request);

    private protected static EngineException Unexpected(EngineResult result, GraphRequest request) => new(EngineError.Of(
        EngineStatus.UnexpectedResponse,
        $"The service answered the request to {request.Operation.What} with status {result.HttpStatus} and without what was asked for.",
        "Try again; if it stays so, ask the service's support.") with
    {
        HttpStatus = result.HttpStatus,
        HeadersJson = result.HeadersJson,
        ResponseHeadersJson = result.HeadersJson,
    });

    /// <summary>Writes an object of the service's, with the ids of the path that it came from.</summary>
    private protected void WriteModel(IEnumerable<KeyValuePair<string, object?>> members, GraphRequest request)
    {
        OpenModel model = request.Operation.Result!().FromService(members);
        model.Ids = request.Operation.IdsOf(model, request.Ids);
        if (model is MicrosoftGraphUploadSession session)
        {
            session.DocumentSize = ((request.Body as OpenModel)?.ValueOf(0) as IMicrosoftGraphPrintDocumentUploadProperties)?.Size;
            // A view that another module brings for the documented name would show the secret of the URL. Ours knows this name.
            var shown = new PSObject(session);
            shown.TypeNames.Insert(0, "MgPrint.PowerShell.UploadSession");
            WriteObject(shown);
        }
        else
        {
            WriteObject(model);
        }
    }
}

/// <summary>Where the requests of a record go.</summary>
internal sealed record GraphConnection(EngineClient Client, ServiceEndpoint Endpoint, EngineOptions Options);
