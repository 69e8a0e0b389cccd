using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Reflection;

namespace PwshHost;

/// <summary>
/// Two switches of the engine that pwsh sets and that are not offered to other hosts. The engine's version is pinned in the
/// project file, and the tests fail when either is gone.
/// </summary>
internal static class EngineSwitches
{
    private const BindingFlags Hidden = BindingFlags.Instance | BindingFlags.NonPublic;

    /// <summary>Makes <c>exit N</c> in a script file end the session, where it would else only set <c>$LASTEXITCODE</c>.</summary>
    public static void LetExitEndTheSession(Runspace runspace)
    {
        var context = Property(typeof(Runspace), "ExecutionContext").GetValue(runspace)!;
        Property(context.GetType(), "ScriptCommandProcessorShouldRethrowExit").SetValue(context, true);
    }

    /// <summary>The record as Out-Default shows an error, rather than as an object among others.</summary>
    public static PSObject AsError(ErrorRecord record)
    {
        var shown = new PSObject(record);
        var stream = Property(typeof(PSObject), "WriteStream");
        stream.SetValue(shown, Enum.Parse(stream.PropertyType, "Error"));
        return shown;
    }

    private static PropertyInfo Property(Type type, string name) =>
        type.GetProperty(name, Hidden)
        ?? throw new MissingMemberException($"The engine {Session.EngineVersion} has no {type.Name}.{name}, which this host was written for.");
}
