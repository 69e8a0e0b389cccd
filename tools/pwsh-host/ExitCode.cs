namespace PwshHost;

/// <summary>The exit codes that pwsh gives by itself; everything else is the script's own.</summary>
internal static class ExitCode
{
    /// <summary>The last statement succeeded.</summary>
    public const int Success = 0;

    /// <summary>A terminating error, or a last statement that left <c>$?</c> false.</summary>
    public const int Failure = 1;

    /// <summary>A command line that cannot be understood (EX_USAGE of sysexits.h, as pwsh has it).</summary>
    public const int Usage = 64;

    /// <summary>The engine could not be started (EX_SOFTWARE of sysexits.h, as pwsh has it).</summary>
    public const int StartFailure = 70;
}
