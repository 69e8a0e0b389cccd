namespace PwshHost;

/// <summary>The entry point: arguments in, exit code out.</summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        Arguments arguments;
        try
        {
            arguments = Arguments.Parse(args);
        }
        catch (UsageException usage)
        {
            Console.Error.WriteLine(usage.Message);
            return ExitCode.Usage;
        }

        if (arguments.Request == Request.Help)
        {
            Console.Out.Write(Arguments.HelpText);
            return ExitCode.Success;
        }

        if (arguments.Request == Request.Version)
        {
            Console.Out.WriteLine($"PowerShell {Session.EngineVersion}");
            return ExitCode.Success;
        }

        var screen = new Screen();
        using var interruption = new Interruption();
        using var session = new Session(arguments, screen, interruption);
        return session.Run();
    }
}
