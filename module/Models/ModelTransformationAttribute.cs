using System.Management.Automation;
using Microsoft.Graph.PowerShell.Models;

namespace MgPrint.PowerShell.Models;

/// <summary>
/// Converts what a parameter is given by the model's own converter, before PowerShell would. The binder forgets why a
/// piped object could not be converted, and says that it could not be bound; an error of a transformation it tells.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ModelTransformationAttribute : ArgumentTransformationAttribute
{
    private readonly Type _model;
    private readonly ModelTypeConverter _converter;

    /// <param name="model">The documented interface of the parameter.</param>
    /// <param name="converter">The converter of that model.</param>
    public ModelTransformationAttribute(Type model, Type converter)
    {
        _model = model;
        _converter = (ModelTypeConverter)Activator.CreateInstance(converter)!;
    }

    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        object? given = NamedValues.Unwrap(inputData);
        if (given is null || _model.IsInstanceOfType(given) || !_converter.CanConvertFrom(given, _model))
        {
            return inputData;
        }

        try
        {
            return _converter.ConvertFrom(given, _model, null!, ignoreCase: true);
        }
        catch (PSInvalidCastException refused)
        {
            throw new ArgumentTransformationMetadataException(refused.Message);
        }
    }
}
