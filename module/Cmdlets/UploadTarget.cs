using System.Collections;
using System.Management.Automation;
using System.Net;
using System.Security;
using MgPrint.PowerShell.Models;
using MgPrint.PowerShell.Runtime;
using Microsoft.Graph.PowerShell.Models;

namespace MgPrint.PowerShell.Cmdlets;

/// <summary>Where a document goes: the upload URL of a session, and what is known of the document it was created for.</summary>
internal sealed class UploadTarget
{
    private const string UploadUrl = "UploadUrl";

    private UploadTarget(string url, long? documentSize)
    {
        Url = url;
        DocumentSize = documentSize;
    }

    /// <summary>The URL, byte for byte; it holds a secret.</summary>
    public string Url { get; }

    /// <summary>The bytes that the session was created for, where they are known.</summary>
    public long? DocumentSize { get; }

    /// <summary>The target that a session, an object with an uploadUrl, a URL or a SecureString names.</summary>
    /// <exception cref="UploadTargetException">It names none.</exception>
    public static UploadTarget Of(object given) => NamedValues.Unwrap(given) switch
    {
        MicrosoftGraphUploadSession session => new(Text(session.UploadUrl), session.DocumentSize),
        string url when !url.AsSpan().TrimStart().StartsWith("{") => new(Text(url), null),
        Uri url => new(Text(url.OriginalString), null),
        SecureString url => new(Text(new NetworkCredential("", url).Password), null),
        _ => new(Text(UrlIn(given)), null),
    };

    /// <summary>Where the document goes, without the URL's secret.</summary>
    public override string ToString() => $"the upload session {DisplayText.Url(Url)}";

    private static object? UrlIn(object given)
    {
        try
        {
            foreach ((string name, object? value) in EntriesOf(given))
            {
                if (NamedValues.Same(name, UploadUrl))
                {
                    return value;
                }
            }
        }
        catch (PSInvalidCastException unreadable)
        {
            throw new UploadTargetException(unreadable.Message);
        }

        return null;
    }

    private static List<KeyValuePair<string, object?>> EntriesOf(object given)
    {
        if (NamedValues.CanRead(given))
        {
            return NamedValues.Read(given, "");
        }

        PSPropertyInfo? property = PSObject.AsPSObject(given).Properties[UploadUrl];
        return property is null ? [] : [new(property.Name, property.Value)];
    }

    private static string Text(object? value) => NamedValues.Unwrap(value) switch
    {
        string { Length: > 0 } url => url,
        SecureString url => new NetworkCredential("", url).Password,
        Uri url => url.OriginalString,
        _ => throw new UploadTargetException("The upload session has no uploadUrl, so there is nowhere to send the document to. Create a session with New-MgPrintUploadSession, and give what it answers."),
    };
}

/// <summary>What was given names no upload session. It ends that record and no other.</summary>
internal sealed class UploadTargetException(string message) : ArgumentException(message)
{
    // No target object: what was given may hold a secret under another name.
    public ErrorRecord ToRecord() => new(this, "InvalidUploadSession", ErrorCategory.InvalidArgument, null);
}
