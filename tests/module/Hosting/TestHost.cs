using System.Collections.ObjectModel;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;
using System.Text;
using System.Text.RegularExpressions;

namespace MgPrint.PowerShell.Tests.Hosting;

/// <summary>A host that keeps what reaches the screen and answers every prompt with one choice.</summary>
internal sealed partial class TestHost : PSHost
{
    private readonly Interface _interface;

    public TestHost() => _interface = new Interface(this);

    /// <summary>The lines on the screen, without PowerShell's own colours.</summary>
    public List<string> Lines =>
        [.. Colour().Replace(_interface.Screen.ToString(), "").Split('\n').Select(line => line.TrimEnd()).Where(line => line.Length > 0)];

    /// <summary>The screen as it is.</summary>
    public string Screen => _interface.Screen.ToString();

    /// <summary>The texts of the prompts.</summary>
    public List<string> Prompts { get; } = [];

    /// <summary>The user names for which a password was asked.</summary>
    public List<string> CredentialPrompts { get; } = [];

    /// <summary>Which choice to take: 0 is yes, 2 is no.</summary>
    public int Choice { get; init; }

    public override CultureInfo CurrentCulture => CultureInfo.InvariantCulture;

    public override CultureInfo CurrentUICulture => CultureInfo.InvariantCulture;

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override string Name => "Test";

    public override PSHostUserInterface UI => _interface;

    public override Version Version => new(1, 0);

    public override void EnterNestedPrompt() => throw new NotSupportedException();

    public override void ExitNestedPrompt() => throw new NotSupportedException();

    public override void NotifyBeginApplication()
    {
    }

    public override void NotifyEndApplication()
    {
    }

    public override void SetShouldExit(int exitCode)
    {
    }

    [GeneratedRegex(@"\x1b\[[0-9;]*m")]
    private static partial Regex Colour();

    private sealed class Interface(TestHost host) : PSHostUserInterface
    {
        public StringBuilder Screen { get; } = new();

        public override PSHostRawUserInterface RawUI { get; } = new Raw();

        public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions) =>
            throw new NotSupportedException();

        public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
        {
            host.Prompts.Add($"{caption}\n{message}");
            return host.Choice;
        }

        public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) =>
            throw new NotSupportedException();

        public override PSCredential PromptForCredential(
            string caption, string message, string userName, string targetName, PSCredentialTypes allowedCredentialTypes,
                PSCredentialUIOptions options)
        {
            host.CredentialPrompts.Add(userName ?? "");
            throw new NotSupportedException();
        }

        public override string ReadLine() => throw new NotSupportedException();

        public override SecureString ReadLineAsSecureString() => throw new NotSupportedException();

        public override void Write(string value) => Screen.Append(value);

        public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) => Write(value);

        public override void WriteLine(string value) => Screen.Append(value).Append('\n');

        public override void WriteErrorLine(string value) => WriteLine(value);

        public override void WriteDebugLine(string message) => WriteLine($"DEBUG: {message}");

        public override void WriteVerboseLine(string message) => WriteLine($"VERBOSE: {message}");

        public override void WriteWarningLine(string message) => WriteLine($"WARNING: {message}");

        public override void WriteProgress(long sourceId, ProgressRecord record) =>
            Screen.Append(CultureInfo.InvariantCulture, $"PROGRESS: {record.Activity} {record.StatusDescription}\n");
    }

    private sealed class Raw : PSHostRawUserInterface
    {
        public override ConsoleColor BackgroundColor { get; set; }

        public override Size BufferSize { get; set; } = new(240, 100);

        public override Coordinates CursorPosition { get; set; }

        public override int CursorSize { get; set; }

        public override ConsoleColor ForegroundColor { get; set; }

        public override bool KeyAvailable => false;

        public override Size MaxPhysicalWindowSize => new(240, 100);

        public override Size MaxWindowSize => new(240, 100);

        public override Coordinates WindowPosition { get; set; }

        public override Size WindowSize { get; set; } = new(240, 100);

        public override string WindowTitle { get; set; } = "";

        public override void FlushInputBuffer()
        {
        }

        public override BufferCell[,] GetBufferContents(Rectangle rectangle) => throw new NotSupportedException();

        public override KeyInfo ReadKey(ReadKeyOptions options) => throw new NotSupportedException();

        public override void ScrollBufferContents(Rectangle source, Coordinates destination, Rectangle clip, BufferCell fill) =>
            throw new NotSupportedException();

        public override void SetBufferContents(Rectangle rectangle, BufferCell fill) => throw new NotSupportedException();

        public override void SetBufferContents(Coordinates origin, BufferCell[,] contents) => throw new NotSupportedException();
    }
}
