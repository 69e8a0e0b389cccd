using System.Collections;
using System.Collections.ObjectModel;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace PwshHost;

/// <summary>Questions to the person at the terminal; refused, with the error that pwsh gives, where nobody can answer.</summary>
internal sealed class Prompts(Screen screen, Interruption interruption, bool nonInteractive)
{
    private readonly Keyboard _keyboard = new(interruption);

    // The question goes where the person can see it.
    private ScreenStream Asking => screen.Output.IsTerminal ? screen.Output : screen.Error;

    /// <summary>The error of a prompt that nobody can answer; its text is pwsh's own.</summary>
    public static PSInvalidOperationException Refused() =>
        new("PowerShell is in NonInteractive mode. Read and Prompt functionality is not available.");

    public string ReadLine()
    {
        RequirePerson();
        return _keyboard.ReadLine() ?? "";
    }

    public ConsoleKeyInfo ReadKey(bool intercept)
    {
        RequirePerson();
        return _keyboard.ReadKey(intercept);
    }

    /// <summary>One complete statement at a nested prompt, or null at the end of input.</summary>
    public string? ReadStatement()
    {
        RequirePerson();
        var statement = "";
        do
        {
            Asking.Write(statement.Length == 0 ? ">> " : "   ");
            if (_keyboard.ReadLine() is not { } line)
            {
                return null;
            }

            statement += line + "\n";
        }
        while (Execution.IsIncomplete(statement));

        return statement;
    }

    public SecureString ReadSecret()
    {
        RequirePerson();
        return _keyboard.ReadSecret(Asking);
    }

    /// <summary>Asks for one of the choices, until one is named; an empty answer takes the default.</summary>
    /// <returns>The index of the choice.</returns>
    public int ForChoice(string? caption, string? message, Collection<ChoiceDescription> choices, int defaultChoice)
    {
        RequirePerson();
        Introduce(caption, message);
        var labels = choices.Select(ChoiceLabel.Of).ToList();
        while (true)
        {
            WriteChoices(labels, defaultChoice < 0 ? [] : [defaultChoice], between: "  ");
            Asking.Write(defaultChoice < 0 ? " " : $" (default is \"{labels[defaultChoice].Shortest}\"): ");
            var answer = ReadAnswer();
            if (answer.Length == 0 && defaultChoice >= 0)
            {
                return defaultChoice;
            }

            if (answer == "?")
            {
                WriteHelp(labels, choices);
                continue;
            }

            var picked = labels.FindIndex(label => label.Matches(answer));
            if (picked >= 0)
            {
                return picked;
            }
        }
    }

    /// <summary>Asks for any number of the choices, one a line, until an empty answer.</summary>
    /// <returns>The indices of the choices; the defaults when the first answer is empty.</returns>
    public Collection<int> ForChoices(
        string? caption, string? message, Collection<ChoiceDescription> choices, IEnumerable<int>? defaultChoices)
    {
        RequirePerson();
        Introduce(caption, message);
        var labels = choices.Select(ChoiceLabel.Of).ToList();
        var defaults = defaultChoices?.Distinct().ToArray() ?? [];
        WriteChoices(labels, defaults, between: Environment.NewLine);
        Asking.WriteLine("");
        if (defaults.Length > 0)
        {
            var shown = string.Join(',', defaults.Select(i => labels[i].Shortest));
            Asking.WriteLine(defaults.Length == 1 ? $"(default is \"{shown}\")" : $"(default choices are {shown})");
        }

        var picked = new Collection<int>();
        while (true)
        {
            Asking.Write($"Choice[{picked.Count}]: ");
            var answer = ReadAnswer();
            if (answer.Length == 0)
            {
                return picked.Count > 0 ? picked : [.. defaults];
            }

            if (answer == "?")
            {
                WriteHelp(labels, choices);
                continue;
            }

            var index = labels.FindIndex(label => label.Matches(answer));
            if (index >= 0)
            {
                picked.Add(index);
            }
        }
    }

    /// <summary>Asks for a value of each field, in the field's type.</summary>
    public Dictionary<string, PSObject> ForFields(string? caption, string? message, Collection<FieldDescription> fields)
    {
        RequirePerson();
        Introduce(caption, message);
        if (fields.Any(field => !string.IsNullOrEmpty(field.HelpMessage)))
        {
            Asking.WriteLine("(Type !? for Help.)");
        }

        return fields.ToDictionary(field => field.Name, ReadField);
    }

    /// <summary>Asks for a name, unless one is given, and a password.</summary>
    public PSCredential ForCredential(string? caption, string? message, string? userName, string? targetName)
    {
        RequirePerson();
        Introduce(caption, message);
        if (string.IsNullOrEmpty(userName))
        {
            Asking.Write("User: ");
            userName = ReadAnswer();
        }

        if (userName.Length == 0)
        {
            throw Cancelled();
        }

        if (!string.IsNullOrEmpty(targetName) && !userName.Contains('\\') && !userName.Contains('@'))
        {
            userName = $"{targetName}\\{userName}";
        }

        Asking.Write($"Password for user {userName}: ");
        return new PSCredential(userName, ReadSecret());
    }

    private static PromptingException Cancelled() =>
        new("The prompt was canceled.", null, "PromptCancelled", ErrorCategory.OperationStopped);

    private void RequirePerson()
    {
        if (nonInteractive || Console.IsInputRedirected || !Asking.IsTerminal)
        {
            throw Refused();
        }
    }

    // The end of input (Ctrl+D) answers no question.
    private string ReadAnswer() => _keyboard.ReadLine()?.Trim() ?? throw Cancelled();

    private void Introduce(string? caption, string? message)
    {
        if (!string.IsNullOrEmpty(caption))
        {
            Asking.WriteLine("");
            Asking.WriteLine(caption, PSStyle.Instance.Bold);
        }

        if (!string.IsNullOrEmpty(message))
        {
            Asking.WriteLine(message);
        }
    }

    private void WriteChoices(List<ChoiceLabel> labels, int[] defaults, string between)
    {
        for (var i = 0; i < labels.Count; i++)
        {
            Asking.Write($"[{labels[i].Key}] {labels[i].Text}", defaults.Contains(i) ? PSStyle.Instance.Foreground.Yellow : "");
            Asking.Write(between);
        }

        Asking.Write("[?] Help");
    }

    private void WriteHelp(List<ChoiceLabel> labels, Collection<ChoiceDescription> choices)
    {
        for (var i = 0; i < labels.Count; i++)
        {
            Asking.WriteLine($"{labels[i].Key} - {choices[i].HelpMessage}");
        }
    }

    private PSObject ReadField(FieldDescription field)
    {
        var type = Type.GetType(field.ParameterAssemblyFullName) ?? typeof(string);
        if (!typeof(IList).IsAssignableFrom(type))
        {
            return PSObject.AsPSObject(ReadValue(field, type, $"{field.Name}: ", out _));
        }

        var elementType = type.GetElementType() ?? typeof(object);
        var values = new ArrayList();
        while (true)
        {
            var value = ReadValue(field, elementType, $"{field.Name}[{values.Count}]: ", out var empty);
            if (empty)
            {
                return PSObject.AsPSObject(LanguagePrimitives.ConvertTo(values, type, CultureInfo.InvariantCulture));
            }

            values.Add(value);
        }
    }

    private object ReadValue(FieldDescription field, Type type, string question, out bool empty)
    {
        empty = false;
        if (type == typeof(SecureString))
        {
            Asking.Write(question);
            var secret = ReadSecret();
            empty = secret.Length == 0;
            return secret;
        }

        if (type == typeof(PSCredential))
        {
            Asking.WriteLine(field.Name);
            return ForCredential(null, null, null, "");
        }

        while (true)
        {
            Asking.Write(question);
            var answer = _keyboard.ReadLine() ?? throw Cancelled();
            if (answer == "!?")
            {
                Asking.WriteLine(string.IsNullOrEmpty(field.HelpMessage) ? $"No help is available for {field.Name}." : field.HelpMessage);
                continue;
            }

            // "!" begins a command of the prompt, so a value that begins so is typed with two.
            answer = answer.StartsWith("!!", StringComparison.Ordinal) ? answer[1..] : answer;
            empty = answer.Length == 0;
            if (LanguagePrimitives.TryConvertTo(answer, type, CultureInfo.InvariantCulture, out var value))
            {
                return value;
            }

            screen.Error.WriteLine($"Cannot convert \"{answer}\" to {type.Name}; type another value.", PSStyle.Instance.Formatting.Error);
        }
    }
}
