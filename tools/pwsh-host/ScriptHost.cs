using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Management.Automation.Runspaces;

namespace PwshHost;

/// <summary>What the engine sees of this program (<c>$Host</c>).</summary>
internal sealed class ScriptHost : PSHost, IHostSupportsInteractiveSession
{
    private readonly UserInterface _ui;
    private readonly Screen _screen;
    private readonly Func<Runspace> _runspace;

    public ScriptHost(Screen screen, Prompts prompts, Func<Runspace> runspace)
    {
        _screen = screen;
        _runspace = runspace;
        _ui = new UserInterface(screen, prompts);
    }

    /// <summary>The code of the script's <c>exit</c>, once it has asked for one.</summary>
    public int? ExitRequest { get; private set; }

    public override string Name => "MgPrint Script Host";

    public override Version Version => Session.EngineVersion;

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override PSHostUserInterface UI => _ui;

    public override CultureInfo CurrentCulture { get; } = CultureInfo.CurrentCulture;

    public override CultureInfo CurrentUICulture { get; } = CultureInfo.CurrentUICulture;

    public bool IsRunspacePushed => false;

    public Runspace Runspace => _runspace();

    public override void SetShouldExit(int exitCode) => ExitRequest = exitCode;

    public override void NotifyBeginApplication() => _screen.BeginForeignOutput();

    public override void NotifyEndApplication() => _screen.EndForeignOutput();

    public override void EnterNestedPrompt() =>
        throw new PSNotSupportedException("This host has no interactive prompt to suspend to; answer Yes or No.");

    public override void ExitNestedPrompt() =>
        throw new PSNotSupportedException("This host has no interactive prompt to leave.");

    public void PushRunspace(Runspace runspace) =>
        throw new PSNotSupportedException("This host cannot enter a remote session.");

    public void PopRunspace() =>
        throw new PSNotSupportedException("This host cannot enter a remote session.");
}
