using System.Management.Automation;

namespace MgPrint.PowerShell.Runtime;

/// <summary>
/// What is listed of an object where the module is not imported: it was removed, or the object has come from a session that
/// is no more. PowerShell has no view then, and would list every property: the secret of an upload URL, and a server's words
/// with the characters that drive a terminal. Where the module is imported, its file of types goes before this.
/// </summary>
internal static class ListedProperties
{
    /// <summary>The object, of which only these properties are listed: as in the file of types, none that a server wrote.</summary>
    public static PSObject Of(object output, params string[] names)
    {
        PSObject listed = PSObject.AsPSObject(output);
        // Without the question whether there is one: the file of types has one for the whole type.
        listed.Members.Add(new PSMemberSet("PSStandardMembers", [new PSPropertySet("DefaultDisplayPropertySet", names)]), preValidated: true);
        return listed;
    }
}
