namespace MgPrint.PowerShell.SignIn;

/// <summary>Why nobody is signed in well enough, in words that say what would do.</summary>
internal static class SignInErrors
{
    /// <summary>The id of the error that there is no token; scripts look for it.</summary>
    public const string NoTokenId = nameof(EngineStatus.AuthenticationNeeded);

    // Scripts look for the first two sentences, which are the official module's.
    private const string NoTokenMessage =
        "Authentication needed. Please call Connect-MgGraph. There is no access token: run Connect-MgGraph -Scopes " + NeededPermissions.Printing
            + ", or Connect-MgPrint -AccessToken …, or set MGPRINT_ACCESS_TOKEN.";

    public static EngineException Of(string id, string message, string nextStep) => new(Error(id, message, nextStep));

    /// <summary>There is no token; the next step tells why that of Connect-MgGraph is none.</summary>
    public static EngineError NoToken() => Error(
        NoTokenId, NoTokenMessage,
        OfficialSession.IsLoaded
            ? "The module Microsoft.Graph.Authentication is loaded, but not connected: nobody has run Connect-MgGraph, or "
                + "Disconnect-MgGraph was run since."
            : "The module Microsoft.Graph.Authentication, which has Connect-MgGraph, is not loaded in this process.");

    /// <summary>The token was wiped while a call was about to send it.</summary>
    public static EngineError Ended() => Error(
        "SignInEnded", "The session ended while the command ran: Disconnect-MgPrint or another sign-in came between. Nothing was sent.",
        "Run the command again.");

    /// <summary>Ends a call that a token cannot be good for, before anything is sent.</summary>
    public static void Check(NeededPermissions needed, ServiceEndpoint endpoint)
    {
        if (!needed.IsChecked)
        {
            return;
        }

        if (endpoint.IsAppOnly)
        {
            CheckApp(needed, endpoint);
        }
        else if (endpoint.Scopes is IReadOnlyList<string> scopes && needed.MissingFrom(scopes) is { Count: > 0 } missing)
        {
            throw Of(
                "PermissionMissing",
                $"The access token of {endpoint.Source} lacks the permission {string.Join(" and ", missing)}. Nothing was sent.",
                $"Run Connect-MgGraph -Scopes {needed.ToAskFor}"
                    + (endpoint.Session is not null ? "." : ", or give a token that has it."));
        }
    }

    private static void CheckApp(NeededPermissions needed, ServiceEndpoint endpoint)
    {
        if (!needed.IsForApps || (endpoint.Roles is IReadOnlyList<string> roles && needed.MissingFromApp(roles).Count > 0))
        {
            throw Of(
                "AppOnlyNotSupported",
                $"{Sentence(endpoint.Source)} is signed in as an app, without a user, and Universal Print prints for users alone. "
                    + "Nothing was sent.",
                "Sign in as a user: Connect-MgGraph -Scopes "
                    + $"{(needed.ToAskFor.Length > 0 ? needed.ToAskFor : NeededPermissions.Printing)}.");
        }
    }

    /// <summary>What to warn of before an app prints: the service says it only of what it has refused.</summary>
    public static string AppLimit(ServiceEndpoint endpoint) =>
        $"{Sentence(endpoint.Source)} is signed in as an app, without a user: Universal Print takes that only while the job has a "
            + "printTask in state processing, started by a trigger that the same app created.";

    private static string Sentence(string source) => char.ToUpperInvariant(source[0]) + source[1..];

    private static EngineError Error(string id, string message, string nextStep) => EngineError.Of(
        EngineStatus.AuthenticationNeeded, DisplayText.CleanLines(message), DisplayText.CleanLines(nextStep), id);
}
