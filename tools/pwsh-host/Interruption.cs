using System.Runtime.InteropServices;

namespace PwshHost;

/// <summary>
/// Ctrl+C and the requests to end: turns a signal into a stop of the running pipeline, so that <c>finally</c> blocks run
/// and the process ends in its own time.
/// </summary>
internal sealed class Interruption : IDisposable
{
    // `timeout -s INT` and some terminals deliver one wish as two signals; a person's second Ctrl+C comes later than this.
    private static readonly TimeSpan _sameWish = TimeSpan.FromMilliseconds(700);

    private readonly PosixSignalRegistration[] _registrations;
    private readonly CancellationTokenSource _stop = new();
    private long _first;
    private int _exitCode;

    public Interruption()
    {
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Handle(context, 130)),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Handle(context, 143)),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => Handle(context, 129)),
        ];
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _stop.Token;

    /// <summary>128 and the signal's number, once a signal has come; null before.</summary>
    public int? ExitCode => Volatile.Read(ref _exitCode) is var code and not 0 ? code : null;

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }

        _stop.Dispose();
    }

    private void Handle(PosixSignalContext context, int exitCode)
    {
        context.Cancel = true;
        if (Interlocked.CompareExchange(ref _exitCode, exitCode, 0) == 0)
        {
            Volatile.Write(ref _first, Environment.TickCount64);
            _stop.Cancel();
            return;
        }

        // A pipeline that does not end when it is asked to must not hold the person at the keyboard.
        if (Environment.TickCount64 - Volatile.Read(ref _first) > _sameWish.TotalMilliseconds)
        {
            context.Cancel = false;
        }
    }
}
