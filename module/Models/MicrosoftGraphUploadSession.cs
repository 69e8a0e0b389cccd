using System.Collections;
using System.ComponentModel;
using System.Globalization;
using System.Management.Automation;
using System.Runtime.CompilerServices;
using MgPrint.PowerShell.Models;
using MgPrint.PowerShell.Runtime;

namespace Microsoft.Graph.PowerShell.Models;

/// <inheritdoc cref="IMicrosoftGraphUploadSession"/>
[TypeConverter(typeof(MicrosoftGraphUploadSessionTypeConverter))]
public class MicrosoftGraphUploadSession : IMicrosoftGraphUploadSession, IJsonModel
{
    private const string DateFormat = "yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'";

    private static readonly string[] Names = [nameof(ExpirationDateTime), nameof(NextExpectedRanges), nameof(UploadUrl)];

    private readonly Dictionary<string, object?> _additional = new(StringComparer.Ordinal);
    /// <inheritdoc/>
    public DateTime? ExpirationDateTime { get; set; }

    /// <inheritdoc/>
    public string[]? NextExpectedRanges { get; set; }

    /// <inheritdoc/>
    public string? UploadUrl { get; set; }

    /// <inheritdoc/>
    public IDictionary<string, object?> AdditionalProperties => _additional;

    /// <inheritdoc/>
    [IndexerName("EntityItem")]
    public object? this[string index]
    {
        get => _additional[index];
        set => _additional[index] = value;
    }

    /// <summary>How many bytes the session was created for, where this process created it and said so; no part of the service's answer.</summary>
    internal long? DocumentSize { get; set; }

    /// <summary>The session that a dictionary describes.</summary>
    public static IMicrosoftGraphUploadSession DeserializeFromDictionary(IDictionary content) => From(content);

    /// <summary>The session that an object describes.</summary>
    public static IMicrosoftGraphUploadSession DeserializeFromPSObject(PSObject content) => From(content);

    /// <summary>The session that JSON text describes.</summary>
    /// <exception cref="PSInvalidCastException">The text is no JSON object.</exception>
    public static IMicrosoftGraphUploadSession FromJsonString(string jsonText) => From(jsonText);

    /// <summary>The session as compact JSON text, its URL whole.</summary>
    public string ToJsonString() => JsonText.Of(this);

    /// <inheritdoc/>
    public void Add(string key, object? value) => _additional.Add(key, value);

    /// <inheritdoc/>
    public bool ContainsKey(string key) => _additional.ContainsKey(key);

    /// <inheritdoc/>
    public bool Remove(string key) => _additional.Remove(key);

    /// <inheritdoc/>
    public bool TryGetValue(string key, out object? value) => _additional.TryGetValue(key, out value);

    /// <inheritdoc/>
    public void Clear() => _additional.Clear();

    /// <summary>Takes over the entries of a dictionary that are no documented properties.</summary>
    public void CopyFrom(IDictionary source) => NamedValues.CopyAllBut(Names, source, _additional);

    /// <summary>Takes over the properties of an object that are no documented ones.</summary>
    public void CopyFrom(PSObject source) => NamedValues.CopyAllBut(Names, source, _additional);

    /// <summary>Where the session lives, without the secret of its URL.</summary>
    public override string ToString() => UploadUrl is null ? base.ToString()! : DisplayText.Url(UploadUrl);

    /// <summary>The session that a hashtable, custom object, JSON text or an object of the official assembly describes.</summary>
    /// <remarks>
    /// A person's only range may have lost its list on the way: PowerShell unrolls lists of one. JSON text keeps its lists.
    /// </remarks>
    internal static MicrosoftGraphUploadSession From(object source)
    {
        List<KeyValuePair<string, object?>> members = NamedValues.ReadModel(source, "", Names);
        return NamedValues.Unwrap(source) is string ? From(members) : From(members.Select(WithListOfRanges));
    }

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
                _additional[name] = value;
            }
        }
    }

    void IJsonModel.WriteTo(JsonText json, string path)
    {
        foreach ((string name, object? value) in _additional)
        {
            json.Member(name, value, path);
        }

        WriteUnlessNull(json, "expirationDateTime", UtcOf(ExpirationDateTime)?.ToString(DateFormat, CultureInfo.InvariantCulture), path);
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
            UploadUrl = value is Uri url ? url.OriginalString : value as string;
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

    private static KeyValuePair<string, object?> WithListOfRanges(KeyValuePair<string, object?> member) =>
        NamedValues.Same(member.Key, nameof(NextExpectedRanges)) && NamedValues.Unwrap(member.Value) is string range
            ? new(member.Key, new[] { range })
            : member;

    private static string[]? TextsOf(object? value)
    {
        if (value is string[] texts)
        {
            return texts;
        }

        if (value is not IList items)
        {
            return null;
        }

        string[] unwrapped = [.. items.Cast<object?>().Select(NamedValues.Unwrap).OfType<string>()];
        return unwrapped.Length == items.Count ? unwrapped : null;
    }
}
