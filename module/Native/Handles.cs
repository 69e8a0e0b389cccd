using System.Runtime.InteropServices;

namespace MgPrint.PowerShell.Native;

/// <summary>A handle of the engine: an id, of which 0 is none. The engine answers a stale one with an error, never a crash.</summary>
internal abstract class EngineHandle : SafeHandle
{
    private protected EngineHandle(nint id)
        : base(0, ownsHandle: true) => SetHandle(id);

    public override bool IsInvalid => handle == 0;

    /// <summary>
    /// Frees what it stands for at once, though calls of other threads may hold it: the id is never given to anything else,
    /// and is answered with <see cref="EngineStatus.InvalidHandle"/> from now on.
    /// </summary>
    public void Free() => ReleaseHandle();
}
