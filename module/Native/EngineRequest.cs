namespace MgPrint.PowerShell.Native;

/// <summary>A request as it will go out, before the headers of sign-in.</summary>
/// <param name="Method">Such as <c>POST</c>.</param>
/// <param name="Url">The whole address.</param>
/// <param name="HeadersJson">Names, each with its values.</param>
/// <param name="Body">The body, byte for byte.</param>
internal sealed record EngineRequestView(string Method, string Url, string HeadersJson, byte[] Body);

/// <summary>A request that the engine built, or that a step of the caller's pipeline made of it.</summary>
internal sealed class EngineRequest : IDisposable
{
    private EngineRequest(nint id) => Handle = new RequestHandle(id);

    /// <summary>The engine's handle.</summary>
    public RequestHandle Handle { get; }

    /// <summary>Any request, with the headers it is to have.</summary>
    /// <exception cref="EngineException">The engine refuses the method, the address or a header.</exception>
    public static unsafe EngineRequest New(string method, string url, byte[] body, IEnumerable<KeyValuePair<string, string>> headers)
    {
        byte[] methodBytes = EngineText.Encode(method, "request's method");
        byte[] urlBytes = EngineText.Encode(url, "request's address");
        fixed (byte* methodText = methodBytes, urlText = urlBytes, bodyText = body)
        {
            EngineStatus status = NativeMethods.RequestNew(
                methodText, (nuint)methodBytes.Length, urlText, (nuint)urlBytes.Length, bodyText, (nuint)body.Length, out nint request, out nint error);
            return Of(status, request, error).WithHeaders(headers);
        }
    }

    /// <summary>A request to a client's endpoint.</summary>
    /// <exception cref="EngineException">The engine refuses the address, the body or a header.</exception>
    public static unsafe EngineRequest NewGraph(
        ClientHandle client, string method, string address, string body, string what, bool isRepeatable, IEnumerable<KeyValuePair<string, string>> headers)
    {
        byte[] methodBytes = EngineText.Encode(method, "request's method");
        byte[] addressBytes = EngineText.Encode(address, "request's address");
        byte[] bodyBytes = EngineText.Encode(body, "request's body");
        byte[] whatBytes = EngineText.Encode(what, "request's purpose");
        fixed (byte* methodText = methodBytes, addressText = addressBytes, bodyText = bodyBytes, whatText = whatBytes)
        {
            EngineStatus status = NativeMethods.RequestNewGraph(
                client, methodText, (nuint)methodBytes.Length, addressText, (nuint)addressBytes.Length, bodyText, (nuint)bodyBytes.Length,
                whatText, (nuint)whatBytes.Length, isRepeatable ? (byte)1 : (byte)0, out nint request, out nint error);
            return Of(status, request, error).WithHeaders(headers);
        }
    }

    /// <summary>The createUploadSession request of a document.</summary>
    /// <param name="client">Whose endpoint it goes to.</param>
    /// <param name="parent">Whose job it is.</param>
    /// <param name="parentId">The printer's or share's id, not encoded.</param>
    /// <param name="jobId">The job's id, not encoded.</param>
    /// <param name="documentId">The document's id, not encoded.</param>
    /// <param name="body">JSON text, sent byte for byte.</param>
    /// <param name="headers">The caller's headers, in order; a name may come again for a further value.</param>
    /// <exception cref="EngineException">The engine refuses an id, the body or a header.</exception>
    public static unsafe EngineRequest NewCreateSession(
        ClientHandle client, JobParent parent, string parentId, string jobId, string documentId, string body,
        IEnumerable<KeyValuePair<string, string>> headers)
    {
        byte[] parentBytes = EngineText.Encode(parentId, "id of the printer");
        byte[] jobBytes = EngineText.Encode(jobId, "id of the print job");
        byte[] documentBytes = EngineText.Encode(documentId, "id of the print document");
        byte[] bodyBytes = EngineText.Encode(body, "request's body");
        fixed (byte* parentText = parentBytes, jobText = jobBytes, documentText = documentBytes, bodyText = bodyBytes)
        {
            EngineStatus status = NativeMethods.RequestNewCreateSession(
                client, (int)parent, parentText, (nuint)parentBytes.Length, jobText, (nuint)jobBytes.Length,
                documentText, (nuint)documentBytes.Length, bodyText, (nuint)bodyBytes.Length, out nint request, out nint error);
            return Of(status, request, error).WithHeaders(headers);
        }
    }

    /// <summary>The request as it is now.</summary>
    public unsafe EngineRequestView Read()
    {
        EngineStatus status = NativeMethods.RequestRead(Handle, out NativeRequestView view, out nint error);
        return status == EngineStatus.Ok
            ? new EngineRequestView(
                EngineError.Text(view.Method), EngineError.Text(view.Url), EngineError.Text(view.Headers),
                new ReadOnlySpan<byte>(view.Body.Data, checked((int)view.Body.Length)).ToArray())
            : throw new EngineException(EngineError.Take(status, error));
    }

    /// <inheritdoc/>
    public void Dispose() => Handle.Dispose();

    private static EngineRequest Of(EngineStatus status, nint request, nint error) =>
        status == EngineStatus.Ok ? new EngineRequest(request) : throw new EngineException(EngineError.Take(status, error));

    private unsafe EngineRequest WithHeaders(IEnumerable<KeyValuePair<string, string>> headers)
    {
        foreach ((string name, string value) in headers)
        {
            byte[] nameBytes = EngineText.Encode(name, "name of a header");
            byte[] valueBytes = EngineText.Encode(value, "value of a header");
            fixed (byte* nameText = nameBytes, valueText = valueBytes)
            {
                EngineStatus status = NativeMethods.RequestAddHeader(
                    Handle, nameText, (nuint)nameBytes.Length, valueText, (nuint)valueBytes.Length, out nint error);
                if (status != EngineStatus.Ok)
                {
                    Dispose();
                    throw new EngineException(EngineError.Take(status, error));
                }
            }
        }

        return this;
    }
}
