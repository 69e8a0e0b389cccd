using System.Collections;
using System.Management.Automation;

namespace MgPrint.PowerShell.Runtime;

/// <summary>
/// What is listed of an object where the module is not imported: it was removed, or the object has come from a session that
/// is no more. PowerShell has no view then, and would list every property: the secret of an upload URL, and a server's words
/// with the characters that drive a terminal. Where the module is imported, its file of types goes before this.
/// </summary>
internal static class ListedProperties
{
    /// <summary>The object, of which only these properties are listed, and of these only what can be shown as it is.</summary>
    public static PSObject Of(object output, params string[] names)
    {
        PSObject listed = PSObject.AsPSObject(output);
        string[] shown = [.. names.Where(name => IsPlain(listed.Properties[name]?.Value))];
        // Without the question whether there is one: the file of types has one for the whole type.
        listed.Members.Add(new PSMemberSet("PSStandardMembers", [new PSPropertySet("DefaultDisplayPropertySet", shown)]), preValidated: true);
        return listed;
    }

    private static bool IsPlain(object? value) => value switch
    {
        string text => DisplayText.Clean(text) == text,
        IEnumerable texts => texts.Cast<object?>().All(IsPlain),
        _ => true,
    };
}
