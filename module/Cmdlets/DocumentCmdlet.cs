namespace MgPrint.PowerShell.Cmdlets;

/// <summary>What the cmdlets have in common that take documents: where their bytes are, and several under way at once.</summary>
public abstract partial class DocumentCmdlet : UploadCmdlet
{
    private static readonly TimeSpan CancelTimeout = TimeSpan.FromSeconds(2);

    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);
    private bool _isProgressWanted;
    private bool _isWarningWanted;
    private (string? Share, EngineError Error)? _shareNotFound;
    private PlannedDocument? _held;

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
                WarnHost(upload, CancelTimeout);
            }
        }
        finally
        {
            InFlight?.Dispose();
            base.Dispose(disposing);
        }
    }

    /// <summary>Names a job that outlives the command. A pipeline that was stopped takes no warnings any more; the host does.</summary>
    private void WarnHost(DocumentUpload upload, TimeSpan timeout)
    {
        foreach (string line in upload.PendingWarnings(timeout))
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
            InFlight.Running.SelectMany(upload => upload.PendingWarnings(TimeSpan.Zero)).ToList().ForEach(WriteWarningLine);
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
        if (_shareNotFound is (string share, EngineError notFound) && document.Target.Printer?.To.ShareName == share)
        {
            // Looked for once: a command may have a thousand documents.
            Report(RecordOf(notFound, document.ErrorTarget(), document.Target.Permissions));
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
        string whose = upload.Document.Prefix;
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
        catch (Exception stopped) when (StoppingToken.IsCancellationRequested
            && stopped is PipelineStoppedException or EngineException { Error.Status: EngineStatus.Cancelled })
        {
            WarnHost(upload, TimeSpan.Zero);
            throw new PipelineStoppedException();
        }
        catch (EngineException failure)
        {
            KeepResponseHeaders(failure.Error.ResponseHeadersJson);
            if (failure.Error.Status == EngineStatus.ShareNotFound)
            {
                _shareNotFound = (upload.Document.Target.Printer?.To.ShareName, failure.Error);
            }

            Report(upload.ToRecord(failure.Error));
        }
    }
}
