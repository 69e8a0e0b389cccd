using System.Globalization;
using System.Runtime.InteropServices;

namespace PwshHost;

/// <summary>The programs that the script has started.</summary>
internal static class ChildProcesses
{
    /// <summary>The direct children of this process; known on Linux only, elsewhere none.</summary>
    public static IReadOnlyList<int> Ids()
    {
        const string Threads = "/proc/self/task";
        return Directory.Exists(Threads)
            ? Directory.EnumerateDirectories(Threads).SelectMany(OfThread).ToList()
            : [];
    }

    /// <summary>Sends a signal, by its number; a child that has ended meanwhile is no error.</summary>
    public static void Signal(int child, int signal) => _ = Kill(child, signal);

    private static IEnumerable<int> OfThread(string thread)
    {
        try
        {
            return File.ReadAllText(Path.Combine(thread, "children"))
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(id => int.Parse(id, CultureInfo.InvariantCulture));
        }
        catch (IOException)
        {
            // The thread has ended, or the kernel keeps no such list.
            return [];
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int process, int signal);
}
