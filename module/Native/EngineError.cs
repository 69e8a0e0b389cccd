namespace MgPrint.PowerShell.Native;

/// <summary>Why the engine refused or failed, copied out of its error handle.</summary>
internal sealed record EngineError
{
    /// <summary>The engine's status; its name is the stable id of the error.</summary>
    public required EngineStatus Status { get; init; }

    /// <summary>The HTTP status of the answer, 0 when none came.</summary>
    public uint HttpStatus { get; init; }

    /// <summary>The stable id, such as <c>ConnectionFailed</c>.</summary>
    public string Id { get; init; } = "";

    /// <summary>What was being done and what happened, fit for a screen.</summary>
    public string Message { get; init; } = "";

    /// <summary>What the person can do, fit for a screen; may be empty.</summary>
    public string NextStep { get; init; } = "";

    /// <summary>The <c>code</c> of a Graph error as the server spelled it; empty when there is none.</summary>
    public string GraphCode { get; init; } = "";

    /// <summary>The <c>message</c> of a Graph error as the server spelled it.</summary>
    public string GraphMessage { get; init; } = "";

    /// <summary>The id under which the service knows the request.</summary>
    public string RequestId { get; init; } = "";

    /// <summary>The id that the engine gave the request.</summary>
    public string ClientRequestId { get; init; } = "";

    /// <summary>When the service says it failed.</summary>
    public string Date { get; init; } = "";

    /// <summary>The answer's headers as JSON, secret ones masked; empty when no answer came.</summary>
    public string HeadersJson { get; init; } = "";

    /// <summary>
    /// The answer's headers as JSON, as they came: for the caller's variable, and for no text. Empty when no answer came.
    /// </summary>
    public string ResponseHeadersJson { get; init; } = "";

    /// <summary>The answer's body, at most 64 KiB.</summary>
    public string Body { get; init; } = "";

    /// <summary>An error that the engine did not see, under the name of its status where it has no id of its own.</summary>
    public static EngineError Of(EngineStatus status, string message, string nextStep = "", string? id = null) =>
        new() { Status = status, Id = id ?? status.ToString(), Message = message, NextStep = nextStep };

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

        var taken = new EngineError
        {
            Status = view->Status,
            HttpStatus = view->HttpStatus,
            Id = view->Id.Text(),
            Message = view->Message.Text(),
            NextStep = view->NextStep.Text(),
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
