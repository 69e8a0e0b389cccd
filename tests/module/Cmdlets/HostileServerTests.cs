using System.Diagnostics;
using System.IO.Compression;
using System.Management.Automation;
using System.Text;
using MgPrint.PowerShell.Tests.Hosting;

namespace MgPrint.PowerShell.Tests.Cmdlets;

/// <summary>A server that means harm: what it says is cleaned where people read it, and bounded everywhere.</summary>
public sealed class HostileServerTests : ServiceTest
{
    private const string Hostile = "red\\u001b[31m\\u001b]0;title\\u0007 \\u202Egnp.exe\\u202C\\u0000\\u009b1m \\u2028end";

    [Fact]
    public void Escape_and_bidirectional_characters_never_reach_the_screen_and_objects_keep_the_original()
    {
        Service.Answer = _ =>
            Reply.Json(400, $$$$"""{"error":{"code":"{{{{Hostile}}}}","message":"{{{{Hostile}}}}"}}""", ("x-note", "plain"));
        var host = new TestHost();
        using var shell = new Shell(host);

        Outcome outcome = shell.Run($"{Cmdlet} {Ids} -Verbose -Debug; $Error[0] | Out-Default; $Error[0].CategoryInfo.ToString(); $Error[0].FullyQualifiedErrorId; $Error[0].Exception.ResponseBody");

        string[] shown =
            [host.Screen, outcome.Errors[0].ErrorDetails.Message, outcome.Errors[0].Exception.Message, .. outcome.Verbose, .. outcome.Debug,
                .. outcome.Output.Take(2).Select(item => (string)item.BaseObject)];
        Assert.All(shown, AssertClean);
        Assert.Contains("\\u202E", (string)outcome.Output[^1].BaseObject, StringComparison.Ordinal);
    }

    [Fact]
    public void A_session_with_hostile_text_is_shown_clean_and_kept_whole()
    {
        Service.Answer = _ =>
            Reply.Json(200,
                """{"uploadUrl":"https://h/u?s=1","expirationDateTime":"\u001b[31msoon","nextExpectedRanges":["0-1\u001b[2J"]}""");

        var host = new TestHost();
        using var shell = new Shell(host);
        PSObject session = shell.Run($"{Cmdlet} {Ids} -Verbose -Debug -OutVariable session").Single();
        shell.Run("$session | Out-Default; $session[0].ToString() | Out-Default").AssertQuiet();

        AssertClean(host.Screen);
        Assert.DoesNotContain("\u001b[2J", host.Screen, StringComparison.Ordinal);
        Assert.Contains("0-1", host.Screen, StringComparison.Ordinal);
        Assert.Equal("\u001b[31msoon",
            ((IDictionary<string, object?>)session.Properties["AdditionalProperties"].Value)["expirationDateTime"]);
    }

    public static TheoryData<string, byte[]> Oversized()
    {
        byte[] nested = Encoding.ASCII.GetBytes($$"""{"x":{{new string('[', 100_000)}}{{new string(']', 100_000)}}}""");
        byte[] ranges =
            Encoding.ASCII.GetBytes(
                $$"""{"uploadUrl":"https://h/u","nextExpectedRanges":[{{string.Join(',', Enumerable.Repeat("\"0-1\"", 50_000))}}]}""");
        return new TheoryData<string, byte[]>
        {
            { "", nested },
            { "", ranges },
            { "", Encoding.ASCII.GetBytes($$"""{"x":"{{new string('a', 2_000_000)}}"}""") },
            { "gzip", Gzipped(200_000_000) },
        };
    }

    [Theory]
    [MemberData(nameof(Oversized))]
    public void An_answer_beyond_all_bounds_ends_in_bounded_time_and_memory(string encoding, byte[] body)
    {
        string head = $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n{(encoding.Length > 0 ? $"Content-Encoding: {encoding}\r\n" : "")}\r\n";
        Service.Answer = _ => new Reply([.. Encoding.ASCII.GetBytes(head), .. body]);
        Shell.Run($"{Cmdlet} {Ids} -ErrorAction SilentlyContinue");
        long before = Environment.WorkingSet;
        var clock = Stopwatch.StartNew();

        ErrorRecord error = Shell.Run($"{Cmdlet} {Ids}").Error();

        Assert.Equal("ResponseTooLarge", error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal(ErrorCategory.LimitsExceeded, error.CategoryInfo.Category);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), $"It took {clock.Elapsed}.");
        Assert.True(Environment.WorkingSet - before < 64 * 1024 * 1024, $"It took {(Environment.WorkingSet - before) >> 20} MiB.");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_refusal_that_is_too_deep_and_headers_without_end_are_too_large(bool isDeep)
    {
        string answer = isDeep
            ? $"HTTP/1.1 400 No\r\nContent-Length: 200000\r\n\r\n{new string('[', 100_000)}{new string(']', 100_000)}"
            : $"HTTP/1.1 200 OK\r\n{string.Concat(Enumerable.Range(0, 2000).Select(number => $"x-{number}: {new string('a', 1000)}\r\n"))}\r\n";
        Service.Answer = _ => new Reply(Encoding.ASCII.GetBytes(answer), Closes: true);

        ErrorRecord error = Shell.Run($"{Cmdlet} {Ids}").Error();

        Assert.Equal("ResponseTooLarge", error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal(1, Service.RequestCount);
    }

    [Theory]
    [InlineData("1e400", "1e400")]
    [InlineData("\"a\\ud800b\"", "a\ufffdb")]
    public void A_strange_member_costs_no_session(string sent, string kept)
    {
        Service.Answer = _ => Reply.Json(200, $$"""{"uploadUrl":"https://h/u?s=1","x":{{sent}}}""");

        PSObject session = Shell.Run($"{Cmdlet} {Ids}").Single();

        Assert.Equal("https://h/u?s=1", session.Properties["UploadUrl"].Value);
        Assert.Equal(kept, ((IDictionary<string, object?>)session.Properties["AdditionalProperties"].Value)["x"]);
    }

    [Fact]
    public void A_session_with_a_byte_order_mark_is_read()
    {
        byte[] body = [.. Encoding.UTF8.GetPreamble(), .. Encoding.UTF8.GetBytes("""{"uploadUrl":"https://h/u?s=1","x":"é"}""")];
        byte[] head =
            Encoding.ASCII.GetBytes(
                $"HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: {body.Length}\r\n\r\n");
        Service.Answer = _ => new Reply([.. head, .. body]);

        foreach (string step in new[] { "", "-HttpPipelineAppend { param($request, $callback, $next) $next.SendAsync($request, $callback) }" })
        {
            PSObject session = Shell.Run($"{Cmdlet} {Ids} {step}").Single();
            Assert.Equal("é", ((IDictionary<string, object?>)session.Properties["AdditionalProperties"].Value)["x"]);
        }
    }

    private static byte[] Gzipped(int length)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal))
        {
            byte[] zeros = new byte[1_000_000];
            Array.Fill(zeros, (byte)' ');
            for (int written = 0; written < length; written += zeros.Length)
            {
                gzip.Write(zeros);
            }
        }

        return compressed.ToArray();
    }

    private static void AssertClean(string shown)
    {
        // The screen itself may be coloured by PowerShell: only what the server sent counts.
        string text = shown.Replace("\u001b[31;1m", "", StringComparison.Ordinal).Replace("\u001b[0m", "", StringComparison.Ordinal)
            .Replace("\u001b[36;1m", "", StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b[31m", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b]", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\u0007', text);
        Assert.DoesNotContain('\u202E', text);
        Assert.DoesNotContain('\u0000', text);
        Assert.DoesNotContain('\u009b', text);
        Assert.DoesNotContain('\u2028', text);
    }
}
