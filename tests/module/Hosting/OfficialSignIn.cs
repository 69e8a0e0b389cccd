using System.Reflection;
using System.Runtime.Loader;
using System.Text.Json;

namespace MgPrint.PowerShell.Tests.Hosting;

/// <summary>
/// A stand-in for the module that has Connect-MgGraph, of one generation, in this process. What a test sets on it, it takes
/// back: the session belongs to the process.
/// </summary>
internal sealed class OfficialSignIn : IDisposable
{
    public const string First = "1.9";
    public const string Second = "2.25";
    public const string Isolated = "isolated";

    private const string Namespace = "Microsoft.Graph.PowerShell.Authentication";

    private static readonly Dictionary<string, Assembly> Loaded = [];
    private readonly Assembly _assembly;

    public OfficialSignIn(string generation = Second)
    {
        _assembly = Load(generation);
        Switch("Made", new Action(() => Interlocked.Increment(ref _made)));
        Switch("Token", new Func<Uri, IDictionary<string, object>, CancellationToken, Task<string>>((uri, with, stopping) =>
        {
            Asked.Add((uri, with.TryGetValue("claims", out object? claims) ? (string)claims : null));
            return Token(Asked.Count, stopping);
        }));
        Session = Type("GraphSession").GetMethod("Initialize")!.Invoke(null, null)!;
    }

    /// <summary>Their GraphSession.</summary>
    public dynamic Session { get; }

    /// <summary>Makes the token of the first, second, … time that they are asked.</summary>
    public Func<int, CancellationToken, Task<string>> Token { get; set; } = (_, _) => Task.FromResult("OFFICIAL-TOKEN-1");

    /// <summary>For which address tokens were asked for, and with which claims.</summary>
    public List<(Uri For, string? Claims)> Asked { get; } = [];

    /// <summary>How often their sign-in was made.</summary>
    public int Made => _made;

    /// <summary>Called when their sign-in is made.</summary>
    public Action OnMade
    {
        set => Switch("Made", value);
    }

    private int _made;

    /// <summary>What Connect-MgGraph leaves behind.</summary>
    public dynamic Connect(string? cloud = null, string[]? scopes = null, string authType = "Delegated")
    {
        dynamic context = NewContext();
        context.Scopes = scopes ?? ["User.Read", "PrinterShare.ReadBasic.All", "PrintJob.ReadWrite"];
        context.Account = "ada@contoso.example";
        context.TenantId = "tenant-1";
        context.AuthType = (dynamic)Enum.Parse(Type("AuthenticationType"), authType);
        if (cloud is not null && ((object)context).GetType().GetProperty("Environment") is not null)
        {
            context.Environment = cloud;
        }

        Session.Environment = NewEnvironment(cloud ?? "Global", "https://graph.microsoft.com");
        Session.AuthContext = context;
        return context;
    }

    /// <summary>Another session in the same cloud.</summary>
    public void Reconnect() => Session.AuthContext = NewContext();

    /// <summary>What Disconnect-MgGraph leaves behind.</summary>
    public void Disconnect() => Session.AuthContext = null;

    /// <summary>What an absolute Invoke-MgGraphRequest leaves behind.</summary>
    public void Poison(string endpoint) => Session.Environment = NewEnvironment("MSGraphInvokeGraphRequest", endpoint);

    /// <summary>What their first own request leaves behind.</summary>
    public void MakeHttpClient() =>
        Session.GraphHttpClient = (HttpClient)Type("Core.Utilities.AuthenticationHelpers")
            .GetMethod("NewGraphHttpClient")!.Invoke(null, null)!;

    /// <summary>A token that tells these claims.</summary>
    public static string Jwt(object claims) =>
        $"e30.{Convert.ToBase64String(JsonSerializer.SerializeToUtf8Bytes(claims)).TrimEnd('=').Replace('+', '-').Replace('/', '_')}.c2ln";

    /// <summary>A token of this name that ends then.</summary>
    public static string Jwt(string name, TimeSpan left) =>
        Jwt(new { jti = name, exp = (DateTimeOffset.UtcNow + left).ToUnixTimeSeconds() });

    public void Dispose()
    {
        Session.AuthContext = null;
        Type("GraphSession").GetMethod("Reset")!.Invoke(null, null);
    }

    private static Assembly Load(string generation)
    {
        lock (Loaded)
        {
            if (!Loaded.TryGetValue(generation, out Assembly? assembly))
            {
                string path =
                    Path.Combine(Repository.Root, "out", "connect-mggraph", generation == First ? "v1" : "v2",
                        "Microsoft.Graph.Authentication.Core.dll");
                AssemblyLoadContext context = generation switch
                {
                    First => new AssemblyLoadContext("1.9"),
                    Second => AssemblyLoadContext.Default,
                    _ => new AssemblyLoadContext("Microsoft.Graph.Authentication"),
                };
                Loaded[generation] = assembly = context.LoadFromAssemblyPath(path);
            }

            return assembly;
        }
    }

    private dynamic NewEnvironment(string name, string endpoint)
    {
        dynamic environment = Activator.CreateInstance(Type("GraphEnvironment"))!;
        environment.Name = name;
        environment.GraphEndpoint = endpoint;
        return environment;
    }

    private dynamic NewContext() => Activator.CreateInstance(Type("AuthContext"))!;

    private Type Type(string name) => _assembly.GetType($"{Namespace}.{name}", throwOnError: true)!;

    private void Switch(string name, Delegate value) => Type("Switches").GetProperty(name)!.SetValue(null, value);
}
