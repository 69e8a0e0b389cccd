using System;
using System.Collections.Generic;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;

namespace Microsoft.Graph.PowerShell.Runtime
{
    public delegate Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, IEventListener callback);

    public delegate Task<HttpResponseMessage> SendAsyncStep(HttpRequestMessage request, IEventListener callback, ISendAsync next);

    public interface ISendAsync
    {
        Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, IEventListener callback);
    }

    public interface IEventListener
    {
        Task Signal(string id, CancellationToken token, Func<EventData> createMessage);

        CancellationToken Token { get; }

        Action Cancel { get; }
    }

    public class EventData : EventArgs
    {
        public string Id { get; set; }
        public string Message { get; set; }
        public CancellationToken Token { get; set; }
        public HttpRequestMessage RequestMessage { get; set; }
        public Action Cancel { get; set; }
    }

    /// <summary>Steps that somebody compiled against this assembly.</summary>
    public static class CompiledSteps
    {
        /// <summary>What listeners of this assembly's own were told.</summary>
        public static List<string> Heard { get; } = new List<string>();

        /// <summary>Marks the request, tells its listener, and goes on in a thread of its own.</summary>
        public static SendAsyncStep Mark => async (request, callback, next) =>
        {
            callback.Token.ThrowIfCancellationRequested();
            request.Headers.Add("X-Neighbour", "marked");
            await callback.Signal("marked", callback.Token, () => new EventData { Id = "marked", Message = "by a neighbour", RequestMessage = request });
            await Task.Yield();
            HttpResponseMessage answer = await next.SendAsync(request, callback);
            answer.Headers.Add("X-Neighbour", "seen");
            return answer;
        };

        /// <summary>Passes a listener of its own on, which the steps behind it tell.</summary>
        public static SendAsyncStep Listen => (request, callback, next) => next.SendAsync(request, new Listener(callback));

        public static SendAsyncStep Fail => (request, callback, next) => throw new InvalidOperationException("no paper next door");

        public static SendAsyncStep AnswerNothing => (request, callback, next) => null;

        public static SendAsyncStep Wait => async (request, callback, next) =>
        {
            await Task.Delay(Timeout.Infinite, callback.Token);
            return null;
        };

        private sealed class Listener : IEventListener
        {
            private readonly IEventListener _outer;

            public Listener(IEventListener outer) => _outer = outer;

            public CancellationToken Token => _outer.Token;

            public Action Cancel => _outer.Cancel;

            public Task Signal(string id, CancellationToken token, Func<EventData> createMessage)
            {
                Heard.Add(id + ": " + createMessage().Message);
                return _outer.Signal(id, token, createMessage);
            }
        }
    }
}
