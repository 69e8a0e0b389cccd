using System.Diagnostics.CodeAnalysis;

namespace MgPrint.PowerShell.Native;

/// <summary>Which kind of thing a document's job belongs to.</summary>
internal enum JobParent
{
    Printer = 1,
    Share = 2,
}

/// <summary>One endpoint with its token and its pooled connections; calls may come from any thread.</summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable",
    Justification = "Calls of several threads share a client; the handle's finalizer frees it after the last of them.")]
internal sealed class EngineClient
{
    // What errors call these texts.
    private const string UploadUrlText = "upload URL";
    private const string PathText = "file's path";
    private const string NameText = "document's name";

    private readonly ClientHandle _handle;

    /// <summary>A client with these settings.</summary>
    /// <exception cref="EngineException">The engine refuses a setting, such as an endpoint that is no https URL.</exception>
    public EngineClient(EngineOptions options)
    {
        EngineStatus status = NativeMethods.ClientNew(options.Handle, out nint id, out nint error);
        if (status != EngineStatus.Ok)
        {
            throw new EngineException(EngineError.Take(status, error));
        }

        _handle = new ClientHandle(id);
    }

    /// <summary>Closes its connections and wipes its token at once; calls that have begun keep what they need.</summary>
    public void Free() => _handle.Free();

    /// <summary>A request to this client's endpoint. Nothing is sent.</summary>
    /// <param name="method">The HTTP method.</param>
    /// <param name="address">A path below the endpoint's version with its query, or a whole address of the endpoint's origin.</param>
    /// <param name="body">JSON text, sent byte for byte; empty for none.</param>
    /// <param name="what">What is being done, as in "The service refused to …".</param>
    /// <param name="isRepeatable">Whether it may be sent again after its response was lost.</param>
    /// <param name="headers">The caller's headers, in order; a name may come again for a further value.</param>
    /// <exception cref="EngineException">The engine refuses the address, the body or a header.</exception>
    public EngineRequest NewGraph(
        string method, string address, string body, string what, bool isRepeatable, IEnumerable<KeyValuePair<string, string>> headers) =>
        EngineRequest.NewGraph(_handle, method, address, body, what, isRepeatable, headers);

    /// <summary>Starts a request to Graph: sends it, and reads what comes back.</summary>
    /// <exception cref="EngineException">The engine cannot start it.</exception>
    public EngineOperation StartGraph(EngineRequest request, OptionsHandle options)
    {
        EngineStatus status = NativeMethods.GraphStart(_handle, options, request.Handle, out nint operation, out nint error);
        return Started(status, operation, error);
    }

    /// <summary>The createUploadSession request of a document, to this client's endpoint. Nothing is sent.</summary>
    /// <param name="parent">Whose job it is.</param>
    /// <param name="parentId">The printer's or share's id, not encoded.</param>
    /// <param name="jobId">The job's id, not encoded.</param>
    /// <param name="documentId">The document's id, not encoded.</param>
    /// <param name="body">JSON text, sent byte for byte.</param>
    /// <param name="headers">The caller's headers, in order; a name may come again for a further value.</param>
    /// <exception cref="EngineException">The engine refuses an id, the body or a header.</exception>
    public EngineRequest NewCreateSession(
        JobParent parent, string parentId, string jobId, string documentId, string body, IEnumerable<KeyValuePair<string, string>> headers) =>
        EngineRequest.NewCreateSession(_handle, parent, parentId, jobId, documentId, body, headers);

    /// <summary>Starts a createUploadSession request: sends it, and reads the session from the answer.</summary>
    /// <exception cref="EngineException">The engine cannot start it.</exception>
    public EngineOperation StartCreateSession(EngineRequest request, OptionsHandle options)
    {
        EngineStatus status = NativeMethods.SessionCreateStart(_handle, options, request.Handle, out nint operation, out nint error);
        return Started(status, operation, error);
    }

    /// <summary>Lets an operation that asks for another token go on through this client, which has one.</summary>
    public void Renew(EngineOperation operation) => operation.Renew(_handle);

    /// <summary>Starts to send a request, for the answer as it comes.</summary>
    /// <exception cref="EngineException">The engine cannot start it.</exception>
    public EngineOperation StartSend(EngineRequest request, OptionsHandle options)
    {
        EngineStatus status = NativeMethods.RequestSendStart(_handle, options, request.Handle, out nint operation, out nint error);
        return Started(status, operation, error);
    }

    /// <summary>Starts to read an answer that came through the caller's own steps.</summary>
    /// <param name="request">The request that it answers.</param>
    /// <param name="httpStatus">The answer's status.</param>
    /// <param name="headersJson">Its headers, in the engine's JSON form.</param>
    /// <param name="body">Its body.</param>
    /// <param name="isSession">Whether it has to be an upload session.</param>
    /// <exception cref="EngineException">The answer is not one that HTTP has.</exception>
    public unsafe EngineOperation StartRead(EngineRequest request, uint httpStatus, byte[] headersJson, byte[] body, bool isSession)
    {
        fixed (byte* headers = headersJson, bodyText = body)
        {
            nint operation, error;
            EngineStatus status = isSession
                ? NativeMethods.SessionReadStart(_handle, request.Handle, httpStatus, headers, (nuint)headersJson.Length, bodyText, (nuint)body.Length, out operation, out error)
                : NativeMethods.GraphReadStart(_handle, request.Handle, httpStatus, headers, (nuint)headersJson.Length, bodyText, (nuint)body.Length, out operation, out error);
            return Started(status, operation, error);
        }
    }

    /// <summary>Starts to ask what an upload session misses.</summary>
    /// <exception cref="EngineException">The engine refuses the URL; nothing was sent.</exception>
    public unsafe EngineOperation StartStatus(string uploadUrl, OptionsHandle options)
    {
        byte[] url = EngineText.Encode(uploadUrl, UploadUrlText);
        fixed (byte* urlBytes = url)
        {
            EngineStatus status = NativeMethods.SessionStatusStart(_handle, options, urlBytes, (nuint)url.Length, out nint operation, out nint error);
            return Started(status, operation, error);
        }
    }

    /// <summary>Starts to cancel an upload session.</summary>
    /// <exception cref="EngineException">The engine refuses the URL; nothing was sent.</exception>
    public unsafe EngineOperation StartCancel(string uploadUrl, OptionsHandle options)
    {
        byte[] url = EngineText.Encode(uploadUrl, UploadUrlText);
        fixed (byte* urlBytes = url)
        {
            EngineStatus status = NativeMethods.SessionCancelStart(_handle, options, urlBytes, (nuint)url.Length, out nint operation, out nint error);
            return Started(status, operation, error);
        }
    }

    /// <summary>Starts to send a file to an upload URL.</summary>
    /// <param name="uploadUrl">The session's URL, byte for byte.</param>
    /// <param name="path">The file's absolute path.</param>
    /// <param name="options">Settings of this operation.</param>
    /// <exception cref="EngineException">The engine refuses the URL or the path; nothing was sent.</exception>
    public unsafe EngineOperation StartUpload(string uploadUrl, string path, OptionsHandle options)
    {
        byte[] url = EngineText.Encode(uploadUrl, UploadUrlText);
        byte[] file = EngineText.Encode(path, PathText);
        fixed (byte* urlBytes = url, fileBytes = file)
        {
            EngineStatus status = NativeMethods.UploadFileStart(
                _handle, options, urlBytes, (nuint)url.Length, fileBytes, (nuint)file.Length, out nint operation, out nint error);
            return Started(status, operation, error);
        }
    }

    /// <summary>Starts to send bytes, which are copied, to an upload URL.</summary>
    /// <exception cref="EngineException">The engine refuses the URL; nothing was sent.</exception>
    public unsafe EngineOperation StartUpload(string uploadUrl, byte[] content, OptionsHandle options)
    {
        byte[] url = EngineText.Encode(uploadUrl, UploadUrlText);
        fixed (byte* urlBytes = url, bytes = content)
        {
            EngineStatus status = NativeMethods.UploadBytesStart(
                _handle, options, urlBytes, (nuint)url.Length, bytes, (nuint)content.Length, out nint operation, out nint error);
            return Started(status, operation, error);
        }
    }

    /// <summary>Starts to send to an upload URL what the operation will ask for.</summary>
    /// <param name="uploadUrl">The session's URL, byte for byte.</param>
    /// <param name="size">How many bytes there are.</param>
    /// <param name="name">What messages call the document.</param>
    /// <param name="options">Settings of this operation.</param>
    /// <exception cref="EngineException">The engine refuses the URL; nothing was sent.</exception>
    public unsafe EngineOperation StartUpload(string uploadUrl, long size, string name, OptionsHandle options)
    {
        byte[] url = EngineText.Encode(uploadUrl, UploadUrlText);
        byte[] nameBytes = EngineText.Encode(name, NameText);
        fixed (byte* urlBytes = url, nameText = nameBytes)
        {
            EngineStatus status = NativeMethods.UploadStreamStart(
                _handle, options, urlBytes, (nuint)url.Length, (ulong)size, nameText, (nuint)nameBytes.Length, out nint operation, out nint error);
            return Started(status, operation, error);
        }
    }

    /// <summary>Starts to create the session that a request asks for, and to send a file through it.</summary>
    /// <exception cref="EngineException">The engine refuses the path; nothing was sent.</exception>
    public unsafe EngineOperation StartSend(EngineRequest request, string path, OptionsHandle options)
    {
        byte[] file = EngineText.Encode(path, PathText);
        fixed (byte* fileBytes = file)
        {
            EngineStatus status = NativeMethods.SendFileStart(
                _handle, options, request.Handle, fileBytes, (nuint)file.Length, out nint operation, out nint error);
            return Started(status, operation, error);
        }
    }

    /// <summary>The same with bytes, which are copied.</summary>
    /// <exception cref="EngineException">The engine cannot start it.</exception>
    public unsafe EngineOperation StartSend(EngineRequest request, byte[] content, OptionsHandle options)
    {
        fixed (byte* bytes = content)
        {
            EngineStatus status = NativeMethods.SendBytesStart(
                _handle, options, request.Handle, bytes, (nuint)content.Length, out nint operation, out nint error);
            return Started(status, operation, error);
        }
    }

    /// <summary>The same with what the operation will ask for.</summary>
    /// <exception cref="EngineException">The engine cannot start it.</exception>
    public unsafe EngineOperation StartSend(EngineRequest request, long size, string name, OptionsHandle options)
    {
        byte[] nameBytes = EngineText.Encode(name, NameText);
        fixed (byte* nameText = nameBytes)
        {
            EngineStatus status = NativeMethods.SendStreamStart(
                _handle, options, request.Handle, (ulong)size, nameText, (nuint)nameBytes.Length, out nint operation, out nint error);
            return Started(status, operation, error);
        }
    }

    private static EngineOperation Started(EngineStatus status, nint operation, nint error) =>
        status == EngineStatus.Ok ? new EngineOperation(operation) : throw new EngineException(EngineError.Take(status, error));
}
