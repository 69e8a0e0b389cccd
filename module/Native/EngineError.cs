namespace MgPrint.PowerShell.Native;

/// <summary>Why the engine refused or failed, copied out of its error handle.</summary>
/// <param name="Status">The engine's status; its name is the stable id of the error.</param>
/// <param name="Id">The stable id, such as <c>ConnectionFailed</c>.</param>
/// <param name="Message">What was being done and what happened, fit for a screen.</param>
/// <param name="NextStep">What the person can do, fit for a screen; may be empty.</param>
/// <param name="HttpStatus">The HTTP status of the answer, 0 when none came.</param>
/// <param name="GraphCode">The <c>code</c> of a Graph error as the server spelled it; empty when there is none.</param>
/// <param name="GraphMessage">The <c>message</c> of a Graph error as the server spelled it.</param>
/// <param name="RequestId">The id under which the service knows the request.</param>
/// <param name="ClientRequestId">The id that the engine gave the request.</param>
/// <param name="Date">When the service says it failed.</param>
/// <param name="HeadersJson">The answer's headers as JSON, secret ones masked; empty when no answer came.</param>
/// <param name="ResponseHeadersJson">
/// The answer's headers as JSON, as they came: for the caller's variable, and for no text. Empty when no answer came.
/// </param>
/// <param name="Body">The answer's body, at most 64 KiB.</param>
internal sealed record EngineError(
    EngineStatus Status, string Id, string Message, string NextStep, uint HttpStatus = 0, string GraphCode = "", string GraphMessage = "",
    string RequestId = "", string ClientRequestId = "", string Date = "", string HeadersJson = "", string ResponseHeadersJson = "",
    string Body = "")
{
    /// <summary>An error that the engine did not see, under the name of its status where it has no id of its own.</summary>
    public static EngineError Of(EngineStatus status, string message, string nextStep = "", string? id = null) =>
        new(status, id ?? status.ToString(), message, nextStep);

    /// <summary>A record would show all of it, and the headers hold secrets.</summary>
    public override string ToString() => Message;

    /// <summary>Reads and frees an error handle; a status alone must do where the engine gave none.</summary>
    public static unsafe EngineError Take(EngineStatus status, nint error)
    {
        NativeErrorView* view;
        if (error == 0 || NativeMethods.ErrorRead(error, &view) != EngineStatus.Ok)
        {
            return Of(status, $"The engine answered {status} ({(int)status}).");
        }

        var taken = new EngineError(view->Status, view->Id.Text(), view->Message.Text(), view->NextStep.Text())
        {
            HttpStatus = view->HttpStatus,
            GraphCode = view->GraphCode.Text(),
            GraphMessage = view->GraphMessage.Text(),
            RequestId = view->RequestId.Text(),
            ClientRequestId = view->ClientRequestId.Text(),
            Date = view->Date.Text(),
            HeadersJson = view->Headers.Text(),
            ResponseHeadersJson = view->SecretHeaders.Text(),
            Body = view->Body.Text(),
        };
        _ = NativeMethods.ErrorFree(error);
        return taken;
    }

    /// <summary>Throws what an error handle says, where a call was refused.</summary>
    public static void ThrowUnlessOk(EngineStatus status, nint error)
    {
        if (status != EngineStatus.Ok)
        {
            throw new EngineException(Take(status, error));
        }
    }
}

/// <summary>The engine refused a call or an operation failed.</summary>
internal sealed class EngineException(EngineError error) : Exception(error.Message)
{
    public EngineError Error { get; } = error;
}
