using System.Text;

namespace PwshHost.Tests.Hosting;

/// <summary>The text of one stream, that can be waited for while it grows.</summary>
internal sealed class Transcript
{
    private readonly StringBuilder _text = new();
    private TaskCompletionSource _grown = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _awaited;
    private bool _ended;

    /// <summary>Everything so far.</summary>
    public string Text
    {
        get
        {
            lock (_text)
            {
                return _text.ToString();
            }
        }
    }

    /// <summary>Reads the stream to its end.</summary>
    public async Task Collect(StreamReader stream)
    {
        var buffer = new char[4096];
        int count;
        do
        {
            count = await stream.ReadAsync(buffer);
            lock (_text)
            {
                _text.Append(buffer, 0, count);
                _ended = count == 0;
                _grown.TrySetResult();
                _grown = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
        while (count > 0);
    }

    /// <summary>Completes once the text behind the last match holds <paramref name="wanted"/>.</summary>
    public async Task Holds(string wanted, CancellationToken stop)
    {
        while (true)
        {
            Task grown;
            lock (_text)
            {
                var at = _text.ToString().IndexOf(wanted, _awaited, StringComparison.Ordinal);
                if (at >= 0)
                {
                    _awaited = at + wanted.Length;
                    return;
                }

                Assert.False(_ended, $"The stream ended without '{wanted}':\n{_text}");
                grown = _grown.Task;
            }

            await grown.WaitAsync(stop);
        }
    }
}
