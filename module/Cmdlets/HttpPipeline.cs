using System.Text.RegularExpressions;

namespace MgPrint.PowerShell.Cmdlets;

/// <summary>
/// The caller's own steps around one request, outermost first, and the engine behind the last. They begin on the pipeline's
/// thread, so that script blocks may use PowerShell; the engine's retries happen behind the last step, which sees one call and
/// one answer.
/// </summary>
/// <param name="steps">What -HttpPipelinePrepend and -HttpPipelineAppend named.</param>
/// <param name="send">Sends a request, until that is cancelled, and answers what came, whatever its status.</param>
/// <param name="tell">Takes what a step reports: the event's name and its details.</param>
/// <param name="cancelling">Ends the request; cancelled when the pipeline is stopped, too.</param>
/// <param name="stopping">Cancelled when the pipeline is stopped.</param>
internal sealed class HttpPipeline(
    IReadOnlyList<HttpPipelineStep> steps, Func<EngineRequest, CancellationToken, EngineResult> send, Action<string, EventData> tell,
    CancellationTokenSource cancelling, CancellationToken stopping) : IEventListener, ISendAsync, IDisposable
{
    private readonly int _thread = Environment.CurrentManagedThreadId;

    /// <summary>The request that was sent last; null when a step answered by itself.</summary>
    public EngineRequest? Sent { get; private set; }

    public CancellationToken Token { get; } = cancelling.Token;

    // It ends this record, as any failure does: the records after it, and the script, are not the step's to end.
    public Action Cancel => cancelling.Cancel;

    /// <summary>The steps in the order in which a request passes them.</summary>
    /// <param name="given">What the command line gives to a parameter.</param>
    public static List<HttpPipelineStep> Steps(Func<string, object?> given)
    {
        IEnumerable<HttpPipelineStep> Of(string parameter) =>
            (given(parameter) as SendAsyncStep[] ?? []).Select((step, index) => new HttpPipelineStep($"-{parameter}[{index}]", step));
        // Of those farthest from the wire the last runs first; of those nearest to it the last sends.
        return [.. Of("HttpPipelinePrepend").Reverse(), .. Of("HttpPipelineAppend")];
    }

    /// <summary>Passes a request through the steps, waits for what comes out, and reads it.</summary>
    public (uint Status, string HeadersJson, byte[] Body) Pass(HttpRequestMessage request)
    {
        ISendAsync first = steps.Reverse().Aggregate((ISendAsync)this, (rest, step) => new Link(step, rest, this));
        try
        {
            // Each link names its failure.
            Task<HttpResponseMessage> answering = first.SendAsync(request, this);
            if (!answering.IsCompleted)
            {
                Task.WaitAny([answering], Token);
            }

            using HttpResponseMessage answer = answering.GetAwaiter().GetResult();
            Token.ThrowIfCancellationRequested();
            return ((uint)answer.StatusCode, HttpMessages.HeadersJson(answer), HttpMessages.BytesOf(answer.Content));
        }
        catch (Exception) when (stopping.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
        catch (OperationCanceledException)
        {
            throw HttpPipelineException.Cancelled("A step of the HTTP pipeline");
        }
        catch (Exception unreadable) when (
            unreadable is not (HttpPipelineException or EngineException or PipelineStoppedException or OutOfMemoryException))
        {
            // Such as a response that a step has disposed of.
            throw HttpPipelineException.Of("of the HTTP pipeline", "gave back a response that cannot be read", unreadable);
        }
    }

    /// <summary>The last link: the engine.</summary>
    Task<HttpResponseMessage> ISendAsync.SendAsync(HttpRequestMessage request, IEventListener callback)
    {
        try
        {
            Token.ThrowIfCancellationRequested();
            Sent?.Dispose();
            Sent = HttpMessages.ToEngine(request);
            return Task.FromResult(HttpMessages.ToResponse(send(Sent, Token), request));
        }
        catch (Exception failed) when (failed is EngineException or PipelineStoppedException or OperationCanceledException)
        {
            // In the task, where a step that expects failures looks for them.
            return Task.FromException<HttpResponseMessage>(failed);
        }
    }

    public Task Signal(string id, CancellationToken token, Func<EventData> createMessage)
    {
        if (!token.IsCancellationRequested)
        {
            tell(id, createMessage());
        }

        return Task.CompletedTask;
    }

    public void Dispose() => Sent?.Dispose();

    /// <summary>A step, and the rest of the pipeline behind it.</summary>
    private sealed class Link(HttpPipelineStep step, ISendAsync rest, HttpPipeline pipeline) : ISendAsync
    {
        public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, IEventListener callback)
        {
            // Outside, since it is the step before this one that called Cancel, and went on all the same.
            pipeline.Token.ThrowIfCancellationRequested();
            try
            {
                if (Environment.CurrentManagedThreadId != pipeline._thread)
                {
                    // A script block would wait for that thread, which waits for the answer.
                    throw HttpPipelineException.Of(step.Name, "cannot run behind a step that goes on in another thread than PowerShell's");
                }

                Task<HttpResponseMessage> answering = step.Run(request, callback, rest)
                    ?? throw HttpPipelineException.Of(step.Name, "gave back nothing in place of a Task[HttpResponseMessage]");
                return await answering.ConfigureAwait(false)
                    ?? throw HttpPipelineException.Of(step.Name, "answered nothing in place of an HttpResponseMessage");
            }
            catch (Exception failed)
            {
                throw HttpPipelineException.Of(step.Name, failed, pipeline.Token.IsCancellationRequested);
            }
        }
    }
}

/// <summary>One step, and the name under which an error speaks of it.</summary>
/// <param name="Name">Such as <c>-HttpPipelineAppend[0]</c>.</param>
internal sealed record HttpPipelineStep(string Name, SendAsyncStep Run);

/// <summary>A step of the caller's pipeline failed.</summary>
internal sealed class HttpPipelineException(string message, Exception? inner = null) : Exception(message, inner)
{
    private const string StepFailed = "HttpPipelineStepFailed";

    private string ErrorId { get; init; } = StepFailed;

    private ErrorCategory Category { get; init; } = ErrorCategory.InvalidResult;

    /// <param name="what">What it did, as a sentence goes on.</param>
    /// <param name="why">What it threw, whose message is told; null where there is nothing to tell of it.</param>
    public static HttpPipelineException Of(string step, string what, Exception? why = null) => new(
        $"The step {step} {what}{(why is null ? "" : $": {DisplayText.Clean(why.GetBaseException().Message).TrimEnd('.')}")}. Nothing more "
            + "was sent.", why);

    /// <param name="step">Who it was, as a sentence begins.</param>
    public static HttpPipelineException Cancelled(string step) =>
        new($"{step} cancelled the request. Nothing more was sent.") { ErrorId = "Cancelled", Category = ErrorCategory.OperationStopped };

    /// <summary>
    /// The failure of a step, under the name of the innermost step that failed. PowerShell and tasks wrap what is thrown
    /// inside them; what the engine or the pipeline itself threw passes through as it is.
    /// </summary>
    /// <param name="isCancelled">Whether a step called Cancel, or the pipeline is stopped.</param>
    public static Exception Of(string step, Exception failed, bool isCancelled)
    {
        // What a step does once it has called Cancel is of no interest, such as to give back nothing.
        if (isCancelled && failed is HttpPipelineException { ErrorId: StepFailed })
        {
            return Cancelled($"The step {step}");
        }

        for (Exception? inner = failed; inner is not null; inner = inner.InnerException)
        {
            if (inner is HttpPipelineException or EngineException or PipelineStoppedException)
            {
                return inner;
            }

            if (inner is OperationCanceledException)
            {
                return isCancelled ? Cancelled($"The step {step}") : Of(step, "ended as a cancelled task");
            }
        }

        return failed.GetBaseException() is PSInvalidCastException or InvalidCastException
            ? Of(
                step, "has to put out one Task[HttpResponseMessage] and nothing else, such as `$next.SendAsync($request, $callback)` does",
                failed)
            : Of(step, "failed", failed);
    }

    /// <remarks>What a step throws may repeat what it saw of the request or the answer: then nothing of the original is kept.</remarks>
    public ErrorRecord ToRecord(GraphRequest request)
    {
        string all = ToString();
        Exception shown = StepText.Mask(all, request.Headers) == all
            ? this
            : new HttpPipelineException(StepText.Mask(Message, request.Headers));
        return new(shown, ErrorId, Category, request.ErrorTarget());
    }
}

/// <summary>
/// The words of a step, which the engine never sees: they may repeat the secret headers that the caller gave, and the query
/// of an upload URL.
/// </summary>
internal static partial class StepText
{
    private const int ShortestPart = 6;

    public static string Mask(string text, IEnumerable<KeyValuePair<string, string>> headers)
    {
        foreach ((_, string value) in headers.Where(header => HttpHeaders.IsSecret(header.Key)))
        {
            // The longest first: of a whole value no part that is too short for a secret of its own stays.
            foreach (string secret in SecretsOf(value.Trim()).Where(part => part.Length > 0).OrderByDescending(part => part.Length))
            {
                text = text.Replace(secret, HttpHeaders.Masked, StringComparison.OrdinalIgnoreCase);
            }
        }

        return Query().Replace(text, "");
    }

    /// <summary>The value, what follows its scheme, and each part that is long enough to be no word of every text.</summary>
    private static IEnumerable<string> SecretsOf(string value) =>
    [
        value, value[(value.LastIndexOf(' ') + 1)..],
        .. value.Split([' ', ';', '='], StringSplitOptions.RemoveEmptyEntries).Where(part => part.Length >= ShortestPart),
    ];

    [GeneratedRegex("""(?<=://[^\s"'<>?#]*)[?#][^\s"'<>]*""")]
    private static partial Regex Query();
}
