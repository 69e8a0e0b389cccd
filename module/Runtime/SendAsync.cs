namespace Microsoft.Graph.PowerShell.Runtime;

/// <summary>Sends one request and answers with its response.</summary>
/// <param name="request">The request as it stands at this point of the pipeline.</param>
/// <param name="callback">Where to report what happens, and how to learn that the caller has stopped.</param>
public delegate Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, IEventListener callback);

/// <summary>One step of the HTTP pipeline: it may change the request, pass it on, answer itself, or change the answer.</summary>
/// <param name="request">The request as the step before it left it.</param>
/// <param name="callback">Where to report what happens, and how to learn that the caller has stopped.</param>
/// <param name="next">The rest of the pipeline; the last one sends.</param>
public delegate Task<HttpResponseMessage> SendAsyncStep(HttpRequestMessage request, IEventListener callback, ISendAsync next);

/// <summary>The rest of an HTTP pipeline, as a step sees it.</summary>
public interface ISendAsync
{
    /// <summary>Sends <paramref name="request"/> through the rest of the pipeline.</summary>
    Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, IEventListener callback);
}
