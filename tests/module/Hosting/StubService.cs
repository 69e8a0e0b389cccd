using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MgPrint.PowerShell.Tests.Hosting;

/// <summary>
/// A service on loopback that keeps every request byte for byte and answers what a test tells it to, be it nonsense: what
/// the strict emulator would not do.
/// </summary>
internal sealed class StubService : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ending = new();
    private readonly ConcurrentQueue<ReceivedRequest> _requests = new();

    public StubService()
    {
        _listener.Start();
        _ = Task.Run(AcceptAsync);
    }

    public string Endpoint => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>Makes the answer to a request; null holds the connection open without one until the stub ends.</summary>
    public Func<ReceivedRequest, Reply?> Answer { get; set; } = _ => Reply.Session();

    /// <summary>Completes when the first request has arrived whole.</summary>
    public Task FirstRequest => _firstRequest.Task;

    private readonly TaskCompletionSource _firstRequest = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<ReceivedRequest> Requests => [.. _requests];

    public int RequestCount => _requests.Count;

    /// <summary>The only request; fails when there were none or several.</summary>
    public ReceivedRequest Request => Assert.Single(_requests);

    public void Forget() => _requests.Clear();

    public void Dispose()
    {
        _ending.Cancel();
        _listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_ending.IsCancellationRequested)
        {
            TcpClient client;
            try
            {
                client = await _listener.AcceptTcpClientAsync(_ending.Token);
            }
            catch (Exception ended) when (ended is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }

            _ = Task.Run(() => ServeAsync(client));
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            client.NoDelay = true;
            try
            {
                PipeReader reader = PipeReader.Create(client.GetStream());
                while (await ReceivedRequest.ReadAsync(reader, _ending.Token) is ReceivedRequest received)
                {
                    ReceivedRequest request = received with { Connection = client.Client.RemoteEndPoint!.ToString()! };
                    _requests.Enqueue(request);
                    _firstRequest.TrySetResult();
                    if (Answer(request) is not Reply reply)
                    {
                        await Task.Delay(Timeout.Infinite, _ending.Token);
                        return;
                    }

                    await client.GetStream().WriteAsync(reply.Bytes, _ending.Token);
                    if (reply.Closes)
                    {
                        return;
                    }
                }
            }
            catch (Exception broken) when (broken is IOException or OperationCanceledException or SocketException)
            {
                // The other side left, or the test is over.
            }
        }
    }
}

/// <summary>A request as it arrived.</summary>
internal sealed record ReceivedRequest(string Method, string Target, IReadOnlyList<KeyValuePair<string, string>> Headers, byte[] Body)
{
    /// <summary>Tells connections apart.</summary>
    public string Connection { get; init; } = "";

    public string BodyText => Encoding.UTF8.GetString(Body);

    /// <summary>The values of a header, joined as RFC 9110 joins them; null when it is absent.</summary>
    public string? Header(string name)
    {
        string[] values =
            [.. Headers.Where(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(header => header.Value)];
        return values.Length == 0 ? null : string.Join(", ", values);
    }

    public static async Task<ReceivedRequest?> ReadAsync(PipeReader reader, CancellationToken ending)
    {
        while (true)
        {
            ReadResult read = await reader.ReadAsync(ending);
            ReadOnlySequence<byte> buffer = read.Buffer;
            if (TryParse(ref buffer, out ReceivedRequest? request))
            {
                reader.AdvanceTo(buffer.Start);
                return request;
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted)
            {
                return null;
            }
        }
    }

    /// <summary>Takes one whole request off the front of what has arrived; leaves it untouched when more must come.</summary>
    private static bool TryParse(ref ReadOnlySequence<byte> buffer, [NotNullWhen(true)] out ReceivedRequest? request)
    {
        request = null;
        var reader = new SequenceReader<byte>(buffer);
        if (!reader.TryReadTo(out ReadOnlySequence<byte> head, "\r\n\r\n"u8))
        {
            return false;
        }

        string[] lines = Encoding.UTF8.GetString(head).Split("\r\n");
        List<KeyValuePair<string, string>> headers =
            [.. lines.Skip(1).Select(line => line.Split(':', 2)).Select(pair => KeyValuePair.Create(pair[0], pair[1].Trim()))];
        string length = headers.Find(header => header.Key.Equals("Content-Length", StringComparison.OrdinalIgnoreCase)).Value ?? "0";
        if (!reader.TryReadExact(int.Parse(length, CultureInfo.InvariantCulture), out ReadOnlySequence<byte> body))
        {
            return false;
        }

        string[] start = lines[0].Split(' ');
        request = new ReceivedRequest(start[0], start[1], headers, body.ToArray());
        buffer = buffer.Slice(reader.Position);
        return true;
    }
}

/// <summary>An answer, byte for byte.</summary>
internal sealed record Reply(byte[] Bytes, bool Closes = false)
{
    public const string UploadUrl = "https://print.example/uploadSessions/5400be13?tempauthtoken=CANARY-UPLOAD-URL";

    public static Reply Json(int status, string body, params (string Name, string Value)[] headers) =>
        Of(status, body, [("Content-Type", "application/json"), .. headers]);

    public static Reply Of(int status, string body, params (string Name, string Value)[] headers)
    {
        byte[] content = Encoding.UTF8.GetBytes(body);
        var head = new StringBuilder();
        head.Append(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} {(HttpStatusCode)status}\r\n");
        foreach ((string name, string value) in headers)
        {
            head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        }

        if (status != 204)
        {
            head.Append(CultureInfo.InvariantCulture, $"Content-Length: {content.Length}\r\n");
        }

        return new Reply([.. Encoding.UTF8.GetBytes(head.Append("\r\n").ToString()), .. content]);
    }

    /// <summary>What the service answers when all is well.</summary>
    public static Reply Session() => Json(
        200,
        $$"""{"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#microsoft.graph.uploadSession","uploadUrl":"{{UploadUrl}}","expirationDateTime":"2030-10-25T02:19:38.1694207Z","nextExpectedRanges":["0-4533321"]}""",
        ("request-id", "6b8f0c1e-0001"), ("client-request-id", "echoed"));

    public static Reply GraphError(int status, string code, string message, params (string Name, string Value)[] headers) => Json(
        status,
        $$$$"""{"error":{"code":"{{{{code}}}}","message":"{{{{message}}}}","innerError":{"date":"2030-01-07T04:43:04","request-id":"6b8f0c1e-0002","client-request-id":"1be35c24"}}}""",
        [("request-id", "6b8f0c1e-0002"), ("client-request-id", "1be35c24"), .. headers]);
}
