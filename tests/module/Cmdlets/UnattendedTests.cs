using System.Management.Automation.Host;
using System.Reflection;
using MgPrint.PowerShell.Tests.Hosting;

namespace MgPrint.PowerShell.Tests.Cmdlets;

/// <summary>In a script that nobody watches: no question, the right exit code, and nothing secret in what is recorded.</summary>
public sealed class UnattendedTests : ServiceTest
{
    [Theory]
    [InlineData($"$null = {Cmdlet} {Ids}", 0)]
    [InlineData($"$null = {Cmdlet} {Ids} -ErrorAction Stop -Headers @{{ Host = 'x' }}", 1)]
    [InlineData($"{Cmdlet} -PrinterId refused -PrintJobId j -PrintDocumentId d", 1)]
    [InlineData($"{Cmdlet} -PrinterId refused -PrintJobId j -PrintDocumentId d; 'went on'", 0)]
    [InlineData($"try {{ {Cmdlet} -PrinterId refused -PrintJobId j -PrintDocumentId d -ErrorAction Stop }} catch {{ exit 7 }}", 7)]
    public async Task A_command_ends_with_the_right_exit_code(string command, int expected)
    {
        RefuseTheRefused();

        PwshOutcome outcome = await PwshProcess.RunAsync(["-NonInteractive", "-Command", command]);

        Assert.Equal(expected, outcome.ExitCode);
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("$ErrorActionPreference = 'Stop'\n", 1)]
    public async Task A_file_ends_with_the_right_exit_code(string preamble, int expected)
    {
        RefuseTheRefused();
        string file = Path.Combine(Directory.CreateTempSubdirectory("mgprint-").FullName, "job.ps1");
        try
        {
            await File.WriteAllTextAsync(file, $"{preamble}{Cmdlet} -PrinterId refused -PrintJobId j -PrintDocumentId d\n'went on'\n");

            PwshOutcome outcome = await PwshProcess.RunAsync(["-NonInteractive", "-File", file]);

            Assert.Equal(expected, outcome.ExitCode);
            Assert.Equal(expected == 0, outcome.Output.Contains("went on", StringComparison.Ordinal));
            Assert.Contains("No such printer.", outcome.Errors, StringComparison.Ordinal);
            Assert.DoesNotContain(Token, outcome.Errors + outcome.Output, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        }
    }

    [Theory]
    [InlineData($"{Cmdlet} -PrinterId p")]
    [InlineData($"{Cmdlet} {Ids} -Confirm")]
    [InlineData($"{Cmdlet} {Ids} -ProxyCredential somebody")]
    [InlineData($"$ConfirmPreference = 'Low'; {Cmdlet} {Ids}")]
    [InlineData("Send-MgPrintDocument")]
    public async Task What_a_person_would_be_asked_for_is_an_error(string command)
    {
        PwshOutcome outcome = await PwshProcess.RunAsync(["-NonInteractive", "-Command", command]);

        Assert.Equal(1, outcome.ExitCode);
        Assert.NotEqual("", outcome.Errors);
        Assert.Equal(0, Service.RequestCount);
    }

    [Fact]
    public void A_transcript_holds_no_secret_of_ours()
    {
        string file = Path.GetTempFileName();
        var host = new TestHost();
        using var shell = new Shell(host);
        try
        {
            var screen = (PSHostUserInterface)shell.Run("$Host.UI").Single().BaseObject;
            Transcribe("StartTranscribing", screen, file, null, false, false);
            shell.Run($$"""
                $session = {{Cmdlet}} {{Ids}} -Verbose -Debug
                $session | Out-Default
                "$session" | Out-Default
                {{Cmdlet}} {{Ids}} -Headers @{ 'bad header' = 'x' } | Out-Default
                $Error | Out-Default
                """);
            Transcribe("StopTranscribing", screen);

            string transcript = File.ReadAllText(file);
            Assert.Contains("HTTP RESPONSE", transcript, StringComparison.Ordinal);
            Assert.Contains("https://print.example/", transcript, StringComparison.Ordinal);
            Assert.DoesNotContain("CANARY", transcript, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void What_module_logging_writes_of_a_piped_session_holds_no_secret()
    {
        // PowerShell logs each bound parameter by the text of its value.
        Outcome outcome = Shell.Run($"$session = {Cmdlet} {Ids}; \"$session\"; [string]$session; '{{0}}' -f $session; $session.PSObject.ToString()");

        Assert.Equal(4, outcome.AssertQuiet().Output.Count);
        Assert.All(outcome.Output, text => Assert.DoesNotContain("CANARY", (string)text.BaseObject, StringComparison.Ordinal));
    }

    private void RefuseTheRefused() => Service.Answer = request =>
        request.Target.Contains("/printers/refused/", StringComparison.Ordinal) ? Reply.GraphError(404, "notFound", "No such printer.") : Reply.Session();

    /// <summary>What Start-Transcript and Stop-Transcript do, which the hosted engine has not.</summary>
    private static void Transcribe(string method, PSHostUserInterface screen, params object?[] arguments) =>
        typeof(PSHostUserInterface).GetMethods(BindingFlags.Instance | BindingFlags.NonPublic)
            .First(candidate => candidate.Name == method && candidate.GetParameters().Length == arguments.Length).Invoke(screen, arguments);
}
