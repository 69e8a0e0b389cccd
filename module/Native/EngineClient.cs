using System.Diagnostics.CodeAnalysis;

namespace MgPrint.PowerShell.Native;

/// <summary>One endpoint with its token and its pooled connections; calls may come from any thread.</summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable",
    Justification = "Calls of several threads share a client; the handle's finalizer frees it after the last of them.")]
internal sealed class EngineClient
{
    // What errors call this text.
    private const string UploadUrlText = "upload URL";

    private readonly ClientHandle _handle;

    public EngineClient(EngineOptions options)
    {
        EngineStatus status = NativeMethods.ClientNew(options.Handle, out nint id, out nint error);
        EngineError.ThrowUnlessOk(status, error);
        _handle = new ClientHandle(id);
    }

    /// <summary>Closes its connections and wipes its token at once; calls that have begun keep what they need.</summary>
    public void Free() => _handle.Free();

    /// <summary>A request to this client's endpoint. Nothing is sent.</summary>
    /// <param name="address">A path below the endpoint's version with its query, or a whole address of the endpoint's origin.</param>
    /// <param name="body">JSON text, sent byte for byte; empty for none.</param>
    /// <param name="what">What is being done, as in "The service refused to …".</param>
    /// <param name="isRepeatable">Whether it may be sent again after its response was lost.</param>
    /// <param name="headers">The caller's headers, in order; a name may come again for a further value.</param>
    public EngineRequest NewRequest(
        string method, string address, string body, string what, bool isRepeatable, IEnumerable<KeyValuePair<string, string>> headers) =>
        EngineRequest.New(
            _handle, isRepeatable ? EngineRequestMode.Repeatable : EngineRequestMode.Once, method, address, body, what, headers);

    /// <summary>The request for an upload session of a document, which says everything but its size. Nothing is sent.</summary>
    public EngineRequest NewSession(EngineDocument document, IEnumerable<KeyValuePair<string, string>> headers) =>
        EngineRequest.NewSession(_handle, document, headers);

    /// <summary>Starts a request: sends it, and reads what comes back.</summary>
    public EngineOperation StartRequest(EngineRequest request, OptionsHandle options) =>
        EngineOperation.Of(
            NativeMethods.RequestStart(_handle, options, request.Handle, out nint operation, out nint error), operation, error);

    /// <summary>Lets an operation that asks for another token go on through this client, which has one.</summary>
    public void Renew(EngineOperation operation) => operation.Renew(_handle);

    /// <summary>Reads a response that came through the caller's own steps.</summary>
    public unsafe EngineResult Read(EngineRequest request, uint httpStatus, string headersJson, byte[] body)
    {
        using var headers = new EngineText(headersJson, "headers");
        fixed (byte* bodyText = body)
        {
            EngineStatus status = NativeMethods.ResponseRead(
                _handle, request.Handle, httpStatus, headers.Str, new NativeStr(bodyText, body.Length),
                out nint operation, out nint error);
            using var read = EngineOperation.Of(status, operation, error);
            return read.Result();
        }
    }

    /// <summary>Starts to write what a request brings to a file, in place of one that is there, once it is whole.</summary>
    /// <exception cref="EngineException">The engine refuses the path; nothing was sent.</exception>
    public EngineOperation StartDownload(EngineRequest request, string path, OptionsHandle options)
    {
        using var file = new EngineText(path, "file's path");
        EngineStatus status = NativeMethods.DownloadStart(_handle, options, request.Handle, file.Str, out nint operation, out nint error);
        return EngineOperation.Of(status, operation, error);
    }

    /// <summary>Starts to ask what an upload session misses.</summary>
    /// <exception cref="EngineException">The engine refuses the URL; nothing was sent.</exception>
    public EngineOperation StartStatus(string uploadUrl, OptionsHandle options) =>
        StartSession(EngineSessionAction.Status, uploadUrl, options);

    /// <summary>Starts to cancel an upload session.</summary>
    /// <exception cref="EngineException">The engine refuses the URL; nothing was sent.</exception>
    public EngineOperation StartCancel(string uploadUrl, OptionsHandle options) =>
        StartSession(EngineSessionAction.Cancel, uploadUrl, options);

    /// <summary>Starts to send a document to an upload URL.</summary>
    /// <param name="uploadUrl">The session's URL, byte for byte.</param>
    /// <exception cref="EngineException">The engine refuses the URL or the source; nothing was sent.</exception>
    public EngineOperation StartUpload(string uploadUrl, EngineSource source, OptionsHandle options)
    {
        using var url = new EngineText(uploadUrl, UploadUrlText);
        return StartUpload(new NativeTarget { UploadUrl = url.Str }, source, options);
    }

    /// <summary>
    /// Starts to send a document by a request: through the session that it asks for, whose size is added, or as the body of
    /// any other.
    /// </summary>
    /// <exception cref="EngineException">The engine refuses the source; nothing was sent.</exception>
    public EngineOperation StartUpload(EngineRequest request, EngineSource source, OptionsHandle options)
    {
        try
        {
            return StartUpload(new NativeTarget { Request = request.Handle.DangerousGetHandle() }, source, options);
        }
        finally
        {
            GC.KeepAlive(request);
        }
    }

    /// <exception cref="EngineException">The engine refuses something; nothing was sent.</exception>
    public unsafe EngineOperation StartPrint(EnginePrint print, EngineSource source, OptionsHandle options)
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
                _handle, options, asked, (NativeSource*)document, out nint operation, out nint error);
            return EngineOperation.Of(status, operation, error);
        });
    }

    private unsafe EngineOperation StartUpload(NativeTarget target, EngineSource source, OptionsHandle options)
    {
        NativeTarget* to = &target;
        return Start(source, document =>
        {
            EngineStatus status = NativeMethods.UploadStart(
                _handle, options, to, (NativeSource*)document, out nint operation, out nint error);
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

    private EngineOperation StartSession(EngineSessionAction action, string uploadUrl, OptionsHandle options)
    {
        using var url = new EngineText(uploadUrl, UploadUrlText);
        return EngineOperation.Of(
            NativeMethods.SessionStart(_handle, options, action, url.Str, out nint operation, out nint error), operation, error);
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
