using System.Management.Automation;
using System.Net;
using MgPrint.PowerShell.Native;
using MgPrint.PowerShell.Runtime;
using Microsoft.Graph.PowerShell.Runtime;

namespace MgPrint.PowerShell.Cmdlets;

/// <summary>
/// The caller's own steps around one request: what -HttpPipelinePrepend and -HttpPipelineAppend name, outermost first,
/// and the engine behind the last. Everything runs on the pipeline's thread, so that a step may use PowerShell; the
/// engine's retries happen behind the last step, which sees one call and one answer.
/// </summary>
internal sealed class HttpPipeline(IReadOnlyList<HttpPipelineStep> steps, Func<EngineRequest, EngineResult> send, CancellationToken stopping) : IEventListener
{
    private EngineRequest? _sent;

    /// <inheritdoc/>
    public CancellationToken Token => stopping;

    /// <inheritdoc/>
    public Action Cancel => () => { };

    /// <inheritdoc/>
    public Task Signal(string id, CancellationToken token, Func<EventData> createMessage) => Task.CompletedTask;

    /// <summary>Passes a request through the steps.</summary>
    /// <param name="built">The request as the engine built it.</param>
    /// <param name="read">Reads the answer that came out, to the request that was sent last.</param>
    /// <exception cref="HttpPipelineException">A step failed, or gave back something that is no answer.</exception>
    /// <exception cref="EngineException">The request could not be sent, or its answer is a refusal.</exception>
    /// <exception cref="PipelineStoppedException">The pipeline was stopped.</exception>
    public EngineResult Run(EngineRequest built, Func<EngineRequest, HttpResponseMessage, EngineResult> read)
    {
        try
        {
            using HttpRequestMessage request = HttpMessages.ToMessage(built.Read());
            using HttpResponseMessage response = Link(0).Wait(request);
            return read(_sent ?? built, response);
        }
        finally
        {
            _sent?.Dispose();
        }
    }

    private ISendAsyncLink Link(int index) => index < steps.Count ? new StepLink(this, index) : new LastLink(this);

    /// <summary>The rest of the pipeline from one step on.</summary>
    private interface ISendAsyncLink : ISendAsync
    {
        HttpResponseMessage Wait(HttpRequestMessage request);
    }

    private sealed class StepLink(HttpPipeline pipeline, int index) : ISendAsyncLink
    {
        public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, IEventListener callback)
        {
            HttpPipelineStep step = pipeline._steps[index];
            return step.Call(request, callback ?? pipeline, pipeline.Link(index + 1));
        }

        public HttpResponseMessage Wait(HttpRequestMessage request)
        {
            HttpPipelineStep step = pipeline._steps[index];
            Task<HttpResponseMessage> answer = SendAsync(request, pipeline);
            try
            {
                answer.Wait(pipeline.Token);
                return answer.Result ?? throw step.Failure("answered with nothing in place of an HttpResponseMessage");
            }
            catch (OperationCanceledException) when (pipeline.Token.IsCancellationRequested)
            {
                throw new PipelineStoppedException();
            }
            catch (AggregateException failed)
            {
                throw step.Failure(failed);
            }
        }
    }

    private sealed class LastLink(HttpPipeline pipeline) : ISendAsyncLink
    {
        public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, IEventListener callback)
        {
            try
            {
                return Task.FromResult(Wait(request));
            }
            catch (Exception failed) when (failed is EngineException or PipelineStoppedException)
            {
                return Task.FromException<HttpResponseMessage>(failed);
            }
        }

        public HttpResponseMessage Wait(HttpRequestMessage request)
        {
            EngineRequest sent = HttpMessages.ToEngine(request);
            (pipeline._sent, EngineRequest? before) = (sent, pipeline._sent);
            before?.Dispose();
            return HttpMessages.ToMessage(pipeline._send(sent), request);
        }
    }

    private readonly IReadOnlyList<HttpPipelineStep> _steps = steps;
    private readonly Func<EngineRequest, EngineResult> _send = send;
}
