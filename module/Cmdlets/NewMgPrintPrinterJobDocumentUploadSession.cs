using System.Collections;
using System.Management.Automation;
using MgPrint.PowerShell.Cmdlets;
using MgPrint.PowerShell.Models;
using MgPrint.PowerShell.Native;
using MgPrint.PowerShell.Runtime;
using MgPrint.PowerShell.SignIn;
using Microsoft.Graph.PowerShell.Models;
using Microsoft.Graph.PowerShell.Runtime;

namespace Microsoft.Graph.PowerShell.Cmdlets;

/// <summary>Creates an upload session for a print document: the documented cmdlet, its parameters in the order of its help page.</summary>
[Cmdlet(VerbsCommon.New, "MgPrintPrinterJobDocumentUploadSession", DefaultParameterSetName = CreateExpanded, SupportsShouldProcess = true,
    ConfirmImpact = ConfirmImpact.Medium, HelpUri = DocumentationUrl)]
[OutputType(typeof(IMicrosoftGraphUploadSession))]
public class NewMgPrintPrinterJobDocumentUploadSession : EngineCmdlet
{
    internal const string CreateExpanded = "CreateExpanded";
    internal const string DocumentationUrl =
        "https://learn.microsoft.com/powershell/module/microsoft.graph.devices.cloudprint/new-mgprintprinterjobdocumentuploadsession";

    private const string Create = "Create";
    private const string CreateViaIdentityExpanded = "CreateViaIdentityExpanded";
    private const string CreateViaIdentity = "CreateViaIdentity";

    private NamedParameters _named = null!;
    private List<HttpPipelineStep> _steps = [];

    /// <summary>The unique identifier of printDocument.</summary>
    [Parameter(ParameterSetName = CreateExpanded, Mandatory = true, HelpMessage = "The unique identifier of printDocument")]
    [Parameter(ParameterSetName = Create, Mandatory = true, HelpMessage = "The unique identifier of printDocument")]
    public string? PrintDocumentId { get; set; }

    /// <summary>The unique identifier of printJob.</summary>
    [Parameter(ParameterSetName = CreateExpanded, Mandatory = true, HelpMessage = "The unique identifier of printJob")]
    [Parameter(ParameterSetName = Create, Mandatory = true, HelpMessage = "The unique identifier of printJob")]
    public string? PrintJobId { get; set; }

    /// <summary>The unique identifier of printer.</summary>
    [Parameter(ParameterSetName = CreateExpanded, Mandatory = true, HelpMessage = "The unique identifier of printer")]
    [Parameter(ParameterSetName = Create, Mandatory = true, HelpMessage = "The unique identifier of printer")]
    public string? PrinterId { get; set; }

    /// <summary>Names the printer, the job and the document in one object.</summary>
    [Parameter(ParameterSetName = CreateViaIdentityExpanded, Mandatory = true, ValueFromPipeline = true, HelpMessage = "Identity Parameter")]
    [Parameter(ParameterSetName = CreateViaIdentity, Mandatory = true, ValueFromPipeline = true, HelpMessage = "Identity Parameter")]
    [ModelTransformation(typeof(IDevicesCloudPrintIdentity), typeof(DevicesCloudPrintIdentityTypeConverter))]
    public IDevicesCloudPrintIdentity? InputObject { get; set; }

    /// <summary>The whole body of the request.</summary>
    [Parameter(ParameterSetName = Create, Mandatory = true, ValueFromPipeline = true, HelpMessage = "The body of the request")]
    [Parameter(ParameterSetName = CreateViaIdentity, Mandatory = true, ValueFromPipeline = true, HelpMessage = "The body of the request")]
    [ModelTransformation(typeof(IPaths1GenyolPrintPrintersPrinterIdJobsPrintjobIdDocumentsPrintdocumentIdMicrosoftGraphCreateuploadsessionPostRequestbodyContentApplicationJsonSchema), typeof(Paths1GenyolPrintPrintersPrinterIdJobsPrintjobIdDocumentsPrintdocumentIdMicrosoftGraphCreateuploadsessionPostRequestbodyContentApplicationJsonSchemaTypeConverter))]
    public IPaths1GenyolPrintPrintersPrinterIdJobsPrintjobIdDocumentsPrintdocumentIdMicrosoftGraphCreateuploadsessionPostRequestbodyContentApplicationJsonSchema? BodyParameter { get; set; }

    /// <summary>The name of a variable that takes the answer's headers; global, unless it names a scope.</summary>
    [Parameter(HelpMessage = "Optional Response Headers Variable.")]
    [Alias("RHV")]
    public string? ResponseHeadersVariable { get; set; }

    /// <summary>Properties of the body beside the documented ones.</summary>
    [Parameter(ParameterSetName = CreateExpanded, HelpMessage = "Additional Parameters")]
    [Parameter(ParameterSetName = CreateViaIdentityExpanded, HelpMessage = "Additional Parameters")]
    public Hashtable? AdditionalProperties { get; set; }

    /// <summary>What the service is told of the document.</summary>
    [Parameter(ParameterSetName = CreateExpanded, HelpMessage = "printDocumentUploadProperties")]
    [Parameter(ParameterSetName = CreateViaIdentityExpanded, HelpMessage = "printDocumentUploadProperties")]
    [ModelTransformation(typeof(IMicrosoftGraphPrintDocumentUploadProperties), typeof(MicrosoftGraphPrintDocumentUploadPropertiesTypeConverter))]
    public IMicrosoftGraphPrintDocumentUploadProperties? Properties { get; set; }

    /// <summary>Waits for a .NET debugger to attach.</summary>
    [Parameter(HelpMessage = "Wait for .NET debugger to attach")]
    public SwitchParameter Break { get; set; }

    /// <summary>Headers of the request beside the module's own, which they replace.</summary>
    [Parameter(ValueFromPipeline = true, HelpMessage = "Optional headers that will be added to the request.")]
    public IDictionary? Headers { get; set; }

    /// <summary>Steps nearest the wire.</summary>
    [Parameter(HelpMessage = "SendAsync Pipeline Steps to be appended to the front of the pipeline")]
    [StepTransformation]
    [ValidateNotNull]
    public SendAsyncStep[]? HttpPipelineAppend { get; set; }

    /// <summary>Steps farthest from the wire.</summary>
    [Parameter(HelpMessage = "SendAsync Pipeline Steps to be prepended to the front of the pipeline")]
    [StepTransformation]
    [ValidateNotNull]
    public SendAsyncStep[]? HttpPipelinePrepend { get; set; }

    /// <summary>The proxy to go through.</summary>
    [Parameter(HelpMessage = "The URI for the proxy server to use")]
    [ProxyTransformation]
    public Uri? Proxy { get; set; }

    /// <summary>Who to be at the proxy.</summary>
    [Parameter(HelpMessage = "Credentials for a proxy server to use for the remote call")]
    [ValidateNotNull]
    [Credential]
    public PSCredential? ProxyCredential { get; set; }

    /// <summary>To be who runs this process at the proxy.</summary>
    [Parameter(HelpMessage = "Use the default credentials for the proxy")]
    public SwitchParameter ProxyUseDefaultCredentials { get; set; }

    private ProxyParameters ProxyParameters => new(Proxy, ProxyCredential, ProxyUseDefaultCredentials);

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _named = new NamedParameters(MyInvocation.BoundParameters.Keys);
        if (Break)
        {
            Debugging.WaitForDebugger(StoppingToken);
        }

        Check(ProxyParameters);
        _steps = HttpPipeline.Steps(HttpPipelinePrepend, HttpPipelineAppend);
        TakeResponseHeadersVariable(ResponseHeadersVariable);
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        ForgetResponseHeaders();
        SessionRequest request;
        try
        {
            request = SessionRequest.From(this, _named);
        }
        catch (SessionRequestException invalid)
        {
            WriteError(invalid.ToRecord());
            return;
        }

        if (ShouldProcess(request.Target))
        {
            Send(request);
        }
    }

    private void Send(SessionRequest request)
    {
        KnownSecrets secrets = new KnownSecrets().AddHeaders(request.Headers);
        bool isAppOnly = false;
        try
        {
            ServiceEndpoint endpoint = SignedIn(PermissionSet.PrinterUploadSession, request.Headers);
            isAppOnly = endpoint.IsAppOnly;
            ConnectionSettings connection = Connection(endpoint, ProxyChoice.For(ProxyParameters, endpoint.Url, StoppingToken));
            secrets.AddProxy(connection.Proxy);
            EngineResult result = Answer(request, connection, secrets);
            KeepResponseHeaders(result.HeadersJson);
            WriteObject(ListedProperties.Of(Neighbour.WithOwnView(SessionAnswer.Read(result, request)), "ExpirationDateTime", "NextExpectedRanges"));
        }
        catch (EngineException failure)
        {
            KeepResponseHeaders(failure.Error.AnswerHeadersJson);
            WriteError(ErrorRecords.From(failure.Error, request.ErrorTarget(), secrets, isAppOnly));
        }
        catch (HttpPipelineException failure)
        {
            WriteError(failure.ToRecord(request.ErrorTarget(), secrets));
        }
        catch (EngineUnavailableException failure)
        {
            ThrowTerminatingError(ErrorRecords.From(failure));
        }
    }

    private EngineResult Answer(SessionRequest request, ConnectionSettings connection, KnownSecrets secrets)
    {
        EngineClient client = ClientCache.For(connection);
        using EngineOptions? settings = OptionsFromEnvironment(connection.Endpoint.Session);
        OptionsHandle options = settings?.Handle ?? EngineOptions.Defaults;
        using EngineRequest built = client.NewCreateSession(
            JobParent.Printer, request.PrinterId, request.PrintJobId, request.PrintDocumentId, request.BodyJson, request.Headers);
        return _steps.Count == 0
            ? Finish(client.StartCreateSession(built, options), secrets)
            : AnswerThroughSteps(client, connection.Endpoint, built, options, secrets);
    }

    /// <summary>The engine builds the request, the caller's steps pass it on, the engine sends it and reads what comes out.</summary>
    private EngineResult AnswerThroughSteps(
        EngineClient client, ServiceEndpoint endpoint, EngineRequest built, OptionsHandle options, KnownSecrets secrets)
    {
        using var pipeline = new HttpPipeline(
            _steps, (request, cancelled) => Finish(ClientFor(request, endpoint, secrets).StartSend(request, options), secrets, cancelled),
            (id, report) => Tell(id, secrets.MaskWithUrls(report.Message ?? "")), StoppingToken);
        using HttpRequestMessage request = HttpMessages.ToRequest(built.Read());
        try
        {
            using HttpResponseMessage response = pipeline.Pass(request);
            return Finish(
                client.StartReadSession(
                    pipeline.Sent ?? built, (uint)response.StatusCode, HttpMessages.HeadersJson(response), HttpMessages.BytesOf(response.Content)),
                secrets);
        }
        catch (EngineException failure) when (pipeline.Sent is null && failure.Error.Status == EngineStatus.UnexpectedResponse)
        {
            // The engine knows the host alone, which nobody asked.
            throw new EngineException(failure.Error.ByAnother(
                failure.Error.Message.Replace(request.RequestUri!.Authority, "A step of the HTTP pipeline", StringComparison.Ordinal),
                "Correct the step: it has to answer with an upload session, or with the answer of the next step."));
        }
        finally
        {
            WriteHeldLines();
        }
    }

    /// <summary>A step may have changed the host, and another proxy, or none, may lead there.</summary>
    private EngineClient ClientFor(EngineRequest request, ServiceEndpoint endpoint, KnownSecrets secrets)
    {
        ConnectionSettings connection = Connection(endpoint, ProxyChoice.For(ProxyParameters, request.Read().Url, StoppingToken));
        secrets.AddProxy(connection.Proxy);
        return ClientCache.For(connection);
    }

    /// <summary>What a step reports goes to the stream of its event's name; other events are nobody's.</summary>
    private void Tell(string id, string message) => Write(() =>
    {
        switch (id)
        {
            case "Verbose": WriteVerboseLine(message); break;
            case "Debug": WriteDebug(message); break;
            case "Warning": WriteWarning(message); break;
            case "Information": WriteInformation(message, []); break;
            case "Error": WriteError(new ErrorRecord(new RuntimeException(message), "HttpPipelineStepReported", ErrorCategory.NotSpecified, null)); break;
        }
    });

    private EngineResult Finish(EngineOperation started, KnownSecrets secrets, CancellationToken cancelled = default)
    {
        using EngineOperation operation = started;
        using CancellationTokenRegistration ending = cancelled.Register(operation.Cancel);
        return Complete(operation, secrets, Report);
    }

    private TimeSpan Report(EngineEvent? next)
    {
        if (next is EngineEvent { Kind: EngineEventKind.Retry } retry)
        {
            WriteRetry(retry);
        }

        return Timeout.InfiniteTimeSpan;
    }
}
