namespace MgPrint.PowerShell.Models;

/// <summary>A model's properties, in the order in which they are sent.</summary>
/// <param name="IsResult">Whether only the service makes such objects.</param>
internal sealed record ModelSchema(string Name, Func<OpenModel> Make, bool IsResult, ModelProperty[] Properties)
{
    // By both names, which are the same letters but for @odata.id.
    private readonly Dictionary<string, int> _slots = SlotsByName(Properties);

    /// <summary>The names as they are sent; compared without letter case.</summary>
    public string[] Names { get; } = [.. Properties.Select(property => property.JsonName)];

    /// <summary>Where a body holds one object and nothing else, as createUploadSession's does: that object's schema.</summary>
    public ModelSchema? Inner => Properties is [{ Model: Func<ModelSchema> model, IsList: false, JsonName: "properties" }] ? model() : null;

    /// <summary>The place of a property; -1 for a name that is not documented.</summary>
    public int SlotOf(string name) => _slots.GetValueOrDefault(name, -1);

    public bool Knows(string name) => _slots.ContainsKey(name);

    private static Dictionary<string, int> SlotsByName(ModelProperty[] properties)
    {
        var slots = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        for (int slot = 0; slot < properties.Length; slot++)
        {
            slots.TryAdd(properties[slot].JsonName, slot);
            slots.TryAdd(properties[slot].Name, slot);
        }

        return slots;
    }

    /// <summary>The object that a hashtable, custom object, JSON text or an object of the official assembly describes.</summary>
    public OpenModel From(object source, string path = "")
    {
        // The path has a point before each object in an object and a bracket for each list.
        if (path.AsSpan().Count('.') + path.AsSpan().Count('[') + (path.Length > 0 ? 1 : 0) >= JsonTree.DeepestNesting)
        {
            throw new PSInvalidCastException(DisplayText.Clean($"{Expectation.Subject(path)}: {JsonText.TooDeep}"));
        }

        OpenModel model = Make();
        if (Inner is ModelSchema inner && NamedValues.ModelNameOf(source) == inner.Name)
        {
            model.Set(0, Properties[0].Convert(source, "properties"));
        }
        else
        {
            model.Take(NamedValues.ReadModel(source, path, Names), path, isGiven: !IsResult);
        }

        return model;
    }

    /// <summary>The object of a service's response.</summary>
    public OpenModel FromService(IEnumerable<KeyValuePair<string, object?>> members)
    {
        OpenModel model = Make();
        model.Take(members, "", isGiven: false);
        return model;
    }
}

/// <summary>A documented property.</summary>
/// <param name="JsonName">Its name as it is sent.</param>
/// <param name="Name">Its name as PowerShell shows it.</param>
/// <param name="Element">The type of its value, or of each where it is a list; of a model, the interface.</param>
/// <param name="Model">The schema of the model that it holds; null for a plain value.</param>
/// <param name="Values">The values that are known, between spaces; others are taken too.</param>
internal sealed record ModelProperty(
    string JsonName, string Name, Type Element, bool IsList, Func<ModelSchema>? Model = null, string? Values = null)
{
    /// <summary>A value as one of the property's type. The only one of a list may have lost it: PowerShell unrolls lists of one.</summary>
    /// <param name="isGiven">Whether a person gave it, and not the service.</param>
    public object? Convert(object? value, string path, bool isGiven = true)
    {
        object? plain = NamedValues.Unwrap(value);
        if (plain is null || !IsList)
        {
            return ConvertOne(value, path, isGiven);
        }

        object?[] items = plain is IEnumerable list and not string && !NamedValues.CanRead(plain) ? [.. list.Cast<object?>()] : [value];
        var converted = Array.CreateInstance(Element, items.Length);
        Array.Copy(items.Select((item, index) => ConvertOne(item, $"{path}[{index}]", isGiven)).ToArray(), converted, items.Length);
        return converted;
    }

    /// <summary>The same in place; false for a value of another type that the service said.</summary>
    public bool TryConvert(ref object? value, string path, bool isGiven)
    {
        try
        {
            value = Convert(value, path, isGiven);
            return true;
        }
        catch (InvalidCastException) when (!isGiven)
        {
            return false;
        }
    }

    private object? ConvertOne(object? value, string path, bool isGiven) => Type.GetTypeCode(Element) switch
    {
        TypeCode.String => Expectation.Text(value, path),
        TypeCode.Int32 => Expectation.Int32(value, path),
        TypeCode.Int64 => Expectation.WholeNumber(value, path),
        TypeCode.Double => Expectation.Number(value, path),
        TypeCode.Boolean => Expectation.Truth(value, path),
        TypeCode.DateTime => Expectation.Date(value, path),
        _ => NamedValues.Unwrap(value) switch
        {
            null => null,
            object typed when Element.IsInstanceOfType(typed) => typed,
            object other => isGiven ? Model!().From(other, path) : Model!().FromService(NamedValues.Read(other, path)),
        },
    };
}
