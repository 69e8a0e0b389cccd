namespace MgPrint.PowerShell.Cmdlets;

/// <summary>
/// The files that PowerShell's paths name. The engine opens files by the operating system's own absolute paths; drives,
/// <c>$PWD</c>, <c>~</c> and wildcards are PowerShell's.
/// </summary>
internal sealed class DocumentFiles(SessionState session)
{
    private const string FileSystem = "FileSystem";

    private static readonly char[] WildcardCharacters = ['*', '?', '[', '`'];

    /// <summary>Whether PowerShell knows of files at all. Without, its own errors speak of drives, or of what else it has.</summary>
    private bool HasFiles => session.Provider.GetAll().Any(provider => provider.Name == FileSystem);

    /// <summary>The files that the paths name, each once; and each path that names none, with why.</summary>
    public IEnumerable<(string Path, InputException? Fault)> Each(string[] given, bool isLiteral) =>
        given.SelectMany(path => FilesAt(path, isLiteral)).DistinctBy(
            file => file.Path, OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal);

    private IEnumerable<(string Path, InputException? Fault)> FilesAt(string path, bool isLiteral)
    {
        try
        {
            IEnumerable<string> files = isLiteral ? [InFileSystem(path)] : Matching(path);
            return files.Select(file => (file, (InputException?)null));
        }
        catch (InputException invalid)
        {
            return [(path, invalid)];
        }
    }

    /// <summary>A path that need not exist, such as that of a resume file.</summary>
    public string InFileSystem(string path) => path.Contains('\0', StringComparison.Ordinal)
        ? throw new InputException("InvalidPath", $"'{DisplayText.Clean(path)}' holds a NUL character, which no path can.", target: path)
        : Resolved(path, isPattern: false)[0];

    /// <summary>
    /// A file of just that name goes before what its wildcards would match: <c>scan [1].pdf</c> is what a person means who
    /// has such a file.
    /// </summary>
    private IList<string> Matching(string path)
    {
        string literal = InFileSystem(path);
        // A path without a wildcard is not looked at: a share that hangs would hold this thread, and the engine's it may.
        return path.IndexOfAny(WildcardCharacters) < 0 || File.Exists(literal) ? [literal]
            : Resolved(path, isPattern: true) is { Count: > 0 } files ? files
            : throw NoMatch(path);
    }

    private IList<string> Resolved(string path, bool isPattern)
    {
        IList<string> found;
        ProviderInfo provider;
        try
        {
            found = isPattern
                ? session.Path.GetResolvedProviderPathFromPSPath(path, out provider)
                : [session.Path.GetUnresolvedProviderPathFromPSPath(path, out provider, out _)];
        }
        catch (Exception invalid) when (IsAboutAPath(invalid))
        {
            // A path that is not found has no wildcard but an escaped one.
            throw invalid is ItemNotFoundException ? NoMatch(path) : Invalid(path, invalid.Message);
        }

        return provider.Name == FileSystem ? found : throw Invalid(
            path, $"'{DisplayText.Clean(path)}' is not a file: it belongs to PowerShell's provider {provider.Name}. Give a path in the file "
                + "system.");
    }

    private static InputException NoMatch(string path) => new(
        "SourceNotFound", $"No file matches '{DisplayText.Clean(path)}'. Check the path; -LiteralPath takes every character as it is.",
        ErrorCategory.ObjectNotFound, path);

    private static bool IsAboutAPath(Exception failure) =>
        failure is ItemNotFoundException or System.Management.Automation.DriveNotFoundException or ProviderNotFoundException
            or NotSupportedException or ArgumentException or IOException or UnauthorizedAccessException;

    private InputException Invalid(string path, string why) => new(
        "InvalidPath",
        HasFiles ? why : $"'{DisplayText.Clean(path)}' names no file in this session. Without the FileSystem provider, as in a session of JEA "
            + "unless its VisibleProviders name it, give the bytes with -Content or -InputStream.",
        target: path);
}
