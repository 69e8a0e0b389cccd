using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace PwshHost.Tests.Hosting;

/// <summary>A started process, its streams collected as they come. Whatever hangs is ended, and the test fails with what was seen.</summary>
internal sealed class Running : IAsyncDisposable
{
    // Long enough for a first build on a busy machine; nothing waits for it unless something is wrong.
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    private readonly CancellationTokenSource _deadline = new(_patience);
    private readonly Process _process;
    private readonly Transcript _output = new();
    private readonly Transcript _error = new();
    private readonly Task _collecting;

    private Running(Process process)
    {
        _process = process;
        Id = process.Id;
        _collecting = Task.WhenAll(_output.Collect(process.StandardOutput), _error.Collect(process.StandardError));
    }

    /// <summary>Starts a program with no terminal, and with standard input open until it is written to or closed.</summary>
    /// <param name="program">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">Variables to set, or to take away where the value is null.</param>
    /// <param name="workingDirectory">Where it starts; the repository when null.</param>
    public static Running Start(
        string program,
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string?>? environment = null,
        string? workingDirectory = null)
    {
        // A shell that starts a job in the background has it ignore SIGINT, and so does every program below it. What is
        // tested is how a program answers signals, so it begins with none ignored; `env` becomes the program itself.
        var start = new ProcessStartInfo("/usr/bin/env", ["--default-signal=INT,QUIT,TERM,HUP", program, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(false),
            WorkingDirectory = workingDirectory ?? Repository.Root,
        };

        // The program under test is the project's own host, and what the machine prefers must not colour the results.
        start.Environment["MGPRINT_PWSH_HOST"] = "1";
        start.Environment["TERM"] = "xterm-256color";
        start.Environment.Remove("NO_COLOR");
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
        {
            start.Environment[name] = value;
        }

        return new Running(Process.Start(start)!);
    }

    /// <summary>The process's id.</summary>
    public int Id { get; }

    /// <summary>Waits until standard output holds <paramref name="text"/> beyond what was awaited before.</summary>
    public Task SeesOutput(string text) => Guarded(_output.Holds(text, _deadline.Token), $"'{text}' on standard output");

    /// <summary>Waits until standard error holds <paramref name="text"/> beyond what was awaited before.</summary>
    public Task SeesError(string text) => Guarded(_error.Holds(text, _deadline.Token), $"'{text}' on standard error");

    /// <summary>Writes to standard input, which stays open.</summary>
    public async Task Types(string text)
    {
        await _process.StandardInput.WriteAsync(text);
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>Sends a signal to this process alone.</summary>
    public void Signal(int signal) => Assert.Equal(0, Kill(Id, signal));

    /// <summary>Waits for the end, with standard input left open.</summary>
    public async Task<Outcome> Ends()
    {
        await Guarded(_process.WaitForExitAsync(_deadline.Token), "the end");
        await Guarded(_collecting.WaitAsync(_deadline.Token), "the end of its streams");
        return new Outcome(_process.ExitCode, _output.Text, _error.Text);
    }

    /// <summary>Closes standard input and waits for the end.</summary>
    public Task<Outcome> EndsWithoutInput()
    {
        _process.StandardInput.Close();
        return Ends();
    }

    public ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
        _deadline.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task Guarded(Task awaited, string what)
    {
        try
        {
            await awaited;
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"Waited in vain for {what}.\nstandard output:\n{_output.Text}\nstandard error:\n{_error.Text}");
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int process, int signal);
}
