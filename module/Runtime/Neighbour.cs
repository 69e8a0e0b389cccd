using System.Management.Automation;
using System.Reflection;
using Microsoft.Graph.PowerShell.Models;

namespace MgPrint.PowerShell.Runtime;

/// <summary>
/// Microsoft's module of the same name, in the same process. Its view of an upload session, chosen by the name of the
/// type, shows the URL with its secret, and the module that was imported first wins. So beside it our sessions bear
/// another name before that of their type, which our views know and its do not.
/// </summary>
internal static class Neighbour
{
    private const string OwnName = "MgPrint.PowerShell.UploadSession";

    private static volatile bool _isHere;

    static Neighbour()
    {
        AppDomain.CurrentDomain.AssemblyLoad += static (_, loaded) => LookAt(loaded.LoadedAssembly);
        foreach (Assembly assembly in AppDomain.CurrentDomain.GetAssemblies())
        {
            LookAt(assembly);
        }
    }

    /// <summary>The session as it goes down the pipeline, so that it is always our views that show it.</summary>
    public static object WithOwnView(MicrosoftGraphUploadSession session)
    {
        if (!_isHere)
        {
            return session;
        }

        var shown = new PSObject(session);
        shown.TypeNames.Insert(0, OwnName);
        return shown;
    }

    private static void LookAt(Assembly assembly)
    {
        // The framework's own are many, and are asked by every process.
        bool isForeign = !assembly.IsDynamic && assembly != typeof(Neighbour).Assembly
            && assembly.FullName?.StartsWith("System.", StringComparison.Ordinal) != true;
        if (isForeign && assembly.GetType(typeof(MicrosoftGraphUploadSession).FullName!, throwOnError: false) is not null)
        {
            _isHere = true;
        }
    }
}
