using System.Diagnostics;
using System.Globalization;
using System.Management.Automation;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using MgPrint.PowerShell.Tests.Hosting;

namespace MgPrint.PowerShell.Tests.Cmdlets;

/// <summary>
/// Ctrl+C ends a call wherever it is. The time-outs are a minute and more, so that the stop alone can have ended one that
/// ends within seconds; the engine's own tests have more places.
/// </summary>
public sealed class StopTests : ServiceTest
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(5);

    [Theory]
    [InlineData("", "")]
    [InlineData("HTTP/1.1 200 OK\r\n", "X-More: x\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\n \r\n")]
    public async Task While_an_answer_does_not_come_or_does_not_end(string first, string again)
    {
        using var server = new RawServer(first, again);
        SetEnvironment(server.Endpoint, Token);

        await AssertStopsAsync($"{Cmdlet} {Ids}", _ => server.Begun);
    }

    [Fact]
    public async Task While_a_TLS_handshake_stands_still()
    {
        using var server = new RawServer();
        SetEnvironment(string.Create(CultureInfo.InvariantCulture, $"https://127.0.0.1:{server.Port}"), Token);

        await AssertStopsAsync($"{Cmdlet} {Ids}", _ => server.Begun);
    }

    [Fact]
    public async Task While_a_proxy_says_nothing()
    {
        using var server = new RawServer();
        SetEnvironment("https://graph.test", Token);

        await AssertStopsAsync($"{Cmdlet} {Ids} -Proxy {server.Endpoint}", _ => server.Begun);
    }

    [Fact]
    public async Task While_a_stream_hangs_that_reads_at_once()
    {
        Service.Answer = _ => Reply.Json(200, """{"nextExpectedRanges":["0-7"]}""");
        using var stream = new HangingStream();
        Shell.Runspace.SessionStateProxy.SetVariable("stream", stream);

        await AssertStopsAsync(
            $"Send-MgPrintDocument -InputStream $stream -DocumentName d.pdf -UploadUrl {Service.Endpoint}/u?t=1", _ => stream.Begun.Task);

        stream.Never.Set();
    }

    /// <summary>Its reads wait where they are called, also those that are called asynchronous.</summary>
    private sealed class HangingStream() : MemoryStream(new byte[8])
    {
        public TaskCompletionSource Begun { get; } = new();

        public ManualResetEventSlim Never { get; } = new();

        public override int Read(byte[] buffer, int offset, int count)
        {
            Begun.TrySetResult();
            Never.Wait();
            return 0;
        }

        public override int Read(Span<byte> buffer) => Read([], 0, 0);
    }

    [Fact]
    public async Task While_the_session_s_proxy_does_not_tell_a_way()
    {
        SetEnvironment("https://graph.test", Token);
        using var never = new ManualResetEventSlim();
        var asked = new TaskCompletionSource();
        IWebProxy before = HttpClient.DefaultProxy;
        HttpClient.DefaultProxy = new ProxyByHost(asking =>
        {
            Assert.Equal("graph.test", asking);
            asked.TrySetResult();
            never.Wait();
            return null;
        });
        try
        {
            await AssertStopsAsync($"Send-MgPrintDocument -Content ([byte[]](1..8)) -DocumentName d.pdf {Ids}", _ => asked.Task);
        }
        finally
        {
            HttpClient.DefaultProxy = before;
            never.Set();
        }
    }

    [Fact]
    public async Task While_nobody_accepts()
    {
        using var full = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        full.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        full.Listen(0);
        List<Socket> queued = await FillAsync((IPEndPoint)full.LocalEndPoint!);
        SetEnvironment(string.Create(CultureInfo.InvariantCulture, $"http://{full.LocalEndPoint}"), Token);

        await AssertStopsAsync($"{Cmdlet} {Ids} -Debug", shell => LineAsync(shell.Streams.Debug, line => line.Message, "HTTP REQUEST"));

        queued.ForEach(socket => socket.Dispose());
    }

    [Fact]
    public async Task While_it_waits_to_try_again()
    {
        Service.Answer = _ => Reply.Of(503, "", ("Retry-After", "120"));

        await AssertStopsAsync($"{Cmdlet} {Ids} -Verbose", shell => LineAsync(shell.Streams.Verbose, line => line.Message, "Trying again"));

        Assert.Equal(1, Service.RequestCount);
    }

    [UnixFact("On Windows no named pipe is among the files.")]
    public async Task While_a_file_of_certificates_hangs()
    {
        string pipe = Path.Combine(Directory.CreateTempSubdirectory("mgprint-").FullName, "ca.pem");
        Assert.Equal(0, MakeFifo(pipe, 0b110_000_000));
        try
        {
            // Opening a pipe waits for the other side: it opens when the engine has begun to read.
            Task<FileStream> opening = Task.Run(() => File.Open(pipe, FileMode.Open, FileAccess.Write));

            await AssertStopsAsync(
                $"$env:SSL_CERT_FILE = '{pipe}'; try {{ {Cmdlet} {Ids} }} finally {{ $env:SSL_CERT_FILE = $null }}", _ => opening);

            (await opening).Dispose();
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(pipe)!, recursive: true);
        }
    }

    [Fact]
    public async Task Break_says_what_it_waits_for()
    {
        TextWriter before = Console.Error;
        var said = new StringWriter();
        Console.SetError(TextWriter.Synchronized(said));
        try
        {
            string expected =
                string.Create(CultureInfo.InvariantCulture, $"Waiting for debugger to attach to process {Environment.ProcessId}");

            await AssertStopsAsync($"{Cmdlet} {Ids} -Break", async _ =>
            {
                while (!said.ToString().Contains($"{expected}{Environment.NewLine}.", StringComparison.Ordinal))
                {
                    await Task.Delay(5);
                }
            });
        }
        finally
        {
            Console.SetError(before);
        }

        Assert.Equal(0, Service.RequestCount);
    }

    /// <summary>Starts a script, stops it when it has begun to wait, and sees that it ended then and left no error.</summary>
    private async Task AssertStopsAsync(string script, Func<System.Management.Automation.PowerShell, Task> hasBegun)
    {
        using var shell = System.Management.Automation.PowerShell.Create(Shell.Runspace);
        shell.AddScript(script);
        Task begun = hasBegun(shell);
        IAsyncResult running = shell.BeginInvoke();
        await begun.WaitAsync(Patience);
        Assert.False(running.IsCompleted, "It ended by itself.");

        var clock = Stopwatch.StartNew();
        shell.Stop();

        Assert.Throws<PipelineStoppedException>(() => shell.EndInvoke(running));
        Assert.True(clock.Elapsed < AtOnce, $"It took {clock.Elapsed}.");
        Assert.Empty(shell.Streams.Error);
    }

    /// <summary>Completes when a stream has a line with this text.</summary>
    private static Task LineAsync<T>(PSDataCollection<T> stream, Func<T, string> textOf, string expected)
    {
        var came = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        stream.DataAdded += (_, added) =>
        {
            if (textOf(stream[added.Index]).Contains(expected, StringComparison.Ordinal))
            {
                came.TrySetResult();
            }
        };
        return came.Task;
    }

    /// <summary>Connects until the system answers no further connection.</summary>
    private static async Task<List<Socket>> FillAsync(IPEndPoint address)
    {
        var queued = new List<Socket>();
        while (true)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            queued.Add(socket);
            using var patience = new CancellationTokenSource(200);
            try
            {
                await socket.ConnectAsync(address, patience.Token);
            }
            catch (OperationCanceledException)
            {
                return queued;
            }
        }
    }

    [DllImport("libc", EntryPoint = "mkfifo", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int MakeFifo([MarshalAs(UnmanagedType.LPStr)] string path, uint mode);
}

/// <summary>A test of what Windows has not; it counts as skipped there.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class UnixFactAttribute : FactAttribute
{
    public UnixFactAttribute(string why)
    {
        if (OperatingSystem.IsWindows())
        {
            Skip = why;
        }
    }
}
