namespace MgPrint.PowerShell.Tests.Hosting;

/// <summary>
/// The tests that decide where the module connects to. The environment belongs to the whole process, so they run one
/// after the other.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class WhereToConnect
{
    public const string Name = "Where to connect";
}

/// <summary>A test with a service of its own, to which the environment points while it runs.</summary>
[Collection(WhereToConnect.Name)]
public abstract class ServiceTest : IDisposable
{
    internal const string Token = "CANARY-ACCESS-TOKEN-4f1c";
    internal const string Cmdlet = "New-MgPrintPrinterJobDocumentUploadSession";
    internal const string Ids = "-PrinterId p -PrintJobId j -PrintDocumentId d";

    private protected ServiceTest()
    {
        Shell = new Shell();
        SetEnvironment(Service.Endpoint, Token);
    }

    private protected StubService Service { get; } = new();

    private protected Shell Shell { get; }

    /// <summary>Sets where to connect; null takes the variable away.</summary>
    internal static void SetEnvironment(string? endpoint, string? token)
    {
        Environment.SetEnvironmentVariable("MGPRINT_ENDPOINT", endpoint);
        Environment.SetEnvironmentVariable("MGPRINT_ACCESS_TOKEN", token);
    }

    public virtual void Dispose()
    {
        SetEnvironment(null, null);
        Shell.Dispose();
        Service.Dispose();
        GC.SuppressFinalize(this);
    }
}
