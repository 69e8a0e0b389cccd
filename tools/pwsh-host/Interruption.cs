using System.Runtime.InteropServices;

namespace PwshHost;

/// <summary>
/// Ctrl+C and the requests to end: turns a signal into a stop of the running pipeline, so that <c>finally</c> blocks run
/// and the process ends in its own time.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private const int Hangup = 1;
    private const int Interrupt = 2;
    private const int Terminate = 15;

    // `timeout` and some terminals deliver one wish as two signals; a person's second Ctrl+C comes later than this.
    private static readonly TimeSpan _sameWish = TimeSpan.FromMilliseconds(700);

    private readonly PosixSignalRegistration[] _registrations;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _turn = new();
    private RunningProgram? _program;
    private long _firstAt;
    private int _first;

    public Interruption()
    {
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => Handle(context, Hangup)),
            PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Handle(context, Interrupt)),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Handle(context, Terminate)),
        ];
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _stop.Token;

    /// <summary>128 and the signal's number, as shells have it, once a signal has come; null before.</summary>
    public int? ExitCode => Volatile.Read(ref _first) is var signal and not 0 ? 128 + signal : null;

    /// <summary>The engine starts a program that it leaves the terminal to.</summary>
    /// <param name="engineIsStopping">Whether a stop has reached the pipeline that the program is part of.</param>
    public void BeginProgram(Func<bool> engineIsStopping)
    {
        lock (_turn)
        {
            _program = new RunningProgram(engineIsStopping);
        }
    }

    /// <summary>The program has ended.</summary>
    public void EndProgram()
    {
        // The Ctrl+C that ended it came to this process too, and its handler was put into this queue before the end of
        // the program could be noticed. It goes first, and so does the stop that it asks for: else the script would go
        // on for a moment as if nothing had happened.
        using (var turn = new ManualResetEventSlim())
        {
            ThreadPool.UnsafeQueueUserWorkItem(static turn => turn.Set(), turn, preferLocal: false);
            turn.Wait();
        }

        RunningProgram? program;
        lock (_turn)
        {
            program = _program;
        }

        if (program is { WasSignalled: true })
        {
            SpinWait.SpinUntil(program.EngineIsStopping, TimeSpan.FromSeconds(1));
        }

        lock (_turn)
        {
            program?.Ended.Set();
            _program = null;
        }
    }

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }

        _stop.Dispose();
    }

    private void Handle(PosixSignalContext context, int signal)
    {
        // A pipeline that does not end when it is asked to must not hold the person at the keyboard.
        if (Interlocked.CompareExchange(ref _first, signal, 0) != 0)
        {
            context.Cancel = Environment.TickCount64 - Volatile.Read(ref _firstAt) < _sameWish.TotalMilliseconds;
            return;
        }

        context.Cancel = true;
        Volatile.Write(ref _firstAt, Environment.TickCount64);
        lock (_turn)
        {
            if (_program is { } program)
            {
                program.WasSignalled = true;
                if (signal == Terminate || Console.IsInputRedirected)
                {
                    _ = Task.Run(() => PassOn(signal, program));
                }
            }
        }

        _stop.Cancel();
    }

    // The engine does not end a program that has the terminal, as the terminal sends it the Ctrl+C too; a signal to this
    // process alone has to be passed on. The engine may only be about to start the program, hence again and again; what
    // a `finally` block starts afterwards is another program, and left in peace.
    private void PassOn(int signal, RunningProgram program)
    {
        var told = new HashSet<int>();
        do
        {
            var children = ChildProcesses.Ids();
            lock (_turn)
            {
                // Only now is it sure that none of them belongs to the next program.
                if (_program != program)
                {
                    return;
                }

                // A program that ends before the stop has come to the engine has the script go on for a moment, and the
                // stop then meets the `finally` block, which it should have led to.
                if (program.EngineIsStopping())
                {
                    foreach (var child in children.Where(told.Add))
                    {
                        ChildProcesses.Signal(child, signal);
                    }
                }
            }
        }
        while (!program.Ended.Wait(TimeSpan.FromMilliseconds(20)));
    }

    private sealed class RunningProgram(Func<bool> engineIsStopping)
    {
        public Func<bool> EngineIsStopping => engineIsStopping;

        public ManualResetEventSlim Ended { get; } = new();

        /// <summary>Whether a signal came while it ran.</summary>
        public bool WasSignalled { get; set; }
    }
}
