using System.Management.Automation;
using MgPrint.PowerShell.Models;
using MgPrint.PowerShell.Native;
using MgPrint.PowerShell.Runtime;
using MgPrint.PowerShell.SignIn;
using Microsoft.Graph.PowerShell.Models;

namespace MgPrint.PowerShell.Cmdlets;

/// <summary>Sends documents, range by range: through an upload session, or to a print document whose session it creates itself.</summary>
[Cmdlet(VerbsCommunications.Send, "MgPrintDocument", DefaultParameterSetName = ByPath, SupportsShouldProcess = true,
    ConfirmImpact = ConfirmImpact.Medium, HelpUri = UploadHelpUrl)]
[OutputType(typeof(SentDocument))]
public sealed class SendMgPrintDocument : UploadCmdlet
{
    // A set says where the bytes are. Where they go is told by what was given: each way goes with each set.
    internal const string ByPath = "Path";
    internal const string ByLiteralPath = "LiteralPath";
    internal const string ByStream = "InputStream";
    internal const string ByContent = "Content";

    private readonly HashSet<UInt128> _known = [];
    private UploadsInFlight _inFlight = null!;
    private PlannedDocument? _held;
    private bool _isForOneDocument;
    private bool _isProgressWanted;

    /// <summary>The file to send; wildcards may stand in it, and must match one file.</summary>
    // Not mandatory: PowerShell tries the default set first, and once an id of a piped row is bound in it, it looks for a
    // -LiteralPath no more, and would ask for this one. What a row says is read here instead.
    [Parameter(ParameterSetName = ByPath, Position = 0, ValueFromPipelineByPropertyName = true, HelpMessage = "The file to send")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [Alias("FullName")]
    public string[]? Path { get; set; }

    /// <summary>The file to send, every character as it is.</summary>
    [Parameter(
        ParameterSetName = ByLiteralPath, Mandatory = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "The file to send, without wildcards")]
    [ValidateNotNullOrEmpty]
    [Alias("PSPath", "LP")]
    public string[] LiteralPath { get; set; } = null!;

    /// <summary>A stream that can seek; all of it is sent.</summary>
    [Parameter(ParameterSetName = ByStream, Mandatory = true, HelpMessage = "A stream that can seek, to send from its beginning")]
    [ValidateNotNull]
    public Stream InputStream { get; set; } = null!;

    /// <summary>The document's bytes.</summary>
    [Parameter(ParameterSetName = ByContent, Mandatory = true, HelpMessage = "The bytes to send")]
    [ValidateNotNull]
    [AllowEmptyCollection]
    public byte[] Content { get; set; } = null!;

    /// <summary>The session to send it through: what New-MgPrintUploadSession answers, or any object with an uploadUrl.</summary>
    [Parameter(
        ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "An upload session, or any object with an uploadUrl")]
    [NotLogged]
    [ValidateNotNull]
    public object? UploadSession { get; set => field = NotLoggedAttribute.Unwrap(value); }

    /// <summary>The session's URL, as text or SecureString. A URL that is typed stays in the history and in transcripts.</summary>
    // Not by property name: the object that has it is a session, and comes whole.
    [Parameter(HelpMessage = "The upload URL of a session, as text or SecureString")]
    [NotLogged]
    public object? UploadUrl { get; set => field = NotLoggedAttribute.Unwrap(value); }

    /// <summary>The printer whose job the document is of.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, HelpMessage = "The unique identifier of printer")]
    public string? PrinterId { get; set; }

    /// <summary>The printer share whose job the document is of.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, HelpMessage = "The unique identifier of printerShare")]
    public string? PrinterShareId { get; set; }

    /// <summary>The job that the document is of.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, HelpMessage = "The unique identifier of printJob")]
    public string? PrintJobId { get; set; }

    /// <summary>The document for which a session is created.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, HelpMessage = "The unique identifier of printDocument")]
    public string? PrintDocumentId { get; set; }

    /// <summary>What the document is called.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, HelpMessage = "The document's name; the file's own by default")]
    public string? DocumentName { get; set; }

    /// <summary>What the document is.</summary>
    [Parameter(
        ValueFromPipelineByPropertyName = true,
        HelpMessage = "The document's content (MIME) type; from the file name's extension by default")]
    [ArgumentCompleter(typeof(ContentTypeCompleter))]
    public string? ContentType { get; set; }

    /// <summary>Bytes of one range.</summary>
    [Parameter(HelpMessage = "Bytes of one range, at most 9,999,999")]
    [ValidateRange(1, 9_999_999)]
    public int ChunkSize { get; set; } = 8_192_000;

    /// <summary>Ranges under way at once.</summary>
    [Parameter(HelpMessage = "Ranges of one document under way at once, 1 to 4")]
    [ValidateRange(1, 4)]
    public int MaxConcurrency { get; set; } = 4;

    /// <summary>Documents under way at once.</summary>
    [Parameter(HelpMessage = "Documents under way at once")]
    [ValidateRange(1, 1000)]
    public int ThrottleLimit { get; set; } = 4;

    /// <summary>Tries in a row without progress before the upload is given up.</summary>
    [Parameter(HelpMessage = "Tries in a row without progress before giving up")]
    [ValidateRange(0, 1000)]
    public int MaxRetry { get; set; } = 8;

    /// <summary>A file that makes the same command go on with the same upload.</summary>
    [Parameter(ParameterSetName = ByPath, HelpMessage = "A file that makes the same command go on where it stopped")]
    [Parameter(ParameterSetName = ByLiteralPath, HelpMessage = "A file that makes the same command go on where it stopped")]
    [ValidateNotNullOrEmpty]
    public string? ResumeFile { get; set; }

    /// <summary>A folder with such a file for each document.</summary>
    [Parameter(ParameterSetName = ByPath, HelpMessage = "A folder with such a file for each document")]
    [Parameter(ParameterSetName = ByLiteralPath, HelpMessage = "A folder with such a file for each document")]
    [ValidateNotNullOrEmpty]
    public string? ResumeDirectory { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        if (ResumeFile is not null && ResumeDirectory is not null)
        {
            ThrowTerminatingError(new InputException(
                "AmbiguousResumeFile", "Give -ResumeFile for one document, or -ResumeDirectory for several, not both.").ToRecord());
        }

        _isForOneDocument = Named.Has(nameof(UploadSession)) || Named.Has(nameof(UploadUrl)) || Named.Has(nameof(ResumeFile))
            || Named.WholeAddress;
        object? progress = MyInvocation.BoundParameters.TryGetValue("ProgressAction", out object? action)
            ? action
            : Preference("ProgressPreference");
        _isProgressWanted = progress is not (ActionPreference.SilentlyContinue or ActionPreference.Ignore);
        _inFlight = new UploadsInFlight(Tell, Finish);
    }

    /// <inheritdoc/>
    protected override void ProcessRecord() => WithBars(() =>
    {
        // What ended while the command before this one was busy comes out now, not when all are done.
        _inFlight.HearWhatEnded();
        var record = new DocumentRecord(this, Named);
        try
        {
            CheckHeaders();
            Take(Plan(record));
        }
        catch (InputException invalid)
        {
            WriteError(invalid.ToRecord(record.Given()));
        }
        catch (Exception unreadable) when (IsOfInput(unreadable))
        {
            WriteError(InputException.Of("InvalidInput", unreadable).ToRecord(record.Given()));
        }
    });

    /// <inheritdoc/>
    protected override void EndProcessing() => WithBars(() =>
    {
        if (_held is not null)
        {
            Send(_held);
        }

        _inFlight.WaitUntilFewerThan(1);
    });

    /// <inheritdoc/>
    protected override void StopProcessing()
    {
        base.StopProcessing();
        _inFlight?.Cancel();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        // What is on its way still was stopped from behind: by a command that wants no more, or by an error that ends all.
        _inFlight?.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>An error that ends all, here or in a command behind, leaves no bar on the screen.</summary>
    private void WithBars(Action work)
    {
        try
        {
            work();
        }
        catch
        {
            _inFlight.TakeBarsAway();
            throw;
        }
    }

    private bool IsWhatIf => MyInvocation.BoundParameters.TryGetValue("WhatIf", out object? given)
        ? given is SwitchParameter { IsPresent: true }
        : LanguagePrimitives.IsTrue(GetVariableValue("WhatIfPreference"));

    private void Take(PlannedDocument document)
    {
        if (IsWhatIf)
        {
            document.Source.Check(StoppingToken);
        }

        if (!ShouldProcess(document.Target.ToString(), $"Send {document.Source.Shown}"))
        {
            return;
        }

        if (!_isForOneDocument)
        {
            Send(document);
        }
        else if (_held is null)
        {
            // Sent at the end, when it is sure that no second one comes.
            _held = document;
        }
        else
        {
            ThrowTerminatingError(new InputException(
                "MoreThanOneFile",
                $"'{_held.ShownName}' and '{document.ShownName}' were given for {document.Target}, which takes one document. Nothing "
                    + "was sent. Give each file a session or a print document of its own"
                    + (ResumeFile is null ? "." : ", and a resume file by -ResumeDirectory.")).ToRecord());
        }
    }

    private PlannedDocument Plan(DocumentRecord record)
    {
        PlannedDocument document = record.Plan();
        return _isForOneDocument || _known.Add(document.Target.Digest)
            ? document
            : throw new InputException(
                "MoreThanOneFile",
                $"{document.Target} was given before in this pipeline, and takes one document.");
    }

    private void Send(PlannedDocument document)
    {
        _inFlight.WaitUntilFewerThan(ThrottleLimit);
        ConnectionSettings connection;
        try
        {
            connection = ConnectionTo(document.Target);
        }
        catch (InputException invalid)
        {
            WriteError(invalid.ToRecord(document.ErrorTarget));
            return;
        }
        catch (EngineException failure)
        {
            WriteError(RecordOf(failure.Error, document.ErrorTarget, document.Target.Permissions));
            return;
        }

        try
        {
            var upload = new DocumentUpload(
                document, Start(document, ClientCache.For(connection), connection.Endpoint.Session),
                new UploadProgress(this, $"Sending {document.ShownName}"), connection);
            _inFlight.Add(upload);
            if (StoppingToken.IsCancellationRequested)
            {
                // The stop came before there was anything to end.
                _inFlight.Cancel();
            }

            if (document.Source.IsSupplied)
            {
                // Its bytes come through this thread, which must not be left to the commands before this one.
                _inFlight.WaitFor(upload);
            }
        }
        catch (EngineException failure)
        {
            WriteError(RecordOf(failure.Error, document.ErrorTarget, document.Target.Permissions, connection.Endpoint.IsAppOnly));
        }
        catch (InputException invalid)
        {
            WriteError(invalid.ToRecord(document.ErrorTarget));
        }
        catch (EngineUnavailableException failure)
        {
            ThrowTerminatingError(ErrorRecords.From(failure));
        }
    }

    private EngineOperation Start(PlannedDocument document, EngineClient client, OfficialSession? session)
    {
        using EngineOptions options = Options(document, session);
        EngineSource source = document.Source.ToEngine(document.Name);
        if (document.Target.Address is not PrintDocumentAddress address)
        {
            return client.StartUpload(document.Target.Url!, source, options.Handle);
        }

        var asked = new EngineDocument(
            address.Parent, address.ParentId, address.PrintJobId, address.PrintDocumentId, document.Name, document.ContentType ?? "");
        using EngineRequest request = client.NewSession(asked, GivenHeaders);
        return client.StartUpload(request, source, options.Handle);
    }

    private EngineOptions Options(PlannedDocument document, OfficialSession? session)
    {
        if (ResumeDirectory is not null)
        {
            MakeFolder(System.IO.Path.GetDirectoryName(document.ResumeFile)!);
        }

        // Who the caller is concerns Graph alone; where there is a session, an upload URL would be told, and refuses.
        IEnumerable<KeyValuePair<string, string>> headers =
            document.Target.Address is null ? GivenHeaders : GivenHeaders.Where(header => !HttpHeaders.IsSecret(header.Key));
        return With(UploadOptions(headers), session, !Named.Has(nameof(TimeoutSec)), document.Target.Address is not null)
            .With(EngineOption.ChunkSize, ChunkSize)
            .With(EngineOption.MaxConcurrency, MaxConcurrency)
            .With(EngineOption.MaxRetry, document.Target.Address is null || Named.Has(nameof(MaxRetry)) ? MaxRetry : null)
            .With(EngineOption.ExpectedSize, document.Target.DocumentSize)
            .With(EngineOption.Progress, _isProgressWanted ? 1 : 0)
            .With(EngineOption.ResumeFile, document.ResumeFile)
            .With(EngineOption.ResumeIdentity, document.ResumeFile is null ? null : document.Target.Address?.Path);
    }

    private static void MakeFolder(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new InputException(
                "ResumeFileFailed", $"The folder for resume files, '{DisplayText.Clean(folder)}', cannot be made: "
                    + $"{DisplayText.Clean(failure.Message)}", ErrorCategory.WriteError);
        }
    }

    private void Tell(DocumentUpload upload, EngineEvent next)
    {
        switch (next.Kind)
        {
            case EngineEventKind.BytesWanted:
                upload.Document.Source.Supply(upload.Operation, next, StoppingToken);
                break;
            case EngineEventKind.TokenWanted:
                Renew(upload.Operation, upload.Graph, next.Text);
                break;
            case EngineEventKind.Retry:
                WriteVerboseLine($"'{upload.Document.ShownName}': {InWords(next)}");
                if (_isProgressWanted)
                {
                    upload.Progress.Hold(next);
                }

                break;
            case EngineEventKind.Log:
                WriteLogLine(next.Level, $"'{upload.Document.ShownName}': {next.Text}");
                break;
        }
    }

    private void Finish(DocumentUpload upload)
    {
        try
        {
            EngineResult result = upload.Operation.Result();
            KeepResponseHeaders(result.HeadersJson);
            SentDocument sent = SentDocument.From(
                result, upload.Document.Source.Path, upload.Document.Name, upload.Document.ContentType,
                upload.Document.Target.Address?.PrintDocumentId);
            WriteObject(sent);
        }
        catch (EngineException failure) when (failure.Error.Status == EngineStatus.Cancelled && StoppingToken.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
        catch (EngineException failure)
        {
            KeepResponseHeaders(failure.Error.AnswerHeadersJson);
            WriteError(upload.ToRecord(failure.Error));
        }
    }
}
