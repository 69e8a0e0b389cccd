using System.Management.Automation;
using MgPrint.PowerShell.Native;
using MgPrint.PowerShell.Runtime;
using Microsoft.Graph.PowerShell.Runtime;

namespace MgPrint.PowerShell.Cmdlets;

/// <summary>
/// The caller's own steps around one request, outermost first, and the engine behind the last. Script blocks run on the
/// pipeline's thread, so that they may use PowerShell; the engine's retries happen behind the last step, which sees one
/// call and one answer.
/// </summary>
/// <param name="steps">What -HttpPipelinePrepend and -HttpPipelineAppend named.</param>
/// <param name="send">Sends a request and answers what came, whatever its status.</param>
/// <param name="tell">Takes what a step reports: the event's name and its details.</param>
/// <param name="stopping">Cancelled when the pipeline is stopped.</param>
internal sealed class HttpPipeline(
    IReadOnlyList<HttpPipelineStep> steps, Func<EngineRequest, EngineResult> send, Action<string, EventData> tell, CancellationToken stopping) : IEventListener, ISendAsync, IDisposable
{
    private readonly PipelineThread _thread = new(stopping);

    /// <summary>The request that was sent last; null when a step answered by itself.</summary>
    public EngineRequest? Sent { get; private set; }

    /// <inheritdoc/>
    public CancellationToken Token => stopping;

    /// <inheritdoc/>
    public Action Cancel => static () => throw new PipelineStoppedException();

    /// <summary>The steps in the order in which a request passes them.</summary>
    /// <param name="prepend">Farthest from the wire: the last of them runs first.</param>
    /// <param name="append">Nearest the wire: the last of them sends.</param>
    public static List<HttpPipelineStep> Steps(SendAsyncStep[]? prepend, SendAsyncStep[]? append)
    {
        static IEnumerable<HttpPipelineStep> Named(string parameter, SendAsyncStep[]? given) =>
            (given ?? []).Select((step, index) => new HttpPipelineStep($"-{parameter}[{index}]", step));
        return [.. Named("HttpPipelinePrepend", prepend).Reverse(), .. Named("HttpPipelineAppend", append)];
    }

    /// <summary>Passes a request through the steps, and waits for what comes out.</summary>
    /// <exception cref="HttpPipelineException">A step failed, or gave back something that is no answer.</exception>
    /// <exception cref="EngineException">The request could not be sent.</exception>
    /// <exception cref="PipelineStoppedException">The pipeline was stopped.</exception>
    public HttpResponseMessage Pass(HttpRequestMessage request)
    {
        ISendAsync first = this;
        for (int index = steps.Count - 1; index >= 0; index--)
        {
            first = new Link(steps[index], first, _thread);
        }

        try
        {
            // Each link names its failure.
            return _thread.Await(first.SendAsync(request, this));
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
    }

    /// <summary>The last link: the engine.</summary>
    Task<HttpResponseMessage> ISendAsync.SendAsync(HttpRequestMessage request, IEventListener callback)
    {
        try
        {
            Sent?.Dispose();
            Sent = HttpMessages.ToEngine(request);
            return Task.FromResult(HttpMessages.ToResponse(send(Sent), request));
        }
        catch (Exception failed) when (failed is EngineException or PipelineStoppedException)
        {
            // In the task, where a step that expects failures looks for them.
            return Task.FromException<HttpResponseMessage>(failed);
        }
    }

    /// <inheritdoc/>
    public Task Signal(string id, CancellationToken token, Func<EventData> createMessage)
    {
        if (!token.IsCancellationRequested)
        {
            tell(id, createMessage());
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Sent?.Dispose();
        _thread.Dispose();
    }

    /// <summary>A step, and the rest of the pipeline behind it.</summary>
    private sealed class Link(HttpPipelineStep step, ISendAsync rest, PipelineThread thread) : ISendAsync
    {
        public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, IEventListener callback)
        {
            try
            {
                Task<HttpResponseMessage> answering = await thread.Start(step.Run, () => step.Run(request, callback, rest)).ConfigureAwait(false)
                    ?? throw new HttpPipelineException(step.Name, "gave back nothing in place of a Task[HttpResponseMessage]");
                return await answering.ConfigureAwait(false)
                    ?? throw new HttpPipelineException(step.Name, "answered nothing in place of an HttpResponseMessage");
            }
            catch (Exception failed)
            {
                throw HttpPipelineException.Of(step.Name, failed);
            }
        }
    }
}

/// <summary>One step, and the name under which an error speaks of it.</summary>
/// <param name="Name">Such as <c>-HttpPipelineAppend[0]</c>.</param>
/// <param name="Run">The step.</param>
internal sealed record HttpPipelineStep(string Name, SendAsyncStep Run);

/// <summary>A step of the caller's pipeline failed.</summary>
internal sealed class HttpPipelineException : Exception
{
    private HttpPipelineException(string message)
        : base(message)
    {
    }

    public HttpPipelineException(string step, string what, Exception? inner = null)
        : base($"The step {step} {what}. Nothing more was sent.", inner)
    {
    }

    /// <summary>
    /// The failure of a step, under the name of the innermost step that failed. PowerShell and tasks wrap what is thrown
    /// inside them; what the engine or the pipeline itself threw passes through as it is.
    /// </summary>
    public static Exception Of(string step, Exception failed)
    {
        Exception cause = failed;
        for (Exception? inner = failed; inner is not null; inner = inner.InnerException)
        {
            if (inner is HttpPipelineException or EngineException or PipelineStoppedException or OperationCanceledException)
            {
                return inner;
            }

            cause = inner;
        }

        string why = DisplayText.Clean(cause.Message).TrimEnd('.');
        return cause is PSInvalidCastException or InvalidCastException
            ? new HttpPipelineException(step, $"has to put out one Task[HttpResponseMessage] and nothing else, such as `$next.SendAsync($request, $callback)` does ({why})", failed)
            : new HttpPipelineException(step, $"failed: {why}", failed);
    }

    /// <summary>The record of the failure.</summary>
    /// <remarks>What a step throws may repeat what it saw of the request or the answer: then nothing of the original is kept.</remarks>
    public ErrorRecord ToRecord(object? target, KnownSecrets secrets)
    {
        string all = ToString();
        Exception shown = secrets.MaskWithUrls(all) == all ? this : new HttpPipelineException(secrets.MaskWithUrls(Message));
        return new(shown, "HttpPipelineStepFailed", ErrorCategory.InvalidResult, target);
    }
}
