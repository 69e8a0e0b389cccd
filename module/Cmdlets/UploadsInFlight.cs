using MgPrint.PowerShell.Native;

namespace MgPrint.PowerShell.Cmdlets;

/// <summary>
/// The documents of one call that are on their way at once. They move by themselves; this listens to all of them, on the
/// pipeline's own thread, while there is nothing else to do there.
/// </summary>
/// <param name="tell">Takes an event that is neither progress nor the end.</param>
/// <param name="ended">Takes a document that has ended, however it did; it is disposed of afterwards.</param>
internal sealed class UploadsInFlight(Action<DocumentUpload, EngineEvent> tell, Action<DocumentUpload> ended) : IDisposable
{
    private readonly object _gate = new();
    private readonly ProgressPace _pace = new();
    private DocumentUpload[] _running = [];

    /// <summary>A document sets off.</summary>
    public void Add(DocumentUpload upload)
    {
        lock (_gate)
        {
            _running = [.. _running, upload];
        }
    }

    /// <summary>Hears what has ended, or has something to tell, and waits for nothing.</summary>
    public void HearWhatEnded()
    {
        foreach (DocumentUpload upload in _running)
        {
            Hear(upload);
        }
    }

    /// <summary>Takes every bar off the screen.</summary>
    public void TakeBarsAway()
    {
        foreach (DocumentUpload upload in _running)
        {
            upload.Progress.TryEnd();
        }
    }

    /// <summary>Listens until fewer than so many are on their way.</summary>
    public void WaitUntilFewerThan(int count)
    {
        while (_running.Length >= count)
        {
            Listen();
        }
    }

    /// <summary>Listens until this one has ended.</summary>
    public void WaitFor(DocumentUpload upload)
    {
        while (_running.Contains(upload))
        {
            Listen();
        }
    }

    /// <summary>Ends them all at once, from any thread; each is told as ended to whoever listens.</summary>
    public void Cancel()
    {
        lock (_gate)
        {
            foreach (DocumentUpload upload in _running)
            {
                upload.Operation.Cancel();
            }
        }
    }

    /// <summary>Ends what is still on its way. Its session stays as it is.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            foreach (DocumentUpload upload in _running)
            {
                upload.Dispose();
            }

            _running = [];
        }
    }

    /// <summary>Waits until one of them has something to tell, and hears all of them.</summary>
    private void Listen()
    {
        DocumentUpload[] running = _running;
        bool isDrawingDue = Array.Exists(running, upload => upload.Progress.IsDue);
        _ = EngineOperation.WaitAny(
            Array.ConvertAll(running, upload => upload.Operation), isDrawingDue ? _pace.Wait : Timeout.InfiniteTimeSpan);
        foreach (DocumentUpload upload in running)
        {
            Hear(upload);
        }

        if (_pace.Wait == TimeSpan.Zero
            && running.Where(upload => upload.Progress.IsDue).MinBy(upload => upload.Progress.LastDrawn) is DocumentUpload due)
        {
            due.Progress.Draw();
            _pace.Drawn();
        }
    }

    private void Hear(DocumentUpload upload)
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
                    tell(upload, next);
                    break;
            }
        }
    }

    private void End(DocumentUpload upload)
    {
        lock (_gate)
        {
            _running = Array.FindAll(_running, other => other != upload);
        }

        using (upload)
        {
            upload.Progress.End();
            ended(upload);
        }
    }
}
