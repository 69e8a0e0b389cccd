using System.Collections;
using System.Management.Automation;
using MgPrint.PowerShell.Models;
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
    /// <exception cref="SessionRequestException">A piped object means what the command line has named already.</exception>
    public static RecordInput Of(NewMgPrintPrinterJobDocumentUploadSession cmdlet, NamedParameters named)
    {
        if (!named.Headers && cmdlet.Headers is IDictionary piped)
        {
            return OfDictionary(piped, named.InputObject ? cmdlet.InputObject : null, named.BodyParameter ? cmdlet.BodyParameter : null, named);
        }

        if (named.Headers && !named.BodyParameter && cmdlet.BodyParameter is Paths1GenyolPrintPrintersPrinterIdJobsPrintjobIdDocumentsPrintdocumentIdMicrosoftGraphCreateuploadsessionPostRequestbodyContentApplicationJsonSchema { LooksLikeHeaders: true })
        {
            throw Conflict("looks like headers", "the command line gives headers too");
        }

        // An object with the names of both was bound twice by its converters; as for dictionaries, an identity comes first.
        bool isBoundTwice = cmdlet.InputObject is not null && cmdlet.BodyParameter is not null && !named.InputObject && !named.BodyParameter;
        return new RecordInput(cmdlet.InputObject, isBoundTwice ? null : cmdlet.BodyParameter, cmdlet.Headers);
    }

    private static RecordInput OfDictionary(
        IDictionary piped,
        IDevicesCloudPrintIdentity? namedIdentity,
        IPaths1GenyolPrintPrintersPrinterIdJobsPrintjobIdDocumentsPrintdocumentIdMicrosoftGraphCreateuploadsessionPostRequestbodyContentApplicationJsonSchema? namedBody,
        NamedParameters named)
    {
        Looks looks = ModelShape.Of(piped);
        if (looks.HasFlag(Looks.LikeAnIdentity))
        {
            return named.InputObject || named.Ids
                ? throw Conflict("names a printer, a job or a document", "the command line does too")
                : new RecordInput(Converted(piped, "InvalidIdentity", DevicesCloudPrintIdentity.From), namedBody, null);
        }

        if (looks.HasFlag(Looks.LikeABody))
        {
            return named.BodyParameter || named.BodyInParts
                ? throw Conflict("looks like a request's body", "the command line gives one too")
                : new RecordInput(namedIdentity, Converted(piped, "InvalidBody", Paths1GenyolPrintPrintersPrinterIdJobsPrintjobIdDocumentsPrintdocumentIdMicrosoftGraphCreateuploadsessionPostRequestbodyContentApplicationJsonSchema.From), null);
        }

        return new RecordInput(namedIdentity, namedBody, piped);
    }

    private static T Converted<T>(IDictionary piped, string errorId, Func<object, T> convert)
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
        new("AmbiguousInput", new ArgumentException($"The piped dictionary {piped}, and {named}. Give it in one of the two ways."));
}
