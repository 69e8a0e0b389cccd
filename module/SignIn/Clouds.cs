namespace MgPrint.PowerShell.SignIn;

/// <summary>Where Microsoft Graph is in each cloud that has Universal Print, by the names that Connect-MgGraph knows.</summary>
internal static class Clouds
{
    /// <summary>The cloud that is meant where none is named.</summary>
    public const string Default = "Global";

    private const string China = "China";

    private static readonly (string Name, string Endpoint)[] Known =
    [
        (Default, "https://graph.microsoft.com"),
        ("USGov", "https://graph.microsoft.us"),
        ("USGovDoD", "https://dod-graph.microsoft.us"),
    ];

    /// <summary>Where Graph is in a cloud; null for a name that is not known here.</summary>
    public static string? EndpointOf(string name) => Same(name, China)
        ? throw SignInErrors.Of(
            "NoUniversalPrint", "There is no Universal Print in the cloud 'China', so nothing can be printed there.",
            $"Sign in to one of the clouds {string.Join(", ", Known.Select(cloud => cloud.Name))}.")
        : Array.Find(Known, cloud => Same(cloud.Name, name)).Endpoint;

    /// <summary>Whether an address is Graph in one of these clouds.</summary>
    public static bool IsKnown(string endpoint) => Array.Exists(Known, cloud => cloud.Endpoint == endpoint);

    private static bool Same(string left, string right) => left.Equals(right, StringComparison.OrdinalIgnoreCase);
}
