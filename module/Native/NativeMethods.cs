using System.Runtime.InteropServices;

namespace MgPrint.PowerShell.Native;

/// <summary><c>mgprint_str</c>: text or bytes, of the caller's on the way in, and of a handle's on the way out.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeStr(byte* data, int length)
{
    public byte* Data = data;
    public nuint Length = (nuint)length;

    public readonly string Text() => Length == 0 ? "" : Encoding.UTF8.GetString(Data, checked((int)Length));

    public readonly byte[] Bytes() => new ReadOnlySpan<byte>(Data, checked((int)Length)).ToArray();
}

/// <summary><c>mgprint_document</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeDocument
{
    public NativeStr ParentId;
    public NativeStr JobId;
    public NativeStr DocumentId;
    public NativeStr Name;
    public NativeStr ContentType;
    public JobParent Parent;
}

/// <summary><c>mgprint_target</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeTarget
{
    public NativeStr UploadUrl;
    public NativeDocument* Document;
    public nint Request;
}

/// <summary><c>mgprint_source</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeSource
{
    public NativeStr Data;
    public NativeStr Name;
    public ulong Size;
    public EngineSourceKind Kind;
    public int Descriptor;
}

/// <summary><c>mgprint_print</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativePrint
{
    public NativeStr ShareName;
    public NativeStr ShareId;
    public NativeStr PrinterId;
    public NativeStr Configuration;
    public NativeStr DocumentName;
    public NativeStr ContentType;
    public NativeStr Headers;
    public NativeStr Record;
    public ulong WaitMilliseconds;
    public byte NoStart;
    public byte Force;
}

/// <summary><c>mgprint_request_view</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeRequestView
{
    public nuint Size;
    public NativeStr Method;
    public NativeStr Url;
    public NativeStr Headers;
    public NativeStr Body;
}

/// <summary><c>mgprint_event</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeEvent
{
    public nuint Size;
    public EngineEventKind Kind;
    public EngineLogLevel Level;
    public ulong BytesDone;
    public ulong BytesTotal;
    public ulong BytesPerSecond;
    public uint Attempt;
    public uint MaxAttempts;
    public ulong DelayMilliseconds;
    public ulong Offset;
    public ulong Length;
    public NativeStr Text;
}

/// <summary><c>mgprint_result</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeResult
{
    public nuint Size;
    public uint HttpStatus;
    public uint Retries;
    public NativeStr Json;
    public NativeStr Headers;
    public NativeStr UploadUrl;
    public NativeStr Identity;
    public long ExpiresAt;
    public void* Missing;
    public nuint MissingCount;
    public byte MissingIsKnown;
    public ulong BytesTotal;
    public ulong BytesDone;
    public ulong ElapsedMilliseconds;
}

/// <summary><c>mgprint_error_view</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeErrorView
{
    public nuint Size;
    public EngineStatus Status;
    public uint HttpStatus;
    public byte Retryable;
    public byte Resumable;
    public NativeStr Id;
    public NativeStr Message;
    public NativeStr NextStep;
    public NativeStr GraphCode;
    public NativeStr GraphMessage;
    public NativeStr RequestId;
    public NativeStr ClientRequestId;
    public NativeStr Date;
    public NativeStr Headers;
    public NativeStr SecretHeaders;
    public NativeStr Body;
}

/// <summary>
/// The functions of include/mgprint.h that the module calls, in the header's order. A handle is a struct of a 64-bit id,
/// which on the 64-bit platforms that the engine is built for goes where a pointer goes, so a SafeHandle carries it.
/// </summary>
internal static unsafe partial class NativeMethods
{
    internal const string Library = "mgprint";

    [LibraryImport(Library, EntryPoint = "mgprint_abi_version")]
    internal static partial uint AbiVersion();

    [LibraryImport(Library, EntryPoint = "mgprint_version")]
    internal static partial byte* Version();

    [LibraryImport(Library, EntryPoint = "mgprint_options_new")]
    internal static partial EngineStatus OptionsNew(out nint options);

    [LibraryImport(Library, EntryPoint = "mgprint_options_copy")]
    internal static partial EngineStatus OptionsCopy(EngineOptions options, out nint copy);

    [LibraryImport(Library, EntryPoint = "mgprint_options_set_text")]
    internal static partial EngineStatus OptionsSetText(EngineOptions options, EngineOption option, NativeStr text, out nint error);

    [LibraryImport(Library, EntryPoint = "mgprint_options_set_number")]
    internal static partial EngineStatus OptionsSetNumber(EngineOptions options, EngineOption option, ulong value, out nint error);

    [LibraryImport(Library, EntryPoint = "mgprint_options_free")]
    internal static partial EngineStatus OptionsFree(nint options);

    [LibraryImport(Library, EntryPoint = "mgprint_client_new")]
    internal static partial EngineStatus ClientNew(EngineOptions options, out nint client, out nint error);

    [LibraryImport(Library, EntryPoint = "mgprint_client_free")]
    internal static partial EngineStatus ClientFree(nint client);

    [LibraryImport(Library, EntryPoint = "mgprint_request_new")]
    internal static partial EngineStatus RequestNew(
        EngineClient client, EngineRequestMode mode, NativeStr method, NativeStr address, NativeStr body, NativeStr what,
        out nint request, out nint error);

    [LibraryImport(Library, EntryPoint = "mgprint_request_new_session")]
    internal static partial EngineStatus RequestNewSession(
        EngineClient client, NativeDocument* document, ulong size, out nint request, out nint error);

    [LibraryImport(Library, EntryPoint = "mgprint_request_add_header")]
    internal static partial EngineStatus RequestAddHeader(EngineRequest request, NativeStr name, NativeStr value, out nint error);

    [LibraryImport(Library, EntryPoint = "mgprint_request_read")]
    internal static partial EngineStatus RequestRead(EngineRequest request, NativeRequestView** view);

    [LibraryImport(Library, EntryPoint = "mgprint_request_free")]
    internal static partial EngineStatus RequestFree(nint request);

    [LibraryImport(Library, EntryPoint = "mgprint_upload_start")]
    internal static partial EngineStatus UploadStart(
        EngineClient client, EngineOptions options, NativeTarget* target, NativeSource* source, out nint operation, out nint error);

    [LibraryImport(Library, EntryPoint = "mgprint_print_start")]
    internal static partial EngineStatus PrintStart(
        EngineClient client, EngineOptions options, NativePrint* print, NativeSource* source, out nint operation, out nint error);

    [LibraryImport(Library, EntryPoint = "mgprint_request_start")]
    internal static partial EngineStatus RequestStart(
        EngineClient client, EngineOptions options, EngineRequest request, out nint operation, out nint error);

    [LibraryImport(Library, EntryPoint = "mgprint_response_read")]
    internal static partial EngineStatus ResponseRead(
        EngineClient client, EngineRequest request, uint httpStatus, NativeStr headers, NativeStr body, out nint operation, out nint error);

    [LibraryImport(Library, EntryPoint = "mgprint_download_start")]
    internal static partial EngineStatus DownloadStart(
        EngineClient client, EngineOptions options, EngineRequest request, NativeStr path, out nint operation, out nint error);

    [LibraryImport(Library, EntryPoint = "mgprint_session_start")]
    internal static partial EngineStatus SessionStart(
        EngineClient client, EngineOptions options, EngineSessionAction action, NativeStr uploadUrl, out nint operation, out nint error);

    [LibraryImport(Library, EntryPoint = "mgprint_operation_next_event")]
    internal static partial EngineStatus OperationNextEvent(EngineOperation operation, uint timeoutMilliseconds, NativeEvent** nextEvent);

    [LibraryImport(Library, EntryPoint = "mgprint_operation_cancel")]
    internal static partial EngineStatus OperationCancel(EngineOperation operation);

    [LibraryImport(Library, EntryPoint = "mgprint_operation_supply")]
    internal static partial EngineStatus OperationSupply(EngineOperation operation, ulong offset, NativeStr bytes, NativeStr failure);

    [LibraryImport(Library, EntryPoint = "mgprint_operation_renew")]
    internal static partial EngineStatus OperationRenew(EngineOperation operation, EngineClient client);

    [LibraryImport(Library, EntryPoint = "mgprint_operation_free")]
    internal static partial EngineStatus OperationFree(nint operation);

    [LibraryImport(Library, EntryPoint = "mgprint_operation_wait")]
    internal static partial EngineStatus OperationWait(
        EngineOperation operation, uint timeoutMilliseconds, NativeResult** result, out nint error);

    [LibraryImport(Library, EntryPoint = "mgprint_operation_wait_any")]
    internal static partial EngineStatus OperationWaitAny(nint* operations, nuint count, uint timeoutMilliseconds, out nuint index);

    [LibraryImport(Library, EntryPoint = "mgprint_error_read")]
    internal static partial EngineStatus ErrorRead(ErrorHandle error, NativeErrorView** view);

    [LibraryImport(Library, EntryPoint = "mgprint_error_free")]
    internal static partial EngineStatus ErrorFree(nint error);
}
