namespace PwshHost.Tests.Hosting;

/// <summary>Where the things under test lie.</summary>
internal static class Repository
{
    /// <summary>The folder that holds <c>tools/pwsh</c>, found upwards from the test's own assembly.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The script under test.</summary>
    public static string Pwsh { get; } = Path.Combine(Root, "tools", "pwsh");

    private static string FindRoot()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "tools", "pwsh")))
            {
                return folder;
            }
        }

        throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds tools/pwsh.");
    }
}
