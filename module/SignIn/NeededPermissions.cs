namespace MgPrint.PowerShell.SignIn;

/// <summary>
/// Which permissions an operation takes, as its row of the table has it: groups parted by blanks, of which each is needed; names
/// in one group parted by <c>|</c>, of which one is needed, with the one to ask for first.
/// </summary>
internal sealed class NeededPermissions
{
    private const string Nobody = "-";
    private const string Checked = " !";

    /// <summary>The permissions to print to a share, which every step of that takes.</summary>
    public const string Printing = "PrinterShare.ReadBasic.All,PrintJob.ReadWrite";

    private const string AppLimit =
        ", and then with an app's own token only where the job has a printTask in state processing, started by a trigger that the same "
            + "app created; "
        + "printing from service principals and managed identities is not supported otherwise";

    private readonly Group[] _users;
    private readonly Group[] _apps;

    private NeededPermissions(string users, string apps)
    {
        IsChecked = apps.EndsWith(Checked, StringComparison.Ordinal);
        _users = Parse(users);
        _apps = Parse(IsChecked ? apps[..^Checked.Length] : apps);
    }

    /// <summary>Nothing is known of an operation, so nothing is looked for.</summary>
    public static readonly NeededPermissions Unknown = new("", "");

    /// <summary>The request needs no token.</summary>
    public static readonly NeededPermissions None = new("", "");

    /// <summary>Whether a token that lacks one is refused before anything is sent.</summary>
    public bool IsChecked { get; }

    /// <summary>Whether an app may do it by itself, without a user.</summary>
    public bool IsForApps => _apps.Length > 0;

    public string ToAskFor => string.Join(',', _users.Select(group => group.Names[0]));

    public static NeededPermissions Of(string users, string apps) => new(users, apps);

    /// <summary>What a user's token lacks: the names to ask for.</summary>
    public IReadOnlyList<string> MissingFrom(IReadOnlyList<string> scopes) => Missing(_users, scopes);

    public IReadOnlyList<string> MissingFromApp(IReadOnlyList<string> roles) => Missing(_apps, roles);

    /// <summary>What to do about a request that the service has refused for want of a permission.</summary>
    public string Advice(bool isAppOnly)
    {
        bool isForAdministrators = Array.Exists(
            _users, group => group.IsNeeded && Array.Exists(group.Names, name => name.Split('.')[0] is "Printer" or "PrintConnector"));
        string role = isForAdministrators ? " Who is signed in needs the role Printer Administrator too." : "";
        string user = _users.Length > 0
            ? $"With a work or school account {InWords(_users)} would do.{role} Run Connect-MgGraph -Scopes {ToAskFor}."
            : "";
        string app = _apps.Length > 0
            ? $"an app's own token takes {InWords(_apps)}{(IsChecked ? AppLimit : "")}."
            : "an app's own token is not taken.";
        return this == Unknown || _users.Length + _apps.Length == 0
            ? "The access token seems to lack a permission, or who is signed in a role such as Printer Administrator."
            : isAppOnly ? $"The access token is an app's own, without a user. For this {app} {user}".TrimEnd()
            : $"The access token seems to lack a permission. {user} Without a user: {app}".Replace("  ", " ", StringComparison.Ordinal);
    }

    private static string InWords(Group[] groups) => string.Join(", together with ", Enumerable.Reverse(groups)
        .Select(group => group.Names.Length == 1 ? group.Names[0] : $"one of these: {string.Join(", ", group.Names)}"));

    private static string[] Missing(Group[] groups, IReadOnlyList<string> given) =>
        [.. groups.Where(group => group.IsNeeded && !group.Names.Intersect(given, StringComparer.OrdinalIgnoreCase).Any())
            .Select(group => group.Names[0])];

    private static Group[] Parse(string text) => text == Nobody
        ? []
        : [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(group => new Group(group.TrimEnd('?').Split('|'), !group.EndsWith('?')))];

    private sealed record Group(string[] Names, bool IsNeeded);
}
