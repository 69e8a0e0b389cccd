using System.Management.Automation;
using MgPrint.PowerShell.Tests.Hosting;

namespace MgPrint.PowerShell.Tests.Models;

/// <summary>What casts and constructors make of hashtables, objects and JSON text, shown as the JSON that would be sent.</summary>
public sealed class ConversionTests : IDisposable
{
    private const string Body = "Microsoft.Graph.PowerShell.Models.Paths1GenyolPrintPrintersPrinterIdJobsPrintjobIdDocumentsPrintdocumentIdMicrosoftGraphCreateuploadsessionPostRequestbodyContentApplicationJsonSchema";
    private const string Properties = "Microsoft.Graph.PowerShell.Models.MicrosoftGraphPrintDocumentUploadProperties";
    private const string Session = "Microsoft.Graph.PowerShell.Models.MicrosoftGraphUploadSession";
    private const string Identity = "Microsoft.Graph.PowerShell.Models.DevicesCloudPrintIdentity";

    private readonly Shell _shell = new();

    public void Dispose() => _shell.Dispose();

    [Theory]
    // Order: additional properties, then the documented ones.
    [InlineData("@{ size = 4533322; documentName = 'TestFile.pdf'; contentType = 'application/pdf'; zebra = 1 }",
        """{"zebra":1,"contentType":"application/pdf","documentName":"TestFile.pdf","size":4533322}""")]
    [InlineData("@{}", "{}")]
    // Sources.
    [InlineData("[ordered]@{ b = 1; a = 2 }", """{"b":1,"a":2}""")]
    [InlineData("[pscustomobject]@{ DOCUMENTNAME = 'x'; Extra = 'y' }", """{"Extra":"y","documentName":"x"}""")]
    [InlineData("$d = [System.Collections.Generic.Dictionary[string,string]]::new(); $d['documentName'] = 'x'; $d",
        """{"documentName":"x"}""")]
    [InlineData("$d = [System.Collections.Generic.SortedDictionary[string,int]]::new(); $d['size'] = 3; $d", """{"size":3}""")]
    [InlineData("$d = [System.Dynamic.ExpandoObject]::new(); $d.size = 3; , $d", """{"size":3}""")]
    [InlineData("""'{ "Size" : 9223372036854775807, "x" : [ 1.10, 1.5, -0.25, 1e3, 0.0e5, 12345678901234567890, true, null, {} ] }'""",
        """{"x":[1.10,1.5,-0.25,1000,0,12345678901234567890,true,null,{}],"size":9223372036854775807}""")]
    // Text is kept; what JSON needs is escaped.
    [InlineData("@{ documentName = 'C:\\a/b''<>&+ñ日本' }", "{\"documentName\":\"C:\\\\a/b'<>&+ñ日本\"}")]
    [InlineData("@{ documentName = \"q`\"n`nr`rt`tb`bf`fe`e\" + [char]0 }",
        "{\"documentName\":\"q\\\"n\\nr\\rt\\tb\\bf\\fe\\u001B\\u0000\"}")]
    [InlineData("@{ documentName = 'null' }", """{"documentName":"null"}""")]
    [InlineData("@{ documentName = '' }", """{"documentName":""}""")]
    [InlineData("@{ documentName = $null; x = $null }", """{"x":null,"documentName":null}""")]
    [InlineData("@{ documentName = 5 }", """{"documentName":"5"}""")]
    // Whole numbers are exact, however they come.
    [InlineData("@{ size = [long]::MaxValue }", """{"size":9223372036854775807}""")]
    [InlineData("@{ size = '4533322' }", """{"size":4533322}""")]
    [InlineData("@{ size = 5MB }", """{"size":5242880}""")]
    [InlineData("@{ size = 1e6 }", """{"size":1000000}""")]
    [InlineData("@{ size = 7d }", """{"size":7}""")]
    [InlineData("@{ size = [bigint]::Parse('9223372036854775807') }", """{"size":9223372036854775807}""")]
    [InlineData("@{ size = [ulong]5 }", """{"size":5}""")]
    [InlineData("@{ x = 9007199254740993 }", """{"x":9007199254740993}""")]
    [InlineData("@{ x = [bigint]::Parse('123456789012345678901234567890') }", """{"x":123456789012345678901234567890}""")]
    // Values of every JSON type, nested.
    [InlineData("@{ x = @{ y = @{ z = 1, 'two', $true, $null, 1.5, @() } } }", """{"x":{"y":{"z":[1,"two",true,null,1.5,[]]}}}""")]
    [InlineData("@{ x = [pscustomobject]@{ a = 1 } }", """{"x":{"a":1}}""")]
    [InlineData("@{ x = [switch]$true, [switch]$false }", """{"x":[true,false]}""")]
    [InlineData("@{ x = [datetime]::new(2020, 10, 25, 2, 19, 38, [DateTimeKind]::Utc).AddTicks(1694207) }",
        """{"x":"2020-10-25T02:19:38.1694207Z"}""")]
    [InlineData("@{ x = [datetime]::new(2020, 10, 25, 2, 19, 38) }", """{"x":"2020-10-25T02:19:38Z"}""")]
    [InlineData("@{ x = [datetimeoffset]::new(2020, 10, 25, 2, 19, 38, [timespan]::FromHours(-3)) }",
        """{"x":"2020-10-25T02:19:38-03:00"}""")]
    [InlineData("@{ x = [timespan]::FromMinutes(90) }", """{"x":"01:30:00"}""")]
    [InlineData("@{ x = [byte[]](1, 2, 255) }", """{"x":"AQL/"}""")]
    [InlineData("@{ x = [guid]'3f2504e0-4f89-11d3-9a0c-0305e82c3301' }", """{"x":"3f2504e0-4f89-11d3-9a0c-0305e82c3301"}""")]
    [InlineData("@{ x = [uri]'https://e/a%20b' }", """{"x":"https://e/a%20b"}""")]
    [InlineData("@{ x = [System.DayOfWeek]::Monday }", """{"x":"Monday"}""")]
    [InlineData("@{ x = [char]'c' }", """{"x":"c"}""")]
    [InlineData("@{ x = 0.1, [float]0.5, 1e21, 1.50d }", """{"x":[0.1,0.5,1E+21,1.50]}""")]
    public void Upload_properties_become_exact_json(string source, string expected) => Assert.Equal(expected, Json(Properties, source));

    [Theory]
    [InlineData("@{ properties = @{ documentName = 'n' } }", """{"properties":{"documentName":"n"}}""")]
    [InlineData("@{ Properties = [pscustomobject]@{ size = 1 }; extra = @{ deep = 1 } }",
        """{"extra":{"deep":1},"properties":{"size":1}}""")]
    [InlineData("@{ properties = @{} }", """{"properties":{}}""")]
    [InlineData("@{ properties = $null }", """{"properties":null}""")]
    [InlineData("""@{ properties = '{"size":3}' }""", """{"properties":{"size":3}}""")]
    [InlineData("@{ properties = [" + Properties + "]@{ size = 3; x = 1 } }", """{"properties":{"x":1,"size":3}}""")]
    [InlineData("$p = [" + Properties + "]::new(); $p.ContentType = 'a/b'; $p.AdditionalProperties['k'] = 'v'; @{ properties = $p }",
        """{"properties":{"k":"v","contentType":"a/b"}}""")]
    [InlineData("""'{"properties":{"documentName":"ü/\"x"}}'""", """{"properties":{"documentName":"ü/\"x"}}""")]
    [InlineData("@{ documentName = 'at the top' }", """{"documentName":"at the top"}""")]
    [InlineData("@{}", "{}")]
    public void Bodies_become_exact_json(string source, string expected) => Assert.Equal(expected, Json(Body, source));

    [Theory]
    [InlineData("@{ size = 'abc' }", "size: expected a whole number of bytes, at most 9223372036854775807, but got 'abc'.")]
    [InlineData("@{ size = 1.6 }", "size: expected a whole number of bytes, at most 9223372036854775807, but got 1.6.")]
    [InlineData("@{ size = $true }", "size: expected a whole number of bytes, at most 9223372036854775807, but got the boolean $true.")]
    [InlineData("@{ size = 9223372036854775808 }",
        "size: expected a whole number of bytes, at most 9223372036854775807, but got 9223372036854775808.")]
    [InlineData("@{ size = 1, 2 }", "size: expected a whole number of bytes, at most 9223372036854775807, but got a list (Object[]).")]
    [InlineData("@{ documentName = 'a', 'b' }", "documentName: expected text, but got a list (Object[]).")]
    [InlineData("@{ documentName = $false }", "documentName: expected text, but got the boolean $false.")]
    [InlineData("@{ contentType = @{ a = 1 } }", "contentType: expected text, but got a dictionary.")]
    [InlineData("@{ contentType = [pscustomobject]@{ a = 1 } }", "contentType: expected text, but got a custom object.")]
    [InlineData("'{ \"size\": }'", "The value is not valid JSON: ")]
    [InlineData("'{ \"size\": 1'", "The value is not valid JSON: ")]
    [InlineData("'{ \"size\": 1 } trailing'", "The value is not valid JSON: ")]
    [InlineData("$d = [System.Collections.Generic.Dictionary[string,object]]::new(); $d['size'] = 1; $d['Size'] = 2; $d",
        "size is given more than once.")]
    [InlineData("@{ size = 7; AdditionalProperties = @{ size = 8 } }", "size is given more than once.")]
    // JSON text: nothing of it may be lost or changed.
    [InlineData("'{ \"x\": 1, \"x\": 2 }'", "The value gives 'x' more than once.")]
    [InlineData("'{ \"x\": [ { \"y\": 1, \"y\": 1 } ] }'", "The value gives 'y' more than once.")]
    [InlineData("'{ \"x\": 1e400 }'", "The value has the number 1e400, which is out of the range of those that can be sent.")]
    [InlineData("@{ AdditionalProperties = 'x' }", "AdditionalProperties: expected an object")]
    [InlineData("@{ size = 1e18 }", "size: 1E+18 is a floating-point number, and such a large one is not exact")]
    [InlineData("@{ size = [float]16777218 }", "size: 16777218 is a floating-point number, and such a large one is not exact")]
    [InlineData("@{ size = 1e19 }", "size: expected a whole number of bytes, at most 9223372036854775807, but got 1E+19.")]
    public void Wrong_values_are_refused_with_the_name_of_the_property(string source, string expected)
    {
        Outcome outcome = _shell.Run($"[{Properties}]({Parenthesized(source)})");

        Assert.Contains(expected, outcome.Error().Exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("@{ properties = 'str' }", "properties: expected an object (a hashtable, a custom object or JSON text), but got 'str'.")]
    [InlineData("@{ properties = 5 }", "properties: expected an object (a hashtable, a custom object or JSON text), but got 5.")]
    [InlineData("@{ properties = @{ size = 'x' } }", "properties.size: expected a whole number")]
    [InlineData("""@{ properties = '{"size":"x"}' }""", "properties.size: expected a whole number")]
    public void Wrong_values_in_a_body_are_refused_with_their_path(string source, string expected)
    {
        Outcome outcome = _shell.Run($"[{Body}]({Parenthesized(source)})");

        Assert.Contains(expected, outcome.Error().Exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("$a = @{}; $a.x = $a; $a", "objects are nested deeper than 64 levels, as one is that contains itself")]
    [InlineData("$l = [System.Collections.ArrayList]::new(); $null = $l.Add($l); @{ x = $l }",
        "objects are nested deeper than 64 levels, as one is that contains itself")]
    [InlineData("$a = @{}; 1..64 | ForEach-Object { $a = @{ x = $a } }; $a", "objects are nested deeper than 64 levels")]
    [InlineData("@{ x = [System.IO.FileInfo]::new('/tmp/x') }", "x: a value of type System.IO.FileInfo cannot be sent as JSON")]
    [InlineData("@{ x = [int[,]]::new(2, 2) }", "x: a value of type System.Int32[,] cannot be sent as JSON")]
    [InlineData("@{ x = [Newtonsoft.Json.Linq.JObject]::Parse('{\"a\":1}') }", "x: a value of type Newtonsoft.Json.Linq.JObject cannot be sent as JSON")]
    [InlineData("@{ x = [xml]'<a><b>1</b></a>' }",
        "x: a value of type System.Xml.XmlDocument cannot be sent as JSON")]
    [InlineData("@{ x = { 1 } }", "x: a value of type System.Management.Automation.ScriptBlock cannot be sent as JSON")]
    [InlineData("@{ x = [double]::NaN }", "x: JSON has no number for NaN")]
    [InlineData("@{ x = [string][char]0xD83D }", "x: the text holds half of a character")]
    public void What_json_cannot_hold_is_refused(string source, string expected)
    {
        Outcome outcome = _shell.Run($"([{Properties}]({Parenthesized(source)})).ToJsonString()");

        Assert.Contains(expected, outcome.Error().Exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("$p = @{}; $p.shares = @(@{ printer = $p }); [Microsoft.Graph.PowerShell.Models.MicrosoftGraphPrinter]$p")]
    [InlineData("$s = [pscustomobject]@{ printer = $null }; $s.printer = @{ shares = $s }; [Microsoft.Graph.PowerShell.Models.MicrosoftGraphPrinterShare]$s")]
    public void A_typed_object_that_contains_itself_is_refused_and_does_not_end_the_process(string script) =>
        Assert.Contains(
            "objects are nested deeper than 64 levels, as one is that contains itself",
            _shell.Run(script).Error().Exception.Message, StringComparison.Ordinal);

    [Fact]
    public void A_local_date_tells_its_offset_and_Z_for_none()
    {
        var date = new DateTime(2020, 10, 25, 2, 19, 38, DateTimeKind.Local);
        string offset = TimeZoneInfo.Local.GetUtcOffset(date) == TimeSpan.Zero ? "Z"
            : date.ToString("zzz", System.Globalization.CultureInfo.InvariantCulture);

        Assert.Equal($$"""{"x":"2020-10-25T02:19:38{{offset}}"}""",
            Json(Properties, "@{ x = [datetime]::new(2020, 10, 25, 2, 19, 38, [DateTimeKind]::Local) }"));
    }

    [Fact]
    public async Task A_date_of_no_zone_is_taken_for_UTC_wherever_it_is()
    {
        string[] output = await PwshProcess.RunAsync(
            $"Import-Module {Repository.Quoted(Repository.ModuleManifest)}; ([{Properties}]@{{ x = [datetime]'2020-01-02T03:04:05' }}).ToJsonString()", ("TZ", "America/New_York"));

        Assert.Equal(["{\"x\":\"2020-01-02T03:04:05Z\"}"], output);
    }

    [Fact]
    public void An_object_of_a_scripts_own_class_is_taken_like_any_other()
    {
        const string Classes = "class Inner { [int] $a = 1; hidden [int] $b = 2 } class Outer { [string] $documentName = 'n'; [long] $size = 3; [Inner] $x = [Inner]::new() }";

        Assert.Equal("""{"x":{"a":1},"documentName":"n","size":3}""", Json(Properties, $"{Classes} [Outer]::new()"));
    }

    [Theory]
    [InlineData("@{ size = 1; AdditionalProperties = @{ foo = 1 } }", """{"foo":1,"size":1}""")]
    [InlineData("[pscustomobject]@{ size = 1; AdditionalProperties = [pscustomobject]@{ foo = $null } }", """{"foo":null,"size":1}""")]
    [InlineData("""'{"additionalProperties":{"foo":1},"size":1}'""", """{"foo":1,"size":1}""")]
    [InlineData("@{ size = 1; AdditionalProperties = $null }", """{"size":1}""")]
    // What is no model has no such member: it is one like any other.
    [InlineData("@{ x = @{ AdditionalProperties = @{ foo = 1 } } }", """{"x":{"AdditionalProperties":{"foo":1}}}""")]
    public void A_member_AdditionalProperties_holds_the_additional_properties(string source, string expected) =>
        Assert.Equal(expected, Json(Properties, source));

    [Theory]
    // As Select-Object and ConvertTo-Json leave it, and as it comes back from a file or another process.
    [InlineData("[pscustomobject]@{ Properties = $typed.Properties; AdditionalProperties = $typed.AdditionalProperties }")]
    [InlineData("""'{"Properties":{"ContentType":null,"DocumentName":null,"Size":7,"AdditionalProperties":{"b":2}},"AdditionalProperties":{"a":1}}'""")]
    [InlineData("($typed | ConvertTo-CliXml -Depth 9 | ConvertFrom-CliXml)")]
    public void A_typed_body_that_was_taken_apart_is_the_same_body(string apart) =>
        Assert.Equal("""{"a":1,"properties":{"b":2,"size":7}}""",
            Json(Body, $"$typed = [{Body}]@{{ a = 1; properties = @{{ size = 7; b = 2 }} }}; {apart}"));

    [Fact]
    public void Nesting_of_64_levels_is_sent() =>
        Assert.StartsWith("{\"x\":{\"x\":", Json(Properties, "$a = @{}; 1..63 | ForEach-Object { $a = @{ x = $a } }; $a"),
            StringComparison.Ordinal);

    [Fact]
    public void The_same_object_twice_side_by_side_is_no_cycle() =>
        Assert.Equal("""{"x":[{"a":1},{"a":1}]}""", Json(Properties, "$a = @{ a = 1 }; @{ x = @($a, $a) }"));

    [Theory]
    [InlineData("@{ printerid = 'p'; PrintJobId = 5; ignored = 1 }", """{"printJob-id":"5","printer-id":"p"}""")]
    [InlineData("[pscustomobject]@{ PrintDocumentId = 'd' }", """{"printDocument-id":"d"}""")]
    [InlineData("""'{"printerShareId":"s","userId":null}'""", """{"printerShare-id":"s"}""")]
    [InlineData("""'{"printer-id":"p","printServiceEndpoint-id":"e","group-id":"g"}'""",
        """{"group-id":"g","printServiceEndpoint-id":"e","printer-id":"p"}""")]
    [InlineData("@{}", "{}")]
    public void Identities_take_the_thirteen_ids(string source, string expected) => Assert.Equal(expected, Json(Identity, source));

    [Fact]
    public void An_id_that_is_no_text_is_refused()
    {
        Outcome outcome = _shell.Run($"[{Identity}]@{{ PrinterId = 'a', 'b' }}");

        Assert.Contains("PrinterId: expected text, but got a list", outcome.Error().Exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        "@{ uploadUrl = 'https://h/p?s=1'; NEXTEXPECTEDRANGES = @('0-1'); expirationDateTime = '2020-10-25T02:19:38.1694207Z'; x = 1 }",
            """{"x":1,"expirationDateTime":"2020-10-25T02:19:38.1694207Z","nextExpectedRanges":["0-1"],"uploadUrl":"https://h/p?s=1"}""")]
    [InlineData("@{ expirationDateTime = '2020-10-25T04:19:38+02:00' }", """{"expirationDateTime":"2020-10-25T02:19:38.0000000Z"}""")]
    // A documented name with a value of another type is kept as it was.
    [InlineData("@{ uploadUrl = $true }", """{"uploadUrl":true}""")]
    [InlineData("@{ expirationDateTime = 'soon' }", """{"expirationDateTime":"soon"}""")]
    [InlineData("@{ nextExpectedRanges = $true }", """{"nextExpectedRanges":true}""")]
    [InlineData("@{ nextExpectedRanges = @('0-1', $true) }", """{"nextExpectedRanges":["0-1",true]}""")]
    public void Sessions_keep_all_that_was_said(string source, string expected) =>
        Assert.Equal(expected, Json("Microsoft.Graph.PowerShell.Models.MicrosoftGraphUploadSession", source));

    [Fact]
    public void A_null_string_assigned_to_a_typed_object_is_sent_and_an_unset_one_is_not()
    {
        Outcome outcome = _shell.Run($"$p = [{Properties}]::new(); $p.Size = $null; $p.ToJsonString()");

        Assert.Equal("""{"size":null}""", outcome.Single().BaseObject);
    }

    [Fact]
    public void FromJsonString_reads_what_ToJsonString_writes()
    {
        const string Json = """{"x":[1,{"y":null}],"contentType":"a/b","documentName":"n","size":1}""";

        Outcome outcome = _shell.Run($"[{Properties}]::FromJsonString($json).ToJsonString()", ("json", Json));

        Assert.Equal(Json, outcome.Single().BaseObject);
    }

    [Theory]
    [InlineData("@{ UploadUrl = 'u'; NextExpectedRanges = '0-' }", """{"nextExpectedRanges":["0-"],"uploadUrl":"u"}""")]
    [InlineData("[pscustomobject]@{ uploadurl = [uri]'https://h/u?s=1'; k = 1 }", """{"k":1,"uploadUrl":"https://h/u?s=1"}""")]
    [InlineData("[ordered]@{ ExpirationDateTime = '2030-01-01T02:00:00+02:00'; NextExpectedRanges = '0-4', '9-' }",
        """{"expirationDateTime":"2030-01-01T00:00:00.0000000Z","nextExpectedRanges":["0-4","9-"]}""")]
    [InlineData(
        "[pscustomobject]@{ ExpirationDateTime = $null; NextExpectedRanges = $null; UploadUrl = 'u'; AdditionalProperties = @{ k = 1 } }",
            """{"k":1,"uploadUrl":"u"}""")]
    [InlineData("""'{"nextExpectedRanges":"0-"}'""", """{"nextExpectedRanges":["0-"]}""")]
    public void Sessions_are_made_of_what_became_of_them_elsewhere(string source, string expected) =>
        Assert.Equal(expected, Json(Session, source));

    [Fact]
    public void A_session_tells_its_end_in_utc_with_seven_digits()
    {
        Outcome outcome = _shell.Run($"$s = [{Session}]::new(); $s.ExpirationDateTime = [datetime]::new(2030, 1, 2, 3, 4, 5, [DateTimeKind]::Utc).ToLocalTime(); $s.ToJsonString()");

        Assert.Equal("""{"expirationDateTime":"2030-01-02T03:04:05.0000000Z"}""", outcome.Single().BaseObject);
    }

    [Fact]
    public void A_session_without_an_address_is_called_by_its_type() =>
        Assert.Equal(Session, _shell.Run($"[{Session}]::new().ToString()").Single().BaseObject);

    private string Json(string type, string source) =>
        (string)_shell.Run($"([{type}]({Parenthesized(source)})).ToJsonString()").Single().BaseObject;

    private static string Parenthesized(string statements) => $"& {{ {statements} }}";
}
