using System.Runtime.CompilerServices;

namespace MgPrint.PowerShell.Cmdlets;

/// <summary>What the cmdlets have in common that take documents: where their bytes are, and several under way at once.</summary>
public abstract class DocumentCmdlet : UploadCmdlet
{
    // A set says where the bytes are. Where they go is told by what was given: each way goes with each set.
    internal const string ByPath = "Path";
    internal const string ByLiteralPath = "LiteralPath";
    internal const string ByStream = "InputStream";
    internal const string ByContent = "Content";

    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(2);

    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);
    private bool _isProgressWanted;
    private bool _isWarningWanted;
    private EngineError? _shareNotFound;
    private PlannedDocument? _held;

    /// <summary>The file to send; wildcards may stand in it, and must match one file.</summary>
    // Not mandatory: PowerShell tries the default set first, and once an id of a piped row is bound in it, it looks for a
    // -LiteralPath no more, and would ask for this one. What a row says is read here instead.
    [Parameter(ParameterSetName = ByPath, Position = 0, ValueFromPipelineByPropertyName = true, HelpMessage = "The file to send")]
    [AllowEmptyCollection]
    [AllowEmptyString]
    [SupportsWildcards]
    [Alias("FullName")]
    public string[]? Path { get; set; }

    /// <summary>The file to send, every character as it is.</summary>
    [Parameter(ParameterSetName = ByLiteralPath, Mandatory = true, ValueFromPipelineByPropertyName = true,
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

    /// <summary>What the document is called.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, HelpMessage = "The document's name; the file's own by default")]
    public string? DocumentName { get; set; }

    /// <summary>What the document is.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true,
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

    /// <summary>A folder with such a file for each document.</summary>
    [Parameter(ParameterSetName = ByPath, HelpMessage = "A folder with such a file for each document")]
    [Parameter(ParameterSetName = ByLiteralPath, HelpMessage = "A folder with such a file for each document")]
    [ValidateNotNullOrEmpty]
    public string? ResumeDirectory { get; set; }

    /// <summary>The documents under way.</summary>
    private protected UploadsInFlight InFlight { get; private set; } = null!;

    /// <summary>What it does with a document: the word of a question.</summary>
    private protected abstract string Verb { get; }

    /// <summary>Whether the command line is for one document, which is then sent when it is sure that no second one comes.</summary>
    private protected virtual bool IsForOneDocument => false;

    /// <summary>Starts a document on its way.</summary>
    private protected abstract EngineOperation Start(PlannedDocument document, EngineClient client, EngineOptions options);

    /// <summary>What is put out for a document that has arrived.</summary>
    private protected abstract object ResultOf(EngineResult result, DocumentUpload upload);

    /// <summary>
    /// Makes out, one after the other, which documents the record asks for; an <see cref="InputException"/> ends it alone.
    /// </summary>
    private protected abstract IEnumerable<PlannedDocument> Plan();

    /// <summary>What was piped as a whole; null where nothing was.</summary>
    private protected abstract object? PipedObject { get; }

    private protected PipedDocument Piped => new(PipedObject);

    /// <summary>How the document is to be printed, as the record says.</summary>
    private protected virtual IDictionary? GivenConfiguration => null;

    /// <summary>A text that was given or piped; null for none.</summary>
    private protected string? Said(string? bound, [CallerArgumentExpression(nameof(bound))] string name = "") =>
        string.IsNullOrEmpty(bound) ? Piped.Text(name) : bound;

    /// <summary>The path that is piped; null for none.</summary>
    private protected (string Path, bool IsLiteral)? PipedPath() =>
        NamedValues.Unwrap(PipedObject) is string text ? PathIn(text)
        : Piped.LiteralPath is string literal ? (literal, true)
        : Piped.Path is string path ? (path, false)
        : null;

    /// <summary>Whether the command line names the document.</summary>
    private bool IsDocumentNamed => Array.Exists([nameof(Path), nameof(LiteralPath), nameof(InputStream), nameof(Content)], IsNamed);

    /// <summary>Whether what is piped cannot be meant for anything but the document.</summary>
    private protected virtual bool IsDocumentPiped => PipedPath() is not null;

    /// <summary>The path that a piped text is; null where a text is none.</summary>
    private protected virtual (string Path, bool IsLiteral)? PathIn(string text) => null;

    /// <summary>The documents that the record names; and each path that names none, with why.</summary>
    private protected IEnumerable<(DocumentSource Source, InputException? Fault)> Sources() => (PipedPath(), ParameterSetName) switch
    {
        _ when IsDocumentNamed && IsDocumentPiped => throw new InputException(
            "AmbiguousInput", "A document is piped, and the command line names one too. Give it in one of the two ways."),
        ((string path, bool isLiteral), _) when !IsDocumentNamed => FilesOf([path], isLiteral),
        (_, ByStream) => [(new StreamDocument(InputStream), null)],
        (_, ByContent) => [(new BytesDocument(Content), null)],
        (_, ByLiteralPath) => FilesOf(LiteralPath, isLiteral: true),
        _ => FilesOf(IsPathGiven ? Path! : throw SourceMissing(), isLiteral: false),
    };

    private bool IsPathGiven => Path is { Length: > 0 } && !Path.Any(string.IsNullOrEmpty);

    private IEnumerable<(DocumentSource Source, InputException? Fault)> FilesOf(string[] paths, bool isLiteral) =>
        Files.Each(paths, isLiteral).Select(file => ((DocumentSource)new FileDocument(file.Path), file.Fault));

    private InputException SourceMissing() => new(
        "SourceMissing",
        $"There is no document to {Verb.ToLowerInvariant()}{PropertiesOf(PipedObject)}. Give a file with -Path or -LiteralPath, or pipe in "
            + "files, or objects with such a property; or give -InputStream or -Content.");

    /// <summary>What a piped row has, so that a wrong column, or a row without a value, is seen.</summary>
    private static string PropertiesOf(object? piped)
    {
        if (piped is not PSObject { BaseObject: PSCustomObject } row)
        {
            return "";
        }

        // The first line of a list without a head is one of names too, and may be an upload URL.
        IEnumerable<string> names =
            row.Properties.Select(property => property.Name).Where(name => !name.Contains('/', StringComparison.Ordinal));
        return $" in what is piped, which has {string.Join(", ", names.Select(name => DisplayText.Clean(name)))}";
    }

    /// <summary>The record as it was given, for an error that comes before it was looked at.</summary>
    private FailedDocument Given()
    {
        // Of several, which are then all unsent, no one path is that of the error; and of PSPath, the provider is no part of it.
        string? path = OrNothing(() => PipedPath()?.Path)
            ?? ((ParameterSetName == ByLiteralPath ? LiteralPath : Path) is [string one] ? one : null);
        return new FailedDocument
        {
            Path = path?[(path.IndexOf("::", StringComparison.Ordinal) is int provider and >= 0 ? provider + 2 : 0)..],
            DocumentName = Text(nameof(DocumentName)),
            ContentType = Text(nameof(ContentType)),
            Share = Text(nameof(FailedDocument.Share)),
            PrinterId = Text(nameof(FailedDocument.PrinterId)),
            PrinterShareId = Text(nameof(FailedDocument.PrinterShareId)),
            PrintJobId = Text(nameof(FailedDocument.PrintJobId)),
            PrintDocumentId = Text(nameof(FailedDocument.PrintDocumentId)),
            Configuration = OrNothing(() => GivenConfiguration),
        };

        // What a parameter of that name was given, where the cmdlet has one.
        string? Text(string name) => OrNothing(
            () => GetType().GetProperty(name) is { } parameter ? Said(parameter.GetValue(this) as string, name) : null);
    }

    /// <summary>What can be read of a record for its error; that it cannot is no error of its own.</summary>
    private protected static T? OrNothing<T>(Func<T?> read)
    {
        try
        {
            return read();
        }
        catch (Exception invalid) when (IsOfInput(invalid))
        {
            return default;
        }
    }

    private protected DocumentFiles Files => new(SessionState);

    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        if (IsNamed(nameof(Path)) && !IsPathGiven)
        {
            throw SourceMissing();
        }

        _isProgressWanted = IsWanted("Progress");
        _isWarningWanted = IsWanted("Warning");
        InFlight = new UploadsInFlight(OnEvent, Finish, new UploadProgress(this, $"{Verb}ing documents"));
    }

    private bool IsWanted(string stream) => ActionOf(stream) is not (ActionPreference.SilentlyContinue or ActionPreference.Ignore);

    private object? ActionOf(string stream) =>
        MyInvocation.BoundParameters.GetValueOrDefault($"{stream}Action")
            ?? Preference(stream == "Error" ? "ErrorActionPreference" : $"{stream}Preference");

    protected override void ProcessRecord() => WithBars(() =>
    {
        // What ended while the command before this one was busy comes out now, not when all are done.
        InFlight.PollAll();
        using IEnumerator<PlannedDocument> plan = Plan().GetEnumerator();
        while (Next(plan) is PlannedDocument document)
        {
            InputException? fault = document.Fault
                ?? (IsForOneDocument || document.Key is null || _taken.Add(document.Key) ? null : TakenBefore(document));
            if (fault is not null)
            {
                if (_held is not null)
                {
                    throw fault;
                }

                Report(fault.ToRecord(document.ErrorTarget()));
            }
            else if (ShouldProcess(document.Target.ToString(), $"{Verb} {document.Source.Shown}"))
            {
                if (!IsForOneDocument)
                {
                    Send(document);
                }
                else
                {
                    _held = _held is null ? document : throw TakenBefore(document);
                }
            }
        }
    });

    private static InputException TakenBefore(PlannedDocument document) => new(
        "MoreThanOneFile",
        document.Target.Printer is not null ? "The document was given before in this pipeline."
            : $"A document for {document.Target}, or with the same resume file, was given before in this pipeline. Give each file a session "
                + "or a print document of its own, and a resume file by -ResumeDirectory.");

    private protected static InputException NameMissing() =>
        new("DocumentNameMissing", "The document has no name of its own: give one with -DocumentName.");

    /// <summary>
    /// The next document of the record; null for no further one. Nothing is put out here: what a command behind this one throws,
    /// such as break, must not pass for an error of the record.
    /// </summary>
    private PlannedDocument? Next(IEnumerator<PlannedDocument> plan)
    {
        try
        {
            _ = GivenHeaders;
            if (!plan.MoveNext())
            {
                return null;
            }

            return IsWhatIf && plan.Current.Fault is null
                ? plan.Current with { Fault = FaultOf(() => plan.Current.Source.Check(StoppingToken)) }
                : plan.Current;
        }
        catch (Exception unreadable) when (IsOfInput(unreadable))
        {
            Report(InputException.Of(unreadable).ToRecord(OrNothing(Given)));
            return null;
        }
    }

    /// <summary>What is wrong with a document alone.</summary>
    private protected static InputException? FaultOf(Action look)
    {
        try
        {
            look();
            return null;
        }
        catch (InputException fault)
        {
            return fault;
        }
    }

    protected override void EndProcessing() => WithBars(() =>
    {
        if (_held is not null)
        {
            Send(_held);
        }

        InFlight.WaitUntilFewerThan(1);
        InFlight.TakeBarsAway();
    });

    protected override void StopProcessing()
    {
        base.StopProcessing();
        InFlight?.Cancel();
    }

    protected override void Dispose(bool disposing)
    {
        try
        {
            // What is on its way still was stopped: by a person, by a command that wants no more, or by an error that ends all.
            InFlight?.Cancel();
            foreach (DocumentUpload upload in InFlight?.Running ?? [])
            {
                TellHost(upload, LongestEnd);
            }
        }
        finally
        {
            InFlight?.Dispose();
            base.Dispose(disposing);
        }
    }

    /// <summary>Names a job that outlives the command. A pipeline that was stopped takes no warnings any more; the host does.</summary>
    private void TellHost(DocumentUpload upload, TimeSpan patience)
    {
        foreach (string line in upload.LastWords(patience))
        {
            if (_isWarningWanted)
            {
                Host?.UI?.WriteWarningLine(line);
            }
        }
    }

    /// <summary>Writes an error. Of one that ends all, a script hears nothing after it: what was started is named before.</summary>
    private void Report(ErrorRecord error)
    {
        if (ActionOf("Error") is ActionPreference.Stop)
        {
            InFlight.Running.SelectMany(upload => upload.LastWords(TimeSpan.Zero)).ToList().ForEach(WriteWarningLine);
        }

        WriteError(error);
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
            InFlight.TakeBarsAway();
            throw;
        }
    }

    private bool IsWhatIf => IsNamed("WhatIf") ? IsOn("WhatIf") : LanguagePrimitives.IsTrue(GetVariableValue("WhatIfPreference"));

    private void Send(PlannedDocument document)
    {
        InFlight.WaitUntilFewerThan(ThrottleLimit);
        if (Begin(document) is not DocumentUpload upload)
        {
            return;
        }

        InFlight.Add(upload);
        if (StoppingToken.IsCancellationRequested)
        {
            // The stop came before there was anything to end.
            InFlight.Cancel();
        }

        if (document.Source.IsSupplied)
        {
            // Its bytes come through this thread, which must not be left to the commands before this one.
            InFlight.WaitFor(upload);
        }
    }

    /// <summary>Starts a document on its way; null when that failed, which an error record says.</summary>
    private DocumentUpload? Begin(PlannedDocument document)
    {
        if (_shareNotFound is not null)
        {
            Report(RecordOf(_shareNotFound, document.ErrorTarget(), document.Target.Permissions));
            return null;
        }

        EngineLibrary.EnsureLoaded();
        ConnectionSettings? connection = null;
        try
        {
            connection = ConnectionTo(document.Target);
            using EngineOptions options = Options(document, connection.Endpoint.Session);
            return new DocumentUpload(
                document, Start(document, ClientCache.For(connection), options),
                new UploadProgress(this, $"{Verb}ing {document.ShownName}"), connection);
        }
        catch (EngineException failure)
        {
            Report(RecordOf(failure.Error, document.ErrorTarget(), document.Target.Permissions, connection?.Endpoint));
        }
        catch (InputException invalid)
        {
            Report(invalid.ToRecord(document.ErrorTarget()));
        }

        return null;
    }

    private EngineOptions Options(PlannedDocument document, OfficialSession? session)
    {
        if (ResumeDirectory is not null)
        {
            MakeFolder(System.IO.Path.GetDirectoryName(document.ResumeFile)!);
        }

        bool isToGraph = document.Target.Url is null;
        // Who the caller is concerns Graph alone; where there is a session, an upload URL would be told, and refuses.
        IEnumerable<KeyValuePair<string, string>> headers =
            isToGraph ? GivenHeaders.Where(header => !HttpHeaders.IsSecret(header.Key)) : GivenHeaders;
        return With(UploadOptions(headers), session, AskedTimeout is null, isToGraph)
            .With(EngineOption.ChunkSize, ChunkSize)
            .With(EngineOption.MaxConcurrency, MaxConcurrency)
            .With(EngineOption.MaxRetry, !isToGraph || IsNamed(nameof(MaxRetry)) ? MaxRetry : null)
            .With(EngineOption.Progress, _isProgressWanted ? 1 : 0);
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
                "ResumeFileFailed",
                $"The folder for resume files, '{DisplayText.Clean(folder)}', cannot be made: {DisplayText.Clean(failure.Message)}",
                ErrorCategory.WriteError);
        }
    }

    private void OnEvent(DocumentUpload upload, EngineEvent next)
    {
        string whose = $"'{upload.Document.ShownName}': ";
        _ = TryTake(next, upload.Operation, upload.Graph, whose);
        switch (next.Kind)
        {
            case EngineEventKind.BytesWanted:
                upload.Document.Source.Supply(upload.Operation, next, StoppingToken);
                break;
            case EngineEventKind.Retry when _isProgressWanted:
                upload.Progress.Hold(next);
                break;
            case EngineEventKind.Job:
                upload.JobChanged(next);
                WriteVerboseLine(whose + upload.Progress.Job);
                break;
            case EngineEventKind.JobLeft:
                WriteWarningLine(whose + upload.LeftoverOf(next));
                break;
        }
    }

    private void Finish(DocumentUpload upload)
    {
        try
        {
            EngineResult result = upload.Operation.Result();
            KeepResponseHeaders(result.HeadersJson);
            WriteObject(ResultOf(result, upload));
        }
        catch (PipelineStoppedException) when (StoppingToken.IsCancellationRequested)
        {
            // It ended in the same moment, and nobody hears how.
            TellHost(upload, TimeSpan.Zero);
            throw;
        }
        catch (EngineException failure) when (failure.Error.Status == EngineStatus.Cancelled && StoppingToken.IsCancellationRequested)
        {
            TellHost(upload, TimeSpan.Zero);
            throw new PipelineStoppedException();
        }
        catch (EngineException failure)
        {
            KeepResponseHeaders(failure.Error.ResponseHeadersJson);
            if (failure.Error.Status == EngineStatus.ShareNotFound && IsNamed(nameof(OutMgPrinter.Share)))
            {
                // The command line names the share for every document; a row of a list names it for its own.
                _shareNotFound = failure.Error;
            }

            Report(upload.ToRecord(failure.Error));
        }
    }
}
