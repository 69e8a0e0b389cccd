using System.Collections;
using System.Management.Automation;
using System.Reflection;
using System.Text;
using MgPrint.PowerShell.Tests.Hosting;

namespace MgPrint.PowerShell.Tests.Cmdlets;

/// <summary>
/// Each secret is a canary. After everything that can go wrong, with every stream switched on, no canary is in any stream,
/// in any error however deep, or on the screen. What a user typed is in $MyInvocation by PowerShell's own doing.
/// </summary>
public sealed class SecretTests : ServiceTest
{
    private const string HeaderSecret = "CANARY-HEADER-9d2e";
    private const string UrlSecret = "CANARY-UPLOAD-URL";
    private const string Loud = "-Verbose -Debug -InformationAction Continue";

    private static readonly string[] Canaries = [Token, HeaderSecret, UrlSecret, Uri.EscapeDataString(UrlSecret)];

    /// <summary>Answers of every kind, with a place for all that the request brought, as careless servers and proxies repeat it.</summary>
    public static TheoryData<string, int, string> CarelessAnswers() => new()
    {
        { "application/json", 400,
            """{"error":{"code":"HEARD","message":"You sent HEARD","innerError":{"request-id":"HEARD","date":"HEARD"}}}""" },
        { "application/json", 401, """{"error":{"code":"InvalidAuthenticationToken","message":"HEARD is not valid."}}""" },
        { "application/json", 403, """{"error":{"code":"UnknownError","message":"HEARD"}}""" },
        { "text/html", 502, "<html>HEARD</html>" },
        { "text/plain", 200, "HEARD" },
        { "application/json", 200, "[\"HEARD\"]" },
        { "application/json", 500, "" },
    };

    [Theory]
    [MemberData(nameof(CarelessAnswers))]
    public void No_secret_comes_back_from_a_careless_server(string contentType, int status, string body)
    {
        Service.Answer = request =>
        {
            string heard = $"{request.Header("Authorization")} {request.Header("x-api-key")}".Trim();
            return Reply.Of(
                status, body.Replace("HEARD", heard, StringComparison.Ordinal),
                ("Content-Type", contentType), ("x-echo", heard), ("Set-Cookie", $"sid={heard}"),
                    ("WWW-Authenticate", $"Bearer error=\"{heard}\""));
        };

        AssertSilent($"{Cmdlet} {Ids} -Headers @{{ Authorization = \"Bearer $header\"; 'x-api-key' = $header }} {Loud}");
        AssertSilent($"{Cmdlet} {Ids} {Loud} -RHV answer");
        Assert.Contains(Service.Requests, request => request.Header("Authorization") == $"Bearer {Token}");
    }

    [Theory]
    [InlineData(200, """{"uploadUrl":"https://h/a|b?sig=x|CANARY-UPLOAD-URL"}""")]
    [InlineData(200, """{"uploadUrl":"https://h/u?a b=CANARY-UPLOAD-URL","note":"CANARY-UPLOAD-URL"}""")]
    [InlineData(200, """{"uploadUrl":"https://h/u?v={\"t\":\"CANARY-UPLOAD-URL\"}"}""")]
    [InlineData(200, """{"uploadUrl":"https://h/a\u001b\n<b>?t=CANARY-UPLOAD-URL","x":""")]
    [InlineData(400, """{"error":{"code":"C","message":"see https://h/a\nb?t=CANARY-UPLOAD-URL"},"uploadUrl":"https://h/a\nb?t=CANARY-UPLOAD-URL"}""")]
    [InlineData(400, """{"error":{"code":"C","message":"https://h/u?t\u003dCANARY-UPLOAD-URL"},"uploadUrl":"https://h/u?t\u003dCANARY-UPLOAD-URL"}""")]
    [InlineData(502, """{"uploadUrl":"https://h/u?tempauthtoken\u003dCANARY-UPLOAD-URL","x":""")]
    public void No_secret_of_an_upload_url_is_told_however_it_is_spelled(int status, string body)
    {
        Service.Answer = _ => Reply.Json(status, body);

        AssertSilent($"$null = {Cmdlet} {Ids} {Loud}");
    }

    [Theory]
    [InlineData("")]
    [InlineData("-WhatIf")]
    [InlineData("-Headers @{ Authorization = \"Bearer $header\"; 'Host' = 'h' }")]
    [InlineData("-Headers @{ Authorization = \"Bearer $header`r`nx: y\" }")]
    [InlineData("-Headers @{ Authorization = \"Bearer $header\", $null }")]
    [InlineData("-Headers @{ Authorization = @{ x = $header } }")]
    public void No_secret_is_in_what_goes_well_or_is_refused_at_once(string arguments) =>
        AssertSilent($"$null = {Cmdlet} {Ids} {arguments} {Loud}");

    [Theory]
    [InlineData("http://127.0.0.1:1")]
    [InlineData("https://user:CANARY-ACCESS-TOKEN-4f1c@graph.example")]
    [InlineData("http://CANARY-ACCESS-TOKEN-4f1c.example")]
    public void No_secret_is_in_an_error_of_the_network_or_the_endpoint(string endpoint)
    {
        SetEnvironment(endpoint, Token);
        bool isHostItself = endpoint.StartsWith("http://CANARY", StringComparison.Ordinal);

        AssertSilent($"{Cmdlet} {Ids} {Loud}", isHostItself ? [HeaderSecret, UrlSecret] : Canaries);
    }

    [Fact]
    public void No_secret_is_in_a_failed_handshake_or_in_silence()
    {
        using var server = new PlainTextServer();
        SetEnvironment(server.Endpoint, Token);
        AssertSilent($"{Cmdlet} {Ids} -Headers @{{ 'x-api-key' = $header }} {Loud}");

        SetEnvironment(Service.Endpoint, Token);
        Service.Answer = _ => null;
        AssertSilent($"$env:MGPRINT_TIMEOUT_SEC = '1'; try {{ {Cmdlet} {Ids} -Headers @{{ 'x-api-key' = $header }} {Loud} }} finally {{ $env:MGPRINT_TIMEOUT_SEC = $null }}");
    }

    [Theory]
    [InlineData("{ param($r, $c, $n) throw \"for $($r.Headers.Authorization)\" }")]
    [InlineData("{ param($r, $c, $n) throw $n.SendAsync($r, $c).Result.Content.ReadAsStringAsync().Result }")]
    [InlineData("{ param($r, $c, $n) $null = $c.Signal('Warning', $c.Token, { [Microsoft.Graph.PowerShell.Runtime.EventData]@{ Message = \"for $($r.Headers.Authorization)\" } }.GetNewClosure()); $n.SendAsync($r, $c) }")]
    public void No_secret_is_in_what_is_told_of_a_step(string step)
    {
        Outcome outcome =
            Shell.Run($"$null = {Cmdlet} {Ids} -Headers @{{ Authorization = \"Bearer $header\" }} -HttpPipelineAppend {step} -Verbose",
                ("header", HeaderSecret));

        // What the script block itself threw, PowerShell keeps in $Error by its own doing; this is what is ours.
        string told = string.Join('\n', [.. outcome.Warnings, .. outcome.Verbose, .. outcome.Debug, .. outcome.Errors.Select(Everything)]);
        Assert.True(outcome.Errors.Count + outcome.Warnings.Count == 1, told);
        Assert.All(Canaries, canary => Assert.DoesNotContain(canary, told, StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("@{ Authorization = \"Bearer $none\" }")]
    [InlineData("@{ 'X-Api-Key' = '' }")]
    public void A_secret_header_without_a_value_does_not_hide_why_a_step_failed(string headers)
    {
        Outcome outcome = Shell.Run($"{Cmdlet} {Ids} -Headers {headers} -HttpPipelineAppend {{ throw 'out of paper' }}; 'went on'");

        Assert.Equal("HttpPipelineStepFailed", outcome.Error().FullyQualifiedErrorId.Split(',')[0]);
        Assert.Contains("out of paper", outcome.Error().Exception.Message, StringComparison.Ordinal);
        Assert.Equal("went on", Assert.Single(outcome.Output).BaseObject);
    }

    [Theory]
    [InlineData("{ param($r) throw \"$($r.Headers)\" }")]
    [InlineData("{ throw 'the cookie is sid=CANARY-HEADER-9d2e' }")]
    [InlineData("{ throw 'the session is CANARY-HEADER-9d2e' }")]
    public void Every_part_of_a_secret_header_is_masked_in_what_a_step_says(string step)
    {
        Outcome outcome = Shell.Run(
            $"{Cmdlet} {Ids} -Headers @{{ Cookie = \"sid=$header; lang=de\" }} -HttpPipelineAppend {step}", ("header", HeaderSecret));

        Assert.DoesNotContain(HeaderSecret, Everything(outcome.Error()), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData(400, "{}")]
    [InlineData(403, "CANARY-UPLOAD-URL")]
    [InlineData(404, """{"error":{"code":"CANARY-UPLOAD-URL","message":"https://h/u?tempauthtoken=CANARY-UPLOAD-URL"}}""")]
    [InlineData(200, "CANARY-UPLOAD-URL")]
    [InlineData(307, "")]
    public void No_secret_is_in_an_error_of_an_upload(int status, string body)
    {
        Service.Answer = request =>
            Reply.Of(status, body, ("x-echo", request.Target), ("Location", $"http://other.example{request.Target}"));

        AssertSilent($"Send-MgPrintDocument $file -UploadUrl $url -MaxRetry 0 {Loud}");
        AssertSilent($"@{{ uploadUrl = $url }} | Send-MgPrintDocument $file -MaxRetry 0 {Loud}");
        AssertSilent($"$s = [securestring]::new(); $url.ToCharArray() | ForEach-Object {{ $s.AppendChar($_) }}; Send-MgPrintDocument $file -UploadUrl $s -MaxRetry 0 {Loud}");
    }

    [Theory]
    [InlineData(202, "{}")]
    [InlineData(400, "{}")]
    [InlineData(403, "HEARD")]
    [InlineData(404, """{"error":{"code":"HEARD","message":"https://h/u?HEARD"}}""")]
    [InlineData(409, """{"error":{"code":"Conflict","message":"HEARD"}}""")]
    [InlineData(200, "HEARD")]
    [InlineData(307, "")]
    public void No_secret_is_in_an_error_of_a_document_whose_session_was_created_with_it(int status, string body)
    {
        Service.Answer = request => request.Method == "POST"
            ? Reply.Json(200, $$"""{"uploadUrl":"{{Service.Endpoint}}/u?tempauthtoken={{UrlSecret}}","nextExpectedRanges":["0-7"]}""")
            : Reply.Of(status, body.Replace("HEARD", request.Target, StringComparison.Ordinal), ("x-echo", request.Target),
                ("Location", $"http://other.example{request.Target}"));
        string address = "-PrinterId p -PrintJobId j -PrintDocumentId d -DocumentName d.pdf -MaxRetry 0";

        AssertSilent($"Send-MgPrintDocument $file {address} {Loud} -Headers @{{ 'x-api-key' = $header; 'Ocp-Apim-Subscription-Key' = $header }} -RHV answer");
        AssertSilent($"Send-MgPrintDocument $file {address} {Loud} -ResumeFile \"$file.resume\"");
        AssertSilent($"Send-MgPrintDocument -Content ([byte[]](1..8)) {address} {Loud}");
        Assert.DoesNotContain(Service.Requests, request => request.Method != "POST"
            && (request.Header("Authorization") ?? request.Header("x-api-key") ?? request.Header("Ocp-Apim-Subscription-Key")) is not null);
    }

    [Theory]
    [InlineData("-UploadUrl $url", "HEARD")]
    [InlineData("-UploadUrl $url", "the token is CANARY-UPLOAD-URL")]
    [InlineData("-UploadUrl $url", "CANARY-UPLOAD-URL")]
    [InlineData("-PrinterId p -PrintJobId j -PrintDocumentId d", "HEARD")]
    [InlineData("-PrinterId p -PrintJobId j -PrintDocumentId d", "the token is CANARY-UPLOAD-URL")]
    [InlineData("-PrinterId p -PrintJobId j -PrintDocumentId d", "CANARY-UPLOAD-\\u0055RL")]
    public void No_secret_is_in_what_the_service_says_of_a_document(string target, string said)
    {
        Service.Answer = request =>
        {
            string told = said.Replace("HEARD", $"{Service.Endpoint}{request.Target}", StringComparison.Ordinal);
            return request.Method == "PUT"
                ? Reply.Json(201, $$"""{"documentName":"{{told}}","contentType":"{{told}}","id":"{{told}}","size":8}""")
                : Reply.Json(200, $$"""{"uploadUrl":"{{Service.Endpoint}}/u?tempauthtoken={{UrlSecret}}","nextExpectedRanges":["0-7"]}""");
        };

        AssertSilent($"$sent = Send-MgPrintDocument -Content ([byte[]](1..8)) -DocumentName d.pdf {target} -MaxRetry 0 {Loud}; $sent | Out-Default; $sent | ForEach-Object {{ $_.Name, $_.ContentType, $_.DocumentId, \"$_\" }}");
        Assert.Contains(Service.Requests, request => request.Method == "PUT");
    }

    [Fact]
    public void A_secret_is_one_in_small_hex_digits_too()
    {
        Service.Answer = request => request.Method == "PUT"
            ? Reply.Json(201, """{"id":"d","size":8,"documentName":"t is CANARY%2fUPLOAD%3aURL"}""")
            : Reply.Json(200, """{"nextExpectedRanges":["0-7"]}""");

        Outcome outcome = Shell.Run($"(Send-MgPrintDocument -Content ([byte[]](1..8)) -DocumentName d.pdf -MaxRetry 0 -UploadUrl '{Service.Endpoint}/u?t=CANARY%2FUPLOAD%3AURL').Name");

        Assert.Equal("t is ***", outcome.Single().BaseObject);
    }

    [Fact]
    public void What_the_caller_called_a_document_stays()
    {
        const string Name = "see http://intranet/a?b=c.pdf";
        Service.Answer = request => request.Method == "PUT"
            ? Reply.Json(201, request.Target.EndsWith("again", StringComparison.Ordinal)
                ? $$"""{"id":"d","size":8,"documentName":"{{Name}}"}""" : """{"id":"d","size":8}""")
            : Reply.Json(200, """{"nextExpectedRanges":["0-7"]}""");

        Outcome outcome = Shell.Run(
            $"'{Service.Endpoint}/u?t=x', '{Service.Endpoint}/u?t=again' | ForEach-Object {{ (Send-MgPrintDocument -Content ([byte[]](1..8)) -DocumentName '{Name}' -MaxRetry 0 -UploadUrl $_).Name }}");

        Assert.Equal([Name, Name], outcome.AssertQuiet().Output.Select(name => name.BaseObject));
    }

    [Theory]
    [InlineData(200, "HEARD")]
    [InlineData(403, "HEARD")]
    [InlineData(404, "")]
    [InlineData(200, """{"nextExpectedRanges":["HEARD"],"HEARD":1}""")]
    public void No_secret_is_in_what_is_told_of_a_session(int status, string body)
    {
        Service.Answer = request =>
            Reply.Of(status, body.Replace("HEARD", request.Target, StringComparison.Ordinal), ("x-echo", request.Target));

        AssertSilent($"$null = Get-MgPrintUploadSession $url {Loud}");
        AssertSilent($"@{{ uploadUrl = $url }} | Remove-MgPrintUploadSession {Loud}");
    }

    [Theory]
    [InlineData("ftp://h/u?t=CANARY-UPLOAD-URL")]
    [InlineData("http://foreign.example/u?t=CANARY-UPLOAD-URL")]
    [InlineData("CANARY-UPLOAD-URL")]
    [InlineData("https://CANARY-UPLOAD-URL@h/u")]
    [InlineData("https://h/u?t=CANARY-UPLOAD-URL#CANARY-UPLOAD-URL")]
    public void No_secret_is_in_the_refusal_of_an_upload_url(string url) =>
        AssertSilent(
            $"Send-MgPrintDocument $file -UploadUrl '{url}' -MaxRetry 0 {Loud}; Send-MgPrintDocument $file -UploadUrl '{url}' -WhatIf");

    private void AssertSilent(string script) => AssertSilent(script, Canaries);

    private void AssertSilent(string script, string[] canaries)
    {
        string file = Path.GetTempFileName();
        File.WriteAllText(file, "document");
        var host = new TestHost();
        using var shell = new Shell(host);
        try
        {
            Outcome outcome =
                shell.Run(script, ("header", HeaderSecret), ("file", file),
                    ("url", $"{Service.Endpoint}/uploadSessions/1?tempauthtoken={UrlSecret}"));
            shell.Run("$Error | Out-Default");
            var errors = (IEnumerable)shell.Variable("Error")!;
            string seen = string.Join('\n', [
                host.Screen, .. outcome.Warnings, .. outcome.Verbose, .. outcome.Debug, .. outcome.Information,
                .. outcome.Progress.Select(record => $"{record.Activity} {record.StatusDescription} {record.CurrentOperation}"),
                .. outcome.Output.Select(item => item?.ToString() ?? ""),
                .. outcome.Errors.Select(Everything), .. errors.Cast<object>().Select(Everything)]);

            Assert.All(canaries,
                canary => Assert.DoesNotContain(canary, WithoutTheCommandLine(seen, script), StringComparison.OrdinalIgnoreCase));
        }
        finally
        {
            File.Delete(file);
            File.Delete($"{file}.resume");
        }
    }

    /// <summary>An error shows the line it came from; a secret that was typed there is the user's own.</summary>
    private static string WithoutTheCommandLine(string seen, string script)
    {
        foreach (string typed in script.Split(';', '\n').Append(script))
        {
            seen = seen.Replace(typed.Trim(), "", StringComparison.Ordinal);
        }

        return string.Join('\n', seen.Split('\n').Where(line => !line.Contains("Send-MgPrintDocument $file", StringComparison.Ordinal)));
    }

    /// <summary>Every text in an error, through all its objects, but for the invocation, which is PowerShell's.</summary>
    private static string Everything(object root)
    {
        var text = new StringBuilder();
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        var open = new Stack<object>([root]);
        while (open.TryPop(out object? item))
        {
            if (item is PSObject wrapped)
            {
                item = wrapped.BaseObject;
            }

            text.Append(item).Append('\n');
            if (item is string or InvocationInfo or Type or MemberInfo or Assembly || item.GetType().IsPrimitive || !seen.Add(item)
                || seen.Count > 5000)
            {
                continue;
            }

            foreach (object inner in Inside(item))
            {
                open.Push(inner);
            }
        }

        return text.ToString();
    }

    private static IEnumerable<object> Inside(object item)
    {
        if (item is IEnumerable items)
        {
            foreach (object? inner in items)
            {
                if (inner is not null)
                {
                    yield return inner;
                }
            }
        }

        foreach (FieldInfo field in item.GetType().GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
        {
            bool isOurs = item is ErrorRecord or Exception or ErrorDetails || item.GetType().Namespace?.StartsWith('M') == true;
            if (isOurs && field.GetValue(item) is object inner and not InvocationInfo
                && !field.Name.Contains("nvocation", StringComparison.Ordinal))
            {
                yield return inner;
            }
        }
    }
}
