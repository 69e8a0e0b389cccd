using System.Management.Automation;
using System.Xml.Linq;
using MgPrint.PowerShell.Tests.Hosting;

namespace MgPrint.PowerShell.Tests.Cmdlets;

/// <summary>What comes out: one object of the documented type, its views, and what becomes of it on its way elsewhere.</summary>
public sealed class OutputTests : ServiceTest
{
    private const string Secret = "CANARY-UPLOAD-URL";

    [Fact]
    public void One_object_of_the_documented_type()
    {
        PSObject session = Shell.Run($"{Cmdlet} {Ids}").Single();

        // The first is a name of its own, so that no view of another module shows it.
        Assert.Equal(["MgPrint.PowerShell.UploadSession", "Microsoft.Graph.PowerShell.Models.MicrosoftGraphUploadSession"],
            session.TypeNames.Take(2));
        Assert.Equal(["ExpirationDateTime", "NextExpectedRanges", "UploadUrl", "AdditionalProperties"],
            session.Properties.Select(property => property.Name));
        Assert.Equal(Reply.UploadUrl, session.Properties["UploadUrl"].Value);
        Assert.Equal(["0-4533321"], (string[])session.Properties["NextExpectedRanges"].Value);
        var expires = (DateTime)session.Properties["ExpirationDateTime"].Value;
        Assert.Equal(new DateTime(2030, 10, 25, 2, 19, 38, DateTimeKind.Utc).AddTicks(1694207), expires);
        Assert.Equal(DateTimeKind.Utc, expires.Kind);
        var additional = (IDictionary<string, object?>)session.Properties["AdditionalProperties"].Value;
        Assert.Equal("https://graph.microsoft.com/v1.0/$metadata#microsoft.graph.uploadSession", Assert.Single(additional).Value);
    }

    [Fact]
    public void It_is_what_the_interface_says()
    {
        Outcome outcome = Shell.Run($"$s = {Cmdlet} {Ids}; $s -is [Microsoft.Graph.PowerShell.Models.IMicrosoftGraphUploadSession]; $s.AdditionalProperties['@odata.context']; $s['@odata.context']; $s.uploadurl");

        Assert.Equal(
            [true, "https://graph.microsoft.com/v1.0/$metadata#microsoft.graph.uploadSession",
                "https://graph.microsoft.com/v1.0/$metadata#microsoft.graph.uploadSession", Reply.UploadUrl],
                    outcome.Output.Select(item => item.BaseObject));
    }

    [Fact]
    public void Everything_else_keeps_its_json_type()
    {
        Service.Answer = _ => Reply.Json(200, """{"uploadUrl":"https://h/u?s=1","a":1,"b":9007199254740993,"c":1.5,"d":true,"e":null,"f":"2020-10-25T02:19:38Z","g":[1,"x"],"h":{"i":{"j":[]}},"k":"/"}""");

        PSObject session = Shell.Run($"{Cmdlet} {Ids}").Single();

        var additional = (IDictionary<string, object?>)session.Properties["AdditionalProperties"].Value;
        Assert.Equal(1, additional["a"]);
        Assert.Equal(9007199254740993L, additional["b"]);
        Assert.Equal(1.5, additional["c"]);
        Assert.Equal(true, additional["d"]);
        Assert.Null(additional["e"]);
        Assert.Equal("2020-10-25T02:19:38Z", additional["f"]);
        Assert.Equal(new object[] { 1, "x" }, (object?[])additional["g"]!);
        Assert.IsType<Dictionary<string, object?>>(((IDictionary<string, object?>)additional["h"]!)["i"]);
        Assert.Equal(
            """{"a":1,"b":9007199254740993,"c":1.5,"d":true,"e":null,"f":"2020-10-25T02:19:38Z","g":[1,"x"],"h":{"i":{"j":[]}},"k":"/","uploadUrl":"https://h/u?s=1"}""",
            session.Methods["ToJsonString"].Invoke());
    }

    [Theory]
    [InlineData("""{"UPLOADURL":"https://h/u?s=1","ExpirationDateTime":"2030-01-01T00:00:00Z","nextexpectedranges":[]}""",
        "https://h/u?s=1|01/01/2030 00:00:00|0|")]
    [InlineData("""{"uploadUrl":"https://h/u?s=1","expirationDateTime":null}""", "https://h/u?s=1|||")]
    [InlineData("""{"uploadUrl":"https://h/u?s=1","expirationDateTime":"soon","nextExpectedRanges":["0-"]}""",
        "https://h/u?s=1||1|expirationDateTime=soon")]
    [InlineData("""{"uploadUrl":"https://h/u?s=1","expirationDateTime":5}""", "https://h/u?s=1|||expirationDateTime=5")]
    public void Documented_names_match_without_letter_case_and_wrong_types_are_kept(string answer, string expected)
    {
        Service.Answer = _ => Reply.Json(200, answer);

        Outcome outcome = Shell.Run($"$s = {Cmdlet} {Ids}; '{{0}}|{{1}}|{{2}}|{{3}}' -f $s.UploadUrl, $s.ExpirationDateTime, $s.NextExpectedRanges.Count, (@($s.AdditionalProperties.GetEnumerator() | ForEach-Object {{ \"$($_.Key)=$($_.Value)\" }}) -join ',')");

        Assert.Equal(expected, ((string)outcome.Single().BaseObject).Replace("||0|", "|||", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"uploadUrl":null}""")]
    [InlineData("""{"uploadUrl":true,"nextExpectedRanges":{"a":1}}""")]
    public void An_answer_with_a_wrong_or_no_url_is_still_what_the_service_said(string answer)
    {
        Service.Answer = _ => Reply.Json(200, answer);

        Outcome outcome =
            Shell.Run($"$s = {Cmdlet} {Ids}; $null -eq $s.UploadUrl; $s.AdditionalProperties['uploadUrl']; $s | Send-MgPrintDocument x");

        Assert.Equal(true, outcome.Output[0].BaseObject);
        Assert.Equal(answer.Contains("true", StringComparison.Ordinal) ? true : null, outcome.Output[1]?.BaseObject);
        Assert.Equal("InvalidUploadSession,MgPrint.PowerShell.Cmdlets.SendMgPrintDocument",
            Assert.Single(outcome.Errors).FullyQualifiedErrorId);
    }

    [Theory]
    [InlineData(204, "")]
    [InlineData(200, "")]
    [InlineData(201, "  ")]
    [InlineData(200, "[]")]
    [InlineData(200, "null")]
    [InlineData(200, "{\"a\":")]
    public void An_answer_without_a_session_is_an_error(int status, string body)
    {
        Service.Answer = _ => Reply.Json(status, body);

        Outcome outcome = Shell.Run($"{Cmdlet} {Ids}");

        Assert.Empty(outcome.Output);
        Assert.Equal("UnexpectedResponse", outcome.Error().FullyQualifiedErrorId.Split(',')[0]);
        Assert.Contains(status.ToString(System.Globalization.CultureInfo.InvariantCulture), outcome.Error().Exception.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_table_has_the_three_columns_and_no_secret()
    {
        string screen = Screen($"{Cmdlet} {Ids}");

        Assert.Contains("ExpirationDateTime", screen, StringComparison.Ordinal);
        Assert.Contains("NextExpectedRanges", screen, StringComparison.Ordinal);
        Assert.Contains("{0-4533321}", screen, StringComparison.Ordinal);
        Assert.Contains("https://print.example/uploadSessions/5400be13", screen, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, screen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("$s | Out-Default")]
    [InlineData("$s, $s | Out-Default")]
    [InlineData("$copy | Out-Default")]
    [InlineData("\"$s\" | Out-Default")]
    [InlineData("$s.ToString() | Out-Default")]
    [InlineData("@{ session = $s } | Out-Default")]
    [InlineData("[pscustomobject]@{ session = $s } | Out-Default")]
    public void No_view_shows_the_secret(string show)
    {
        string screen = Screen($"$s = {Cmdlet} {Ids}; $copy = ($s | ConvertTo-CliXml | ConvertFrom-CliXml); {show}");

        Assert.DoesNotContain(Secret, screen, StringComparison.Ordinal);
        Assert.Contains("print.example", screen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("$copy", "uploadSessions/5400be13")]
    [InlineData("@{ before = 1 }, $copy", "uploadSessions/5400be13")]
    [InlineData("$s, $copy, [pscustomobject]@{ after = 1 }, $copy", "uploadSessions/5400be13")]
    [InlineData("@{ before = 1 }, (reread (Get-MgPrintUploadSession -UploadUrl $url))", "BytesMissing")]
    public void A_copy_shows_no_secret_and_drives_no_terminal_whatever_stands_before_it(string show, string expected)
    {
        const string Ranges = """ "nextExpectedRanges":["0-7","\u001b]0;evil\u202e"] """;
        Service.Answer = request => Reply.Json(200, request.Method == "GET" ? $"{{{Ranges}}}" : $$"""{"uploadUrl":"https://print.example/uploadSessions/5400be13?t=CANARY-UPLOAD-URL","note\u001b]0;":"mine",{{Ranges}}}""");

        string screen = Screen($$"""
            function reread($object) { ($object | ConvertTo-CliXml | ConvertFrom-CliXml) }
            $url = '{{Service.Endpoint}}/u/1?t=CANARY-UPLOAD-URL'
            $s = {{Cmdlet}} {{Ids}}
            $copy = reread $s
            {{show}}
            """);

        Assert.Contains(expected, screen, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, screen, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b]0;", screen, StringComparison.Ordinal);
        Assert.DoesNotContain('\u202e', screen);
    }

    [Fact]
    public void Every_kind_of_view_is_declared_without_the_secret()
    {
        XDocument format = XDocument.Load(Path.ChangeExtension(Repository.ModuleManifest, ".format.ps1xml"));
        XElement[] views =
            [.. format.Descendants("View")
                .Where(view => view.Element("Name")!.Value.StartsWith("UploadSession", StringComparison.Ordinal))];

        Assert.Equal(
            ["CustomControl", "ListControl", "TableControl", "WideControl"],
            views.Where(view => view.Element("ViewSelectedBy")!.Value == "MgPrintUploadSession").SelectMany(view => view.Elements())
                .Select(element => element.Name.LocalName).Where(name => name.EndsWith("Control", StringComparison.Ordinal))
                    .Order(StringComparer.Ordinal));
        Assert.DoesNotContain(views.Descendants("PropertyName"), property => property.Value == "UploadUrl");
        Assert.All(views.Descendants("ScriptBlock"), script => Assert.True(
            !script.Value.Contains("UploadUrl", StringComparison.Ordinal)
            || script.Value.StartsWith("$_.UploadUrl -replace '(?s)[?#].*' ", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("$s")]
    [InlineData("($s | ConvertTo-CliXml | ConvertFrom-CliXml)")]
    public void The_constrained_language_shows_whatever_the_views_do(string shown)
    {
        // Names that a dictionary has itself, too.
        Service.Answer = _ =>
            Reply.Json(200, """{"uploadUrl":"https://h/u?s=1","nextExpectedRanges":["0-7"],"note":"mine","Keys":"k","PSBase":"p"}""");
        XDocument format = XDocument.Load(Path.ChangeExtension(Repository.ModuleManifest, ".format.ps1xml"));
        string[] scripts =
            [.. format.Descendants("View").Where(view => view.Element("Name")!.Value.StartsWith("UploadSession", StringComparison.Ordinal))
                .Descendants("ScriptBlock").Select(script => script.Value)];
        Shell.Run($"$s = {Cmdlet} {Ids}; $shown = {shown}; $ExecutionContext.SessionState.LanguageMode = 'ConstrainedLanguage'")
            .AssertQuiet();

        string[][] told =
            [.. scripts.Select(script => Shell.Run($"$shown | ForEach-Object {{ {script} }} | ForEach-Object {{ $_ }}")
                .AssertQuiet().Output.Select(line => line.ToString()).Order(StringComparer.Ordinal).ToArray())];

        Assert.Contains(told, lines => lines is ["https://h/u"]);
        string[][] additional = [.. told.Where(lines => lines.Length > 1)];
        Assert.Equal(4, additional.Length);
        Assert.All(additional, lines => Assert.Equal(["[Keys, k]", "[PSBase, p]", "[note, mine]"], lines));
    }

    [Theory]
    [InlineData($"{Cmdlet} {Ids}", "ExpirationDateTime")]
    [InlineData("Get-MgPrintUploadSession -UploadUrl $url", "BytesMissing")]
    [InlineData("Send-MgPrintDocument -Content ([byte[]](1..8)) -DocumentName a.pdf -UploadUrl $url -MaxRetry 0", "Confirmed")]
    public void Nothing_secret_and_nothing_that_drives_a_terminal_is_shown_after_an_object_of_another_type(string command, string expected)
    {
        Service.Answer = request => request.Method switch
        {
            "PUT" => Reply.Json(201, """{"id":"d1","size":8,"documentName":"a\u001b]0;evil\u202e.pdf"}"""),
            "GET" => Reply.Json(200, """{"nextExpectedRanges":["0-7"]}"""),
            _ => Reply.Json(200, $$"""{"uploadUrl":"{{Service.Endpoint}}/u/5400be13\u001b]0;?t=CANARY-UPLOAD-URL","nextExpectedRanges":["0-7","\u001b]0;"]}"""),
        };

        string screen = Screen($$"""
            $url = '{{Service.Endpoint}}/u/5400be13?t=CANARY-UPLOAD-URL'
            $answer = {{command}}
            @{ before = 1 }, $answer
            """);

        Assert.Contains(expected, screen, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, screen, StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b]0;", screen, StringComparison.Ordinal);
        Assert.DoesNotContain('\u202e', screen);
    }

    [Fact]
    public void What_is_listed_changes_nothing_that_an_object_has()
    {
        Outcome outcome = Shell.Run($$"""
            $s = {{Cmdlet}} {{Ids}}
            @($s.PSObject.Properties.Name) -join ','
            ($s | ConvertTo-CliXml | ConvertFrom-CliXml).UploadUrl -eq $s.UploadUrl
            """);

        object[] output = [.. outcome.AssertQuiet().Output.Select(item => item.BaseObject)];
        Assert.Equal(["AdditionalProperties", "ExpirationDateTime", "NextExpectedRanges", "UploadUrl"], ((string)output[0]).Split(',')
            .Order(StringComparer.Ordinal));
        Assert.Equal(true, output[1]);
    }

    [Fact]
    public void A_view_shows_when_a_session_ends_in_local_time_and_the_property_has_it_in_UTC()
    {
        string screen = Screen($$"""
            $s = {{Cmdlet}} {{Ids}}
            "kind $($s.ExpirationDateTime.Kind)", "local $($s.ExpirationDateTime.ToLocalTime().ToString('G'))", $s
            """);

        Assert.Contains("kind Utc", screen, StringComparison.Ordinal);
        string local = screen.Split('\n').First(line => line.StartsWith("local ", StringComparison.Ordinal))["local ".Length..].Trim();
        Assert.Equal(2, screen.Split(local).Length - 1);
        Assert.Contains("(local)", screen, StringComparison.Ordinal);
    }

    private static string Screen(string script)
    {
        var host = new TestHost();
        using var shell = new Shell(host);
        shell.Run($"{script} | Out-Default").AssertQuiet();
        return host.Screen;
    }
}
