namespace PwshHost;

/// <summary>The entry point: arguments in, exit code out.</summary>
internal static class Program
{
    // The engine reports its use to its maker, and opens a socket in the temporary folder by which other processes of the
    // user may look into a session (and its secrets), unless it is told not to. A person who sets these is obeyed.
    private static readonly string[] _optOuts = ["POWERSHELL_TELEMETRY_OPTOUT", "POWERSHELL_DIAGNOSTICS_OPTOUT"];

    private static int Main(string[] args)
    {
        // Before the engine is touched, which reads them once.
        foreach (var optOut in _optOuts)
        {
            if (Environment.GetEnvironmentVariable(optOut) is null)
            {
                Environment.SetEnvironmentVariable(optOut, "1");
            }
        }

        try
        {
            var arguments = Arguments.Parse(args);
            switch (arguments.Request)
            {
                case Request.Help:
                    Console.Out.Write(Arguments.HelpText);
                    return ExitCode.Success;
                case Request.Version:
                    // The words in brackets tell tools/pwsh that this is not the real program.
                    Console.Out.WriteLine($"PowerShell {Session.EngineVersion} (script host)");
                    return ExitCode.Success;
                default:
                    using (var screen = new Screen())
                    using (var interruption = new Interruption())
                    using (var session = new Session(arguments, screen, interruption))
                    {
                        return session.Run();
                    }
            }
        }
        catch (UsageException usage)
        {
            Console.Error.WriteLine(usage.Message);
            return ExitCode.Usage;
        }
        catch (StartException start)
        {
            Console.Error.WriteLine(start.Message);
            return ExitCode.StartFailure;
        }
    }
}
