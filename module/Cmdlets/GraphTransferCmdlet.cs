using System.Net.Http.Headers;

namespace MgPrint.PowerShell.Cmdlets;

/// <summary>What cmdlets that move the content of a document have in common: it goes past PowerShell, and a bar tells how far.</summary>
public abstract class GraphTransferCmdlet : GraphCmdlet
{
    /// <summary>Runs a transfer to its end.</summary>
    /// <param name="activity">What the bar says, such as "Sending a.pdf".</param>
    /// <param name="source">What is sent; null for what comes.</param>
    private protected void Transfer(
        GraphConnection connection, GraphRequest request, string activity, DocumentSource? source,
        Func<EngineRequest, EngineOperation> start)
    {
        if (HasSteps)
        {
            throw new InputException(
                "ParameterNotSupported",
                "A step of the HTTP pipeline cannot see the content of a document, which goes past PowerShell. Nothing was sent. "
                    + "Leave -HttpPipelineAppend and -HttpPipelinePrepend out.");
        }

        using EngineRequest built = NewRequest(connection, request, request.Operation.Address(request.Ids));
        using EngineOperation operation = start(built);
        var progress = new UploadProgress(this, activity);
        var pace = new ProgressPace();
        try
        {
            EngineResult result = Complete(operation, next =>
            {
                if (next.Kind == EngineEventKind.BytesWanted)
                {
                    source!.Supply(operation, next, StoppingToken);
                }
                else if (next.Kind == EngineEventKind.Progress && pace.Wait == TimeSpan.Zero)
                {
                    progress.Hold(next);
                    progress.Draw();
                    pace.Drawn();
                }
            });
            KeepResponseHeaders(result.HeadersJson);
        }
        finally
        {
            progress.TryEnd();
        }

        if (IsOn("PassThru"))
        {
            WriteObject(true);
        }
    }
}

/// <summary>Cmdlets that write the content of a document to a file.</summary>
public abstract class GraphDownloadCmdlet : GraphTransferCmdlet
{
    private protected override void Send(GraphConnection connection, GraphRequest request)
    {
        string file = new DocumentFiles(SessionState).InFileSystem((string)Named("OutFile")!);
        Transfer(
            connection, request, $"Getting {DisplayText.Clean(Path.GetFileName(file))}", source: null,
            built => connection.Client.StartDownload(built, file, connection.Options));
    }
}

/// <summary>Cmdlets that send the content of a document: a stream, or else a file.</summary>
public abstract class GraphContentCmdlet : GraphTransferCmdlet
{
    internal override bool IsContentPiped => (GivenData is not null && !IsNamed("Data")) || PipedType is not null;

    /// <summary>The content type that is piped. PowerShell binds the text of whatever is piped to it.</summary>
    private string? PipedType =>
        !IsNamed("ContentType") && MediaTypeHeaderValue.TryParse(GivenContentType, out _) ? GivenContentType : null;

    internal override InputException? Meaningless => GivenContentType is null || IsNamed("ContentType")
        ? null
        : new InputException("InvalidContentType", $"'{DisplayText.Clean(GivenContentType)}' is no content type. Nothing was sent.");

    private protected abstract Stream? GivenData { get; }

    private protected abstract string? GivenContentType { get; }

    private protected override bool IsWanted(GraphRequest request) => ShouldProcess(request.Target());

    private protected override void Send(GraphConnection connection, GraphRequest request)
    {
        string file = new DocumentFiles(SessionState).InFileSystem((string)Named("InFile")!);
        DocumentSource source = GivenData is Stream data ? new StreamDocument(data) : new FileDocument(file);
        string? type = IsNamed("ContentType") ? GivenContentType : PipedType;
        if (!request.Headers.Exists(header => header.Key.Equals("Content-Type", StringComparison.OrdinalIgnoreCase)))
        {
            request.Headers.Add(new("Content-Type", type ?? ContentTypes.Of(file) ?? "application/octet-stream"));
        }

        string name = Path.GetFileName(file);
        Transfer(
            connection, request, $"Sending {DisplayText.Clean(name)}", source,
            built => connection.Client.StartUpload(built, source.ToEngine(name), connection.Options));
    }
}
