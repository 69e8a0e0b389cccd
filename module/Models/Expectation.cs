using System.Numerics;

namespace MgPrint.PowerShell.Models;

/// <summary>Turns given values into the documented types, or says which property was wrong and what was expected of it.</summary>
internal static class Expectation
{
    private const string AnObject = "an object (a hashtable, a custom object or JSON text)";
    private const int LongestShownValue = 100;

    /// <summary>Text, or null where null was given. A number or a GUID is taken by its invariant text.</summary>
    public static string? Text(object? value, string path)
    {
        object? plain = NamedValues.Unwrap(value);
        return plain switch
        {
            null => null,
            string text => text,
            Uri uri => uri.OriginalString,
            char or Guid or Version or Enum => plain.ToString(),
            _ => NumberIn(plain) ?? throw NotMet(path, "text", value),
        };
    }

    /// <summary>The text of a number of any size, which is the same in JSON; null for anything else.</summary>
    public static string? NumberIn(object? plain) =>
        plain is BigInteger || Type.GetTypeCode(plain?.GetType()) is >= TypeCode.SByte and <= TypeCode.Decimal
            ? ((IFormattable)plain!).ToString(null, CultureInfo.InvariantCulture)
            : null;

    /// <summary>A whole number in a range, exact; null where null was given.</summary>
    public static long? WholeNumber(object? value, string path, long least = long.MinValue, long most = long.MaxValue)
    {
        object? plain = NamedValues.Unwrap(value);
        if (plain is null)
        {
            return null;
        }

        if (!decimal.TryParse(plain as string ?? NumberIn(plain), NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number)
            || decimal.Truncate(number) != number || number < least || number > most)
        {
            string unit = path.EndsWith("size", StringComparison.Ordinal) ? " of bytes" : "";
            throw NotMet(path, $"a whole number{unit}, at most {most}", value);
        }

        // Beyond that a floating-point number no longer tells neighbours apart, so it may not be the number that was meant.
        return plain is not (double or float) || Math.Abs(number) <= (plain is float ? 16777216 : 9007199254740992)
            ? (long)number
            : throw new PSInvalidCastException(
                $"{Subject(path)}: {Describe(plain)} is a floating-point number, and such a large one is not exact: it may have "
                    + "been another. Give it as [long], or with all its digits.");
    }

    /// <summary>A whole number in the range of Int32; null where null was given.</summary>
    public static int? Int32(object? value, string path) => (int?)WholeNumber(value, path, int.MinValue, int.MaxValue);

    /// <summary>A number; null where null was given.</summary>
    public static double? Number(object? value, string path) => NamedValues.Unwrap(value) switch
    {
        null => null,
        object plain when double.TryParse(
            plain as string ?? NumberIn(plain), NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
            && double.IsFinite(number) => number,
        _ => throw NotMet(path, "a number", value),
    };

    /// <summary>True or false; null where null was given.</summary>
    public static bool? Truth(object? value, string path) => NamedValues.Unwrap(value) switch
    {
        null => null,
        bool truth => truth,
        SwitchParameter flag => flag.ToBool(),
        // As a row of Import-Csv has it.
        string text when bool.TryParse(text, out bool said) => said,
        _ => throw NotMet(path, "$true or $false", value),
    };

    /// <summary>A point in time, in UTC; null where null was given. A date of no stated zone is taken for UTC.</summary>
    public static DateTime? Date(object? value, string path) =>
        NamedValues.Unwrap(value) is null
            ? null
            : Utc(NamedValues.Unwrap(value)) ?? throw NotMet(path, "a date, such as [datetime] or text in ISO 8601", value);

    /// <summary>A point in time, in UTC; null for what is none.</summary>
    public static DateTime? Utc(object? value) => value switch
    {
        DateTime { Kind: DateTimeKind.Unspecified } date => DateTime.SpecifyKind(date, DateTimeKind.Utc),
        DateTime date => date.ToUniversalTime(),
        DateTimeOffset date => date.UtcDateTime,
        string text when IsIsoDate(text)
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset date) =>
                date.UtcDateTime,
        _ => null,
    };

    /// <summary>A four-digit year and a dash: the framework would read "5" or "noon" as a date too.</summary>
    private static bool IsIsoDate(string text) => text.Length >= 10 && text[4] == '-' && char.IsAsciiDigit(text[0]);

    /// <summary>The error for a value that stands for no object.</summary>
    public static PSInvalidCastException NoObject(object? value, string path) => NotMet(path, AnObject, value);

    /// <summary>The same for what a parameter was given, unseen: what was given to it by mistake may be an upload URL.</summary>
    public static PSInvalidCastException NoObject(object given) => new($"{Subject("")}: expected {AnObject}, but got {given switch
    {
        string => "text that is none",
        IEnumerable => $"a list ({given.GetType().Name})",
        _ => $"a value of type {given.GetType()}",
    }}.");

    /// <summary>The error for a value that is not what its property takes.</summary>
    public static PSInvalidCastException NotMet(string path, string expected, object? actual) =>
        new($"{Subject(path)}: expected {expected}, but got {Describe(actual)}.");

    /// <summary>How an error names the place of a value; the outermost object has no name of its own.</summary>
    public static string Subject(string path) => path.Length == 0 ? "The value" : DisplayText.Clean(path);

    private static string Describe(object? value)
    {
        object? plain = NamedValues.Unwrap(value);
        return plain switch
        {
            null => "nothing",
            string text => $"'{DisplayText.Clean(text, LongestShownValue)}'",
            bool truth => truth ? "the boolean $true" : "the boolean $false",
            PSObject => "a custom object",
            IDictionary => "a dictionary",
            IEnumerable => $"a list ({plain.GetType().Name})",
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
            _ => $"a value of type {plain.GetType()}",
        };
    }
}
