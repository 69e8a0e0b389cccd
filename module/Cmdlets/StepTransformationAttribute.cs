using System.Collections;
using System.Globalization;
using System.Linq.Expressions;
using System.Management.Automation;
using System.Management.Automation.Language;
using MgPrint.PowerShell.Models;
using MgPrint.PowerShell.Runtime;
using Microsoft.Graph.PowerShell.Runtime;

namespace MgPrint.PowerShell.Cmdlets;

/// <summary>
/// Takes for a pipeline step what has the shape of one: beside the official assembly, scripts and compiled steps hold
/// delegates of its type, and a script block may name its interfaces, which then mean its own. All else is left to
/// PowerShell's conversion.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class StepTransformationAttribute : ArgumentTransformationAttribute
{
    private const int RequestCallbackAndNext = 3;

    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        object? given = NamedValues.Unwrap(inputData);
        if (given is string || given is not IEnumerable list)
        {
            return StepOf(given) ?? inputData;
        }

        object?[] steps = [.. list.Cast<object?>().Select(NamedValues.Unwrap)];
        SendAsyncStep?[] adapted = [.. steps.Select(StepOf)];
        return Array.TrueForAll(adapted, step => step is null) ? inputData : steps.Zip(adapted, (step, ours) => ours ?? step).ToArray();
    }

    /// <summary>The step that another's delegate or interfaces make; null where ours will do.</summary>
    private static SendAsyncStep? StepOf(object? given) => given switch
    {
        SendAsyncStep => null,
        Delegate other when IsStep(other.GetType()) => (SendAsyncStep?)SameShape.As(other, typeof(SendAsyncStep)),
        ScriptBlock script when TypeOf(script) is Type type => (SendAsyncStep?)SameShape.As(LanguagePrimitives.ConvertTo(script, type, CultureInfo.InvariantCulture), typeof(SendAsyncStep)),
        _ => null,
    };

    private static bool IsStep(Type type) =>
        type.GetMethod("Invoke") is { } invoke
        && invoke.ReturnType == typeof(Task<HttpResponseMessage>)
        && invoke.GetParameters() is { Length: RequestCallbackAndNext } parameters
        && parameters[0].ParameterType == typeof(HttpRequestMessage)
        && IsNamed(parameters[1].ParameterType, typeof(IEventListener))
        && IsNamed(parameters[2].ParameterType, typeof(ISendAsync));

    /// <summary>The delegate that a script block's own parameters ask for, where one of them is an interface that is not ours.</summary>
    private static Type? TypeOf(ScriptBlock script)
    {
        if (script.Ast is not ScriptBlockAst { ParamBlock.Parameters: { Count: RequestCallbackAndNext } parameters })
        {
            return null;
        }

        Type callback = Asked(parameters[1], typeof(IEventListener));
        Type next = Asked(parameters[2], typeof(ISendAsync));
        return callback == typeof(IEventListener) && next == typeof(ISendAsync)
            ? null
            : Expression.GetFuncType(typeof(HttpRequestMessage), callback, next, typeof(Task<HttpResponseMessage>));
    }

    private static Type Asked(ParameterAst parameter, Type ours) => IsNamed(parameter.StaticType, ours) ? parameter.StaticType : ours;

    /// <summary>Whether a type is ours, or an interface that another assembly calls the same.</summary>
    private static bool IsNamed(Type type, Type ours) => type == ours || (type.IsInterface && type.FullName == ours.FullName);
}
