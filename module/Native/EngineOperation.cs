namespace MgPrint.PowerShell.Native;

/// <summary>What an operation reported, copied out of the engine.</summary>
/// <param name="Level">Of a log line: who wants to read it.</param>
/// <param name="BytesDone">Bytes that the service has, and those on the wire.</param>
/// <param name="BytesPerSecond">Over the last seconds; 0 while unknown.</param>
/// <param name="Attempt">Of a retry: 1 for the first.</param>
/// <param name="MaxAttempts">Of a retry: how many there may be.</param>
/// <param name="Delay">Of a retry: the wait before it.</param>
/// <param name="Offset">Of wanted bytes: where in the document.</param>
/// <param name="Length">Of wanted bytes: how many.</param>
/// <param name="Text">Why there is a retry, the log line, or the host to which a way is wanted; fit for a screen.</param>
internal readonly record struct EngineEvent(
    EngineEventKind Kind, EngineLogLevel Level, long BytesDone, long BytesTotal, long BytesPerSecond, uint Attempt, uint MaxAttempts,
    TimeSpan Delay, long Offset, int Length, string Text);

/// <summary>What an operation came to.</summary>
/// <param name="Json">The service's answer; empty when it had none.</param>
/// <param name="HttpStatus">The status of the last answer.</param>
/// <param name="Retries">How many requests were sent again.</param>
/// <param name="BytesTotal">Of an upload or a session's state: bytes of the document.</param>
/// <param name="BytesSent">Of an upload: bytes that it sent; of a session's state: bytes that are at the service.</param>
/// <param name="Confirmed">Of an upload: false when the last answer was lost and the session is gone with every byte sent.</param>
internal sealed record EngineResult(
    byte[] Json, string HeadersJson, uint HttpStatus, uint Retries, long BytesTotal, long BytesSent, TimeSpan Elapsed, bool Confirmed);

/// <summary>Something slow that the engine does. One thread reads its events; any thread may cancel it.</summary>
internal sealed class EngineOperation(nint id) : EngineHandle(id)
{
    protected override bool ReleaseHandle() => NativeMethods.OperationFree(handle) == EngineStatus.Ok;

    /// <summary>The next event, or null when none came in time; after <see cref="EngineEventKind.Finished"/> there is no other.</summary>
    /// <param name="timeout">How long to wait for it; <see cref="Timeout.InfiniteTimeSpan"/> for as long as it takes.</param>
    public unsafe EngineEvent? Next(TimeSpan timeout)
    {
        NativeEvent* next;
        EngineStatus status = NativeMethods.OperationNextEvent(this, Milliseconds(timeout), &next);
        if (status == EngineStatus.Pending)
        {
            return null;
        }

        EngineError.ThrowUnlessOk(status, 0);
        return new EngineEvent(
            next->Kind, next->Level, (long)next->BytesDone, (long)next->BytesTotal, (long)next->BytesPerSecond,
            next->Attempt, next->MaxAttempts, TimeSpan.FromMilliseconds(next->DelayMilliseconds),
            (long)next->Offset, (int)next->Length, next->Text.Text());
    }

    /// <summary>Waits until one of several operations has an event, or the time is over.</summary>
    public static unsafe void WaitAny(EngineOperation[] operations, TimeSpan timeout)
    {
        // Ids, not pointers: one that were freed meanwhile would be answered with a status. The handles outlive the call.
        fixed (nint* first = Array.ConvertAll(operations, operation => operation.DangerousGetHandle()))
        {
            EngineStatus status = NativeMethods.OperationWaitAny(first, (nuint)operations.Length, Milliseconds(timeout), out _);
            if (status != EngineStatus.Pending)
            {
                EngineError.ThrowUnlessOk(status, 0);
            }
        }
    }

    /// <summary>Answers wanted bytes. An answer that nobody waits for any more harms nothing.</summary>
    public unsafe void Supply(long offset, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* first = bytes)
        {
            _ = NativeMethods.OperationSupply(this, (ulong)offset, new NativeStr(first, bytes.Length), default);
        }
    }

    /// <summary>Answers wanted bytes with the reason why there are none: the operation ends, and tells it.</summary>
    public void SupplyFailed(long offset, string reason)
    {
        using var arguments = new NativeArguments();
        NativeStr failure = arguments.Text(reason.Length > 0 ? reason : "no reason was given", "reason");
        _ = NativeMethods.OperationSupply(this, (ulong)offset, default, failure);
    }

    /// <summary>
    /// Lets an operation that asks for another token go on through a client, which has one; through none it ends with what the
    /// service said.
    /// </summary>
    public void Renew(EngineClient client) => _ = NativeMethods.OperationRenew(this, client);

    /// <summary>Ends the operation at once; <see cref="Next"/> answers Finished.</summary>
    public void Cancel()
    {
        try
        {
            _ = NativeMethods.OperationCancel(this);
        }
        catch (ObjectDisposedException)
        {
            // It ended, and was disposed of, while this thread was on its way.
        }
    }

    /// <summary>The result of a finished operation.</summary>
    public unsafe EngineResult Result()
    {
        NativeResult* result;
        EngineStatus status = NativeMethods.OperationWait(this, 0, &result, out nint error);
        if (status != EngineStatus.Unconfirmed)
        {
            EngineError.ThrowUnlessOk(status, error);
        }

        return new EngineResult(
            result->Json.Span.ToArray(), result->Headers.Text(), result->HttpStatus, result->Retries, (long)result->BytesTotal,
            (long)result->BytesDone, TimeSpan.FromMilliseconds(result->ElapsedMilliseconds), status == EngineStatus.Ok);
    }

    /// <summary>The engine's word for "for ever" is the highest number, which -1 ms becomes.</summary>
    private static uint Milliseconds(TimeSpan timeout) => unchecked((uint)(int)Math.Ceiling(timeout.TotalMilliseconds));
}
