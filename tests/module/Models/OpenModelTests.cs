using MgPrint.PowerShell.Tests.Hosting;

namespace MgPrint.PowerShell.Tests.Models;

/// <summary>Models to which any property can be added: their members beside the documented properties, as scripts use them.</summary>
public sealed class OpenModelTests : IDisposable
{
    private readonly Shell _shell = new();

    public void Dispose() => _shell.Dispose();

    public static TheoryData<string> Models() =>
    [
        "MicrosoftGraphPrintDocumentUploadProperties",
        "MicrosoftGraphUploadSession",
        "Paths1GenyolPrintPrintersPrinterIdJobsPrintjobIdDocumentsPrintdocumentIdMicrosoftGraphCreateuploadsessionPostRequestbodyContentApplicationJsonSchema",
    ];

    [Theory]
    [MemberData(nameof(Models))]
    public void Properties_are_added_read_and_taken_away_by_name(string model)
    {
        Outcome outcome = Run(model, "$m['x'] = 1; $m.Add('y', 2); $m['x']; $m.ContainsKey('x'); $m.ContainsKey('z'); $found = $null; $m.TryGetValue('y', [ref]$found); $found; $m.Remove('x'); $m.ToJsonString(); $m.Clear(); $m.ToJsonString()");

        Assert.Equal([1, true, false, true, 2, true, """{"y":2}""", "{}"], outcome.AssertQuiet().Output.Select(item => item.BaseObject));
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void What_is_added_is_what_AdditionalProperties_has(string model)
    {
        Outcome outcome = Run(model, "$m['x'] = 1; $m.AdditionalProperties['x']; $m.AdditionalProperties['y'] = 2; $m['y']; ([System.Collections.Generic.Dictionary[string, object]]$m).Count");

        Assert.Equal([1, 2, 2], outcome.AssertQuiet().Output.Select(item => item.BaseObject));
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void CopyFrom_takes_what_is_not_documented(string model)
    {
        const string Documented = "size = 1; contentType = 'a/b'; DocumentName = 'd'; uploadUrl = 'u'; nextExpectedRanges = @('0-'); expirationDateTime = 'soon'; properties = @{}";

        Outcome outcome = Run(model, $"$m.CopyFrom(@{{ a = 1; {Documented} }}); $m.CopyFrom([pscustomobject]@{{ b = 2 }}); $m['a']; $m['b']; $m.PSObject.Properties | ForEach-Object {{ $m.ContainsKey($_.Name) }}");

        Assert.Equal([1, 2, .. Enumerable.Repeat<object>(false, outcome.Output.Count - 2)],
            outcome.AssertQuiet().Output.Select(item => item.BaseObject));
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void DeserializeFrom_makes_one_of_a_dictionary_and_of_an_object(string model)
    {
        Outcome outcome = Run(model, "$m::DeserializeFromDictionary(@{ x = 1 }).ToJsonString(); $m::DeserializeFromPSObject([pscustomobject]@{ x = 1 }).ToJsonString()");

        Assert.Equal(["""{"x":1}""", """{"x":1}"""], outcome.AssertQuiet().Output.Select(item => item.BaseObject));
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void They_are_no_collections(string model)
    {
        Outcome outcome = Run(model, "$m['x'] = 1; @($m).Count; $m.Count; $m -is [System.Collections.IEnumerable]; $m.PSObject.Properties.Name -contains 'Item'; $m.PSTypeNames.Count");

        // Its type, the base of every model, and object.
        Assert.Equal([1, 1, false, false, 3], outcome.AssertQuiet().Output.Select(item => item.BaseObject));
    }

    [Theory]
    [InlineData("MicrosoftGraphPrintDocumentUploadProperties", "$m.Size = 1; $m['size'] = 2", "size is given twice")]
    [InlineData("Paths1GenyolPrintPrintersPrinterIdJobsPrintjobIdDocumentsPrintdocumentIdMicrosoftGraphCreateuploadsessionPostRequestbodyContentApplicationJsonSchema", "$m.Properties = @{}; $m['properties'] = 2", "properties is given twice")]
    public void A_name_is_never_written_twice(string model, string script, string expected)
    {
        Outcome outcome = Run(model, $"{script}; $m.ToJsonString()");

        Assert.Contains(expected, outcome.Error().Exception.Message, StringComparison.Ordinal);
    }

    private Outcome Run(string model, string script) => _shell.Run($"$m = [Microsoft.Graph.PowerShell.Models.{model}]::new(); {script}");
}
