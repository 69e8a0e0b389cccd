using System.Buffers;
using System.Dynamic;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Xml;

namespace MgPrint.PowerShell.Models;

/// <summary>A model that is sent as one JSON object.</summary>
internal interface IJsonModel
{
    /// <summary>Names and values in the order in which they are sent; <paramref name="path"/> names the object in errors.</summary>
    IEnumerable<KeyValuePair<string, object?>> Members(string path);
}

/// <summary>Compact JSON, in which slashes and letters stay as they were given: what is written is put into no web page.</summary>
internal static class JsonText
{
    public static readonly string TooDeep =
        $"objects are nested deeper than {JsonTree.DeepestNesting} levels, as one is that contains itself.";

    private const string DateFormat = "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK";

    // The writer's own limit knows no path.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 1000 };

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The JSON text of a model.</summary>
    public static string Of(IJsonModel model)
    {
        var text = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(text, Options))
        {
            Write(json, model, "");
        }

        return Encoding.UTF8.GetString(text.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter json, object? given, string path)
    {
        object? value = NamedValues.Unwrap(given);
        switch (value)
        {
            case null: json.WriteNullValue(); break;
            case string text: json.WriteStringValue(Whole(text, path)); break;
            case bool truth: json.WriteBooleanValue(truth); break;
            case SwitchParameter flag: json.WriteBooleanValue(flag.ToBool()); break;
            case IJsonModel model: WriteObject(json, model.Members(path), path); break;
            case byte[] bytes: json.WriteBase64StringValue(bytes); break;
            case Uri uri: json.WriteStringValue(Whole(uri.OriginalString, path)); break;
            case char or Guid or Version or Enum or TimeSpan: json.WriteStringValue(Whole(value.ToString()!, path)); break;
            case DateTime or DateTimeOffset: json.WriteStringValue(TextOfTime(value)); break;
            case object when Expectation.NumberIn(value) is string number:
                json.WriteRawValue(char.IsAsciiDigit(number[^1]) ? number : throw Unfit(path, $"JSON has no number for {number}."));
                break;
            case object when NamedValues.CanRead(value): WriteObject(json, NamedValues.Read(value, path), path); break;
            // As a list, an array of several dimensions would lose them, and an object with members of its own would lose those.
            case IEnumerable items and not (XmlNode or IDynamicMetaObjectProvider or Array { Rank: > 1 }):
                WriteList(json, items, path);
                break;
            default:
                throw Unfit(
                    path, $"a value of type {value.GetType()} cannot be sent as JSON. Give text, a number, a boolean, a date, a hashtable or "
                        + "a list.");
        }
    }

    private static void WriteObject(Utf8JsonWriter json, IEnumerable<KeyValuePair<string, object?>> members, string path)
    {
        CheckDepth(json, path);
        json.WriteStartObject();
        foreach ((string name, object? value) in members)
        {
            string memberPath = path.Length == 0 ? name : $"{path}.{name}";
            json.WritePropertyName(Whole(name, memberPath));
            Write(json, value, memberPath);
        }

        json.WriteEndObject();
    }

    private static void WriteList(Utf8JsonWriter json, IEnumerable items, string path)
    {
        CheckDepth(json, path);
        json.WriteStartArray();
        int index = 0;
        foreach (object? item in items)
        {
            Write(json, item, $"{path}[{index++}]");
        }

        json.WriteEndArray();
    }

    private static void CheckDepth(Utf8JsonWriter json, string path)
    {
        if (json.CurrentDepth == JsonTree.DeepestNesting)
        {
            throw Unfit(path, TooDeep);
        }
    }

    /// <summary>ISO 8601. A date of no stated zone is taken for UTC, as the official module does.</summary>
    private static string TextOfTime(object value) => value switch
    {
        DateTime { Kind: DateTimeKind.Unspecified } date => TextOfTime(DateTime.SpecifyKind(date, DateTimeKind.Utc)),
        DateTime date => TextOfTime(new DateTimeOffset(date)),
        DateTimeOffset date when date.Offset == TimeSpan.Zero => date.UtcDateTime.ToString(DateFormat, CultureInfo.InvariantCulture),
        _ => ((DateTimeOffset)value).ToString(DateFormat, CultureInfo.InvariantCulture),
    };

    /// <summary>The text, if all of it has a UTF-8 form; the writer would put another character in the place of what has none.</summary>
    private static string Whole(string text, string path)
    {
        try
        {
            _ = Utf8.GetByteCount(text);
            return text;
        }
        catch (EncoderFallbackException)
        {
            throw Unfit(path, "the text holds half of a character (a lone surrogate), which has no UTF-8 form.");
        }
    }

    private static InputException Unfit(string path, string what) =>
        new("InvalidBody", DisplayText.Clean($"{Expectation.Subject(path)}: {what}"));
}
