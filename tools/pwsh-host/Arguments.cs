using System.Management.Automation.Runspaces;
using System.Text;

namespace PwshHost;

/// <summary>What the command line asks for.</summary>
internal enum Request
{
    /// <summary>Run a script file with its arguments (<c>-File</c>, or a first argument that is no option).</summary>
    File,

    /// <summary>Run a text (<c>-Command</c>, <c>-EncodedCommand</c>).</summary>
    Command,

    /// <summary>Run statements read from standard input (<c>-Command -</c>, <c>-File -</c>).</summary>
    StandardInput,

    /// <summary>Print the usage.</summary>
    Help,

    /// <summary>Print the engine's version.</summary>
    Version,
}

/// <summary>A command line that cannot be understood; the message is for the person who typed it.</summary>
internal sealed class UsageException(string message) : Exception(message);

/// <summary>The command line, read by the rules of pwsh (about_pwsh).</summary>
internal sealed class Arguments
{
    // The shortest form that pwsh accepts of each option, beside its full name.
    private static readonly (string Name, string Shortest)[] _options =
    [
        ("version", "v"), ("help", "h"), ("?", "?"), ("login", "l"), ("noexit", "noe"), ("noprofile", "nop"),
        ("nologo", "nol"), ("noninteractive", "noni"), ("interactive", "i"), ("command", "c"), ("file", "f"),
        ("encodedcommand", "e"), ("ec", "e"), ("outputformat", "o"), ("of", "o"), ("inputformat", "inp"), ("if", "if"),
        ("executionpolicy", "ex"), ("ep", "ep"), ("workingdirectory", "wo"), ("wd", "wd"),
    ];

    private readonly List<CommandParameter> _parameters = [];

    private Arguments() { }

    /// <summary>What to do.</summary>
    public Request Request { get; private set; } = Request.StandardInput;

    /// <summary>The script's full path (<see cref="Request.File"/>) or the command's text (<see cref="Request.Command"/>).</summary>
    public string Target { get; private set; } = "";

    /// <summary>The script's arguments, named and positional, in their order.</summary>
    public IReadOnlyList<CommandParameter> Parameters => _parameters;

    /// <summary>True when prompts are refused even on a terminal.</summary>
    public bool NonInteractive { get; private set; }

    /// <summary>Where to start, or null for the current directory.</summary>
    public string? WorkingDirectory { get; private set; }

    /// <summary>The usage, as one text.</summary>
    public static string HelpText => """
        Usage: pwsh [-NoProfile] [-NonInteractive] [-NoLogo] [-WorkingDirectory PATH]
                    [-File] SCRIPT [ARGS...]
               pwsh ... -Command { TEXT... | - }
               pwsh ... -EncodedCommand BASE64
               pwsh -Version | -Help

        Runs a PowerShell script or command in the PowerShell engine. Profiles are never
        loaded, and there is no interactive prompt.

        """;

    /// <summary>Reads the command line.</summary>
    /// <exception cref="UsageException">The command line asks for nothing that can be run.</exception>
    public static Arguments Parse(string[] args)
    {
        var arguments = new Arguments();
        var chosen = false;
        for (var i = 0; i < args.Length && !chosen; i++)
        {
            chosen = arguments.ReadOption(args, ref i);
        }

        if (!chosen && !Console.IsInputRedirected)
        {
            throw new UsageException("Nothing to run was given, and this host has no interactive prompt; name a script, or use -Command.\n" + HelpText);
        }

        return arguments;
    }

    // True when the option decides what is run and has taken the rest of the line.
    private bool ReadOption(string[] args, ref int i)
    {
        switch (NameOf(args[i]))
        {
            case "version":
                Request = Request.Version;
                return true;
            case "help" or "?":
                Request = Request.Help;
                return true;
            case "noninteractive":
                NonInteractive = true;
                return false;
            case "interactive":
                NonInteractive = false;
                return false;
            case "noprofile" or "nologo" or "login":
                return false;
            case "noexit":
                throw new UsageException("-NoExit needs an interactive prompt, which this host does not have.");
            case "outputformat" or "of" or "inputformat" or "if":
                if (!Value(args, ref i).Equals("Text", StringComparison.OrdinalIgnoreCase))
                {
                    throw new UsageException($"{args[i - 1]} {args[i]}: this host reads and writes Text only.");
                }

                return false;
            case "executionpolicy" or "ep":
                // Execution policies exist on Windows only; pwsh reads the value elsewhere and does nothing with it.
                Value(args, ref i);
                return false;
            case "workingdirectory" or "wd":
                WorkingDirectory = Path.GetFullPath(Value(args, ref i));
                return Directory.Exists(WorkingDirectory)
                    ? false
                    : throw new UsageException($"The folder '{args[i]}' of -WorkingDirectory does not exist.");
            case "command":
                ReadCommand(args, i + 1);
                return true;
            case "encodedcommand" or "ec":
                Request = Request.Command;
                Target = Decode(Value(args, ref i));
                return true;
            case "file":
                ReadFile(args, i + 1);
                return true;
            default:
                // The first argument that is no option is the script.
                ReadFile(args, i);
                return true;
        }
    }

    private static string NameOf(string arg)
    {
        var text = arg.Trim();
        if (text.Length < 2 || !(IsDash(text[0]) || text[0] == '/'))
        {
            return "";
        }

        text = text[1..];
        if (IsDash(text[0]))
        {
            text = text[1..];
        }

        foreach (var (name, shortest) in _options)
        {
            if (text.Length >= shortest.Length && name.StartsWith(text, StringComparison.OrdinalIgnoreCase))
            {
                return name;
            }
        }

        return "";
    }

    private static string Value(string[] args, ref int i) =>
        ++i < args.Length ? args[i] : throw new UsageException($"{args[i - 1]} needs a value.");

    private static string Decode(string base64)
    {
        try
        {
            return Encoding.Unicode.GetString(Convert.FromBase64String(base64));
        }
        catch (FormatException)
        {
            throw new UsageException("The value of -EncodedCommand is not Base64 of UTF-16LE text.");
        }
    }

    private void ReadCommand(string[] args, int first)
    {
        if (first >= args.Length)
        {
            throw new UsageException("-Command needs the text of a command, or '-' to read it from standard input.");
        }

        if (args[first] == "-")
        {
            if (first + 1 < args.Length)
            {
                throw new UsageException("'-Command -' takes no further arguments.");
            }

            if (!Console.IsInputRedirected)
            {
                throw new UsageException("'-Command -' reads from standard input, which is a terminal here; redirect it.");
            }

            return;
        }

        Request = Request.Command;
        Target = string.Join(' ', args[first..]);
    }

    private void ReadFile(string[] args, int first)
    {
        if (first >= args.Length)
        {
            throw new UsageException("-File needs the path of a script.");
        }

        if (args[first] == "-")
        {
            return;
        }

        Request = Request.File;
        Target = Path.GetFullPath(args[first]);
        if (!File.Exists(Target))
        {
            throw new UsageException(
                $"The argument '{args[first]}' is not recognized as the name of a script file. Check the spelling of the name, " +
                "or if a path was included, verify that the path is correct and try again.");
        }

        for (var i = first + 1; i < args.Length; i++)
        {
            _parameters.Add(Parameter(args, ref i));
        }
    }

    // "-Name", "-Name:value", "-Name: value" and plain values, by the rules of pwsh -File: only a value
    // that is joined by a colon may be a boolean, everything else stays a string for the script's own binder.
    private static CommandParameter Parameter(string[] args, ref int i)
    {
        var arg = args[i];
        if (arg.Length < 2 || !IsDash(arg[0]))
        {
            return new CommandParameter(null, arg);
        }

        var colon = arg.IndexOf(':');
        if (colon < 0)
        {
            return new CommandParameter(arg);
        }

        if (colon == arg.Length - 1)
        {
            return i + 1 < args.Length
                ? new CommandParameter(arg.TrimEnd(':'), args[++i])
                : new CommandParameter(arg);
        }

        var value = arg[(colon + 1)..];
        var literal = value.AsSpan(value[0] == '$' ? 1 : 0);
        return new CommandParameter(arg[..colon], bool.TryParse(literal, out var boolean) ? boolean : value);
    }

    // PowerShell takes the typographic dashes for a hyphen wherever a parameter begins.
    private static bool IsDash(char c) => c is '-' or '\u2013' or '\u2014' or '\u2015';
}
