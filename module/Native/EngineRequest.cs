namespace MgPrint.PowerShell.Native;

/// <summary>A request as it will go out, before the headers of sign-in.</summary>
/// <param name="Method">Such as <c>POST</c>.</param>
/// <param name="Body">The body, byte for byte.</param>
internal sealed record EngineRequestView(string Method, string Url, string HeadersJson, byte[] Body);

/// <summary>A document of a print job, by its ids, which are not encoded.</summary>
internal sealed record EngineDocument(JobParent Parent, string ParentId, string JobId, string DocumentId, string Name, string ContentType);

/// <summary>A request that the engine built, or that a step of the caller's pipeline made of it.</summary>
internal sealed class EngineRequest : IDisposable
{
    private const string BodyText = "request's body";

    private EngineRequest(nint id) => Handle = new RequestHandle(id);

    public RequestHandle Handle { get; }

    /// <summary>Any request, with the headers it is to have.</summary>
    public static unsafe EngineRequest New(string method, string url, byte[] body, IEnumerable<KeyValuePair<string, string>> headers)
    {
        fixed (byte* bodyText = body)
        {
            using var none = new ClientHandle(0);
            return New(none, EngineRequestMode.AsIs, method, url, new NativeStr(bodyText, body.Length), "", headers);
        }
    }

    /// <summary>A request to a client's endpoint.</summary>
    public static EngineRequest New(
        ClientHandle client, EngineRequestMode mode, string method, string address, string body, string what,
        IEnumerable<KeyValuePair<string, string>> headers)
    {
        using var bodyText = new EngineText(body, BodyText);
        return New(client, mode, method, address, bodyText.Str, what, headers);
    }

    /// <summary>The request for an upload session of a document.</summary>
    public static unsafe EngineRequest NewSession(
        ClientHandle client, EngineDocument document, IEnumerable<KeyValuePair<string, string>> headers)
    {
        using var parent = new EngineText(document.ParentId, "id of the printer");
        using var job = new EngineText(document.JobId, "id of the print job");
        using var id = new EngineText(document.DocumentId, "id of the print document");
        using var name = new EngineText(document.Name, BodyText);
        using var type = new EngineText(document.ContentType, BodyText);
        var native = new NativeDocument
        {
            Parent = document.Parent,
            ParentId = parent.Str,
            JobId = job.Str,
            DocumentId = id.Str,
            Name = name.Str,
            ContentType = type.Str,
        };
        return Of(NativeMethods.RequestNewSession(client, &native, 0, out nint request, out nint error), request, error)
            .WithHeaders(headers);
    }

    /// <summary>The request as it is now.</summary>
    public unsafe EngineRequestView Read()
    {
        NativeRequestView* view;
        EngineError.ThrowUnlessOk(NativeMethods.RequestRead(Handle, &view), 0);
        return new EngineRequestView(view->Method.Text(), view->Url.Text(), view->Headers.Text(), view->Body.Bytes());
    }

    public void Dispose() => Handle.Dispose();

    private static EngineRequest New(
        ClientHandle client, EngineRequestMode mode, string method, string address, NativeStr body, string what,
        IEnumerable<KeyValuePair<string, string>> headers)
    {
        using var methodText = new EngineText(method, "request's method");
        using var addressText = new EngineText(address, "request's address");
        using var whatText = new EngineText(what, "request's purpose");
        return Of(
            NativeMethods.RequestNew(
                client, mode, methodText.Str, addressText.Str, body, whatText.Str, out nint request, out nint error), request, error)
            .WithHeaders(headers);
    }

    private static EngineRequest Of(EngineStatus status, nint request, nint error)
    {
        EngineError.ThrowUnlessOk(status, error);
        return new EngineRequest(request);
    }

    private EngineRequest WithHeaders(IEnumerable<KeyValuePair<string, string>> headers)
    {
        foreach ((string name, string value) in headers)
        {
            try
            {
                using var nameText = new EngineText(name, "name of a header");
                using var valueText = new EngineText(value, "value of a header");
                EngineStatus status = NativeMethods.RequestAddHeader(Handle, nameText.Str, valueText.Str, out nint error);
                EngineError.ThrowUnlessOk(status, error);
            }
            catch (EngineException)
            {
                Dispose();
                throw;
            }
        }

        return this;
    }
}
