using System.Globalization;
using System.Management.Automation;
using MgPrint.PowerShell.Tests.Hosting;

namespace MgPrint.PowerShell.Tests.Cmdlets;

/// <summary>What may pass is tried again, in the service's own time, and told in words; what may not is told at once.</summary>
public sealed class RetryTests : ServiceTest
{
    private const string Past = "Sun, 06 Nov 1994 08:49:37 GMT";

    [Theory]
    [InlineData(429, "0")]
    [InlineData(503, "0")]
    [InlineData(504, "0")]
    [InlineData(503, "1")]
    [InlineData(429, Past)]
    public void A_service_that_is_busy_is_asked_again_when_it_says(int status, string retryAfter)
    {
        int calls = 0;
        Service.Answer = _ =>
            Interlocked.Increment(ref calls) < 3 ? Reply.GraphError(status, "tooBusy", "Not now.", ("Retry-After", retryAfter))
                : Reply.Session();

        Outcome outcome = Shell.Run($"{Cmdlet} {Ids} -Properties @{{ size = 1 }} -Verbose");

        outcome.Single();
        Assert.Equal([null, "1", "2"], Service.Requests.Select(request => request.Header("Retry-Attempt")));
        Assert.Single(Service.Requests.Select(request => request.BodyText).Distinct());
        Assert.Single(Service.Requests.Select(request => request.Header("client-request-id")).Distinct());
        // No wait, or one that has passed, is none that says something: then it is the module's own, at random.
        string wait = retryAfter == "1" ? "1" : @"[\d.]+";
        Assert.Collection(
            outcome.Verbose.Where(line => line.Contains("Trying again", StringComparison.Ordinal)),
            line => Assert.Matches($@"Trying again in {wait} s \(retry 1 of 3\)\.$", line),
            line => Assert.Matches($@"Trying again in {wait} s \(retry 2 of 3\)\.$", line));
        Assert.All(
            outcome.Verbose.Where(line => line.Contains("Trying again", StringComparison.Ordinal)),
            line => Assert.Contains(status.ToString(CultureInfo.InvariantCulture), line, StringComparison.Ordinal));
    }

    [Fact]
    public void A_connection_that_breaks_is_made_again()
    {
        int calls = 0;
        Service.Answer = _ => Interlocked.Increment(ref calls) < 2 ? new Reply([], Closes: true) : Reply.Session();

        Outcome outcome = Shell.Run($"{Cmdlet} {Ids} -Verbose");

        outcome.Single();
        Assert.Equal(2, Service.RequestCount);
        Assert.Contains(outcome.Verbose, line => line.Contains("broke the connection", StringComparison.Ordinal)
            && line.Contains("(retry 1 of 3)", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("86400", "24 hours", "")]
    [InlineData("600", "10 minutes", "")]
    [InlineData("9999", "2 hours 47 minutes", "")]
    [InlineData("600", "10 minutes", "-HttpPipelineAppend { param($request, $callback, $next) $next.SendAsync($request, $callback) }")]
    public void A_service_that_wants_to_be_left_alone_for_long_is_left_alone_and_says_for_how_long(string retryAfter, string expected,
        string step)
    {
        Service.Answer = _ => Reply.GraphError(429, "tooManyRequests", "Slow down.", ("Retry-After", retryAfter));

        ErrorRecord error = Shell.Run($"{Cmdlet} {Ids} {step}").Error();

        Assert.Equal(1, Service.RequestCount);
        Assert.Equal("tooManyRequests", error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.StartsWith("[tooManyRequests] : Slow down.", error.Exception.Message, StringComparison.Ordinal);
        Assert.Equal(2, error.ErrorDetails.Message.Split($"tried again in {expected}.").Length);
        Assert.Equal(2, error.ErrorDetails.Message.Split("tried again").Length);
    }

    [Fact]
    public void A_wait_that_nobody_could_wait_is_not_told_in_hours()
    {
        Service.Answer = _ => Reply.GraphError(429, "tooManyRequests", "Slow down.", ("Retry-After", "99999999999999999999"));

        ErrorRecord error = Shell.Run($"{Cmdlet} {Ids}").Error();

        Assert.Contains("names no usable time", error.ErrorDetails.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hours", error.ErrorDetails.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_date_far_away_is_told_as_well()
    {
        string date = DateTime.UtcNow.AddHours(5.5).ToString("R", CultureInfo.InvariantCulture);
        Service.Answer = _ => Reply.Of(503, "", ("Retry-After", date));

        ErrorRecord error = Shell.Run($"{Cmdlet} {Ids}").Error();

        Assert.Equal(1, Service.RequestCount);
        Assert.Contains("tried again in 5 hours", error.ErrorDetails.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void When_the_tries_are_spent_the_error_says_how_many_there_were()
    {
        Service.Answer = _ => Reply.GraphError(503, "serviceNotAvailable", "Not now.", ("Retry-After", "0"));

        ErrorRecord error = Shell.Run($"{Cmdlet} {Ids}").Error();

        Assert.Equal(4, Service.RequestCount);
        Assert.StartsWith("[serviceNotAvailable] : Not now.", error.Exception.Message, StringComparison.Ordinal);
        Assert.Contains("after 3 retries", error.ErrorDetails.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(404)]
    [InlineData(409)]
    [InlineData(500)]
    public void What_another_try_would_not_change_is_tried_once(int status)
    {
        Service.Answer = _ => Reply.GraphError(status, "no", "No.", ("Retry-After", "0"));

        Assert.Equal("no", Shell.Run($"{Cmdlet} {Ids}").Error().FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal(1, Service.RequestCount);
    }
}
