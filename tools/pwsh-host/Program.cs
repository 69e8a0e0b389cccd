namespace PwshHost;

/// <summary>The entry point: arguments in, exit code out.</summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        // The engine reports its use to its maker unless it is told not to; a build of this project is nobody's business.
        const string OptOut = "POWERSHELL_TELEMETRY_OPTOUT";
        if (Environment.GetEnvironmentVariable(OptOut) is null)
        {
            Environment.SetEnvironmentVariable(OptOut, "1");
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
    }
}
