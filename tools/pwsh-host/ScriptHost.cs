using System.Globalization;
using System.Management.Automation.Host;

namespace PwshHost;

/// <summary>What the engine sees of this program (<c>$Host</c>).</summary>
internal sealed class ScriptHost(Screen screen, Prompts prompts, Interruption interruption) : PSHost
{
    private readonly UserInterface _ui = new(screen, prompts);
    private Execution? _execution;
    private bool _leaveNestedPrompt;
    private int _nesting;

    /// <summary>The code of the script's <c>exit</c>, once it has asked for one.</summary>
    public int? ExitRequest { get; private set; }

    public override string Name => "MgPrint Script Host";

    public override Version Version => Session.EngineVersion;

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override PSHostUserInterface UI => _ui;

    public override CultureInfo CurrentCulture { get; } = CultureInfo.CurrentCulture;

    public override CultureInfo CurrentUICulture { get; } = CultureInfo.CurrentUICulture;

    /// <summary>Gives the host what a nested prompt runs its lines with.</summary>
    public void Attach(Execution execution) => _execution = execution;

    public override void SetShouldExit(int exitCode)
    {
        // At a nested prompt `exit` leaves the prompt, and the suspended question is asked again.
        if (_nesting > 0)
        {
            _leaveNestedPrompt = true;
        }
        else
        {
            ExitRequest = exitCode;
        }
    }

    public override void NotifyBeginApplication()
    {
        screen.BeginForeignOutput();
        interruption.BeginProgram(_execution!.IsStopping);
    }

    public override void NotifyEndApplication()
    {
        interruption.EndProgram();
        screen.EndForeignOutput();
    }

    // "Suspend" in a confirmation.
    public override void EnterNestedPrompt()
    {
        _nesting++;
        try
        {
            while (!_leaveNestedPrompt && prompts.ReadStatement() is { } statement)
            {
                _execution!.RunNested(statement);
            }
        }
        finally
        {
            _nesting--;
            _leaveNestedPrompt = false;
        }
    }

    public override void ExitNestedPrompt() => _leaveNestedPrompt = true;
}
