namespace MgPrint.PowerShell.Native;

/// <summary>A request as it will go out, before the headers of sign-in.</summary>
/// <param name="Method">Such as <c>POST</c>.</param>
/// <param name="Body">The body, byte for byte.</param>
internal sealed record EngineRequestView(string Method, string Url, string HeadersJson, byte[] Body);

/// <summary>A request that the engine built, or that a step of the caller's pipeline made of it.</summary>
internal sealed class EngineRequest : EngineHandle
{
    private const string BodyText = "request's body";

    private EngineRequest(nint id, NativeArguments arguments, IEnumerable<KeyValuePair<string, string>> headers)
        : base(id)
    {
        foreach ((string name, string value) in headers)
        {
            Engine.RequestAddHeader(this, arguments.Text(name, "name of a header"), arguments.Text(value, "value of a header"));
        }
    }

    protected override bool ReleaseHandle() => NativeMethods.RequestFree(handle) == EngineStatus.Ok;

    /// <summary>Any request, with the headers it is to have.</summary>
    public static EngineRequest New(string method, string url, byte[] body, IEnumerable<KeyValuePair<string, string>> headers)
    {
        using var arguments = new NativeArguments();
        return New(arguments, EngineClient.None, EngineRequestMode.AsIs, method, url, arguments.Bytes(body), "", headers);
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
        using var arguments = new NativeArguments();
        EngineRequestMode mode = isRepeatable ? EngineRequestMode.Repeatable : EngineRequestMode.Once;
        return New(arguments, client, mode, method, address, arguments.Text(body, BodyText), what, headers);
    }

    /// <summary>The request for an upload session of a document, which says everything but its size. Nothing is sent.</summary>
    public static unsafe EngineRequest NewSession(
        EngineClient client, PrintDocumentAddress address, string name, string contentType,
        IEnumerable<KeyValuePair<string, string>> headers)
    {
        using var arguments = new NativeArguments();
        var native = new NativeDocument
        {
            Parent = address.Parent,
            ParentId = arguments.Text(address.ParentId, "id of the printer"),
            JobId = arguments.Text(address.PrintJobId, "id of the print job"),
            DocumentId = arguments.Text(address.PrintDocumentId, "id of the print document"),
            Name = arguments.Text(name, BodyText),
            ContentType = arguments.Text(contentType, BodyText),
        };
        return new(Engine.RequestNewSession(client, &native, 0), arguments, headers);
    }

    /// <summary>The request as it is now.</summary>
    public unsafe EngineRequestView Read()
    {
        NativeRequestView* view;
        EngineError.ThrowUnlessOk(NativeMethods.RequestRead(this, &view), 0);
        return new EngineRequestView(view->Method.Text(), view->Url.Text(), view->Headers.Text(), view->Body.Span.ToArray());
    }

    private static EngineRequest New(
        NativeArguments arguments, EngineClient client, EngineRequestMode mode, string method, string address, NativeStr body, string what,
        IEnumerable<KeyValuePair<string, string>> headers) =>
        new(
            Engine.RequestNew(
                client, mode, arguments.Text(method, "request's method"), arguments.Text(address, "request's address"), body,
                arguments.Text(what, "request's purpose")), arguments, headers);
}
