using System.Runtime.InteropServices;

namespace MgPrint.PowerShell.Native;

/// <summary>Text that a handle owns: UTF-8, valid until that handle says otherwise.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeText
{
    public byte* Data;
    public nuint Length;
}

/// <summary><c>mgprint_request_view</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeRequestView
{
    public NativeText Method;
    public NativeText Url;
    public NativeText Headers;
    public NativeText Body;
}

/// <summary><c>mgprint_event</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeEvent
{
    public EngineEventKind Kind;
    public uint Level;
    public ulong BytesDone;
    public ulong BytesTotal;
    public ulong BytesPerSecond;
    public uint Attempt;
    public uint MaxAttempts;
    public ulong DelayMilliseconds;
    public ulong Offset;
    public ulong Length;
    public NativeText Text;
}

/// <summary><c>mgprint_result</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeResult
{
    public NativeText Json;
    public NativeText Headers;
    public uint HttpStatus;
    public uint Retries;
    public ulong BytesTotal;
    public ulong BytesSent;
    public ulong ElapsedMilliseconds;
    public byte Confirmed;
}

/// <summary><c>mgprint_error_view</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeErrorView
{
    public EngineStatus Status;
    public uint HttpStatus;
    public byte Retryable;
    public byte Resumable;
    public NativeText Id;
    public NativeText Message;
    public NativeText NextStep;
    public NativeText GraphCode;
    public NativeText GraphMessage;
    public NativeText RequestId;
    public NativeText ClientRequestId;
    public NativeText Date;
    public NativeText Headers;
    public NativeText Body;
}

/// <summary>
/// The functions of include/mgprint.h that the module calls, in the header's order. A handle is a 64-bit id, which on the
/// 64-bit platforms that the engine is built for is the size of a pointer, so a SafeHandle carries it.
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

    [LibraryImport(Library, EntryPoint = "mgprint_options_set_text")]
    internal static partial EngineStatus OptionsSetText(OptionsHandle options, EngineOption option, byte* text, nuint length, out nint error);

    [LibraryImport(Library, EntryPoint = "mgprint_options_set_number")]
    internal static partial EngineStatus OptionsSetNumber(OptionsHandle options, EngineOption option, ulong value, out nint error);

    [LibraryImport(Library, EntryPoint = "mgprint_options_add_upload_header")]
    internal static partial EngineStatus OptionsAddUploadHeader(
        OptionsHandle options, byte* name, nuint nameLength, byte* value, nuint valueLength, out nint error);

    [LibraryImport(Library, EntryPoint = "mgprint_options_copy")]
    internal static partial EngineStatus OptionsCopy(OptionsHandle options, out nint copy);

    [LibraryImport(Library, EntryPoint = "mgprint_options_free")]
    internal static partial EngineStatus OptionsFree(nint options);

    [LibraryImport(Library, EntryPoint = "mgprint_client_new")]
    internal static partial EngineStatus ClientNew(OptionsHandle options, out nint client, out nint error);

    [LibraryImport(Library, EntryPoint = "mgprint_client_free")]
    internal static partial EngineStatus ClientFree(nint client);

    [LibraryImport(Library, EntryPoint = "mgprint_request_new_create_session")]
    internal static partial EngineStatus RequestNewCreateSession(
        ClientHandle client, int parent,
        byte* parentId, nuint parentIdLength, byte* jobId, nuint jobIdLength, byte* documentId, nuint documentIdLength,
        byte* body, nuint bodyLength, out nint request, out nint error);

    [LibraryImport(Library, EntryPoint = "mgprint_request_add_header")]
    internal static partial EngineStatus RequestAddHeader(
        RequestHandle request, byte* name, nuint nameLength, byte* value, nuint valueLength, out nint error);

    [LibraryImport(Library, EntryPoint = "mgprint_request_new")]
    internal static partial EngineStatus RequestNew(
        byte* method, nuint methodLength, byte* url, nuint urlLength, byte* body, nuint bodyLength, out nint request, out nint error);

    [LibraryImport(Library, EntryPoint = "mgprint_request_new_graph")]
    internal static partial EngineStatus RequestNewGraph(
        ClientHandle client, byte* method, nuint methodLength, byte* address, nuint addressLength, byte* body, nuint bodyLength,
        byte* what, nuint whatLength, byte isRepeatable, out nint request, out nint error);

    [LibraryImport(Library, EntryPoint = "mgprint_graph_start")]
    internal static partial EngineStatus GraphStart(
        ClientHandle client, OptionsHandle options, RequestHandle request, out nint operation, out nint error);

    [LibraryImport(Library, EntryPoint = "mgprint_graph_read_start")]
    internal static partial EngineStatus GraphReadStart(
        ClientHandle client, RequestHandle request, uint httpStatus, byte* headers, nuint headersLength,
        byte* body, nuint bodyLength, out nint operation, out nint error);

    [LibraryImport(Library, EntryPoint = "mgprint_request_read")]
    internal static partial EngineStatus RequestRead(RequestHandle request, out NativeRequestView view, out nint error);

    [LibraryImport(Library, EntryPoint = "mgprint_request_free")]
    internal static partial EngineStatus RequestFree(nint request);

    [LibraryImport(Library, EntryPoint = "mgprint_session_create_start")]
    internal static partial EngineStatus SessionCreateStart(
        ClientHandle client, OptionsHandle options, RequestHandle request, out nint operation, out nint error);

    [LibraryImport(Library, EntryPoint = "mgprint_request_send_start")]
    internal static partial EngineStatus RequestSendStart(
        ClientHandle client, OptionsHandle options, RequestHandle request, out nint operation, out nint error);

    [LibraryImport(Library, EntryPoint = "mgprint_session_read_start")]
    internal static partial EngineStatus SessionReadStart(
        ClientHandle client, RequestHandle request, uint httpStatus, byte* headers, nuint headersLength,
        byte* body, nuint bodyLength, out nint operation, out nint error);

    [LibraryImport(Library, EntryPoint = "mgprint_session_status_start")]
    internal static partial EngineStatus SessionStatusStart(
        ClientHandle client, OptionsHandle options, byte* uploadUrl, nuint uploadUrlLength, out nint operation, out nint error);

    [LibraryImport(Library, EntryPoint = "mgprint_session_cancel_start")]
    internal static partial EngineStatus SessionCancelStart(
        ClientHandle client, OptionsHandle options, byte* uploadUrl, nuint uploadUrlLength, out nint operation, out nint error);

    [LibraryImport(Library, EntryPoint = "mgprint_upload_file_start")]
    internal static partial EngineStatus UploadFileStart(
        ClientHandle client, OptionsHandle options, byte* uploadUrl, nuint uploadUrlLength,
        byte* path, nuint pathLength, out nint operation, out nint error);

    [LibraryImport(Library, EntryPoint = "mgprint_upload_bytes_start")]
    internal static partial EngineStatus UploadBytesStart(
        ClientHandle client, OptionsHandle options, byte* uploadUrl, nuint uploadUrlLength,
        byte* bytes, nuint length, out nint operation, out nint error);

    [LibraryImport(Library, EntryPoint = "mgprint_upload_stream_start")]
    internal static partial EngineStatus UploadStreamStart(
        ClientHandle client, OptionsHandle options, byte* uploadUrl, nuint uploadUrlLength,
        ulong size, byte* name, nuint nameLength, out nint operation, out nint error);

    [LibraryImport(Library, EntryPoint = "mgprint_send_file_start")]
    internal static partial EngineStatus SendFileStart(
        ClientHandle client, OptionsHandle options, RequestHandle request, byte* path, nuint pathLength, out nint operation, out nint error);

    [LibraryImport(Library, EntryPoint = "mgprint_send_bytes_start")]
    internal static partial EngineStatus SendBytesStart(
        ClientHandle client, OptionsHandle options, RequestHandle request, byte* bytes, nuint length, out nint operation, out nint error);

    [LibraryImport(Library, EntryPoint = "mgprint_send_stream_start")]
    internal static partial EngineStatus SendStreamStart(
        ClientHandle client, OptionsHandle options, RequestHandle request,
        ulong size, byte* name, nuint nameLength, out nint operation, out nint error);

    [LibraryImport(Library, EntryPoint = "mgprint_operation_next_event")]
    internal static partial EngineStatus OperationNextEvent(OperationHandle operation, uint timeoutMilliseconds, out NativeEvent nextEvent);

    [LibraryImport(Library, EntryPoint = "mgprint_operation_cancel")]
    internal static partial EngineStatus OperationCancel(OperationHandle operation);

    [LibraryImport(Library, EntryPoint = "mgprint_operation_result")]
    internal static partial EngineStatus OperationResult(OperationHandle operation, out NativeResult result, out nint error);

    [LibraryImport(Library, EntryPoint = "mgprint_operation_free")]
    internal static partial EngineStatus OperationFree(nint operation);

    [LibraryImport(Library, EntryPoint = "mgprint_operation_wait_any")]
    internal static partial EngineStatus OperationWaitAny(nint* operations, nuint count, uint timeoutMilliseconds, out nuint index);

    [LibraryImport(Library, EntryPoint = "mgprint_operation_supply")]
    internal static partial EngineStatus OperationSupply(OperationHandle operation, ulong offset, byte* bytes, nuint length);

    [LibraryImport(Library, EntryPoint = "mgprint_operation_supply_failed")]
    internal static partial EngineStatus OperationSupplyFailed(OperationHandle operation, ulong offset, byte* message, nuint messageLength);

    [LibraryImport(Library, EntryPoint = "mgprint_operation_renew")]
    internal static partial EngineStatus OperationRenew(OperationHandle operation, ClientHandle client);

    [LibraryImport(Library, EntryPoint = "mgprint_error_read")]
    internal static partial EngineStatus ErrorRead(ErrorHandle error, out NativeErrorView view);

    [LibraryImport(Library, EntryPoint = "mgprint_error_answer_headers")]
    internal static partial EngineStatus ErrorAnswerHeaders(ErrorHandle error, out NativeText headers);

    [LibraryImport(Library, EntryPoint = "mgprint_error_free")]
    internal static partial EngineStatus ErrorFree(nint error);
}
