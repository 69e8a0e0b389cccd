using System.Collections;
using System.Management.Automation;
using System.Runtime.CompilerServices;
using Microsoft.PowerShell.Commands;

namespace MgPrint.PowerShell.Runtime;

/// <summary>
/// The module's views, which come when one of its commands first runs, and not at import: to read a file of views takes
/// PowerShell more time and memory than all the rest of the module. Until then, and where they cannot be read, the file
/// of types says what is shown.
/// </summary>
internal static class Views
{
    private const string Manifest = "MgPrint.Views.psd1";

    // Said for every preference that the caller may have set: nobody is told of this, and nothing of it is left.
    private const string Import = """
        param($import, $manifest)
        & $import -Name $manifest -Global:$false -ErrorAction Ignore -WarningAction Ignore -InformationAction Ignore -Verbose:$false -Debug:$false
        """;

    private static readonly ConditionalWeakTable<PSModuleInfo, object> Known = [];

    /// <summary>Brings the views into the running pipeline's session, once for each import of the module.</summary>
    /// <param name="module">The module as it was imported there.</param>
    /// <remarks>
    /// Of PowerShell's own commands only those of its core are sure to be there, and of these Import-Module reads views. It
    /// runs inside the module, so that the views are listed with it, and removed with it.
    /// </remarks>
    public static void Load(PSModuleInfo? module)
    {
        if (module?.SessionState is null || Known.TryGetValue(module, out _))
        {
            return;
        }

        var errors = module.SessionState.PSVariable.GetValue("global:Error") as ArrayList;
        object? last = errors?.Count > 0 ? errors[0] : null;
        try
        {
            string manifest = WildcardPattern.Escape(Path.Combine(module.ModuleBase, Manifest));
            // Not by its name, which may mean another command here, or none.
            module.Invoke(ScriptBlock.Create(Import), new CmdletInfo("Import-Module", typeof(ImportModuleCommand)), manifest);
        }
        catch (PipelineStoppedException)
        {
            // Whoever waits for the operation ends the call; the next one brings the views.
            return;
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // Some sessions allow no views, and a call that goes well is not to fail for its looks, nor to leave an error.
            while (errors?.Count > 0 && errors[0] != last)
            {
                errors.RemoveAt(0);
            }
        }

        Known.AddOrUpdate(module, Manifest);
    }
}
