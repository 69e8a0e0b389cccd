using System.Diagnostics.CodeAnalysis;
using System.Linq.Expressions;
using System.Reflection;

namespace MgPrint.PowerShell.Runtime;

/// <summary>
/// Objects of types that another assembly declares in the shape of ours, taken for ours, and ours handed to it as its
/// own. The official module's delegates and interfaces bear the names and signatures of ours and are other types all the
/// same; nothing here refers to its assembly.
/// </summary>
internal static class SameShape
{
    /// <summary>The value as one of a type that has its shape: itself where it fits already.</summary>
    /// <param name="value">An object that implements an interface of the shape, a delegate, or a class of properties.</param>
    /// <param name="type">The type that is wanted.</param>
    /// <exception cref="InvalidCastException">The value has another shape.</exception>
    public static object? As(object? value, Type type)
    {
        if (value is null || type.IsInstanceOfType(value))
        {
            return value;
        }

        if (value is Bridge { Target: var behind } && type.IsInstanceOfType(behind))
        {
            return behind;
        }

        return type.IsInterface ? Bridge.To(value, type)
            : value is Delegate given && type.IsSubclassOf(typeof(Delegate)) ? Call(given, type)
            : Copy(value, type);
    }

    /// <summary>A delegate that calls another one of the same shape.</summary>
    private static Delegate Call(Delegate given, Type type)
    {
        MethodInfo wanted = type.GetMethod("Invoke")!;
        ParameterExpression[] parameters = [.. wanted.GetParameters().Select(parameter => Expression.Parameter(parameter.ParameterType))];
        MethodInfo invoke = given.GetType().GetMethod("Invoke")!;
        Expression call = Expression.Call(
            Invocation, Expression.Constant(invoke), Expression.Constant(given), Expression.Constant(wanted.ReturnType, typeof(Type)),
            Expression.NewArrayInit(typeof(object), parameters.Select(parameter => Expression.Convert(parameter, typeof(object)))));
        Expression body = wanted.ReturnType == typeof(void) ? call : Expression.Convert(call, wanted.ReturnType);
        return Expression.Lambda(type, body, parameters).Compile();
    }

    private static readonly MethodInfo Invocation = typeof(SameShape).GetMethod(nameof(Invoke), BindingFlags.Static | BindingFlags.NonPublic)!;

    /// <summary>Calls a method with arguments that are of the caller's types, for a result of the caller's type.</summary>
    private static object? Invoke(MethodInfo method, object target, Type result, object?[] arguments)
    {
        ParameterInfo[] parameters = method.GetParameters();
        if (parameters.Length != arguments.Length)
        {
            throw new InvalidCastException($"{method.DeclaringType}.{method.Name} takes {parameters.Length} arguments, not {arguments.Length}.");
        }

        object?[] own = [.. parameters.Zip(arguments, (parameter, argument) => As(argument, parameter.ParameterType))];
        object? answer = method.Invoke(target, BindingFlags.DoNotWrapExceptions, null, own, null);
        return result == typeof(void) ? null : As(answer, result);
    }

    /// <summary>A class of plain properties, property by property: such is EventData.</summary>
    private static object Copy(object value, Type type)
    {
        if (type.GetConstructor(Type.EmptyTypes) is not ConstructorInfo make)
        {
            throw new InvalidCastException($"{value.GetType()} has not the shape of {type}.");
        }

        object copy = make.Invoke(null);
        foreach (PropertyInfo property in type.GetProperties().Where(property => property.CanWrite))
        {
            if (value.GetType().GetProperty(property.Name) is { CanRead: true } source)
            {
                property.SetValue(copy, As(source.GetValue(value), property.PropertyType));
            }
        }

        return copy;
    }

    /// <summary>An object behind an interface of the same shape as one that it implements.</summary>
    [SuppressMessage("Performance", "CA1852:Seal internal types", Justification = "The framework derives from it at run time.")]
    internal class Bridge : DispatchProxy
    {
        private Type _implemented = null!;

        /// <summary>The object that is spoken to.</summary>
        public object Target { get; private set; } = null!;

        public static object To(object target, Type type)
        {
            // By its interface: our own pipeline implements SendAsync explicitly, and so may anyone.
            Type implemented = target.GetType().GetInterfaces().FirstOrDefault(candidate => candidate.Name == type.Name)
                ?? throw new InvalidCastException($"{target.GetType()} has not the shape of {type}.");
            object bridge = Create(type, typeof(Bridge));
            (((Bridge)bridge)._implemented, ((Bridge)bridge).Target) = (implemented, target);
            return bridge;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            MethodInfo method = _implemented.GetMethod(targetMethod!.Name)
                ?? throw new MissingMethodException(_implemented.FullName, targetMethod.Name);
            return SameShape.Invoke(method, Target, targetMethod.ReturnType, args ?? []);
        }
    }
}
