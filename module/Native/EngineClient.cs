namespace MgPrint.PowerShell.Native;

/// <summary>
/// One endpoint with its token and its pooled connections; calls may come from any thread. Calls of several threads share a client:
/// its finalizer frees it after the last of them.
/// </summary>
internal sealed class EngineClient : EngineHandle
{
    /// <summary>No client.</summary>
    public static readonly EngineClient None = new(0);

    // What errors call this text.
    private const string UploadUrlText = "upload URL";

    public EngineClient(EngineOptions options)
        : this(New(options))
    {
    }

    private EngineClient(nint id)
        : base(id)
    {
    }

    private static nint New(EngineOptions options)
    {
        EngineError.ThrowUnlessOk(NativeMethods.ClientNew(options, out nint id, out nint error), error);
        return id;
    }

    protected override bool ReleaseHandle() => NativeMethods.ClientFree(handle) == EngineStatus.Ok;

    /// <summary>Starts a request: sends it, and reads what comes back.</summary>
    public EngineOperation StartRequest(EngineRequest request, EngineOptions options) =>
        EngineOperation.Of(
            NativeMethods.RequestStart(this, options, request, out nint operation, out nint error), operation, error);

    /// <summary>Reads a response that came through the caller's own steps.</summary>
    public unsafe EngineResult Read(EngineRequest request, uint httpStatus, string headersJson, byte[] body)
    {
        using var headers = new EngineText(headersJson, "headers");
        fixed (byte* bodyText = body)
        {
            EngineStatus status = NativeMethods.ResponseRead(
                this, request, httpStatus, headers.Str, new NativeStr(bodyText, body.Length),
                out nint operation, out nint error);
            using var read = EngineOperation.Of(status, operation, error);
            return read.Result();
        }
    }

    /// <summary>Starts to write what a request brings to a file, in place of one that is there, once it is whole.</summary>
    /// <exception cref="EngineException">The engine refuses the path; nothing was sent.</exception>
    public EngineOperation StartDownload(EngineRequest request, string path, EngineOptions options)
    {
        using var file = new EngineText(path, "file's path");
        EngineStatus status = NativeMethods.DownloadStart(this, options, request, file.Str, out nint operation, out nint error);
        return EngineOperation.Of(status, operation, error);
    }

    /// <summary>Starts to ask what an upload session misses.</summary>
    /// <exception cref="EngineException">The engine refuses the URL; nothing was sent.</exception>
    public EngineOperation StartStatus(string uploadUrl, EngineOptions options) =>
        StartSession(EngineSessionAction.Status, uploadUrl, options);

    /// <summary>Starts to cancel an upload session.</summary>
    /// <exception cref="EngineException">The engine refuses the URL; nothing was sent.</exception>
    public EngineOperation StartCancel(string uploadUrl, EngineOptions options) =>
        StartSession(EngineSessionAction.Cancel, uploadUrl, options);

    /// <summary>Starts to send a document to an upload URL.</summary>
    /// <param name="uploadUrl">The session's URL, byte for byte.</param>
    /// <exception cref="EngineException">The engine refuses the URL or the source; nothing was sent.</exception>
    public EngineOperation StartUpload(string uploadUrl, EngineSource source, EngineOptions options)
    {
        using var url = new EngineText(uploadUrl, UploadUrlText);
        return StartUpload(new NativeTarget { UploadUrl = url.Str }, source, options);
    }

    /// <summary>
    /// Starts to send a document by a request: through the session that it asks for, whose size is added, or as the body of
    /// any other.
    /// </summary>
    /// <exception cref="EngineException">The engine refuses the source; nothing was sent.</exception>
    public EngineOperation StartUpload(EngineRequest request, EngineSource source, EngineOptions options)
    {
        EngineOperation started = StartUpload(new NativeTarget { Request = request.DangerousGetHandle() }, source, options);
        GC.KeepAlive(request);
        return started;
    }

    /// <exception cref="EngineException">The engine refuses something; nothing was sent.</exception>
    public unsafe EngineOperation StartPrint(EnginePrint print, EngineSource source, EngineOptions options)
    {
        using var shareName = new EngineText(print.To.ShareName ?? "", "share's name");
        using var shareId = new EngineText(print.To.ShareId ?? "", "share's id");
        using var printerId = new EngineText(print.To.PrinterId ?? "", "printer's id");
        using var configuration = new EngineText(print.Configuration, "configuration");
        using var name = new EngineText(print.DocumentName, "document's name");
        using var type = new EngineText(print.ContentType, "content type");
        using var headers = new EngineText(print.HeadersJson, "headers");
        using var record = new EngineText(print.Record ?? "", "record's path");
        var native = new NativePrint
        {
            ShareName = shareName.Str,
            ShareId = shareId.Str,
            PrinterId = printerId.Str,
            Configuration = configuration.Str,
            DocumentName = name.Str,
            ContentType = type.Str,
            Headers = headers.Str,
            Record = record.Str,
            WaitMilliseconds = (ulong)print.Wait.TotalMilliseconds,
            NoStart = print.NoStart ? (byte)1 : (byte)0,
            Force = print.Force ? (byte)1 : (byte)0,
        };
        NativePrint* asked = &native;
        return Start(source, document =>
        {
            EngineStatus status = NativeMethods.PrintStart(
                this, options, asked, (NativeSource*)document, out nint operation, out nint error);
            return EngineOperation.Of(status, operation, error);
        });
    }

    private unsafe EngineOperation StartUpload(NativeTarget target, EngineSource source, EngineOptions options)
    {
        NativeTarget* to = &target;
        return Start(source, document =>
        {
            EngineStatus status = NativeMethods.UploadStart(
                this, options, to, (NativeSource*)document, out nint operation, out nint error);
            return EngineOperation.Of(status, operation, error);
        });
    }

    /// <summary>Hands a source to whatever starts an operation on it.</summary>
    private static unsafe EngineOperation Start(EngineSource source, Func<nint, EngineOperation> start)
    {
        using var path = new EngineText(source.Path ?? "", "file's path");
        using var name = new EngineText(source.Name, "document's name");
        fixed (byte* bytes = source.Bytes)
        {
            var native = new NativeSource
            {
                Kind = source.Kind,
                Data = source.Bytes is null ? path.Str : new NativeStr(bytes, source.Bytes.Length),
                Size = (ulong)source.Size,
                Name = name.Str,
            };
            return start((nint)(&native));
        }
    }

    private EngineOperation StartSession(EngineSessionAction action, string uploadUrl, EngineOptions options)
    {
        using var url = new EngineText(uploadUrl, UploadUrlText);
        return EngineOperation.Of(
            NativeMethods.SessionStart(this, options, action, url.Str, out nint operation, out nint error), operation, error);
    }
}

/// <summary>What is printed where.</summary>
/// <param name="To">The share by name or id, or the printer: one of them.</param>
/// <param name="HeadersJson">Headers of the requests to Graph, in the engine's JSON form; empty for none.</param>
/// <param name="Record">The file by which the same call goes on; null for none.</param>
/// <param name="Wait">How long to wait for the printer; zero for not at all.</param>
internal sealed record EnginePrint(
    (string? ShareName, string? ShareId, string? PrinterId) To, string Configuration, string DocumentName, string ContentType,
    string HeadersJson, string? Record, TimeSpan Wait, bool NoStart, bool Force);

/// <summary>Where the bytes of a document come from.</summary>
internal sealed class EngineSource
{
    private EngineSource(EngineSourceKind kind) => Kind = kind;

    /// <summary>Which of the others is set.</summary>
    public EngineSourceKind Kind { get; }

    /// <summary>The absolute path of a file.</summary>
    public string? Path { get; private init; }

    /// <summary>Bytes, which the engine copies.</summary>
    public byte[]? Bytes { get; private init; }

    /// <summary>How many bytes the caller will supply.</summary>
    public long Size { get; private init; }

    /// <summary>What messages call a document that is not in a file.</summary>
    public string Name { get; private init; } = "";

    public static EngineSource File(string path) => new(EngineSourceKind.Path) { Path = path };

    public static EngineSource Memory(byte[] bytes) => new(EngineSourceKind.Bytes) { Bytes = bytes };

    /// <summary>What the operation will ask for.</summary>
    public static EngineSource Supplied(long size, string name) => new(EngineSourceKind.Host) { Size = size, Name = name };
}
