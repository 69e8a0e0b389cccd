namespace MgPrint.PowerShell.Native;

/// <summary>Settings on their way to the engine.</summary>
internal sealed class EngineOptions : IDisposable
{
    /// <summary>No settings: the engine's own defaults.</summary>
    public static readonly OptionsHandle Defaults = new(0);

    /// <summary>An empty set of settings.</summary>
    public EngineOptions()
    {
        EngineLibrary.EnsureLoaded();
        EngineStatus status = NativeMethods.OptionsNew(out nint id);
        if (status != EngineStatus.Ok)
        {
            throw new EngineException(EngineError.Take(status, 0));
        }

        Handle = new OptionsHandle(id);
    }

    private EngineOptions(nint id) => Handle = new OptionsHandle(id);

    /// <summary>The engine's handle.</summary>
    public OptionsHandle Handle { get; }

    /// <summary>Sets a text; null leaves the engine's default.</summary>
    /// <exception cref="EngineException">The engine refuses the value.</exception>
    public unsafe EngineOptions With(EngineOption option, string? value)
    {
        if (value is null)
        {
            return this;
        }

        byte[] utf8 = EngineText.Encode(value, "setting");
        try
        {
            return With(option, utf8);
        }
        finally
        {
            Array.Clear(utf8);
        }
    }

    /// <summary>Sets a text that is UTF-8 already.</summary>
    /// <exception cref="EngineException">The engine refuses the value.</exception>
    public unsafe EngineOptions With(EngineOption option, ReadOnlySpan<byte> utf8)
    {
        fixed (byte* text = utf8)
        {
            EngineStatus status = NativeMethods.OptionsSetText(Handle, option, text, (nuint)utf8.Length, out nint error);
            return status == EngineStatus.Ok ? this : throw new EngineException(EngineError.Take(status, error));
        }
    }

    /// <summary>The same settings once more, to be added to.</summary>
    /// <exception cref="EngineException">They were freed.</exception>
    public EngineOptions Copy()
    {
        EngineStatus status = NativeMethods.OptionsCopy(Handle, out nint id);
        return status == EngineStatus.Ok ? new EngineOptions(id) : throw new EngineException(EngineError.Take(status, 0));
    }

    /// <summary>Frees them at once, secrets and all, whoever still uses them: the engine answers that with an error.</summary>
    public void Free() => Handle.Free();

    /// <summary>Sets a number; null leaves the engine's default.</summary>
    /// <exception cref="EngineException">The engine refuses the value.</exception>
    public EngineOptions With(EngineOption option, long? value)
    {
        if (value is not long number)
        {
            return this;
        }

        EngineStatus status = NativeMethods.OptionsSetNumber(Handle, option, checked((ulong)number), out nint error);
        return status == EngineStatus.Ok ? this : throw new EngineException(EngineError.Take(status, error));
    }

    /// <summary>Adds a header to the requests to an upload URL.</summary>
    /// <exception cref="EngineException">The engine refuses the header.</exception>
    public unsafe EngineOptions WithUploadHeader(string name, string value)
    {
        byte[] nameBytes = EngineText.Encode(name, "name of a header");
        byte[] valueBytes = EngineText.Encode(value, "value of a header");
        fixed (byte* nameText = nameBytes, valueText = valueBytes)
        {
            EngineStatus status = NativeMethods.OptionsAddUploadHeader(
                Handle, nameText, (nuint)nameBytes.Length, valueText, (nuint)valueBytes.Length, out nint error);
            return status == EngineStatus.Ok ? this : throw new EngineException(EngineError.Take(status, error));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Handle.Dispose();
}
