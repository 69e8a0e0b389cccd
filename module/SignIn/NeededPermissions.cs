namespace MgPrint.PowerShell.SignIn;

/// <summary>
/// Which permissions an operation takes. A row of the table of operations holds the two texts: names in one group, parted
/// by <c>|</c>, of which one is needed, with the one to ask for first; groups parted by blanks, of which each is needed. A
/// group that ends in <c>?</c> is asked for along with the others, and not looked for in a token.
/// </summary>
internal sealed class PermissionSet
{
    private const string OnlyDelegated = "";

    private readonly Group[] _delegated;
    private readonly Group[] _application;

    private PermissionSet(string delegated, string application)
    {
        _delegated = Parse(delegated);
        _application = Parse(application);
    }

    /// <summary>Nothing is known of an operation, so nothing is looked for.</summary>
    public static readonly PermissionSet Unknown = new("", "");

    /// <summary>To create the upload session of a printer's job.</summary>
    public static readonly PermissionSet PrinterUploadSession = Of(
        "Printer.Read.All? PrintJob.ReadWrite|PrintJob.Create|PrintJob.ReadWrite.All", "PrintJob.ReadWrite.All");

    /// <summary>To create the upload session of a share's job.</summary>
    public static readonly PermissionSet ShareUploadSession = Of(
        "PrinterShare.ReadBasic.All|PrinterShare.Read.All|PrinterShare.ReadWrite.All PrintJob.ReadWrite|PrintJob.Create|PrintJob.ReadWrite.All", "PrintJob.ReadWrite.All");

    /// <summary>The permissions to print to a share, which every step of that takes.</summary>
    public const string Printing = "PrinterShare.ReadBasic.All,PrintJob.ReadWrite";

    /// <summary>Whether an app may do it by itself, without a user.</summary>
    public bool IsForApps => _application.Length > 0;

    /// <summary>The scopes to give Connect-MgGraph.</summary>
    public string ToAskFor => string.Join(',', _delegated.Select(group => group.Names[0]));

    /// <summary>The permissions of an operation.</summary>
    /// <param name="delegated">With a work or school account.</param>
    /// <param name="application">Without a user; empty where the service takes no app.</param>
    public static PermissionSet Of(string delegated, string application = OnlyDelegated) => new(delegated, application);

    /// <summary>What a user's token lacks: the names to ask for.</summary>
    public IReadOnlyList<string> MissingFrom(IReadOnlyList<string> scopes) => Missing(_delegated, scopes);

    /// <summary>What an app's token lacks.</summary>
    public IReadOnlyList<string> MissingFromApp(IReadOnlyList<string> roles) => Missing(_application, roles);

    private static string[] Missing(Group[] groups, IReadOnlyList<string> given) =>
        [.. groups.Where(group => group.IsNeeded && !group.Names.Intersect(given, StringComparer.OrdinalIgnoreCase).Any()).Select(group => group.Names[0])];

    private static Group[] Parse(string text) =>
        [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(group => new Group(group.TrimEnd('?').Split('|'), !group.EndsWith('?')))];

    private sealed record Group(string[] Names, bool IsNeeded);
}
