namespace Microsoft.Graph.PowerShell.Models;

/// <summary>
/// Makes models of what a person has in hand: hashtables, other dictionaries, custom and deserialized objects, JSON text
/// and the official assembly's objects. PowerShell asks it for casts and for parameters alike.
/// </summary>
public abstract class ModelTypeConverter : PSTypeConverter
{
    public override bool CanConvertFrom(object sourceValue, Type destinationType) =>
        NamedValues.CanRead(sourceValue) && IsNoOtherModel(sourceValue);

    public override object ConvertFrom(object sourceValue, Type destinationType, IFormatProvider formatProvider, bool ignoreCase) =>
        Convert(NamedValues.Unwrap(sourceValue)!);

    /// <summary>An open model turns into the dictionary of its additional properties, and nothing into anything else.</summary>
    /// <remarks>
    /// Asked for by that very type only. An operator would do it for every dictionary, and then PowerShell would bind a piped
    /// body to -Headers.
    /// </remarks>
    public override bool CanConvertTo(object sourceValue, Type destinationType) =>
        sourceValue is IAssociativeArray<object?> && destinationType == typeof(Dictionary<string, object?>);

    /// <summary>The additional properties of an open model.</summary>
    public override object ConvertTo(object sourceValue, Type destinationType, IFormatProvider formatProvider, bool ignoreCase) =>
        ((IAssociativeArray<object?>)sourceValue).AdditionalProperties;

    private protected abstract object Convert(object source);

    /// <summary>Whether an object of another model, by that name, can stand for this one.</summary>
    private protected abstract bool TakesModel(string name, object source);

    private bool IsNoOtherModel(object source) => NamedValues.ModelNameOf(source) is not string name || TakesModel(name, source);
}

/// <summary>The converter of a generated model.</summary>
public abstract class OpenModelTypeConverter : ModelTypeConverter
{
    private protected abstract ModelSchema Schema { get; }

    private protected override object Convert(object source) => Schema.From(source);

    /// <summary>Upload properties by themselves are the properties of a body.</summary>
    private protected override bool TakesModel(string name, object source) => name == Schema.Name || name == Schema.Inner?.Name;
}

/// <inheritdoc/>
public class DevicesCloudPrintIdentityTypeConverter : ModelTypeConverter
{
    private protected override object Convert(object source) => DevicesCloudPrintIdentity.From(source);

    /// <summary>What the service gave knows the ids of its path.</summary>
    private protected override bool TakesModel(string name, object source) =>
        name == nameof(DevicesCloudPrintIdentity) || NamedValues.Unwrap(source) is OpenModel { Ids: not null };
}
