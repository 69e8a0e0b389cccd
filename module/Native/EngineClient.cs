using System.Diagnostics.CodeAnalysis;
using System.Text;

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

    /// <summary>Starts the createUploadSession request of a document.</summary>
    /// <param name="parent">Whose job it is.</param>
    /// <param name="parentId">The printer's or share's id, not encoded.</param>
    /// <param name="jobId">The job's id, not encoded.</param>
    /// <param name="documentId">The document's id, not encoded.</param>
    /// <param name="body">JSON text, sent byte for byte.</param>
    /// <param name="headers">The caller's headers, in order; a name may come again for a further value.</param>
    /// <param name="options">Settings of this operation.</param>
    /// <exception cref="EngineException">The engine refuses an id, the body or a header, or needs a token; nothing was sent.</exception>
    public EngineOperation StartCreateSession(
        JobParent parent, string parentId, string jobId, string documentId, string body,
        IEnumerable<KeyValuePair<string, string>> headers, OptionsHandle options)
    {
        using RequestHandle request = NewCreateSessionRequest(parent, parentId, jobId, documentId, body);
        foreach ((string name, string value) in headers)
        {
            AddHeader(request, name, value);
        }

        EngineStatus status = NativeMethods.SessionCreateStart(_handle, options, request, out nint operation, out nint error);
        return status == EngineStatus.Ok ? new EngineOperation(operation) : throw new EngineException(EngineError.Take(status, error));
    }

    /// <summary>Starts to send a file to an upload URL.</summary>
    /// <param name="uploadUrl">The session's URL, byte for byte.</param>
    /// <param name="path">The file's absolute path.</param>
    /// <param name="options">Settings of this operation.</param>
    /// <exception cref="EngineException">The engine refuses the URL or the file; nothing was sent.</exception>
    public unsafe EngineOperation StartUpload(string uploadUrl, string path, OptionsHandle options)
    {
        byte[] url = Encoding.UTF8.GetBytes(uploadUrl);
        byte[] file = Encoding.UTF8.GetBytes(path);
        fixed (byte* urlBytes = url, fileBytes = file)
        {
            EngineStatus status = NativeMethods.UploadFileStart(
                _handle, options, urlBytes, (nuint)url.Length, fileBytes, (nuint)file.Length, out nint operation, out nint error);
            return status == EngineStatus.Ok ? new EngineOperation(operation) : throw new EngineException(EngineError.Take(status, error));
        }
    }

    private unsafe RequestHandle NewCreateSessionRequest(JobParent parent, string parentId, string jobId, string documentId, string body)
    {
        byte[] parentBytes = Encoding.UTF8.GetBytes(parentId);
        byte[] jobBytes = Encoding.UTF8.GetBytes(jobId);
        byte[] documentBytes = Encoding.UTF8.GetBytes(documentId);
        byte[] bodyBytes = Encoding.UTF8.GetBytes(body);
        fixed (byte* parentText = parentBytes, jobText = jobBytes, documentText = documentBytes, bodyText = bodyBytes)
        {
            EngineStatus status = NativeMethods.RequestNewCreateSession(
                _handle, (int)parent, parentText, (nuint)parentBytes.Length, jobText, (nuint)jobBytes.Length,
                documentText, (nuint)documentBytes.Length, bodyText, (nuint)bodyBytes.Length, out nint request, out nint error);
            return status == EngineStatus.Ok ? new RequestHandle(request) : throw new EngineException(EngineError.Take(status, error));
        }
    }

    private static unsafe void AddHeader(RequestHandle request, string name, string value)
    {
        byte[] nameBytes = Encoding.UTF8.GetBytes(name);
        byte[] valueBytes = Encoding.UTF8.GetBytes(value);
        fixed (byte* nameText = nameBytes, valueText = valueBytes)
        {
            EngineStatus status = NativeMethods.RequestAddHeader(
                request, nameText, (nuint)nameBytes.Length, valueText, (nuint)valueBytes.Length, out nint error);
            if (status != EngineStatus.Ok)
            {
                throw new EngineException(EngineError.Take(status, error));
            }
        }
    }
}
