using MgPrint.PowerShell.Models;
using MgPrint.PowerShell.Native;
using Microsoft.Graph.PowerShell.Models;

namespace MgPrint.PowerShell.Cmdlets;

/// <summary>Reads the session out of the service's answer.</summary>
internal static class SessionAnswer
{
    /// <summary>The session that the service created.</summary>
    /// <exception cref="EngineException">The answer holds none.</exception>
    public static MicrosoftGraphUploadSession Read(EngineResult result, SessionRequest request)
    {
        if (!JsonTree.TryParseObject(result.Json, out Dictionary<string, object?>? members, out _))
        {
            throw new EngineException(new EngineError
            {
                Status = EngineStatus.UnexpectedResponse,
                Id = nameof(EngineStatus.UnexpectedResponse),
                HttpStatus = result.HttpStatus,
                HeadersJson = result.HeadersJson,
                AnswerHeadersJson = result.HeadersJson,
                Message = $"The service answered the request for an upload session with status {result.HttpStatus} and without a session.",
                NextStep = "Try again; if it stays so, ask the service's support.",
            });
        }

        MicrosoftGraphUploadSession session = MicrosoftGraphUploadSession.From(members);
        session.DocumentSize = request.DocumentSize;
        return session;
    }
}
