using System.Runtime.InteropServices;

namespace MgPrint.PowerShell.Runtime;

/// <summary>How this client names itself to the service.</summary>
internal static class ProductNames
{
    public static readonly string ModuleVersion = typeof(ProductNames).Assembly.GetName().Version!.ToString(3);

    /// <summary>The value of the SdkVersion header.</summary>
    public static readonly string SdkVersion = $"mgprint-powershell/{ModuleVersion}";

    private static string? _userAgent;

    /// <summary>Module, engine, PowerShell and operating system with their versions; the same at every call.</summary>
    public static string UserAgent(string powerShellVersion) =>
        _userAgent ??= $"Microsoft.Graph.Devices.CloudPrint/{ModuleVersion} mgprint/{EngineLibrary.Version()} "
            + $"PowerShell/{powerShellVersion} ({Comment(RuntimeInformation.OSDescription)}; {RuntimeInformation.OSArchitecture})";

    /// <summary>RFC 9110, section 5.6.5: what a comment may be made of.</summary>
    private static string Comment(string text) =>
        string.Concat(text.Where(character => character is >= ' ' and <= '~' and not ('(' or ')' or '\\' or ';'))).Trim();
}
