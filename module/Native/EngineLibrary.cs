using System.Reflection;
using System.Runtime.InteropServices;

namespace MgPrint.PowerShell.Native;

/// <summary>
/// Finds and loads the engine: by absolute path inside the module's folder, with no search and no override, when the
/// first call needs it and not before.
/// </summary>
internal static class EngineLibrary
{
    private const uint AbiVersion = 1;

    private static readonly object Gate = new();
    private static bool _isLoaded;
    private static nint _library;

    /// <summary>Loads the engine unless it is loaded.</summary>
    /// <exception cref="EngineUnavailableException">There is none for this platform, it cannot be loaded, or it is of another
    /// version.</exception>
    public static void EnsureLoaded()
    {
        lock (Gate)
        {
            if (!_isLoaded)
            {
                Load();
                _isLoaded = true;
            }
        }
    }

    /// <summary>The engine's own version, such as <c>3.0.0</c>.</summary>
    public static unsafe string Version()
    {
        EnsureLoaded();
        return Marshal.PtrToStringUTF8((nint)NativeMethods.Version()) ?? "";
    }

    private static void Load()
    {
        string platform = PlatformName();
        string? folder = Path.GetDirectoryName(typeof(EngineLibrary).Assembly.Location);
        if (string.IsNullOrEmpty(folder))
        {
            throw new EngineUnavailableException(
                "EngineNotFound", "This module was loaded from memory, and its engine is a file beside the module's assembly. Import "
                    + "the module from its folder.");
        }

        string path = Path.Combine(folder, platform, FileName());
        if (!File.Exists(path))
        {
            throw new EngineUnavailableException(
                "EngineNotFound",
                $"This module has no engine for {platform}: the file '{path}' does not exist. Install the module's package for this "
                    + "platform, or build it from source.");
        }

        if (_library == 0)
        {
            try
            {
                _library = NativeLibrary.Load(path);
            }
            catch (Exception failure) when (failure is DllNotFoundException or BadImageFormatException)
            {
                throw new EngineUnavailableException(
                    "EngineNotLoadable", $"The engine for {platform}, '{path}', cannot be loaded: {failure.Message}", failure);
            }

            NativeLibrary.SetDllImportResolver(typeof(EngineLibrary).Assembly, Resolve);
        }

        uint found = NativeMethods.AbiVersion();
        if (found != AbiVersion)
        {
            throw new EngineUnavailableException(
                "EngineVersionMismatch",
                $"The engine '{path}' speaks version {found} of its interface, and this module version {AbiVersion}. They come from "
                    + "different builds: install the module anew.");
        }
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? searchPath) =>
        name == NativeMethods.Library ? _library : 0;

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
