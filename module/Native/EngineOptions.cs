namespace MgPrint.PowerShell.Native;

/// <summary>Settings on their way to the engine.</summary>
internal sealed class EngineOptions(nint id) : EngineHandle(id)
{
    /// <summary>No settings: the engine's own defaults.</summary>
    public static readonly EngineOptions Defaults = new(0);

    public EngineOptions()
        : this(New())
    {
    }

    private static nint New()
    {
        EngineLibrary.EnsureLoaded();
        return Engine.OptionsNew();
    }

    protected override bool ReleaseHandle() => NativeMethods.OptionsFree(handle) == EngineStatus.Ok;

    /// <summary>The same settings once more, to be added to.</summary>
    public EngineOptions Copy() => new(Engine.OptionsCopy(this));

    /// <summary>Sets a text; null leaves the engine's default.</summary>
    public EngineOptions With(EngineOption option, string? value, string what = "setting")
    {
        if (value is not null)
        {
            using var arguments = new NativeArguments();
            Engine.OptionsSetText(this, option, arguments.Text(value, what));
        }

        return this;
    }

    /// <summary>Sets a number; null leaves the engine's default.</summary>
    public EngineOptions With(EngineOption option, long? value)
    {
        if (value is long number)
        {
            Engine.OptionsSetNumber(this, option, checked((ulong)number));
        }

        return this;
    }
}
