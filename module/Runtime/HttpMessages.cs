using System.Net.Http.Headers;

namespace MgPrint.PowerShell.Runtime;

/// <summary>Requests and answers on their way between the engine and the .NET types that pipeline steps know.</summary>
internal static class HttpMessages
{
    /// <summary>What the engine built, as a step sees it: without the headers of sign-in.</summary>
    public static HttpRequestMessage ToRequest(EngineRequestView view)
    {
        var request = new HttpRequestMessage(new HttpMethod(view.Method), view.Url) { Content = new ByteArrayContent(view.Body) };
        Add(view.HeadersJson, request.Headers, request.Content.Headers);
        return request;
    }

    /// <summary>What the steps made of a request, as the engine sends it.</summary>
    public static EngineRequest ToEngine(HttpRequestMessage request)
    {
        byte[] body = request.Content is null ? [] : BytesOf(request.Content);
        IEnumerable<KeyValuePair<string, string>> headers = Values(request.Headers)
            .Concat(request.Content is null ? [] : Values(request.Content.Headers));
        // The engine frames the message itself.
        return EngineRequest.New(
            request.Method.Method, request.RequestUri?.AbsoluteUri ?? "", body,
            headers.Where(header => !header.Key.Equals("Content-Length", StringComparison.OrdinalIgnoreCase)));
    }

    /// <summary>What came back from the engine, as a step sees it.</summary>
    public static HttpResponseMessage ToResponse(EngineResult result, HttpRequestMessage request)
    {
        var response = new HttpResponseMessage((HttpStatusCode)result.HttpStatus)
        {
            RequestMessage = request,
            Content = new ByteArrayContent(result.Json),
        };
        Add(result.HeadersJson, response.Headers, response.Content.Headers);
        return response;
    }

    public static string HeadersJson(HttpResponseMessage response) =>
        HttpHeaders.ToJson(Values(response.Headers).Concat(Values(response.Content.Headers)));

    /// <summary>The bytes of a body that is in memory, or that a step left to be read.</summary>
    public static byte[] BytesOf(HttpContent content) => content.ReadAsByteArrayAsync().GetAwaiter().GetResult();

    private static void Add(string headersJson, System.Net.Http.Headers.HttpHeaders headers, HttpContentHeaders contentHeaders)
    {
        foreach ((string name, IEnumerable<string> values) in HttpHeaders.Parse(headersJson))
        {
            // The content knows its length; what else is not a header of the message is one of its content.
            if (!name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase) && !headers.TryAddWithoutValidation(name, values))
            {
                contentHeaders.TryAddWithoutValidation(name, values);
            }
        }
    }

    private static IEnumerable<KeyValuePair<string, string>> Values(System.Net.Http.Headers.HttpHeaders headers) =>
        from header in headers.NonValidated from value in header.Value select new KeyValuePair<string, string>(header.Key, value);
}
