namespace MgPrint.PowerShell.Native;

/// <summary>Settings on their way to the engine.</summary>
internal sealed class EngineOptions : EngineHandle
{
    /// <summary>No settings: the engine's own defaults.</summary>
    public static readonly EngineOptions Defaults = new(0);

    public EngineOptions()
        : this(New())
    {
    }

    private EngineOptions(nint id)
        : base(id)
    {
    }

    private static nint New()
    {
        EngineLibrary.EnsureLoaded();
        EngineError.ThrowUnlessOk(NativeMethods.OptionsNew(out nint id), 0);
        return id;
    }

    protected override bool ReleaseHandle() => NativeMethods.OptionsFree(handle) == EngineStatus.Ok;

    /// <summary>Sets a text; null leaves the engine's default.</summary>
    public EngineOptions With(EngineOption option, string? value)
    {
        if (value is null)
        {
            return this;
        }

        using var text = new EngineText(value, "setting");
        return With(option, text.Str);
    }

    /// <summary>Sets a text that is UTF-8 already.</summary>
    public unsafe EngineOptions With(EngineOption option, ReadOnlySpan<byte> utf8)
    {
        fixed (byte* text = utf8)
        {
            return With(option, new NativeStr(text, utf8.Length));
        }
    }

    /// <summary>The same settings once more, to be added to.</summary>
    public EngineOptions Copy()
    {
        EngineError.ThrowUnlessOk(NativeMethods.OptionsCopy(this, out nint id), 0);
        return new EngineOptions(id);
    }

    /// <summary>Sets a number; null leaves the engine's default.</summary>
    public EngineOptions With(EngineOption option, long? value)
    {
        if (value is not long number)
        {
            return this;
        }

        EngineError.ThrowUnlessOk(NativeMethods.OptionsSetNumber(this, option, checked((ulong)number), out nint error), error);
        return this;
    }

    /// <summary>Adds a header to the requests to an upload URL.</summary>
    public EngineOptions WithUploadHeader(string name, string value)
    {
        using var header = new EngineText($"{name}: {value}", "value of a header");
        return With(EngineOption.UploadHeader, header.Str);
    }

    private EngineOptions With(EngineOption option, NativeStr text)
    {
        EngineError.ThrowUnlessOk(NativeMethods.OptionsSetText(this, option, text, out nint error), error);
        return this;
    }
}
