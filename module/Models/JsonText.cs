using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Numerics;
using System.Text;
using System.Xml;
using MgPrint.PowerShell.Runtime;

namespace MgPrint.PowerShell.Models;

/// <summary>A model that writes itself as one JSON object.</summary>
internal interface IJsonModel
{
    /// <summary>Writes the object; <paramref name="path"/> names it in errors.</summary>
    void WriteTo(JsonText json, string path);
}

/// <summary>
/// Compact JSON, escaping only what RFC 8259 (section 7) needs escaped, so that names and values reach the service as
/// they were given. A writer of its own, since the framework's always escapes more (no-break spaces, for one).
/// </summary>
internal sealed class JsonText
{
    private const string DateFormat = "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK";

    private readonly StringBuilder _text = new();
    private readonly List<object> _open = [];
    private bool _needsComma;

    /// <summary>The JSON text of a model.</summary>
    /// <exception cref="JsonTextException">A value in it has no place in JSON.</exception>
    public static string Of(IJsonModel model)
    {
        var json = new JsonText();
        json.Nested(model, "", () => model.WriteTo(json, ""));
        return json._text.ToString();
    }

    /// <summary>Writes a member's name and its value.</summary>
    public void Member(string name, object? value, string path)
    {
        string memberPath = path.Length == 0 ? name : $"{path}.{name}";
        Separate();
        AppendString(name, memberPath);
        _text.Append(':');
        Value(value, memberPath);
        _needsComma = true;
    }

    private void Value(object? given, string path)
    {
        object? value = NamedValues.Unwrap(given);
        switch (value)
        {
            case null: _text.Append("null"); break;
            case string text: AppendString(text, path); break;
            case bool truth: _text.Append(truth ? "true" : "false"); break;
            case SwitchParameter flag: _text.Append(flag.ToBool() ? "true" : "false"); break;
            case IJsonModel model: Nested(model, path, () => model.WriteTo(this, path)); break;
            case byte[] bytes: _text.Append('"').Append(Convert.ToBase64String(bytes)).Append('"'); break;
            case char or Guid or Uri or Version or Enum: AppendString(value is Uri uri ? uri.OriginalString : value.ToString()!, path); break;
            case DateTime or DateTimeOffset or DateOnly or TimeOnly or TimeSpan: AppendString(TextOfTime(value), path); break;
            default:
                if (!TryAppendNumber(value, path))
                {
                    Composite(value, path);
                }

                break;
        }
    }

    private void Composite(object value, string path)
    {
        if (NamedValues.CanRead(value))
        {
            Nested(value, path, () =>
            {
                foreach (KeyValuePair<string, object?> entry in NamedValues.Read(value, path))
                {
                    Member(entry.Key, entry.Value, path);
                }
            });
        }
        else if (value is IEnumerable items and not XmlNode)
        {
            Nested(value, path, () => Items(items is Array { Rank: > 1 } block ? RowsOf(block, []) : items, path), '[', ']');
        }
        else
        {
            throw new JsonTextException($"{Expectation.Subject(path)}: a value of type {value.GetType()} cannot be sent as JSON; give text, a number, a boolean, a date, a hashtable or a list.{(value is XmlNode ? " The text of XML is its OuterXml." : "")}");
        }
    }

    private void Items(IEnumerable items, string path)
    {
        int index = 0;
        foreach (object? item in items)
        {
            Separate();
            Value(item, $"{path}[{index++}]");
            _needsComma = true;
        }
    }

    /// <summary>A block of several dimensions, such as <c>int[,]</c>, as lists of lists: enumerated, it would be one flat list.</summary>
    private static object?[] RowsOf(Array block, int[] at) =>
    [
        .. Enumerable.Range(block.GetLowerBound(at.Length), block.GetLength(at.Length)).Select(index =>
            at.Length + 1 == block.Rank ? block.GetValue([.. at, index]) : RowsOf(block, [.. at, index])),
    ];

    private void Nested(object container, string path, Action writeContent, char open = '{', char close = '}')
    {
        if (_open.Exists(outer => ReferenceEquals(outer, container)))
        {
            throw new JsonTextException($"{Expectation.Subject(path)}: the object contains itself, so it has no JSON text.");
        }

        if (_open.Count == JsonTree.DeepestNesting)
        {
            throw new JsonTextException($"{Expectation.Subject(path)}: objects are nested deeper than {JsonTree.DeepestNesting} levels.");
        }

        _open.Add(container);
        _text.Append(open);
        _needsComma = false;
        writeContent();
        _text.Append(close);
        _open.RemoveAt(_open.Count - 1);
    }

    private void Separate()
    {
        if (_needsComma)
        {
            _text.Append(',');
            _needsComma = false;
        }
    }

    private bool TryAppendNumber(object value, string path)
    {
        switch (value)
        {
            case sbyte or byte or short or ushort or int or uint or long or ulong or BigInteger or decimal or Int128 or UInt128:
                _text.Append(((IFormattable)value).ToString(null, CultureInfo.InvariantCulture));
                return true;
            case double or float or Half:
                if (!double.IsFinite(Convert.ToDouble(value is Half half ? (float)half : value, CultureInfo.InvariantCulture)))
                {
                    throw new JsonTextException($"{Expectation.Subject(path)}: JSON has no number for {((IFormattable)value).ToString(null, CultureInfo.InvariantCulture)}.");
                }

                _text.Append(((IFormattable)value).ToString("R", CultureInfo.InvariantCulture));
                return true;
            default:
                return false;
        }
    }

    /// <summary>ISO 8601. A date of no stated zone is taken for UTC, as the official module does.</summary>
    private static string TextOfTime(object value) => value switch
    {
        DateTime { Kind: DateTimeKind.Unspecified } date => DateTime.SpecifyKind(date, DateTimeKind.Utc).ToString(DateFormat, CultureInfo.InvariantCulture),
        DateTime { Kind: DateTimeKind.Local } date when TimeZoneInfo.Local.GetUtcOffset(date) == TimeSpan.Zero =>
            DateTime.SpecifyKind(date, DateTimeKind.Utc).ToString(DateFormat, CultureInfo.InvariantCulture),
        DateTime date => date.ToString(DateFormat, CultureInfo.InvariantCulture),
        DateTimeOffset date when date.Offset == TimeSpan.Zero => date.UtcDateTime.ToString(DateFormat, CultureInfo.InvariantCulture),
        DateTimeOffset date => date.ToString(DateFormat, CultureInfo.InvariantCulture),
        DateOnly date => date.ToString("O", CultureInfo.InvariantCulture),
        TimeOnly time => time.ToString("HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture),
        _ => ((TimeSpan)value).ToString("c", CultureInfo.InvariantCulture),
    };

    private void AppendString(string text, string path)
    {
        _text.Append('"');
        int copied = 0;
        for (int index = 0; index < text.Length; index++)
        {
            char character = text[index];
            if (char.IsSurrogate(character))
            {
                if (index + 1 == text.Length || !char.IsSurrogatePair(character, text[index + 1]))
                {
                    throw new JsonTextException($"{Expectation.Subject(path)}: the text holds half of a character (a lone surrogate), which has no UTF-8 form.");
                }

                index++;
            }
            else if (character is < ' ' or '"' or '\\')
            {
                _text.Append(text, copied, index - copied).Append(Escape(character));
                copied = index + 1;
            }
        }

        _text.Append(text, copied, text.Length - copied).Append('"');
    }

    private static string Escape(char character) => character switch
    {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\b' => "\\b",
        '\f' => "\\f",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        _ => $"\\u{(int)character:x4}",
    };
}

/// <summary>A body cannot be written as JSON; the message names the property.</summary>
internal sealed class JsonTextException(string message) : Exception(DisplayText.Clean(message));
