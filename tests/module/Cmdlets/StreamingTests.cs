using System.Collections;
using MgPrint.PowerShell.Tests.Hosting;

namespace MgPrint.PowerShell.Tests.Cmdlets;

/// <summary>Records one at a time, in flat memory; several runspaces side by side.</summary>
public sealed class StreamingTests : ServiceTest
{
    [Fact]
    public void Thousands_of_identities_stream_one_at_a_time_in_flat_memory()
    {
        int requests = 0;
        Service.Answer = _ =>
        {
            Interlocked.Increment(ref requests);
            Service.Forget();
            return Reply.Session();
        };

        Outcome outcome = Shell.Run(
            $$"""
            $made = 0; $most = 0; $warm = 0
            1..3000 | ForEach-Object { $made++; @{ PrinterId = "p$_"; PrintJobId = 'j'; PrintDocumentId = 'd' } } | {{Cmdlet}} | ForEach-Object {
                $done++
                $most = [Math]::Max($most, $made - $done)
                if ($done -eq 1000) { $warm = [GC]::GetTotalMemory($true) }
            }
            $done; $most; [GC]::GetTotalMemory($true) - $warm
            """);

        outcome.AssertQuiet();
        Assert.Equal(3_000, outcome.Output[0].BaseObject);
        Assert.Equal(0, outcome.Output[1].BaseObject);
        Assert.Equal(3_000, requests);
        Assert.True(Convert.ToInt64(outcome.Output[2].BaseObject, null) < 2_000_000, $"Memory grew by {outcome.Output[2]} bytes.");
    }

    [Fact]
    public void Stopping_upstream_stops_at_once()
    {
        Outcome outcome = Shell.Run($"1..100 | ForEach-Object {{ @{{ PrinterId = \"p$_\"; PrintJobId = 'j'; PrintDocumentId = 'd' }} }} | {Cmdlet} | Select-Object -First 1");

        Assert.Single(outcome.Output);
        Assert.Equal(1, Service.RequestCount);
    }

    [Fact]
    public async Task Several_runspaces_call_at_once()
    {
        Task<int>[] calls = [.. Enumerable.Range(0, 6).Select(runspace => Task.Run(() =>
        {
            using var shell = new Shell();
            Outcome outcome =
                shell.Run($"1..50 | ForEach-Object {{ {Cmdlet} -PrinterId 'p{runspace}' -PrintJobId $_ -PrintDocumentId d }}");
            outcome.AssertQuiet();
            return outcome.Output.Count;
        }))];

        Assert.All(await Task.WhenAll(calls), made => Assert.Equal(50, made));
        Assert.Equal(300, Service.RequestCount);
        Assert.Equal(300, Service.Requests.Select(request => request.Target).Distinct().Count());
    }

    [Fact]
    public void Error_variables_hold_one_record_for_each_failure()
    {
        Service.Answer = _ => Reply.GraphError(400, "BadRequest", "No.");

        Shell.Run($"1..3 | ForEach-Object {{ @{{ PrinterId = 'P'; PrintJobId = $_; PrintDocumentId = 'D' }} }} | {Cmdlet} -ErrorAction SilentlyContinue -ErrorVariable failed").AssertQuiet();

        Assert.Equal(3, ((ICollection)Shell.Variable("failed")!).Count);
    }
}
