namespace MgPrint.PowerShell.Models;

/// <summary>
/// A model that remembers what a parameter was given for it: when that came down the pipe, its look tells which parameter it
/// was meant for, and PowerShell has given it to each that could take it.
/// </summary>
internal interface IGivenModel
{
    /// <summary>What it was converted from for a parameter; null when it was made elsewhere.</summary>
    object? MadeOf { get; set; }
}

/// <summary>
/// Converts what a parameter is given by the model's own converter, before PowerShell would. The binder forgets why a
/// piped object could not be converted, and says that it could not be bound; an error of a transformation it tells.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ModelTransformationAttribute(Type model, Type converter) : ArgumentTransformationAttribute
{
    private readonly ModelTypeConverter _converter = (ModelTypeConverter)Activator.CreateInstance(converter)!;

    public bool IsList { get; set; }

    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        object? given = NamedValues.Unwrap(inputData);
        return IsList && given is object?[] items ? Array.ConvertAll(items, One) : One(inputData);
    }

    private object? One(object? inputData)
    {
        object? given = NamedValues.Unwrap(inputData);
        if (given is null || model.IsInstanceOfType(given))
        {
            return inputData;
        }

        try
        {
            if (!_converter.CanConvertFrom(given, model))
            {
                // Another model may be meant for another parameter; what is no object at all can be meant for none.
                return NamedValues.ModelNameOf(given) is null ? throw Expectation.NoObject(given) : inputData;
            }

            object converted = _converter.ConvertFrom(given, model, null!, ignoreCase: true);
            if (converted is IGivenModel made)
            {
                made.MadeOf = given;
            }

            return converted;
        }
        catch (PSInvalidCastException refused)
        {
            throw new ArgumentTransformationMetadataException(refused.Message);
        }
    }
}
