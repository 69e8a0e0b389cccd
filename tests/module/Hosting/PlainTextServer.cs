using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace MgPrint.PowerShell.Tests.Hosting;

/// <summary>A server on loopback that answers whoever connects in plain text, where TLS is asked for.</summary>
internal sealed class PlainTextServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public PlainTextServer()
    {
        _listener.Start();
        _ = Task.Run(AnswerAsync);
    }

    public string Endpoint =>
        string.Create(CultureInfo.InvariantCulture, $"https://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    public void Dispose() => _listener.Dispose();

    private async Task AnswerAsync()
    {
        try
        {
            while (true)
            {
                using TcpClient client = await _listener.AcceptTcpClientAsync();
                await client.GetStream().WriteAsync("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
                // The greeting is read before the line is closed, so that the answer is not lost to a reset.
                _ = await client.GetStream().ReadAsync(new byte[4096]);
            }
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException or IOException)
        {
            // The test is over.
        }
    }
}
