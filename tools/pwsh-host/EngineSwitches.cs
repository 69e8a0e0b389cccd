using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Reflection;

namespace PwshHost;

/// <summary>
/// What the engine does not offer to other hosts: two switches that pwsh sets, and whether a stop has reached it. The
/// engine's version is pinned in the project file, and the tests fail when one of them is gone.
/// </summary>
internal static class EngineSwitches
{
    private const BindingFlags Hidden = BindingFlags.Instance | BindingFlags.NonPublic;

    /// <summary>Makes <c>exit N</c> in a script file end the session, where it would else only set <c>$LASTEXITCODE</c>.</summary>
    public static void LetExitEndTheSession(Runspace runspace)
    {
        var context = Context(runspace);
        Property(context.GetType(), "ScriptCommandProcessorShouldRethrowExit").SetValue(context, true);
    }

    /// <summary>Whether the running pipeline has taken note that it is to stop; asking for a stop only begins that.</summary>
    public static bool IsStopping(Runspace runspace)
    {
        var context = Context(runspace);
        return (bool)Property(context.GetType(), "CurrentPipelineStopping").GetValue(context)!;
    }

    /// <summary>The record as Out-Default shows an error, rather than as an object among others.</summary>
    public static PSObject AsError(ErrorRecord record)
    {
        var shown = new PSObject(record);
        var stream = Property(typeof(PSObject), "WriteStream");
        stream.SetValue(shown, Enum.Parse(stream.PropertyType, "Error"));
        return shown;
    }

    private static object Context(Runspace runspace) =>
        Property(typeof(Runspace), "ExecutionContext").GetValue(runspace)!;

    private static PropertyInfo Property(Type type, string name) =>
        type.GetProperty(name, Hidden)
        ?? throw new MissingMemberException($"The engine {Session.EngineVersion} has no {type.Name}.{name}, which this host was written for.");
}
