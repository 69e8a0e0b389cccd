using System.Collections;
using System.Management.Automation;

namespace MgPrint.PowerShell.Runtime;

/// <summary>
/// What is listed of an object that follows one of another type. PowerShell asks no view then, and would list every property:
/// the secret of an upload URL, and a server's words with the characters that drive a terminal.
/// </summary>
/// <remarks>
/// Copies that were read back have a view for that, out of band; beside such a view no table is asked for.
/// </remarks>
internal static class ListedProperties
{
    /// <summary>The object, of which only these properties are listed, and of these only what can be shown as it is.</summary>
    public static PSObject Of(object output, params string[] names)
    {
        PSObject listed = PSObject.AsPSObject(output);
        string[] shown = [.. names.Where(name => IsPlain(listed.Properties[name]?.Value))];
        listed.Members.Add(new PSMemberSet("PSStandardMembers", [new PSPropertySet("DefaultDisplayPropertySet", shown)]));
        return listed;
    }

    private static bool IsPlain(object? value) => value switch
    {
        string text => DisplayText.Clean(text) == text,
        IEnumerable texts => texts.Cast<object?>().All(IsPlain),
        _ => true,
    };
}
