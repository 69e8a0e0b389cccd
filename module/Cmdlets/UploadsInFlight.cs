namespace MgPrint.PowerShell.Cmdlets;

/// <summary>
/// The documents of one call that are on their way at once. They move by themselves; this listens to all of them, on the
/// pipeline's own thread, while there is nothing else to do there.
/// </summary>
/// <param name="onEvent">Takes an event that is neither progress nor the end.</param>
/// <param name="onFinished">Takes a document that has ended, however it did; it is disposed of afterwards.</param>
/// <param name="total">The bar above those of several documents.</param>
internal sealed class UploadsInFlight(
    Action<DocumentUpload, EngineEvent> onEvent, Action<DocumentUpload> onFinished, UploadProgress total) : IDisposable
{
    private readonly ProgressPace _pace = new();
    // Replaced as a whole, on the pipeline's thread alone: who cancels, from another, takes it as it is.
    private volatile DocumentUpload[] _running = [];
    private int _added;
    private (int Finished, int Added) _drawn;

    /// <summary>The documents under way.</summary>
    public IReadOnlyList<DocumentUpload> Running => _running;

    /// <summary>Adds a document that was started. Whoever looks for a stop afterwards sees it, or who stops sees the document.</summary>
    public void Add(DocumentUpload upload)
    {
        Interlocked.Exchange(ref _running, [.. _running, upload]);
        _added++;
    }

    /// <summary>Reads the events that are there, without waiting.</summary>
    public void PollAll() => Array.ForEach(_running, Poll);

    /// <summary>Takes every bar off the screen.</summary>
    public void TakeBarsAway()
    {
        Array.ForEach(_running, upload => upload.Progress.TryEnd());
        total.TryEnd();
    }

    /// <summary>Reads events until fewer than so many are running.</summary>
    public void WaitUntilFewerThan(int count) => WaitWhile(() => _running.Length >= count);

    /// <summary>Reads events until this one has ended.</summary>
    public void WaitFor(DocumentUpload upload) => WaitWhile(() => _running.Contains(upload));

    /// <summary>Cancels them all, from any thread; each is then read as finished.</summary>
    public void Cancel() => Array.ForEach(_running, upload => upload.Operation.Cancel());

    /// <summary>Ends what is still running. Its session stays as it is.</summary>
    public void Dispose()
    {
        Array.ForEach(_running, upload => upload.Dispose());
        _running = [];
    }

    private void WaitWhile(Func<bool> isBusy)
    {
        while (isBusy())
        {
            WaitForEvents();
        }
    }

    /// <summary>Waits until one of them has an event, and reads the events of all.</summary>
    private void WaitForEvents()
    {
        DocumentUpload[] running = _running;
        bool isDrawingDue = Array.Exists(running, upload => upload.Progress.IsDue);
        EngineOperation.WaitAny(
            Array.ConvertAll(running, upload => upload.Operation), isDrawingDue ? _pace.Wait : Timeout.InfiniteTimeSpan);
        PollAll();
        if (_pace.Wait == TimeSpan.Zero
            && running.Where(upload => upload.Progress.IsDue).MinBy(upload => upload.Progress.LastDrawn) is DocumentUpload due)
        {
            DrawTotal();
            due.Progress.Draw();
            _pace.Drawn();
        }
    }

    /// <summary>Counts those that were taken so far: how many follow, no pipeline knows.</summary>
    private void DrawTotal()
    {
        (int finished, int added) = (_added - _running.Length, _added);
        if (added > 1 && (finished, added) != _drawn)
        {
            _drawn = (finished, added);
            total.Draw($"{finished} of {added}", finished * 100 / added);
        }
    }

    private void Poll(DocumentUpload upload)
    {
        while (upload.Operation.Next(TimeSpan.Zero) is EngineEvent next)
        {
            switch (next.Kind)
            {
                case EngineEventKind.Finished:
                    End(upload);
                    return;
                case EngineEventKind.Progress:
                    // The last of what waits; the next is the next turn's.
                    upload.Progress.Hold(next);
                    return;
                default:
                    onEvent(upload, next);
                    break;
            }
        }
    }

    private void End(DocumentUpload upload)
    {
        // A pipeline that was stopped draws no more: then the document stays, and its job is named when all ends.
        upload.Progress.End();
        _running = Array.FindAll(_running, other => other != upload);
        using (upload)
        {
            onFinished(upload);
        }
    }
}
