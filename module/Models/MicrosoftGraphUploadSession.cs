using System.ComponentModel;
using System.Globalization;
using System.Management.Automation;
using MgPrint.PowerShell.Models;
using MgPrint.PowerShell.Runtime;

namespace Microsoft.Graph.PowerShell.Models;

/// <inheritdoc cref="IMicrosoftGraphUploadSession"/>
[TypeConverter(typeof(MicrosoftGraphUploadSessionTypeConverter))]
public class MicrosoftGraphUploadSession : IMicrosoftGraphUploadSession, IJsonModel
{
    /// <inheritdoc/>
    public IDictionary<string, object?> AdditionalProperties { get; } = new Dictionary<string, object?>(StringComparer.Ordinal);

    /// <inheritdoc/>
    public DateTime? ExpirationDateTime { get; set; }

    /// <inheritdoc/>
    public string[]? NextExpectedRanges { get; set; }

    /// <inheritdoc/>
    public string? UploadUrl { get; set; }

    /// <summary>How many bytes the session was created for, where this process created it and said so; no part of the service's answer.</summary>
    internal long? DocumentSize { get; set; }

    /// <summary>The session that JSON text describes.</summary>
    /// <exception cref="PSInvalidCastException">The text is no JSON object.</exception>
    public static IMicrosoftGraphUploadSession FromJsonString(string jsonText) => From(jsonText);

    /// <summary>The session as compact JSON text, its URL whole.</summary>
    public string ToJsonString() => JsonText.Of(this);

    /// <summary>Where the session lives, without the secret of its URL.</summary>
    public override string ToString() => DisplayText.Url(UploadUrl);

    /// <summary>The session that a hashtable, custom object, JSON text or an object of the official assembly describes.</summary>
    internal static MicrosoftGraphUploadSession From(object source) => From(NamedValues.Read(source, ""));

    /// <summary>
    /// The session of a server's answer. A documented name with a value of another type is no reason to lose either: the
    /// property stays null and the value is kept among the additional ones.
    /// </summary>
    internal static MicrosoftGraphUploadSession From(IEnumerable<KeyValuePair<string, object?>> members)
    {
        var session = new MicrosoftGraphUploadSession();
        session.Take(members);
        return session;
    }

    /// <summary>Takes over what an answer says.</summary>
    private protected void Take(IEnumerable<KeyValuePair<string, object?>> members)
    {
        foreach ((string name, object? value) in members)
        {
            if (!TrySet(name, NamedValues.Unwrap(value)))
            {
                AdditionalProperties[name] = value;
            }
        }
    }

    void IJsonModel.WriteTo(JsonText json, string path)
    {
        foreach ((string name, object? value) in AdditionalProperties)
        {
            json.Member(name, value, path);
        }

        WriteUnlessNull(json, "expirationDateTime", ExpirationDateTime, path);
        WriteUnlessNull(json, "nextExpectedRanges", NextExpectedRanges, path);
        WriteUnlessNull(json, "uploadUrl", UploadUrl, path);
    }

    private static void WriteUnlessNull(JsonText json, string name, object? value, string path)
    {
        if (value is not null)
        {
            json.Member(name, value, path);
        }
    }

    private bool TrySet(string name, object? value)
    {
        if (NamedValues.Same(name, nameof(ExpirationDateTime)))
        {
            ExpirationDateTime = UtcOf(value);
            return ExpirationDateTime is not null || value is null;
        }

        if (NamedValues.Same(name, nameof(NextExpectedRanges)))
        {
            NextExpectedRanges = TextsOf(value);
            return NextExpectedRanges is not null || value is null;
        }

        if (NamedValues.Same(name, nameof(UploadUrl)))
        {
            UploadUrl = value as string;
            return UploadUrl is not null || value is null;
        }

        return false;
    }

    private static DateTime? UtcOf(object? value) => value switch
    {
        DateTime { Kind: DateTimeKind.Unspecified } date => DateTime.SpecifyKind(date, DateTimeKind.Utc),
        DateTime date => date.ToUniversalTime(),
        DateTimeOffset date => date.UtcDateTime,
        string text when IsIsoDate(text)
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset date) => date.UtcDateTime,
        _ => null,
    };

    /// <summary>A four-digit year and a dash: the framework would read "5" or "noon" as a date too.</summary>
    private static bool IsIsoDate(string text) => text.Length >= 10 && text[4] == '-' && char.IsAsciiDigit(text[0]);

    private static string[]? TextsOf(object? value)
    {
        if (value is string[] texts)
        {
            return texts;
        }

        if (value is not System.Collections.IList items)
        {
            return null;
        }

        string[] unwrapped = [.. items.Cast<object?>().Select(NamedValues.Unwrap).OfType<string>()];
        return unwrapped.Length == items.Count ? unwrapped : null;
    }
}
