using System.Management.Automation;
using MgPrint.PowerShell.Tests.Hosting;

namespace MgPrint.PowerShell.Tests.Surface;

/// <summary>What the Tab key offers for the values of a body.</summary>
public sealed class CompletionTests : IDisposable
{
    private readonly Shell _shell = new();

    public void Dispose() => _shell.Dispose();

    [Theory]
    [InlineData("New-MgPrintPrinterTaskTrigger -PrinterId p -Event ", "jobStarted")]
    [InlineData("New-MgPrintShareJob -PrinterShareId s -Configuration ", "@{ duplexMode = 'oneSided' }")]
    [InlineData("New-MgPrintShareJob -PrinterShareId s -Configuration ", "@{ margin = @{ bottom = ''", false)]
    [InlineData("New-MgPrintShareJob -PrinterShareId s -BodyParameter ", "@{ configuration = @{ quality = 'high' } }")]
    [InlineData("Out-MgPrinter a.pdf s -MediaSize a", "A4")]
    [InlineData("Update-MgPrintPrinter -PrinterId p -Defaults high", "@{ quality = 'high' }")]
    [InlineData("Update-MgPrintPrinter -PrinterId p -Defaults high", "@{ quality = 'low' }", false)]
    public void Known_values_are_offered(string line, string expected, bool isOffered = true)
    {
        CommandCompletion offered =
            CommandCompletion.CompleteInput(line, line.Length, null, System.Management.Automation.PowerShell.Create(_shell.Runspace));

        Assert.Equal(isOffered, offered.CompletionMatches.Any(match => match.CompletionText == expected));
    }

    [Fact]
    public void Other_values_are_taken_too()
    {
        Outcome outcome = _shell.Run("New-MgPrintPrinterTaskTrigger -PrinterId p -Event jobEnded -WhatIf");

        outcome.AssertQuiet();
    }
}
