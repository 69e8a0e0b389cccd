using System.Diagnostics.CodeAnalysis;

namespace Microsoft.Graph.PowerShell.Runtime;

/// <summary>What a pipeline step gets to report with: the running cmdlet.</summary>
public interface IEventListener
{
    /// <summary>Reports an event.</summary>
    /// <param name="id">The event's name.</param>
    /// <param name="token">Cancels the report.</param>
    /// <param name="createMessage">Makes the details; called only when someone listens.</param>
    [SuppressMessage(
        "Design", "CA1068:CancellationToken parameters must come last", Justification = "Users compile against this signature.")]
    Task Signal(string id, CancellationToken token, Func<EventData> createMessage);

    /// <summary>Cancelled when the pipeline is being stopped, or the request was cancelled.</summary>
    CancellationToken Token { get; }

    /// <summary>Cancels the request; other records of the pipeline go on.</summary>
    Action Cancel { get; }
}

/// <summary>The details of one reported event.</summary>
[SuppressMessage("Naming", "CA1710:Identifiers should have correct suffix", Justification = "Users compile against this name.")]
public class EventData : EventArgs
{
    /// <summary>The event's name.</summary>
    public string? Id { get; set; }

    /// <summary>Cancelled when the event no longer matters.</summary>
    public CancellationToken Token { get; set; }

    /// <summary>What happened, in words.</summary>
    public string? Message { get; set; }

    /// <summary>The name of the parameter that the event is about, if it is about one.</summary>
    public string? Parameter { get; set; }

    /// <summary>A number that belongs to the event, such as a percentage.</summary>
    public double Value { get; set; }

    /// <summary>Anything else there is to say.</summary>
    public string? ExtendedData { get; set; }

    /// <summary>The request that the event is about.</summary>
    public HttpRequestMessage? RequestMessage { get; set; }

    /// <summary>The response that the event is about.</summary>
    public HttpResponseMessage? ResponseMessage { get; set; }

    /// <summary>Stops the cmdlet that raised the event.</summary>
    public Action? Cancel { get; set; }
}
