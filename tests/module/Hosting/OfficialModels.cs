using System.Reflection;
using System.Reflection.Emit;

namespace MgPrint.PowerShell.Tests.Hosting;

/// <summary>
/// Objects as the official module's assembly makes them: types of the documented names in an assembly that is not ours.
/// It is made after ours is loaded, so that type literals in scripts keep their meaning.
/// </summary>
internal static class OfficialModels
{
    private static readonly Lazy<ModuleBuilder> Module = new(() =>
        AssemblyBuilder.DefineDynamicAssembly(new AssemblyName("Microsoft.Graph.Devices.CloudPrint.private"), AssemblyBuilderAccess.Run)
            .DefineDynamicModule("models"));

    private static readonly Dictionary<string, Type> Types = [];

    /// <summary>A model with these properties; those of the type that are not given are null.</summary>
    public static object Make(string name, string[] properties, params (string Name, object? Value)[] values)
    {
        object model = Activator.CreateInstance(TypeOf(name, properties))!;
        foreach ((string property, object? value) in values)
        {
            model.GetType().GetProperty(property)!.SetValue(model, value);
        }

        return model;
    }

    private static Type TypeOf(string name, string[] properties)
    {
        lock (Types)
        {
            if (!Types.TryGetValue(name, out Type? type))
            {
                TypeBuilder builder = Module.Value.DefineType($"Microsoft.Graph.PowerShell.Models.{name}", TypeAttributes.Public);
                foreach (string property in properties)
                {
                    AddProperty(builder, property);
                }

                Types[name] = type = builder.CreateType();
            }

            return type;
        }
    }

    private static void AddProperty(TypeBuilder builder, string name)
    {
        FieldBuilder field = builder.DefineField($"_{name}", typeof(object), FieldAttributes.Private);
        MethodBuilder getter =
            builder.DefineMethod($"get_{name}", MethodAttributes.Public | MethodAttributes.SpecialName, typeof(object), []);
        ILGenerator get = getter.GetILGenerator();
        get.Emit(OpCodes.Ldarg_0);
        get.Emit(OpCodes.Ldfld, field);
        get.Emit(OpCodes.Ret);
        MethodBuilder setter =
            builder.DefineMethod($"set_{name}", MethodAttributes.Public | MethodAttributes.SpecialName, typeof(void), [typeof(object)]);
        ILGenerator set = setter.GetILGenerator();
        set.Emit(OpCodes.Ldarg_0);
        set.Emit(OpCodes.Ldarg_1);
        set.Emit(OpCodes.Stfld, field);
        set.Emit(OpCodes.Ret);
        PropertyBuilder property = builder.DefineProperty(name, PropertyAttributes.None, typeof(object), []);
        property.SetGetMethod(getter);
        property.SetSetMethod(setter);
    }
}
