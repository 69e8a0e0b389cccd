using System.Linq.Expressions;
using System.Management.Automation;
using MgPrint.PowerShell.Tests.Hosting;

namespace MgPrint.PowerShell.Tests.Cmdlets;

/// <summary>The caller's own steps around a request.</summary>
public sealed class HttpPipelineTests : ServiceTest
{
    [Fact]
    public void Steps_run_in_the_documented_order()
    {
        Outcome outcome = Shell.Run($$"""
            $global:order = [Collections.Generic.List[string]]::new()
            function step([string] $name) { { param($request, $callback, $next) $global:order.Add($name); $next.SendAsync($request, $callback) }.GetNewClosure() }
            $null = {{Cmdlet}} {{Ids}} -HttpPipelinePrepend (step p1), (step p2) -HttpPipelineAppend (step a1), (step a2)
            $global:order
            """);

        outcome.AssertQuiet();
        Assert.Equal(["p2", "p1", "a1", "a2"], outcome.Output.Select(name => name.ToString()));
        Assert.Single(Service.Requests);
    }

    [Fact]
    public void A_step_sees_the_request_before_sign_in_and_may_change_it()
    {
        Outcome outcome = Shell.Run($$"""
            $step = {
                param($request, $callback, $next)
                $global:seen = @{
                    Method = $request.Method.Method
                    Uri = $request.RequestUri.AbsoluteUri
                    Body = $request.Content.ReadAsStringAsync().Result
                    Type = $request.Content.Headers.ContentType.ToString()
                    Mine = ($request.Headers.GetValues('X-Mine') -join ',')
                    SignedIn = $request.Headers.Contains('Authorization')
                }
                $request.Headers.Add('X-Step', [string[]]('1', '2'))
                $request.Content = [Net.Http.StringContent]::new('{"changed":"by a step"}', [Text.Encoding]::UTF8, 'application/json')
                $next.SendAsync($request, $callback)
            }
            {{Cmdlet}} -PrinterId 'p 1/x' -PrintJobId j -PrintDocumentId d -Headers @{ 'X-Mine' = 'a', 'b' } -Properties @{ size = 1 } -HttpPipelineAppend $step
            """);

        outcome.Single();
        var seen = (System.Collections.Hashtable)((PSObject)Shell.Run("$global:seen").Single()).BaseObject;
        Assert.Equal("POST", seen["Method"]);
        Assert.EndsWith("/v1.0/print/printers/p%201%2Fx/jobs/j/documents/d/microsoft.graph.createUploadSession", (string)seen["Uri"]!,
            StringComparison.Ordinal);
        Assert.Equal("""{"properties":{"size":1}}""", seen["Body"]);
        Assert.Equal("application/json", seen["Type"]);
        Assert.Equal("a,b", seen["Mine"]);
        Assert.Equal(false, seen["SignedIn"]);

        Assert.Equal("""{"changed":"by a step"}""", Service.Request.BodyText);
        Assert.Equal($"Bearer {Token}", Service.Request.Header("Authorization"));
        Assert.Equal(["1", "2"], Service.Request.Headers.Where(header => header.Key.Equals("X-Step", StringComparison.OrdinalIgnoreCase))
            .Select(header => header.Value));
    }

    [Fact]
    public void A_step_may_answer_by_itself()
    {
        Outcome outcome = Shell.Run($$"""
            $step = {
                $answer = [Net.Http.HttpResponseMessage]::new(200)
                $answer.Content = [Net.Http.StringContent]::new('{"uploadUrl":"https://host/u?t=1","note":"mine"}')
                $answer.Headers.Add('X-From', 'step')
                [Threading.Tasks.Task]::FromResult($answer)
            }
            {{Cmdlet}} {{Ids}} -HttpPipelinePrepend $step -ResponseHeadersVariable headers
            """);

        Assert.Equal("mine", outcome.Single().Properties["AdditionalProperties"].Value is IDictionary<string, object> more ? more["note"]
            : null);
        Assert.Empty(Service.Requests);
        Assert.Equal("step", Shell.Run("$global:headers['x-from']").Single().ToString());
    }

    [Fact]
    public void A_step_may_read_and_change_the_answer()
    {
        Outcome outcome = Shell.Run($$"""
            $step = {
                param($request, $callback, $next)
                $answer = $next.SendAsync($request, $callback).GetAwaiter().GetResult()
                $global:status = [int]$answer.StatusCode
                $text = $answer.Content.ReadAsStringAsync().Result
                $answer.Content = [Net.Http.StringContent]::new($text.Insert(1, '"added":true,'))
                [Threading.Tasks.Task]::FromResult($answer)
            }
            ({{Cmdlet}} {{Ids}} -HttpPipelineAppend $step).AdditionalProperties['added']
            $global:status
            """);

        outcome.AssertQuiet();
        Assert.Equal([true, 200], outcome.Output.Select(value => value.BaseObject));
    }

    [Fact]
    public void A_refusal_is_an_answer_to_the_step_and_an_error_to_the_caller()
    {
        Service.Answer = _ => Reply.GraphError(403, "Forbidden", "No.");
        Outcome outcome = Shell.Run($$"""
            $step = { param($request, $callback, $next) $task = $next.SendAsync($request, $callback); $global:status = [int]$task.Result.StatusCode; $task }
            {{Cmdlet}} {{Ids}} -HttpPipelineAppend $step
            """);

        Assert.Equal("Forbidden", outcome.Error().FullyQualifiedErrorId.Split(',')[0]);
        Assert.StartsWith("[Forbidden] : No.", outcome.Error().Exception.Message, StringComparison.Ordinal);
        Assert.Equal(403, Shell.Run("$global:status").Single().BaseObject);
    }

    [Theory]
    [InlineData("Verbose")]
    [InlineData("Debug")]
    [InlineData("Warning")]
    [InlineData("Information")]
    [InlineData("Error")]
    [InlineData("SomethingElse")]
    public void What_a_step_reports_goes_to_the_stream_of_that_name(string id)
    {
        Outcome outcome = Shell.Run($$"""
            $VerbosePreference = $DebugPreference = 'Continue'
            $step = {
                param($request, $callback, $next)
                $report = [Microsoft.Graph.PowerShell.Runtime.EventData]@{ Message = 'from a step' }
                $null = $callback.Signal('{{id}}', $callback.Token, { $report }.GetNewClosure())
                $next.SendAsync($request, $callback)
            }
            {{Cmdlet}} {{Ids}} -HttpPipelineAppend $step
            """);

        var streams = new Dictionary<string, IEnumerable<string>>
        {
            ["Verbose"] = outcome.Verbose,
            ["Debug"] = outcome.Debug,
            ["Warning"] = outcome.Warnings,
            ["Information"] = outcome.Information,
            ["Error"] = outcome.Errors.Select(error => error.Exception.Message),
        };
        Assert.Single(outcome.Output);
        Assert.All(streams, stream => Assert.Equal(stream.Key == id ? 1 : 0, stream.Value.Count(line => line == "from a step")));
    }

    [Theory]
    [InlineData("{ throw 'out of paper' }", "failed: out of paper")]
    [InlineData("{ $null }", "nothing")]
    [InlineData("{ }", "nothing")]
    [InlineData("{ 'chatter'; [Threading.Tasks.Task]::FromResult([Net.Http.HttpResponseMessage]::new(200)) }",
        "one Task[HttpResponseMessage] and nothing else")]
    [InlineData("{ 5 }", "one Task[HttpResponseMessage] and nothing else")]
    [InlineData("{ [Threading.Tasks.Task]::FromResult[Net.Http.HttpResponseMessage]($null) }", "answered nothing")]
    [InlineData("{ [Threading.Tasks.Task]::FromCanceled[Net.Http.HttpResponseMessage]([Threading.CancellationToken]::new($true)) }",
        "ended as a cancelled task")]
    [InlineData("{ throw [OperationCanceledException]::new() }", "ended as a cancelled task")]
    public void A_step_that_fails_is_named_in_one_error(string step, string why)
    {
        Outcome outcome = Shell.Run($"{Cmdlet} {Ids} -HttpPipelinePrepend {{ param($r, $c, $n) $n.SendAsync($r, $c) }}, {step}");

        ErrorRecord error = outcome.Error();
        Assert.Equal("HttpPipelineStepFailed", error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Contains("-HttpPipelinePrepend[1]", error.Exception.Message, StringComparison.Ordinal);
        Assert.Contains(why, error.Exception.Message, StringComparison.Ordinal);
        Assert.Empty(Service.Requests);
    }

    [Theory]
    [InlineData("$c.Cancel.Invoke(); $n.SendAsync($r, $c)")]
    [InlineData("$c.Cancel.Invoke(); $null")]
    [InlineData("$c.Cancel.Invoke(); [Threading.Tasks.Task]::FromResult([Net.Http.HttpResponseMessage]::new(200))")]
    public void A_step_that_cancels_ends_its_record_and_no_other(string step)
    {
        Outcome outcome = Shell.Run($$"""
            $step = { param($r, $c, $n) if ($r.RequestUri.AbsolutePath -notlike '*/p2/*') { {{step}} } else { $n.SendAsync($r, $c) } }
            'p1', 'p2', 'p3' | ForEach-Object { @{ PrinterId = $_; PrintJobId = 'j'; PrintDocumentId = 'd' } } | {{Cmdlet}} -HttpPipelineAppend $step
            'went on'
            """);

        Assert.Null(outcome.Thrown);
        Assert.Equal(["Cancelled", "Cancelled"], outcome.Errors.Select(error => error.FullyQualifiedErrorId.Split(',')[0]));
        Assert.All(outcome.Errors, error => Assert.Contains("step", error.Exception.Message, StringComparison.Ordinal));
        Assert.Equal(2, outcome.Output.Count);
        Assert.Single(Service.Requests);
    }

    [Fact]
    public async Task A_step_that_cancels_from_another_thread_ends_what_is_under_way()
    {
        Service.Answer = _ => null;
        List<Action> cancel = [];
        Task<Outcome> running = Task.Run(() => Shell.Run(
            $"{Cmdlet} {Ids} -HttpPipelineAppend {{ param($r, $c, $n) $cancel.Add($c.Cancel); $n.SendAsync($r, $c) }}; 'went on'",
                ("cancel", cancel)));
        await Service.FirstRequest;

        Assert.Single(cancel)();

        Outcome outcome = await running.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal("Cancelled", outcome.Error().FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal("went on", Assert.Single(outcome.Output).BaseObject);
    }

    [Theory]
    [InlineData("$task = $n.SendAsync($r, $c); $task.Result.Dispose(); $task")]
    [InlineData("$task = $n.SendAsync($r, $c); $task.Result.Content = [Net.Http.StreamContent]::new($stream); $task")]
    public void A_response_that_cannot_be_read_is_an_error_of_its_record_alone(string step)
    {
        Outcome outcome = Shell.Run(
            $$"""
            $step = { param($r, $c, $n) if ($r.RequestUri.AbsolutePath -like '*/p1/*') { {{step}} } else { $n.SendAsync($r, $c) } }
            'p1', 'p2' | ForEach-Object { @{ PrinterId = $_; PrintJobId = 'j'; PrintDocumentId = 'd' } } | {{Cmdlet}} -HttpPipelineAppend $step
            """,
            ("stream", new Unreadable()));

        Assert.Null(outcome.Thrown);
        Assert.Equal("HttpPipelineStepFailed", outcome.Error().FullyQualifiedErrorId.Split(',')[0]);
        Assert.Contains("cannot be read", outcome.Error().Exception.Message, StringComparison.Ordinal);
        Assert.Single(outcome.Output);
    }

    private sealed class Unreadable : MemoryStream
    {
        public override Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("no bytes today");
    }

    [Fact]
    public void A_failure_deep_in_the_chain_names_the_step_it_came_from()
    {
        Outcome outcome = Shell.Run($"{Cmdlet} {Ids} -HttpPipelinePrepend {{ param($r, $c, $n) $n.SendAsync($r, $c) }} -HttpPipelineAppend {{ throw 'deep' }}");

        Assert.Contains("-HttpPipelineAppend[0] failed: deep", outcome.Error().Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_step_uses_PowerShell_on_the_pipelines_own_thread()
    {
        Outcome outcome = Shell.Run($$"""
            $VerbosePreference = 'Continue'
            $script:before = [Environment]::CurrentManagedThreadId
            $step = { param($request, $callback, $next) Write-Verbose "step on $([Environment]::CurrentManagedThreadId -eq $before)"; $next.SendAsync($request, $callback) }
            function Write-Verbose([string] $text) { $global:said = $text }
            $null = {{Cmdlet}} {{Ids}} -HttpPipelineAppend $step
            $global:said
            """);

        Assert.Equal("step on True", outcome.Output[^1].ToString());
    }

    [Fact]
    public void A_request_that_went_elsewhere_carries_no_token()
    {
        using var elsewhere = new StubService();
        Shell.Run($$"""
            $step = { param($request, $callback, $next) $request.RequestUri = [uri]'{{elsewhere.Endpoint}}/other'; $next.SendAsync($request, $callback) }
            {{Cmdlet}} {{Ids}} -HttpPipelineAppend $step
            """).Single();

        Assert.Empty(Service.Requests);
        Assert.Equal("/other", elsewhere.Request.Target);
        Assert.Null(elsewhere.Request.Header("Authorization"));
    }

    [Fact]
    public void A_step_sees_one_call_whatever_the_retries()
    {
        int calls = 0;
        Service.Answer = _ => ++calls < 3 ? Reply.Of(503, "", ("Retry-After", "0")) : Reply.Session();
        Outcome outcome = Shell.Run($$"""
            $global:calls = 0
            $step = { param($request, $callback, $next) $global:calls++; $next.SendAsync($request, $callback) }
            $null = {{Cmdlet}} {{Ids}} -HttpPipelineAppend $step
            $global:calls
            """);

        Assert.Equal(1, outcome.Single().BaseObject);
        Assert.Equal(3, calls);
    }

    [Fact]
    public void A_compiled_step_may_go_on_in_a_thread_of_its_own()
    {
        Delegate step = Compiled(nameof(SendFromAnotherThread));

        Outcome outcome = Shell.Run($"{Cmdlet} {Ids} -HttpPipelineAppend $step -Debug", ("step", step), ("DebugPreference", "Continue"));

        Assert.Single(outcome.Output);
        Assert.Contains(outcome.Debug, line => line.Contains("HTTP REQUEST", StringComparison.Ordinal));
    }

    [Fact]
    public void A_step_behind_such_a_step_is_refused_by_its_name()
    {
        Outcome outcome = Shell.Run(
            $"{Cmdlet} {Ids} -HttpPipelineAppend $step, {{ param($r, $c, $n) $n.SendAsync($r, $c) }}",
            ("step", Compiled(nameof(SendFromAnotherThread))));

        Assert.Contains("-HttpPipelineAppend[1] cannot run behind", outcome.Error().Exception.Message, StringComparison.Ordinal);
        Assert.Empty(Service.Requests);
    }

    [Fact]
    public async Task Stopping_ends_the_engine_below_the_steps()
    {
        Service.Answer = _ => null;
        await AssertStopsAsync("{ param($r, $c, $n) $n.SendAsync($r, $c) }", null, Service.FirstRequest);
    }

    [Fact]
    public async Task Stopping_ends_the_engine_below_a_step_in_another_thread()
    {
        Service.Answer = _ => null;
        await AssertStopsAsync("$step", Compiled(nameof(SendFromAnotherThread)), Service.FirstRequest);
    }

    [Fact]
    public async Task Stopping_waits_for_no_compiled_step()
    {
        await AssertStopsAsync("$step", Compiled(nameof(NeverAnswer)), HasBegun.Task);
        Assert.Empty(Service.Requests);
    }

    private async Task AssertStopsAsync(string step, Delegate? compiled, Task begun)
    {
        Shell.Runspace.SessionStateProxy.SetVariable("step", compiled);
        using var shell = System.Management.Automation.PowerShell.Create(Shell.Runspace);
        shell.AddScript($"{Cmdlet} {Ids} -HttpPipelineAppend {step}");
        IAsyncResult running = shell.BeginInvoke();
        await begun;

        await Task.Run(shell.Stop).WaitAsync(TimeSpan.FromSeconds(5));

        Assert.Throws<PipelineStoppedException>(() => shell.EndInvoke(running));
    }

    /// <summary>One of the methods below as a step of the module's own type, as somebody's compiled code has it.</summary>
    private Delegate Compiled(string method)
    {
        Type type = (Type)((PSObject)Shell.Run("[Microsoft.Graph.PowerShell.Runtime.SendAsyncStep]").Single()).BaseObject;
        System.Reflection.MethodInfo invoke = type.GetMethod("Invoke")!;
        ParameterExpression[] parameters = [.. invoke.GetParameters().Select(parameter => Expression.Parameter(parameter.ParameterType))];
        return Expression.Lambda(
            type,
            Expression.Call(
                typeof(HttpPipelineTests), method, null, parameters[0],
                Expression.Convert(parameters[1], typeof(object)), Expression.Convert(parameters[2], typeof(object))),
            parameters).Compile();
    }

    private static readonly TaskCompletionSource HasBegun = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public static Task<HttpResponseMessage> NeverAnswer(HttpRequestMessage request, object callback, object next)
    {
        HasBegun.TrySetResult();
        return new TaskCompletionSource<HttpResponseMessage>().Task;
    }

    public static async Task<HttpResponseMessage> SendFromAnotherThread(HttpRequestMessage request, object callback, object next)
    {
        await Task.Yield();
        return await Task.Run(async () => await (Task<HttpResponseMessage>)next.GetType().GetInterfaces()
            .Single(type => type.Name == "ISendAsync").GetMethod("SendAsync")!.Invoke(next, [request, callback])!);
    }
}
