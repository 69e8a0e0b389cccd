namespace PwshHost.Tests.Hosting;

/// <summary>Runs <c>tools/pwsh</c> as a person or a script would.</summary>
internal static class Pwsh
{
    /// <summary>Runs it to its end, with no terminal and nothing on standard input.</summary>
    public static Task<Outcome> Run(params string[] arguments) => RunWith(null, arguments);

    /// <summary>Runs it to its end with environment variables of its own.</summary>
    public static async Task<Outcome> RunWith(IReadOnlyDictionary<string, string?>? environment, params string[] arguments)
    {
        await using var running = Running.Start(Repository.Pwsh, arguments, environment);
        return await running.EndsWithoutInput();
    }

    /// <summary>Runs it to its end with a text on standard input.</summary>
    public static async Task<Outcome> RunWithInput(string input, params string[] arguments)
    {
        await using var running = Start(arguments);
        await running.Types(input);
        return await running.EndsWithoutInput();
    }

    /// <summary>Starts it with no terminal.</summary>
    public static Running Start(params string[] arguments) => Running.Start(Repository.Pwsh, arguments);

    /// <summary>
    /// Starts it on a terminal of 100 columns and 30 rows, made by <c>script</c> of util-linux. What is typed goes to the
    /// terminal, and what the terminal shows (output and errors together) comes on standard output.
    /// </summary>
    public static Running StartOnTerminalWith(string redirections, IReadOnlyDictionary<string, string?>? environment, params string[] arguments)
    {
        const string Script = "/usr/bin/script";
        Assert.True(File.Exists(Script), "These tests need a terminal, made by 'script' of util-linux; install util-linux (Debian: bsdutils).");
        var command = string.Join(' ', arguments.Prepend(Repository.Pwsh).Select(Quoted));
        return Running.Start(Script, ["-qec", $"stty cols 100 rows 30; exec {command} {redirections}", "/dev/null"], environment);
    }

    /// <summary>Starts it on a terminal.</summary>
    public static Running StartOnTerminal(params string[] arguments) => StartOnTerminalWith("", null, arguments);

    private static string Quoted(string text) => $"'{text.Replace("'", "'\\''")}'";
}
