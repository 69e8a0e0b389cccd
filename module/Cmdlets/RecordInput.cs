using System.Collections;
using System.Management.Automation;
using MgPrint.PowerShell.Models;
using MgPrint.PowerShell.Runtime;
using Microsoft.Graph.PowerShell.Cmdlets;
using Microsoft.Graph.PowerShell.Models;

namespace MgPrint.PowerShell.Cmdlets;

/// <summary>
/// What one record is made of, each piped object in exactly one place: what is piped means what it looks like.
/// </summary>
/// <remarks>
/// PowerShell binds a piped dictionary to every parameter that can take it, and to -Headers first, whose type needs no
/// conversion: often to that one alone, in a parameter set that has no body. So neither the other parameters nor the name
/// of the set tell what a dictionary was meant for; its own names do.
/// </remarks>
internal sealed record RecordInput(
    IDevicesCloudPrintIdentity? Identity,
    IPaths1GenyolPrintPrintersPrinterIdJobsPrintjobIdDocumentsPrintdocumentIdMicrosoftGraphCreateuploadsessionPostRequestbodyContentApplicationJsonSchema? Body,
    IDictionary? Headers)
{
    /// <exception cref="SessionRequestException">
    /// A piped object means several things, or nothing, or what the command line has named already.
    /// </exception>
    public static RecordInput Of(NewMgPrintPrinterJobDocumentUploadSession cmdlet, NamedParameters named)
    {
        if (!cmdlet.MyInvocation.ExpectingInput)
        {
            return new RecordInput(cmdlet.InputObject, cmdlet.BodyParameter, cmdlet.Headers);
        }

        object piped = Piped(cmdlet, named) ?? throw new SessionRequestException(
            "NullInput", new ArgumentException("The piped object is null. Pipe an identity, a request's body or headers, or nothing at all."));
        Looks looks = ModelShape.Of(piped);
        RecordInput others = new(
            named.InputObject ? cmdlet.InputObject : null, named.BodyParameter ? cmdlet.BodyParameter : null, named.Headers ? cmdlet.Headers : null);
        return looks switch
        {
            Looks.LikeAnIdentity => others.WithIdentity(piped, cmdlet, named),
            Looks.LikeABody or Looks.LikeABody | Looks.LikeUploadProperties => others.WithBody(piped, cmdlet, named),
            Looks.LikeUploadProperties => others.WithUploadProperties(piped, named),
            Looks.LikeNeither when piped is IDictionary headers => others.WithHeaders(headers, named),
            // A custom object is no headers: it is an identity, or else a body.
            Looks.LikeNeither => named.IsDocumentNamed ? others.WithBody(piped, cmdlet, named) : others.WithIdentity(piped, cmdlet, named),
            _ => throw Mixture(piped),
        };
    }

    /// <summary>What came down the pipe, before it was converted.</summary>
    private static object? Piped(NewMgPrintPrinterJobDocumentUploadSession cmdlet, NamedParameters named) =>
        (named.Headers ? null : cmdlet.Headers)
        ?? (named.InputObject ? null : AsGiven(cmdlet.InputObject))
        ?? (named.BodyParameter ? null : AsGiven(cmdlet.BodyParameter));

    private static object? AsGiven(object? bound) => (bound as IGivenModel)?.MadeOf ?? bound;

    private RecordInput WithIdentity(object piped, NewMgPrintPrinterJobDocumentUploadSession cmdlet, NamedParameters named) => named.IsDocumentNamed
        ? throw Conflict("names a printer, a job or a document", "the command line does too")
        : this with { Identity = cmdlet.InputObject ?? Converted(piped, "InvalidIdentity", DevicesCloudPrintIdentity.From) };

    private RecordInput WithBody(object piped, NewMgPrintPrinterJobDocumentUploadSession cmdlet, NamedParameters named) => named.IsBodyNamed
        ? throw Conflict("looks like a request's body", "the command line gives one too")
        : this with { Body = cmdlet.BodyParameter ?? Converted(piped, "InvalidBody", Paths1GenyolPrintPrintersPrinterIdJobsPrintjobIdDocumentsPrintdocumentIdMicrosoftGraphCreateuploadsessionPostRequestbodyContentApplicationJsonSchema.From) };

    /// <summary>Upload properties by themselves are the properties of a body: at its top the service would not know them.</summary>
    private RecordInput WithUploadProperties(object piped, NamedParameters named) => named.IsBodyNamed
        ? throw Conflict("looks like upload properties", "the command line gives a request's body too")
        : this with
        {
            Body = new Paths1GenyolPrintPrintersPrinterIdJobsPrintjobIdDocumentsPrintdocumentIdMicrosoftGraphCreateuploadsessionPostRequestbodyContentApplicationJsonSchema
            {
                Properties = piped as IMicrosoftGraphPrintDocumentUploadProperties
                    ?? Converted(piped, "InvalidBody", source => MicrosoftGraphPrintDocumentUploadProperties.From(source, "")),
            },
        };

    private RecordInput WithHeaders(IDictionary piped, NamedParameters named) => named.Headers
        ? throw Conflict("looks like headers", "the command line gives headers too")
        : this with { Headers = piped };

    private static T Converted<T>(object piped, string errorId, Func<object, T> convert)
    {
        try
        {
            return convert(piped);
        }
        catch (PSInvalidCastException invalid)
        {
            throw new SessionRequestException(errorId, invalid, piped);
        }
    }

    private static SessionRequestException Conflict(string piped, string named) =>
        new("AmbiguousInput", new ArgumentException($"The piped object {piped}, and {named}. Give it in one of the two ways."));

    /// <summary>Such as a row of a table with the ids of a document and its name: neither half may be lost.</summary>
    private static SessionRequestException Mixture(object piped)
    {
        string[] names = [.. NamedValues.Read(piped, "").Select(entry => DisplayText.Clean(entry.Key))];
        return new("AmbiguousInput", new ArgumentException(
            $"The piped object has ids ({string.Join(", ", names.Where(DevicesCloudPrintIdentity.Knows))}) and what makes a request's body "
            + $"({string.Join(", ", names.Where(ModelShape.IsOfABody))}), and only one of the two can be piped. Instead, give each such object to -InputObject, which takes "
            + "its ids, and the rest to -Properties or -BodyParameter; or pipe it, with the Path of a file, to Send-MgPrintDocument, which takes both."));
    }
}
