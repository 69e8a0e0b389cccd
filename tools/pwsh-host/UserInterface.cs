using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace PwshHost;

/// <summary>The engine's way to the person: text goes to the <see cref="Screen"/>, questions to <see cref="Prompts"/>.</summary>
internal sealed class UserInterface(Screen screen, Prompts prompts) : PSHostUserInterface, IHostUISupportsMultipleChoiceSelection
{
    public override PSHostRawUserInterface RawUI { get; } = new RawInterface(prompts);

    private static PSStyle.FormattingData Style => PSStyle.Instance.Formatting;

    // Whether escape sequences survive is decided for each stream when it is written, as stdout and stderr may differ.
    public override bool SupportsVirtualTerminal => Screen.IsCapable;

    public override void Write(string value) => screen.Output.Write(value);

    public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) =>
        screen.Output.Write(value, Colors.Sequence(foregroundColor, backgroundColor));

    public override void WriteLine() => screen.Output.WriteLine("");

    public override void WriteLine(string value) => screen.Output.WriteLine(value);

    public override void WriteLine(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) =>
        screen.Output.WriteLine(value, Colors.Sequence(foregroundColor, backgroundColor));

    public override void WriteErrorLine(string value) => screen.Error.WriteLine(value, Style.Error);

    public override void WriteWarningLine(string message) => screen.Output.WriteLine($"WARNING: {message}", Style.Warning);

    public override void WriteVerboseLine(string message) => screen.Output.WriteLine($"VERBOSE: {message}", Style.Verbose);

    public override void WriteDebugLine(string message) => screen.Output.WriteLine($"DEBUG: {message}", Style.Debug);

    // The engine itself shows what $InformationPreference lets through.
    public override void WriteInformation(InformationRecord record)
    {
    }

    public override void WriteProgress(long sourceId, ProgressRecord record) => screen.ShowProgress(sourceId, record);

    public override string ReadLine() => prompts.ReadLine();

    public override SecureString ReadLineAsSecureString() => prompts.ReadSecret();

    public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions) =>
        prompts.ForFields(caption, message, descriptions);

    public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice) =>
        prompts.ForChoice(caption, message, choices, defaultChoice);

    public Collection<int> PromptForChoice(
        string? caption, string? message, Collection<ChoiceDescription> choices, IEnumerable<int>? defaultChoices) =>
        prompts.ForChoices(caption, message, choices, defaultChoices);

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) =>
        prompts.ForCredential(caption, message, userName, targetName);

    public override PSCredential PromptForCredential(
        string caption,
        string message,
        string userName,
        string targetName,
        PSCredentialTypes allowedCredentialTypes,
        PSCredentialUIOptions options) =>
        prompts.ForCredential(caption, message, userName, targetName);
}
