using System.Collections;
using MgPrint.PowerShell.Tests.Hosting;

namespace MgPrint.PowerShell.Tests.Cmdlets;

/// <summary>Objects of the official module's assembly, alive, are taken for what they are, although their types are not ours.</summary>
public sealed class OfficialObjectsTests : ServiceTest
{
    private const string Body = "Paths1GenyolPrintPrintersPrinterIdJobsPrintjobIdDocumentsPrintdocumentIdMicrosoftGraphCreateuploadsessionPostRequestbodyContentApplicationJsonSchema";

    private static readonly string[] IdentityProperties = ["GroupId", "PrintDocumentId", "PrintJobId", "PrinterId", "UserId"];
    private static readonly string[] UploadProperties = ["ContentType", "DocumentName", "Size", "AdditionalProperties"];

    private readonly object _identity =
        OfficialModels.Make("DevicesCloudPrintIdentity", IdentityProperties, ("PrinterId", "P"), ("PrintJobId", "J"),
            ("PrintDocumentId", "D"));

    private readonly object _properties = OfficialModels.Make(
        "MicrosoftGraphPrintDocumentUploadProperties", UploadProperties, ("DocumentName", "n"),
            ("AdditionalProperties", new Dictionary<string, object> { ["note"] = "x" }));

    private readonly object _body;

    public OfficialObjectsTests() => _body = OfficialModels.Make(Body, ["Properties", "AdditionalProperties"], ("Properties", _properties));

    [Theory]
    [InlineData("$identity | {0}", "{}")]
    [InlineData("{0} -InputObject $identity", "{}")]
    [InlineData("$identity | {0} -Properties $properties", """{"properties":{"note":"x","documentName":"n"}}""")]
    [InlineData("$identity | {0} -BodyParameter $body", """{"properties":{"note":"x","documentName":"n"}}""")]
    [InlineData("$body | {0} -InputObject $identity", """{"properties":{"note":"x","documentName":"n"}}""")]
    [InlineData("{0} -InputObject $identity -BodyParameter @{{ properties = $properties }}",
        """{"properties":{"note":"x","documentName":"n"}}""")]
    [InlineData("{0} -InputObject $identity -AdditionalProperties @{{ copy = $properties }}",
        """{"copy":{"note":"x","documentName":"n"}}""")]
    public void They_are_what_their_names_say(string script, string expected)
    {
        Shell.Run(string.Format(System.Globalization.CultureInfo.InvariantCulture, script, Cmdlet), ("identity", _identity),
            ("properties", _properties), ("body", _body)).Single();

        Assert.Equal("/v1.0/print/printers/P/jobs/J/documents/D/microsoft.graph.createUploadSession", Service.Request.Target);
        Assert.Equal(expected, Service.Request.BodyText);
    }

    [Fact]
    public void An_identity_of_theirs_without_ids_is_still_an_identity()
    {
        object empty = OfficialModels.Make("DevicesCloudPrintIdentity", IdentityProperties);

        Assert.Equal("InputObject has null value for InputObject.PrinterId", Shell.Run($"$identity | {Cmdlet}", ("identity", empty))
            .Error().Exception.Message);
    }

    [Fact]
    public void A_session_of_theirs_is_one_to_send_through()
    {
        object session = OfficialModels.Make(
            "MicrosoftGraphUploadSession", ["ExpirationDateTime", "NextExpectedRanges", "UploadUrl", "AdditionalProperties"],
            ("UploadUrl", $"{Service.Endpoint}/uploadSessions/1?t=s"), ("AdditionalProperties", new Hashtable()));
        Service.Answer = request =>
            request.Method == "PUT" ? Reply.Json(201, """{"id":"d1","size":8}""") : Reply.Json(200, """{"nextExpectedRanges":["0-7"]}""");
        string file = Path.GetTempFileName();
        File.WriteAllText(file, "document");
        try
        {
            Assert.Equal("d1", Shell.Run("$session | Send-MgPrintDocument $file", ("session", session), ("file", file))
                .Single().Properties["DocumentId"].Value);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Another_model_is_neither_identity_nor_body()
    {
        object other = OfficialModels.Make("MicrosoftGraphPrinter", ["Id", "DisplayName"], ("Id", "p"));

        Assert.StartsWith("InputObjectNotBound", Shell.Run($"$other | {Cmdlet} {Ids}", ("other", other)).Error().FullyQualifiedErrorId,
            StringComparison.Ordinal);
        Assert.Equal(0, Service.RequestCount);
    }
}
