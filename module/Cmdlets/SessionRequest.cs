using System.Collections;
using System.Management.Automation;
using MgPrint.PowerShell.Models;
using MgPrint.PowerShell.Runtime;
using Microsoft.Graph.PowerShell.Cmdlets;
using Microsoft.Graph.PowerShell.Models;

namespace MgPrint.PowerShell.Cmdlets;

/// <summary>One createUploadSession request, made out of what was named and what was piped. Nothing in it has been sent.</summary>
internal sealed class SessionRequest
{
    private readonly Paths1GenyolPrintPrintersPrinterIdJobsPrintjobIdDocumentsPrintdocumentIdMicrosoftGraphCreateuploadsessionPostRequestbodyContentApplicationJsonSchema _body;

    private SessionRequest(string printerId, string printJobId, string printDocumentId, Paths1GenyolPrintPrintersPrinterIdJobsPrintjobIdDocumentsPrintdocumentIdMicrosoftGraphCreateuploadsessionPostRequestbodyContentApplicationJsonSchema body, IDictionary? headers)
    {
        PrinterId = printerId;
        PrintJobId = printJobId;
        PrintDocumentId = printDocumentId;
        _body = body;
        Headers = HttpHeaders.From(headers);
        BodyJson = JsonText.Of(body);
    }

    public string PrinterId { get; }

    public string PrintJobId { get; }

    public string PrintDocumentId { get; }

    /// <summary>The body, byte for byte.</summary>
    public string BodyJson { get; }

    /// <summary>The caller's headers.</summary>
    public List<KeyValuePair<string, string>> Headers { get; }

    /// <summary>How many bytes the document will have, where the body says so.</summary>
    public long? DocumentSize => _body.Properties?.Size;

    /// <summary>What -WhatIf and -Confirm name.</summary>
    public string Target => DisplayText.Clean(
        $"Call remote 'POST /print/printers/{PrinterId}/jobs/{PrintJobId}/documents/{PrintDocumentId}/microsoft.graph.createUploadSession' operation");

    /// <summary>The request of one record.</summary>
    /// <exception cref="SessionRequestException">The record makes no request; the error names what is wrong with it.</exception>
    public static SessionRequest From(NewMgPrintPrinterJobDocumentUploadSession cmdlet, NamedParameters named)
    {
        try
        {
            var input = RecordInput.Of(cmdlet, named);
            (string printer, string job, string document) = !named.Ids && (input.Identity ?? new DevicesCloudPrintIdentity()) is var identity
                ? (Id(identity, identity.PrinterId, nameof(identity.PrinterId)),
                    Id(identity, identity.PrintJobId, nameof(identity.PrintJobId)),
                    Id(identity, identity.PrintDocumentId, nameof(identity.PrintDocumentId)))
                : (cmdlet.PrinterId ?? "", cmdlet.PrintJobId ?? "", cmdlet.PrintDocumentId ?? "");
            return new SessionRequest(printer, job, document, BodyOf(input.Body) ?? BodyOfParts(cmdlet), input.Headers);
        }
        catch (PSInvalidCastException invalid)
        {
            throw new SessionRequestException("InvalidBody", invalid);
        }
        catch (JsonTextException invalid)
        {
            throw new SessionRequestException("InvalidBody", invalid);
        }
        catch (InvalidHeaderException invalid)
        {
            throw new SessionRequestException("InvalidHeader", invalid);
        }
    }

    /// <summary>What an error record of this request is about.</summary>
    public RequestedDocument ErrorTarget() => new(PrinterId, PrintJobId, PrintDocumentId, Headers.Count == 0 ? null : HttpHeaders.Mask(Headers), _body);

    private static string Id(IDevicesCloudPrintIdentity identity, string? id, string name) => string.IsNullOrEmpty(id)
        ? throw new SessionRequestException("IncompleteIdentity", new ArgumentException($"InputObject has null value for InputObject.{name}"), identity)
        : id;

    /// <summary>A body of somebody else's type is read by its names or refused, but never dropped.</summary>
    private static Paths1GenyolPrintPrintersPrinterIdJobsPrintjobIdDocumentsPrintdocumentIdMicrosoftGraphCreateuploadsessionPostRequestbodyContentApplicationJsonSchema? BodyOf(IPaths1GenyolPrintPrintersPrinterIdJobsPrintjobIdDocumentsPrintdocumentIdMicrosoftGraphCreateuploadsessionPostRequestbodyContentApplicationJsonSchema? body) => body switch
    {
        null => null,
        Paths1GenyolPrintPrintersPrinterIdJobsPrintjobIdDocumentsPrintdocumentIdMicrosoftGraphCreateuploadsessionPostRequestbodyContentApplicationJsonSchema ours => ours,
        _ => Paths1GenyolPrintPrintersPrinterIdJobsPrintjobIdDocumentsPrintdocumentIdMicrosoftGraphCreateuploadsessionPostRequestbodyContentApplicationJsonSchema.From(PSObject.AsPSObject(body)),
    };

    /// <summary>The body of -Properties and -AdditionalProperties: an empty one where neither was given.</summary>
    private static Paths1GenyolPrintPrintersPrinterIdJobsPrintjobIdDocumentsPrintdocumentIdMicrosoftGraphCreateuploadsessionPostRequestbodyContentApplicationJsonSchema BodyOfParts(NewMgPrintPrinterJobDocumentUploadSession cmdlet)
    {
        Paths1GenyolPrintPrintersPrinterIdJobsPrintjobIdDocumentsPrintdocumentIdMicrosoftGraphCreateuploadsessionPostRequestbodyContentApplicationJsonSchema body = cmdlet.AdditionalProperties is null ? new() : Paths1GenyolPrintPrintersPrinterIdJobsPrintjobIdDocumentsPrintdocumentIdMicrosoftGraphCreateuploadsessionPostRequestbodyContentApplicationJsonSchema.From(cmdlet.AdditionalProperties);
        if (cmdlet.Properties is null)
        {
            return body;
        }

        if (body.HasProperties)
        {
            throw new SessionRequestException("ConflictingProperties", new ArgumentException(
                "-AdditionalProperties holds 'properties', which -Properties gives too. Give it in one of the two."));
        }

        body.Properties = cmdlet.Properties;
        return body;
    }
}

/// <summary>A record makes no request. It ends that record and no other.</summary>
internal sealed class SessionRequestException(string errorId, Exception cause, object? target = null) : Exception(cause.Message, cause)
{
    public ErrorRecord ToRecord() => new(InnerException!, errorId, ErrorCategory.InvalidArgument, target);
}
