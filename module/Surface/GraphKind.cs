namespace MgPrint.PowerShell.Surface;

/// <summary>What kind of request an operation is. The generator of the cmdlets reads this file too.</summary>
internal enum GraphKind
{
    List,
    Get,
    Count,
    Create,
    Update,
    Delete,
    Action,
    RefList,
    RefCreate,
    RefDelete,
    ContentGet,
    ContentSet,
    ContentDelete,
}
