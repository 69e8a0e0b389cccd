using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MgPrint.PowerShell.Tests.Hosting;

/// <summary>A server on loopback that takes what comes first on a connection, and then does as it is told, be it nothing.</summary>
internal sealed class RawServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ending = new();
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="first">What is sent at once.</param>
    /// <param name="again">What is sent again and again from then on; empty for silence.</param>
    public RawServer(string first = "", string again = "")
    {
        _listener.Start();
        _ = Task.Run(() => ServeAsync(Encoding.ASCII.GetBytes(first), Encoding.ASCII.GetBytes(again)));
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public string Endpoint => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Port}");

    /// <summary>Completes when somebody has said something and got the first of what there is.</summary>
    public Task Begun => _begun.Task;

    public void Dispose()
    {
        _ending.Cancel();
        _listener.Dispose();
        _ending.Dispose();
    }

    private async Task ServeAsync(byte[] first, byte[] again)
    {
        try
        {
            using TcpClient client = await _listener.AcceptTcpClientAsync(_ending.Token);
            NetworkStream line = client.GetStream();
            _ = await line.ReadAsync(new byte[4096], _ending.Token);
            await line.WriteAsync(first, _ending.Token);
            _begun.TrySetResult();
            while (again.Length > 0)
            {
                await line.WriteAsync(again, _ending.Token);
                await Task.Delay(10, _ending.Token);
            }

            await Task.Delay(Timeout.Infinite, _ending.Token);
        }
        catch (Exception ended) when (ended is OperationCanceledException or IOException or SocketException or ObjectDisposedException)
        {
            // The other side left, or the test is over.
        }
    }
}
