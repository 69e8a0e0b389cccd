using System.Text;
using System.Text.RegularExpressions;

namespace MgPrint.Surface;

/// <summary>
/// Writes the engine's C interface in C#, from the header that cbindgen writes of it: enums as Engine…, structs as Native…, and the
/// functions in NativeMethods. Engine has those again that can be refused and make something or nothing: there they throw.
/// </summary>
/// <remarks>
/// A handle is a struct of a 64-bit id, which on the 64-bit platforms that the engine is built for goes where a pointer goes, so a
/// SafeHandle carries it.
/// </remarks>
internal sealed class HeaderSource
{
    private const string Prefix = "mgprint_";

    private readonly string _header;
    private readonly HashSet<string> _enums;
    private readonly HashSet<string> _handles;

    public HeaderSource(string header)
    {
        _header = Regex.Replace(header, @"/\*.*?\*/", "", RegexOptions.Singleline);
        _enums = [.. Definitions("enum").Select(found => found.Name)];
        _handles = [.. Definitions("struct").Where(found => found.Body.Trim() == "uint64_t id;").Select(found => found.Name)];
    }

    public string All()
    {
        StringBuilder text = new StringBuilder(ModelSource.Head).AppendLine("""
            using System.Runtime.InteropServices;

            namespace MgPrint.PowerShell.Native;

            """);
        foreach ((string name, string body) in Definitions("enum"))
        {
            string numbers = body.Replace($"{Prefix}{name}_".ToUpperInvariant(), "");
            Write(text, $"enum Engine{Spelled(name)}", Regex.Replace(numbers, @"\w+(?= =)", number => Spelled(number.Value)));
        }

        foreach ((string name, string body) in Definitions("struct").Where(found => !_handles.Contains(found.Name)))
        {
            string[] fields = [.. Regex.Matches(body, @"([\w ]+ \**)(\w+);").Cast<Match>()
                .Select(field => $"public {TypeOf(field.Groups[1].Value)} {Spelled(field.Groups[2].Value)};")];
            text.AppendLine("[StructLayout(LayoutKind.Sequential)]");
            Write(text, $"unsafe partial struct Native{Spelled(name)}", fields);
        }

        Function[] functions = [.. Functions()];
        Write(text, "static unsafe class NativeMethods", [
            "internal const string Library = \"mgprint\";",
            .. functions.Select(function => $"[DllImport(Library, EntryPoint = \"{Prefix}{function.Name}\")] internal static extern "
                + $"{function.Result} {Spelled(function.Name)}({Joined(function.Parameters, parameter => parameter.Declared)});")]);
        Write(text, "static unsafe class Engine", [.. functions
            .Where(function => Array.Exists(function.Parameters, parameter => parameter.IsMade))
            .Where(function => !Array.Exists(function.Parameters, parameter => parameter.IsView)).Select(Call)]);
        return text.ToString();
    }

    private static void Write(StringBuilder text, string declaration, params string[] members) =>
        text.AppendLine($"internal {declaration}").AppendLine("{").AppendLine(string.Join("\n", members)).AppendLine("}").AppendLine();

    private static string Joined(IEnumerable<Parameter> parameters, Func<Parameter, string> write) =>
        string.Join(", ", parameters.Select(write));

    /// <summary>A function that gives the handle that it makes, if any, and throws its error.</summary>
    private static string Call(Function function)
    {
        string name = Spelled(function.Name);
        string? made = Array.Find(function.Parameters, parameter => parameter.IsMade && parameter.Name != "error")?.Name;
        string error = Array.Exists(function.Parameters, parameter => parameter.Name == "error") ? "error" : "0";
        string given = Joined(function.Parameters.Where(parameter => !parameter.IsMade), parameter => parameter.Declared);
        string passed = Joined(function.Parameters, parameter => $"{(parameter.IsMade ? "out nint " : "")}{parameter.Name}");
        return $"internal static {(made is null ? "void" : "nint")} {name}({given}) {{ "
            + $"EngineError.ThrowUnlessOk(NativeMethods.{name}({passed}), {error}); {(made is null ? "" : $"return {made}; ")}}}";
    }

    private IEnumerable<(string Name, string Body)> Definitions(string kind) =>
        Regex.Matches(_header, $@"typedef {kind} {Prefix}(\w+) \{{(.*?)\}}", RegexOptions.Singleline).Cast<Match>()
            .Select(found => (found.Groups[1].Value, found.Groups[2].Value));

    private IEnumerable<Function> Functions() =>
        from Match found in Regex.Matches(_header, $@"^([\w ]+ \*?){Prefix}(\w+)\(([^)]*)\);", RegexOptions.Multiline)
        let name = found.Groups[2].Value
        let parameters = Regex.Matches(found.Groups[3].Value, @"([\w ]+ \**)(\w+)(?=,|$)").Cast<Match>()
            .Select(parameter => ParameterOf(parameter.Groups[1].Value, parameter.Groups[2].Value, name.EndsWith("_free")))
        select new Function(TypeOf(found.Groups[1].Value), name, [.. parameters]);

    /// <param name="isFreed">Whether the handle is let go of, when no SafeHandle holds it any more.</param>
    private Parameter ParameterOf(string type, string name, bool isFreed)
    {
        bool isOutput = name.StartsWith("out_", StringComparison.Ordinal);
        string managed = TypeOf(type), bare = Bare(type);
        bool isView = isOutput && managed.EndsWith("**", StringComparison.Ordinal);
        string declared = isOutput && !isView ? $"out {managed.TrimEnd('*')}"
            : bare != "error" && !isFreed && _handles.Contains(bare) ? $"Engine{Spelled(bare)}"
            : managed;
        string spelled = Spelled(isOutput ? name.Substring(4) : name);
        spelled = $"{char.ToLowerInvariant(spelled[0])}{spelled.Substring(1)}";
        return new Parameter(spelled, $"{declared} @{spelled}", isOutput && declared == "out nint", isView);
    }

    private static string Bare(string type) => type.Replace("const ", "").Replace(Prefix, "").Trim();

    private string TypeOf(string type)
    {
        string bare = Bare(type), name = bare.TrimEnd('*', ' ');
        string managed = name switch
        {
            "bool" or "char" => "byte",
            "int32_t" => "int",
            "uint32_t" => "uint",
            "int64_t" => "long",
            "uint64_t" => "ulong",
            "size_t" => "nuint",
            _ => _handles.Contains(name) ? "nint" : $"{(_enums.Contains(name) ? "Engine" : "Native")}{Spelled(name)}",
        };
        return managed + bare.Substring(name.Length).Trim();
    }

    /// <summary>A name as C# spells it; the unit that C writes short is written out.</summary>
    private static string Spelled(string name) =>
        string.Concat(Regex.Replace(name.ToLowerInvariant(), "_ms$", "_milliseconds").Split('_').Select(Names.Pascal));

    /// <param name="Declared">Type and name, as in a list of parameters.</param>
    /// <param name="IsMade">Whether it takes a handle that the function makes.</param>
    /// <param name="IsView">Whether it takes a pointer to what a handle holds.</param>
    private sealed record Parameter(string Name, string Declared, bool IsMade, bool IsView);

    private sealed record Function(string Result, string Name, Parameter[] Parameters);
}
