using System.Management.Automation.Language;
using System.Runtime.CompilerServices;

namespace MgPrint.PowerShell.Tests.Hosting;

/// <summary>Where the built things are. A missing one fails the test, with the command that makes it.</summary>
internal static class Repository
{
    public const string ModuleName = "Microsoft.Graph.Devices.CloudPrint";

    public static string Root { get; } = FindRoot();

    /// <summary>
    /// Import-Module finds the built module by its name. The environment belongs to the process, so it is set before the first test.
    /// </summary>
    [ModuleInitializer]
    internal static void FindModulesByName() => Environment.SetEnvironmentVariable("PSModulePath", ModulesFolder);

    public static string ModulesFolder => Path.Combine(Root, "out", "modules");

    public static string ModuleManifest => Existing(Path.Combine(ModulesFolder, ModuleName, $"{ModuleName}.psd1"));

    /// <summary>A path as a word of PowerShell, be there an apostrophe in it.</summary>
    public static string Quoted(string path) => $"'{CodeGeneration.EscapeSingleQuotedStringContent(path)}'";

    public static string Emulator
    {
        get
        {
            string name = OperatingSystem.IsWindows() ? "mgprint-emulator.exe" : "mgprint-emulator";
            string[] candidates =
                [.. new[] { "release", "debug" }.Select(profile => Path.Combine(Root, "target", profile, name)).Where(File.Exists)];
            return candidates.Length > 0
                ? candidates.MaxBy(File.GetLastWriteTimeUtc)!
                : throw new FileNotFoundException($"'{name}' is not built. Run: build.ps1 Build");
        }
    }

    private static string Existing(string path) =>
        File.Exists(path) ? path : throw new FileNotFoundException($"'{path}' is not built. Run: build.ps1 Build");

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Cargo.toml")) && Directory.Exists(Path.Combine(folder.FullName, "module")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException(
            "The tests run from inside the repository; no folder above them holds Cargo.toml and module/.");
    }
}
