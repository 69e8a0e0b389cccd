namespace MgPrint.PowerShell.Native;

/// <summary>
/// One endpoint with its token and its pooled connections; calls may come from any thread. Calls of several threads share a client:
/// its finalizer frees it after the last of them.
/// </summary>
internal sealed class EngineClient(nint id) : EngineHandle(id)
{
    /// <summary>No client.</summary>
    public static readonly EngineClient None = new(0);

    public EngineClient(EngineOptions options)
        : this(Engine.ClientNew(options))
    {
    }

    protected override bool ReleaseHandle() => NativeMethods.ClientFree(handle) == EngineStatus.Ok;

    /// <summary>Starts a request: sends it, and reads what comes back.</summary>
    public EngineOperation StartRequest(EngineRequest request, EngineOptions options) =>
        new(Engine.RequestStart(this, options, request));

    /// <summary>Reads a response that came through the caller's own steps.</summary>
    public EngineResult Read(EngineRequest request, uint httpStatus, string headersJson, byte[] body)
    {
        using var arguments = new NativeArguments();
        using var read = new EngineOperation(Engine.ResponseRead(
            this, request, httpStatus, arguments.Text(headersJson, "headers"), arguments.Bytes(body)));
        return read.Result();
    }

    /// <summary>Starts to write what a request brings to a file, in place of one that is there, once it is whole.</summary>
    /// <exception cref="EngineException">The engine refuses the path; nothing was sent.</exception>
    public EngineOperation StartDownload(EngineRequest request, string path, EngineOptions options)
    {
        using var arguments = new NativeArguments();
        return new(Engine.DownloadStart(this, options, request, arguments.Text(path, "file's path")));
    }

    /// <summary>Starts to ask what an upload session misses, or to cancel it.</summary>
    /// <exception cref="EngineException">The engine refuses the URL; nothing was sent.</exception>
    public EngineOperation StartSession(EngineSessionAction action, string uploadUrl, EngineOptions options)
    {
        using var arguments = new NativeArguments();
        return new(Engine.SessionStart(this, options, action, UploadUrl(arguments, uploadUrl)));
    }

    /// <summary>Starts to send a document to an upload URL.</summary>
    /// <param name="uploadUrl">The session's URL, byte for byte.</param>
    /// <exception cref="EngineException">The engine refuses the URL or the source; nothing was sent.</exception>
    public EngineOperation StartUpload(string uploadUrl, EngineSource source, EngineOptions options)
    {
        using var arguments = new NativeArguments();
        return StartUpload(new NativeTarget { UploadUrl = UploadUrl(arguments, uploadUrl) }, source, options);
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
        using var arguments = new NativeArguments();
        var asked = new NativePrint
        {
            ShareName = arguments.Text(print.To.ShareName, "share's name"),
            ShareId = arguments.Text(print.To.ShareId, "share's id"),
            PrinterId = arguments.Text(print.To.PrinterId, "printer's id"),
            Configuration = arguments.Text(print.Configuration, "configuration"),
            DocumentName = arguments.Text(print.DocumentName, "document's name"),
            ContentType = arguments.Text(print.ContentType, "content type"),
            Headers = arguments.Text(print.HeadersJson, "headers"),
            Record = arguments.Text(print.Record, "record's path"),
            WaitMilliseconds = (ulong)print.Wait.TotalMilliseconds,
            NoStart = print.NoStart ? (byte)1 : (byte)0,
            Force = print.Force ? (byte)1 : (byte)0,
        };
        NativeSource document = source.ToNative(arguments);
        return new(Engine.PrintStart(this, options, &asked, &document));
    }

    private unsafe EngineOperation StartUpload(NativeTarget target, EngineSource source, EngineOptions options)
    {
        using var arguments = new NativeArguments();
        NativeSource document = source.ToNative(arguments);
        return new(Engine.UploadStart(this, options, &target, &document));
    }

    private static NativeStr UploadUrl(NativeArguments arguments, string url) => arguments.Text(url, "upload URL");
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
/// <param name="Kind">Which of the others is set.</param>
/// <param name="Path">The absolute path of a file.</param>
/// <param name="Content">Bytes, which the engine copies.</param>
/// <param name="Size">How many bytes the caller will supply.</param>
/// <param name="Name">What messages call a document that is not in a file.</param>
internal sealed record EngineSource(
    EngineSourceKind Kind, string Path = "", byte[]? Content = null, long Size = 0, string Name = "")
{
    public NativeSource ToNative(NativeArguments arguments) => new()
    {
        Kind = Kind,
        Data = Content is null ? arguments.Text(Path, "file's path") : arguments.Bytes(Content),
        Size = (ulong)Size,
        Name = arguments.Text(Name, "document's name"),
    };
}
