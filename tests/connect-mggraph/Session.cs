namespace Microsoft.Graph.PowerShell.Authentication;

/// <summary>What every generation has: one session a process, an error before it is made.</summary>
public sealed partial class GraphSession
{
    private static GraphSession _instance;

    public static GraphSession Instance => _instance ?? throw new InvalidOperationException("The session is not initialized.");

    public IAuthContext AuthContext { get; set; }

    public GraphEnvironment Environment { get; set; }

    public static GraphSession Initialize() => _instance = new();

    public static void Reset() => _instance = null;
}

public sealed class GraphEnvironment
{
    public string Name { get; set; }

    public string GraphEndpoint { get; set; }
}

/// <summary>What the tests make it do; functions of the framework's types, so that they are set from outside.</summary>
public static class Switches
{
    /// <summary>The token: for which address, with what, until when.</summary>
    public static Func<Uri, IDictionary<string, object>, CancellationToken, Task<string>> Token { get; set; }

    /// <summary>Called when a sign-in is made.</summary>
    public static Action Made { get; set; } = () => { };
}
