using MgPrint.PowerShell.Tests.Hosting;

namespace MgPrint.PowerShell.Tests.Surface;

/// <summary>The life of a print job, and of other objects of the tree, against the strict emulator.</summary>
public sealed class EmulatorTreeTests(EmulatorProcess emulator) : EmulatorTest(emulator)
{
    [Fact]
    public void A_job_is_created_uploaded_started_watched_and_cancelled()
    {
        File.WriteAllBytes(Path.Combine(Folder, "a.pdf"), new byte[1000]);

        Outcome outcome = Shell.Run(
            """
            $share = Get-MgPrintShare -All | Where-Object Id -EQ $ids.PrinterShareId
            $job = New-MgPrintShareJob -PrinterShareId $share.Id -Configuration @{ copies = 2 }
            $document = (Get-MgPrintShareJob -PrinterShareId $share.Id -PrintJobId $job.Id -ExpandProperty documents).Documents[0]
            $null = Send-MgPrintDocument "$folder/a.pdf" -PrinterShareId $share.Id -PrintJobId $job.Id -PrintDocumentId $document.Id
            ($job | Start-MgPrintShareJob).State
            (Get-MgPrintShareJobDocument -PrinterShareId $share.Id -PrintJobId $job.Id).Size
            $job | Stop-MgPrintShareJob
            ($job | Get-MgPrintShareJob).Status.State
            Get-MgPrintShareJobCount -PrinterShareId $share.Id
            """,
            ("ids", Ids), ("folder", Folder)).AssertQuiet();

        Assert.Equal(["processing", 1000L, "canceled", 2], outcome.Output.Select(value => value.BaseObject));
    }

    [Fact]
    public void Objects_are_created_read_updated_listed_counted_and_deleted()
    {
        Outcome outcome = Shell.Run(
            """
            $made = 1..120 | ForEach-Object { New-MgPrintTaskDefinition -DisplayName "d$_" }
            @(Get-MgPrintTaskDefinition -All).Count
            @(Get-MgPrintTaskDefinition -Top 110).Count
            Get-MgPrintTaskDefinitionCount
            (Update-MgPrintTaskDefinition -PrintTaskDefinitionId $made[3].Id -DisplayName changed).DisplayName
            (Get-MgPrintTaskDefinition -PrintTaskDefinitionId $made[3].Id).DisplayName
            $made[3] | Remove-MgPrintTaskDefinition
            Get-MgPrintTaskDefinitionCount
            (Get-MgPrintPrinter -PrinterId $ids.PrinterId).Capabilities
            (Get-MgPrintPrinter -PrinterId $ids.PrinterId -Property id, capabilities).Capabilities.MediaSizes[0]
            """,
            ("ids", Ids)).AssertQuiet();

        Assert.Equal([120, 110, 120, "changed", "changed", 119, null, "A4"], outcome.Output.Select(value => value?.BaseObject));
    }

    [Fact]
    public void Users_of_a_share_are_references()
    {
        Outcome outcome = Shell.Run(
            """
            $share = @{ PrinterShareId = $ids.PrinterShareId }
            New-MgPrintShareAllowedUserByRef @share -OdataId https://graph.microsoft.com/v1.0/users/u1
            New-MgPrintShareAllowedUserByRef @share -OdataId https://graph.microsoft.com/v1.0/users/u2
            @(Get-MgPrintShareAllowedUserByRef @share).Count
            (Get-MgPrintShareAllowedUser @share).Id
            Remove-MgPrintShareAllowedUserByRef @share -UserId u1
            Remove-MgPrintShareAllowedUserByRef @share -Id https://graph.microsoft.com/v1.0/users/u2
            Get-MgPrintShareAllowedUserCount @share
            """,
            ("ids", Ids)).AssertQuiet();

        Assert.Equal([2, "u1", "u2", 0], outcome.Output.Select(value => value.BaseObject));
    }
}
