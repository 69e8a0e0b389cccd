using MgPrint.PowerShell.Tests.Hosting;

namespace MgPrint.PowerShell.Tests.Surface;

/// <summary>What a screen shows of what the service gave.</summary>
public sealed class ViewTests : ServiceTest
{
    [Theory]
    [InlineData("Get-MgPrintShareJob -PrinterShareId s", "Id State Created (local time) By", "1825 paused, uploadPending ")]
    [InlineData("Get-MgPrintShare", "Id Location DisplayName", "1825 1, 2 Floor?3")]
    [InlineData("Get-MgPrintPrinter", "Id State Shared DisplayName", "1825 idle True Floor?3")]
    [InlineData("Get-MgPrintShareJobDocument -PrinterShareId s -PrintJobId 1", "DisplayName ContentType Size Uploaded (local time) Id",
        "Floor?3 application/pdf 12")]
    public void A_table_shows_what_a_person_looks_for(string command, string header, string row)
    {
        const string Job = """ "createdBy":{"userPrincipalName":"a@contoso.com"},"createdDateTime":"2030-01-02T03:04:05Z","uploadedDateTime":"2030-01-02T03:04:05Z","lastSeenDateTime":"2030-01-02T03:04:05Z","status":{"state":"paused","details":["uploadPending"],"isAcquiredByPrinter":false} """;
        const string Printer = """ "isShared":true,"manufacturer":"Contoso","model":"C3","location":{"building":"1","floor":"2"},"status":{"state":"idle","details":[]} """;
        string rest = command.Contains("Job", StringComparison.Ordinal) ? Job : Printer;
        Service.Answer = _ =>
            Reply.Json(200,
                $$"""{"value":[{"id":"1825","displayName":"Floor\u001b3","contentType":"application/pdf","size":12,{{rest}}}]}""");
        var host = new TestHost();
        using var shell = new Shell(host);
        host.UI.RawUI.BufferSize = new System.Management.Automation.Host.Size(200, 100);

        shell.Run($"{command} | Out-Default").AssertQuiet();

        string[] lines =
            [.. host.Lines.Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)))
                .Where(line => line.Length > 0)];
        Assert.Contains(header, lines);
        Assert.Contains(lines, line => line.StartsWith(row.Replace("?", "\uFFFD", StringComparison.Ordinal), StringComparison.Ordinal));
    }
}
