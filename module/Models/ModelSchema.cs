namespace MgPrint.PowerShell.Models;

/// <summary>What a property holds.</summary>
internal enum ValueKind
{
    Text,
    Int32,
    Int64,
    Double,
    Boolean,
    DateTime,
    Model,
}

/// <summary>A model's properties, in the order in which they are sent.</summary>
/// <param name="isResult">Whether only the service makes such objects.</param>
internal sealed class ModelSchema(string name, Func<OpenModel> make, bool isResult, ModelProperty[] properties)
{
    // By both names, which are the same letters but for @odata.id.
    private readonly Dictionary<string, int> _slots = properties
        .SelectMany((property, slot) => new[] { (property.JsonName, slot), (property.Name, slot) })
        .DistinctBy(pair => pair.Item1, StringComparer.OrdinalIgnoreCase)
        .ToDictionary(pair => pair.Item1, pair => pair.slot, StringComparer.OrdinalIgnoreCase);

    public string Name { get; } = name;

    public bool IsResult { get; } = isResult;

    public ModelProperty[] Properties { get; } = properties;

    /// <summary>The names as they are sent; compared without letter case.</summary>
    public string[] Names { get; } = [.. properties.Select(property => property.JsonName)];

    /// <summary>Where a body holds one object and nothing else, as createUploadSession's does: that object's schema.</summary>
    public ModelSchema? Inner => Properties is [{ Model: Func<ModelSchema> model, IsList: false, JsonName: "properties" }] ? model() : null;

    /// <summary>The place of a property; -1 for a name that is not documented.</summary>
    public int SlotOf(string name) => _slots.GetValueOrDefault(name, -1);

    public bool Knows(string name) => _slots.ContainsKey(name);

    /// <summary>The object that a hashtable, custom object, JSON text or an object of the official assembly describes.</summary>
    public OpenModel From(object source, string path = "")
    {
        // The path has a point before each object in an object and a bracket for each list.
        if (path.AsSpan().Count('.') + path.AsSpan().Count('[') + (path.Length > 0 ? 1 : 0) >= JsonTree.DeepestNesting)
        {
            throw new PSInvalidCastException(DisplayText.Clean($"{Expectation.Subject(path)}: {JsonText.TooDeep}"));
        }

        OpenModel model = make();
        if (Inner is ModelSchema inner && NamedValues.ModelNameOf(source) == inner.Name)
        {
            model.Set(0, Properties[0].Convert(source, "properties"));
        }
        else if (IsResult)
        {
            bool isJson = NamedValues.Unwrap(source) is string;
            model.Take(NamedValues.ReadModel(source, path, Names).Select(member => isJson ? member : AsList(member)));
        }
        else
        {
            model.Take(source, path);
        }

        return model;
    }

    /// <summary>The object of a service's response.</summary>
    public OpenModel FromService(IEnumerable<KeyValuePair<string, object?>> members)
    {
        OpenModel model = make();
        model.Take(members);
        return model;
    }

    public OpenModel Empty() => make();

    /// <summary>
    /// A person's only value may have lost its list on the way: PowerShell unrolls lists of one. JSON text keeps its lists.
    /// </summary>
    private KeyValuePair<string, object?> AsList(KeyValuePair<string, object?> member) =>
        SlotOf(member.Key) is >= 0 and int slot && Properties[slot].IsList && NamedValues.Unwrap(member.Value) is string one
            ? new(member.Key, new[] { one })
            : member;
}

/// <summary>A documented property.</summary>
/// <param name="JsonName">Its name as it is sent.</param>
/// <param name="Name">Its name as PowerShell shows it.</param>
/// <param name="Values">The values that are known, between spaces; others are taken too.</param>
internal sealed record ModelProperty(
    string JsonName, string Name, ValueKind Kind, bool IsList, Func<ModelSchema>? Model = null, Type? Interface = null,
    string? Values = null)
{
    /// <summary>A given value as one of the property's type.</summary>
    public object? Convert(object? value, string path)
    {
        object? plain = NamedValues.Unwrap(value);
        if (plain is null || !IsList)
        {
            return ConvertOne(value, path);
        }

        object?[] items = plain is IEnumerable list and not string && !NamedValues.CanRead(plain) ? [.. list.Cast<object?>()] : [value];
        return ListOf([.. items.Select((item, index) => ConvertOne(item, $"{path}[{index}]"))]);
    }

    /// <summary>A service's value; false when it is of another type.</summary>
    public bool TryRead(object? plain, out object? read)
    {
        read = null;
        if (plain is null)
        {
            return true;
        }

        if (!IsList)
        {
            return (read = ReadOne(plain)) is not null;
        }

        if (plain is not IList items)
        {
            return false;
        }

        object?[] values = [.. items.Cast<object?>().Select(item => ReadOne(NamedValues.Unwrap(item)))];
        read = Array.Exists(values, value => value is null) ? null : ListOf(values);
        return read is not null;
    }

    private object? ConvertOne(object? value, string path) => Kind switch
    {
        ValueKind.Text => Expectation.Text(value, path),
        ValueKind.Int32 => Expectation.Int32(value, path),
        ValueKind.Int64 => Expectation.WholeNumber(value, path),
        ValueKind.Double => Expectation.Number(value, path),
        ValueKind.Boolean => Expectation.Truth(value, path),
        ValueKind.DateTime => Expectation.Date(value, path),
        _ => NamedValues.Unwrap(value) switch
        {
            null => null,
            object typed when Interface!.IsInstanceOfType(typed) => typed,
            object other => Model!().From(other, path),
        },
    };

    private object? ReadOne(object? plain) => (Kind, plain) switch
    {
        (ValueKind.Text, string or Uri) => plain is Uri url ? url.OriginalString : plain,
        (ValueKind.Int32, int) => plain,
        (ValueKind.Int64, int or long) => System.Convert.ToInt64(plain, CultureInfo.InvariantCulture),
        (ValueKind.Double, int or long or double or decimal) =>
            System.Convert.ToDouble(plain, CultureInfo.InvariantCulture),
        (ValueKind.Boolean, bool) => plain,
        (ValueKind.DateTime, not null) => Expectation.Utc(plain),
        (ValueKind.Model, not null) when Interface!.IsInstanceOfType(plain) => plain,
        (ValueKind.Model, IDictionary or PSObject) => Model!().FromService(NamedValues.Read(plain, "")),
        _ => null,
    };

    private Array ListOf(object?[] values)
    {
        var list = Array.CreateInstance(
            Kind switch
            {
                ValueKind.Text => typeof(string),
                ValueKind.Int32 => typeof(int),
                ValueKind.Int64 => typeof(long),
                ValueKind.Double => typeof(double),
                ValueKind.Boolean => typeof(bool),
                ValueKind.DateTime => typeof(DateTime),
                _ => Interface!,
            },
            values.Length);
        Array.Copy(values, list, values.Length);
        return list;
    }
}
