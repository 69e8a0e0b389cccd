using System.Runtime.InteropServices;

namespace MgPrint.PowerShell.Native;

/// <summary>
/// Finds and loads the engine: by absolute path inside the module's folder, with no search and no override, when the
/// first call needs it and not before.
/// </summary>
internal static class EngineLibrary
{
    private const uint AbiVersion = 1;

    private static nint _library;

    static EngineLibrary() => NativeLibrary.SetDllImportResolver(
        typeof(EngineLibrary).Assembly, static (name, _, _) => name == NativeMethods.Library ? Library() : 0);

    /// <summary>Loads the engine unless it is loaded.</summary>
    /// <exception cref="EngineUnavailableException">There is none for this platform, it cannot be loaded, or it is of another
    /// version.</exception>
    public static void EnsureLoaded() => _ = Library();

    /// <summary>The engine's own version, such as <c>3.0.0</c>.</summary>
    public static unsafe string Version()
    {
        EnsureLoaded();
        return Marshal.PtrToStringUTF8((nint)NativeMethods.Version()) ?? "";
    }

    // A failure is not kept: the next call finds a library that was put there since. Two threads at once load the same one.
    private static nint Library() => _library == 0 ? _library = Load() : _library;

    private static unsafe nint Load()
    {
        string platform = PlatformName();
        // A module that was loaded from memory has no folder, and what is beside the current one is not ours.
        string folder = Path.GetDirectoryName(typeof(EngineLibrary).Assembly.Location) ?? "";
        string path = Path.Combine(folder, platform, FileName());
        if (folder.Length == 0 || !File.Exists(path))
        {
            throw new EngineUnavailableException(
                "EngineNotFound",
                $"This module has no engine for {platform}: the file '{path}' does not exist. Install the module's package for this "
                    + "platform, or build it from source.");
        }

        nint library;
        try
        {
            library = NativeLibrary.Load(path);
        }
        catch (Exception failure) when (failure is DllNotFoundException or BadImageFormatException)
        {
            throw new EngineUnavailableException(
                "EngineNotLoadable", $"The engine for {platform}, '{path}', cannot be loaded: {failure.Message}", failure);
        }

        uint found = ((delegate* unmanaged<uint>)NativeLibrary.GetExport(library, "mgprint_abi_version"))();
        return found == AbiVersion ? library : throw new EngineUnavailableException(
            "EngineVersionMismatch",
            $"The engine '{path}' speaks version {found} of its interface, and this module version {AbiVersion}. They come from different "
                + "builds: install the module anew.");
    }

    /// <summary>The platform as .NET's runtime identifiers call it, such as <c>linux-x64</c>.</summary>
    private static string PlatformName()
    {
        string system = OperatingSystem.IsWindows() ? "win"
            : OperatingSystem.IsMacOS() ? "osx"
            : OperatingSystem.IsLinux()
                ? RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal) ? "linux-musl" : "linux"
            : RuntimeInformation.RuntimeIdentifier;
        return $"{system}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";
    }

    private static string FileName() =>
        OperatingSystem.IsWindows() ? "mgprint.dll" : OperatingSystem.IsMacOS() ? "libmgprint.dylib" : "libmgprint.so";
}

/// <summary>The engine cannot be used; the message names the platform and the file. PowerShell ends the call with its record.</summary>
internal sealed class EngineUnavailableException(string errorId, string message, Exception? inner = null)
    : Exception(message, inner), IContainsErrorRecord
{
    public ErrorRecord ErrorRecord => new(this, errorId, ErrorCategory.NotInstalled, null);
}
