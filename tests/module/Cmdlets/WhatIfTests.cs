using MgPrint.PowerShell.Tests.Hosting;

namespace MgPrint.PowerShell.Tests.Cmdlets;

/// <summary>-WhatIf and -Confirm: for each record, before anything is sent, without a sign-in.</summary>
public sealed class WhatIfTests : ServiceTest
{

    [Fact]
    public void WhatIf_speaks_for_each_record()
    {
        var host = new TestHost();
        using var shell = new Shell(host);

        shell.Run($"1..3 | ForEach-Object {{ @{{ PrinterId = \"p$_\"; PrintJobId = 'j'; PrintDocumentId = 'd' }} }} | {Cmdlet} -WhatIf")
            .AssertQuiet();

        Assert.Equal(3, host.Lines.Count);
        Assert.Contains("/printers/p3/", host.Lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public void An_id_with_escape_sequences_reaches_the_screen_clean()
    {
        var host = new TestHost();
        using var shell = new Shell(host);

        shell.Run($"{Cmdlet} -PrinterId \"a`e[31m$([char]0x202E)b\" -PrintJobId j -PrintDocumentId d -WhatIf").AssertQuiet();

        Assert.Contains("What if", host.Screen, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b[31m", host.Screen, StringComparison.Ordinal);
        Assert.DoesNotContain('\u202E', host.Screen);
    }

    [Fact]
    public void Send_with_WhatIf_shows_no_secret_and_sends_nothing()
    {
        var host = new TestHost();
        using var shell = new Shell(host);
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, "document");
            shell.Run("Send-MgPrintDocument $file -UploadUrl $url -WhatIf", ("file", file),
                ("url", $"{Service.Endpoint}/u/1?tempauthtoken=CANARY-URL")).AssertQuiet();
        }
        finally
        {
            File.Delete(file);
        }

        Assert.Contains($"operation \"Send the file '{file}'\" on target \"the upload session {Service.Endpoint}/u/1\"",
            Assert.Single(host.Lines), StringComparison.Ordinal);
        Assert.DoesNotContain("CANARY", host.Lines[0], StringComparison.Ordinal);
        Assert.Equal(0, Service.RequestCount);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(2, 0)]
    public void Confirm_asks_and_obeys(int choice, int sent)
    {
        var host = new TestHost { Choice = choice };
        using var shell = new Shell(host);

        Outcome outcome = shell.Run($"{Cmdlet} {Ids} -Confirm");

        Assert.Equal(sent, Service.RequestCount);
        Assert.Equal(sent, outcome.AssertQuiet().Output.Count);
        Assert.Contains("/printers/p/jobs/j/documents/d/", Assert.Single(host.Prompts), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Medium", 1)]
    [InlineData("High", 0)]
    public void ConfirmPreference_decides_as_for_every_command_of_medium_impact(string preference, int prompts)
    {
        var host = new TestHost();
        using var shell = new Shell(host);

        shell.Run($"$ConfirmPreference = '{preference}'; {Cmdlet} {Ids}").AssertQuiet();

        Assert.Equal(prompts, host.Prompts.Count);
        Assert.Equal(1, Service.RequestCount);
    }
}
