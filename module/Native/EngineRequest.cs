namespace MgPrint.PowerShell.Native;

/// <summary>A request as it will go out, before the headers of sign-in.</summary>
/// <param name="Method">Such as <c>POST</c>.</param>
/// <param name="Body">The body, byte for byte.</param>
internal sealed record EngineRequestView(string Method, string Url, string HeadersJson, byte[] Body);

/// <summary>A document of a print job, by its ids, which are not encoded.</summary>
internal sealed record EngineDocument(JobParent Parent, string ParentId, string JobId, string DocumentId, string Name, string ContentType);

/// <summary>A request that the engine built, or that a step of the caller's pipeline made of it.</summary>
internal sealed class EngineRequest : EngineHandle
{
    private const string BodyText = "request's body";

    private EngineRequest(nint id)
        : base(id)
    {
    }

    protected override bool ReleaseHandle() => NativeMethods.RequestFree(handle) == EngineStatus.Ok;

    /// <summary>Any request, with the headers it is to have.</summary>
    public static unsafe EngineRequest New(string method, string url, byte[] body, IEnumerable<KeyValuePair<string, string>> headers)
    {
        fixed (byte* bodyText = body)
        {
            return New(EngineClient.None, EngineRequestMode.AsIs, method, url, new NativeStr(bodyText, body.Length), "", headers);
        }
    }

    /// <summary>A request to a client's endpoint. Nothing is sent.</summary>
    /// <param name="address">A path below the endpoint's version with its query, or a whole address of the endpoint's origin.</param>
    /// <param name="body">JSON text, sent byte for byte; empty for none.</param>
    /// <param name="what">What is being done, as in "The service refused to …".</param>
    /// <param name="isRepeatable">Whether it may be sent again after its response was lost.</param>
    /// <param name="headers">The caller's headers, in order; a name may come again for a further value.</param>
    public static EngineRequest New(
        EngineClient client, string method, string address, string body, string what, bool isRepeatable,
        IEnumerable<KeyValuePair<string, string>> headers)
    {
        using var bodyText = new EngineText(body, BodyText);
        EngineRequestMode mode = isRepeatable ? EngineRequestMode.Repeatable : EngineRequestMode.Once;
        return New(client, mode, method, address, bodyText.Str, what, headers);
    }

    /// <summary>The request for an upload session of a document, which says everything but its size. Nothing is sent.</summary>
    public static unsafe EngineRequest NewSession(
        EngineClient client, EngineDocument document, IEnumerable<KeyValuePair<string, string>> headers)
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
        EngineError.ThrowUnlessOk(NativeMethods.RequestRead(this, &view), 0);
        return new EngineRequestView(view->Method.Text(), view->Url.Text(), view->Headers.Text(), view->Body.Bytes());
    }

    private static EngineRequest New(
        EngineClient client, EngineRequestMode mode, string method, string address, NativeStr body, string what,
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
                EngineStatus status = NativeMethods.RequestAddHeader(this, nameText.Str, valueText.Str, out nint error);
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
