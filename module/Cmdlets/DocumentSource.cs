namespace MgPrint.PowerShell.Cmdlets;

/// <summary>Where the bytes of a document are.</summary>
internal abstract class DocumentSource
{
    /// <summary>The file's path; null for what is not in a file.</summary>
    public virtual string? Path => null;

    /// <summary>What the document is called where it was given no other name; null for what has no name of its own.</summary>
    public virtual string? Name => null;

    /// <summary>The document in words, for a question or an error; safe to show.</summary>
    public abstract string Shown { get; }

    /// <summary>Whether the bytes come through PowerShell's own thread, so that nothing moves unless it listens.</summary>
    public virtual bool IsSupplied => false;

    /// <summary>Looks whether there is something to send, where nothing else would.</summary>
    /// <exception cref="InputException">There is not.</exception>
    public virtual void Check(CancellationToken stopping)
    {
    }

    /// <summary>The document as the engine takes it.</summary>
    public abstract EngineSource ToEngine(string name);

    /// <summary>Answers bytes that the operation wants.</summary>
    public virtual void Supply(EngineOperation operation, EngineEvent wanted, CancellationToken stopping)
    {
    }
}

/// <summary>A document in a file, which the engine opens and reads itself.</summary>
/// <param name="path">The absolute path.</param>
internal sealed class FileDocument(string path) : DocumentSource
{
    public override string Path => path;

    public override string Name => System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(path));

    public override string Shown => $"the file '{DisplayText.Clean(path)}'";

    public override void Check(CancellationToken stopping)
    {
        // A share that hangs keeps the thread that looks.
        long? length = Stoppable.Run(
            () => Directory.Exists(path) ? -1 : File.Exists(path) ? new FileInfo(path).Length : (long?)null, stopping);
        string shown = DisplayText.Clean(path);
        InputException? fault = length switch
        {
            null => new("SourceNotFound", $"There is no file '{shown}'. Check the path.", ErrorCategory.ObjectNotFound, path),
            < 0 => new(
                "SourceNotAFile", $"'{shown}' is a directory, not a file. Give the path of one file.", ErrorCategory.InvalidType, path),
            0 => new(
                "SourceEmpty",
                $"'{shown}' is empty; the service takes no document without bytes. Check that the document was written whole.",
                ErrorCategory.InvalidData, path),
            _ => null,
        };
        if (fault is not null)
        {
            throw fault;
        }
    }

    public override EngineSource ToEngine(string name) => new(EngineSourceKind.Path, Path: path);
}

/// <summary>A document in memory, of which the engine takes a copy.</summary>
internal sealed class BytesDocument(byte[] content) : DocumentSource
{
    public override string Shown => content.Length == 1 ? "1 byte" : $"{content.Length} bytes";

    public override EngineSource ToEngine(string name) => new(EngineSourceKind.Bytes, Content: content);
}

/// <summary>A document in a stream that can seek: all of it, from its beginning. It is read as it is sent, and never closed.</summary>
internal sealed class StreamDocument : DocumentSource
{
    private readonly Stream _stream;
    private readonly long _size;
    private byte[] _buffer = [];

    /// <exception cref="InputException">The stream cannot be read at any place that a retry may need.</exception>
    public StreamDocument(Stream stream)
    {
        _stream = stream;
        try
        {
            if (stream is not { CanRead: true, CanSeek: true })
            {
                throw Unusable("cannot be read, or cannot seek, as sending again after a failure needs");
            }

            _size = stream.Length;
        }
        catch (Exception failure) when (failure is ObjectDisposedException or IOException or NotSupportedException)
        {
            throw Unusable($"cannot be used: {DisplayText.Clean(failure.Message).TrimEnd('.')}");
        }
    }

    public override string Shown => _size == 1 ? "a stream of 1 byte" : $"a stream of {_size} bytes";

    public override bool IsSupplied => true;

    public override EngineSource ToEngine(string name) => new(EngineSourceKind.Host, Size: _size, Name: name);

    public override void Supply(EngineOperation operation, EngineEvent wanted, CancellationToken stopping)
    {
        try
        {
            if (_stream.Length != _size)
            {
                operation.SupplyFailed(wanted.Offset, $"the stream had {_size} bytes and has {_stream.Length} now");
                return;
            }

            operation.Supply(wanted.Offset, Read(wanted.Offset, wanted.Length, stopping));
        }
        catch (Exception failure) when (failure is not (PipelineStoppedException or OutOfMemoryException))
        {
            // Whatever a stream of the caller's throws.
            operation.SupplyFailed(wanted.Offset, DisplayText.Clean(failure.GetBaseException().Message));
        }
    }

    private ReadOnlySpan<byte> Read(long offset, int length, CancellationToken stopping)
    {
        byte[] buffer = _buffer.Length < length ? new byte[length] : _buffer;
        _stream.Position = offset;
        if (IsOfPowerShell)
        {
            _stream.ReadExactly(buffer, 0, length);
        }
        else
        {
            // On a share that hangs, a read may wait for ever, be it called one that does not; Ctrl+C does not wait with it. Its
            // buffer is then left to it.
            _buffer = [];
            Stoppable.Run(
                () => _stream.ReadAtLeastAsync(buffer.AsMemory(0, length), length, cancellationToken: stopping).AsTask().GetAwaiter()
                    .GetResult(), stopping);
        }

        _buffer = buffer;
        return buffer.AsSpan(0, length);
    }

    /// <summary>A class that a script defines runs on PowerShell's thread, and would wait for it on any other.</summary>
    private bool IsOfPowerShell => _stream.GetType().Assembly.IsDynamic;

    private static InputException Unusable(string why) =>
        new("InvalidStream", $"-InputStream {why}. Save it to a file, or give its bytes with -Content.");
}
