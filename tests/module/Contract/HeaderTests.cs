using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using MgPrint.PowerShell.Tests.Hosting;

namespace MgPrint.PowerShell.Tests.Contract;

/// <summary>The module's picture of the engine's C interface against the header that the engine ships.</summary>
public sealed partial class HeaderTests : IDisposable
{
    private readonly Shell _shell = new();
    private readonly string _header = Comment().Replace(File.ReadAllText(Path.Combine(Repository.Root, "include", "mgprint.h")), "");
    private readonly Assembly _module;

    public HeaderTests() =>
        _module = (Assembly)_shell.Run("[Microsoft.Graph.PowerShell.Models.DevicesCloudPrintIdentity].Assembly").Single().BaseObject;

    public void Dispose() => _shell.Dispose();

    [Theory]
    [InlineData("mgprint_str", "NativeStr")]
    [InlineData("mgprint_document", "NativeDocument")]
    [InlineData("mgprint_target", "NativeTarget")]
    [InlineData("mgprint_source", "NativeSource")]
    [InlineData("mgprint_print", "NativePrint")]
    [InlineData("mgprint_request_view", "NativeRequestView")]
    [InlineData("mgprint_event", "NativeEvent")]
    [InlineData("mgprint_range", "NativeRange")]
    [InlineData("mgprint_result", "NativeResult")]
    [InlineData("mgprint_error_view", "NativeErrorView")]
    public void Structs_are_those_of_the_header(string native, string managed)
    {
        Type type = Type(managed);
        int offset = 0, widest = 1;
        var expected = new List<string>();
        Match body = Regex.Match(_header, $@"typedef struct {native} \{{(.*?)\}} {native};", RegexOptions.Singleline);
        foreach (Match field in Field().Matches(body.Groups[1].Value))
        {
            string kind = Kind(field.Groups[1].Value);
            (int size, int alignment) = kind switch { "str" => (16, 8), "byte" => (1, 1), "i32" or "u32" => (4, 4), _ => (8, 8) };
            offset = (offset + alignment - 1) / alignment * alignment;
            expected.Add($"{offset} {kind} {Spelled(field.Groups[2].Value)}");
            (offset, widest) = (offset + size, Math.Max(widest, alignment));
        }

        IEnumerable<string> actual = type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            .Select(field => $"{Marshal.OffsetOf(type, field.Name)} {Kind(field.FieldType)} {field.Name}");

        Assert.NotEmpty(expected);
        string length = native == "mgprint_str" ? " Len" : " Length";
        Assert.Equal(expected, actual.Select(field => field.Replace(" Length", length, StringComparison.Ordinal)));
        Assert.Equal((offset + widest - 1) / widest * widest, Marshal.SizeOf(type));
    }

    [Fact]
    public void Every_struct_of_the_module_is_compared()
    {
        IEnumerable<string> compared = typeof(HeaderTests).GetMethod(nameof(Structs_are_those_of_the_header))!
            .GetCustomAttributes<InlineDataAttribute>().Select(data => (string)data.GetData(null!).Single()[1]);
        IEnumerable<string> structs = _module.GetTypes()
            .Where(type => type.IsValueType && type.Name.StartsWith("Native", StringComparison.Ordinal)).Select(type => type.Name);

        Assert.Equal(structs.Order(), compared.Order());
    }

    [Theory]
    [InlineData("STATUS", "EngineStatus", true)]
    [InlineData("OPTION", "EngineOption", false)]
    [InlineData("EVENT_KIND", "EngineEventKind", true)]
    [InlineData("LOG_LEVEL", "EngineLogLevel", true)]
    [InlineData("REQUEST_MODE", "EngineRequestMode", true)]
    [InlineData("SESSION_ACTION", "EngineSessionAction", false)]
    [InlineData("SOURCE_KIND", "EngineSourceKind", false)]
    [InlineData("JOB_PARENT", "EngineJobParent", true)]
    public void Numbers_are_those_of_the_header(string native, string managed, bool complete)
    {
        Dictionary<string, int> header = Regex.Matches(_header, $@"MGPRINT_{native}_([A-Z_]+) = (\d+)")
            .ToDictionary(match => Spelled(match.Groups[1].Value), match => int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture));
        Type type = Type(managed);
        Dictionary<string, int> module = Enum.GetNames(type).ToDictionary(name => name, name => (int)Enum.Parse(type, name));

        Assert.NotEmpty(header);
        Assert.All(module, entry => Assert.Equal(header[entry.Key], entry.Value));
        Assert.True(!complete || module.Count == header.Count, $"The header has {header.Count} numbers, the module {module.Count}.");
    }

    [Fact]
    public void Functions_take_what_they_take_in_the_header()
    {
        MethodInfo[] methods = [.. Type("NativeMethods").GetMethods(BindingFlags.Static | BindingFlags.NonPublic)
            .Where(method => method.Name[0] != '<' && !method.Name.StartsWith("__", StringComparison.Ordinal))];
        Assert.True(methods.Length > 20);
        foreach (MethodInfo method in methods)
        {
            string native = $"mgprint_{Regex.Replace(method.Name, "(?<!^)([A-Z])", "_$1").ToLowerInvariant()}";
            Match declared =
                Regex.Match(_header, $@"^([\w ]+ \*?){native}\((.*?)\);", RegexOptions.Singleline | RegexOptions.Multiline);
            Assert.True(declared.Success, $"The header has no {native}.");
            string arguments = Regex.Replace(declared.Groups[2].Value, @"\s+", " ");
            IEnumerable<string> expected = Regex.Split(arguments == "void" ? "" : arguments, ", ").Where(argument => argument != "")
                .Select(argument => Parameter().Match(argument))
                .Select(argument => $"{Kind(argument.Groups[1].Value)} {Simple(argument.Groups[2].Value)}");

            IEnumerable<string> actual = method.GetParameters()
                .Select(parameter => $"{Kind(parameter.ParameterType)} {Simple(parameter.Name!)}");

            Assert.Equal(
                $"{Kind(declared.Groups[1].Value)} {native}({string.Join(", ", expected)})",
                $"{Kind(method.ReturnType)} {native}({string.Join(", ", actual)})");
        }
    }

    private Type Type(string name) => _module.GetType($"MgPrint.PowerShell.Native.{name}", throwOnError: true)!;

    /// <summary>snake_case as the module spells it; <c>_ms</c> is spelled out there.</summary>
    private static string Spelled(string name)
    {
        string words = Regex.Replace(name.ToLowerInvariant(), "_ms$", "_milliseconds");
        return string.Concat(words.Split('_').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
    }

    /// <summary>The name of a parameter as it is in both: an output says so in the header alone, and an event is no name in C#.</summary>
    private static string Simple(string name) =>
        Spelled(Regex.Replace(Regex.Replace(name, "^out_", ""), "^nextEvent$", "event")).ToLowerInvariant();

    private static string Kind(string type) => type.Trim() switch
    {
        "size_t" => "size",
        "size_t *" => "out size",
        "uint64_t" => "u64",
        "int64_t" => "i64",
        "uint32_t" => "u32",
        "bool" => "byte",
        "int32_t" or "mgprint_status" or "mgprint_event_kind" or "mgprint_log_level" or "mgprint_option" or "mgprint_request_mode"
            or "mgprint_session_action" or "mgprint_source_kind" or "mgprint_job_parent" => "i32",
        "mgprint_str" => "str",
        "mgprint_options" or "mgprint_client" or "mgprint_request" or "mgprint_operation" or "mgprint_error" => "handle",
        "mgprint_options *" or "mgprint_client *" or "mgprint_request *" or "mgprint_operation *" or "mgprint_error *" => "out handle",
        var pointer when pointer.EndsWith('*') => "pointer",
        _ => type,
    };

    /// <summary>An id in a struct is a number, and one that is passed goes as a SafeHandle or as an id.</summary>
    private static string Kind(Type type) =>
        type.IsPointer ? "pointer"
        : type.IsByRef ? $"out {Kind(type.GetElementType()!)}"
        : type == typeof(nuint) ? "size"
        : type == typeof(nint) || typeof(SafeHandle).IsAssignableFrom(type) ? "handle"
        : type == typeof(ulong) ? "u64"
        : type == typeof(long) ? "i64"
        : type == typeof(uint) ? "u32"
        : type == typeof(byte) ? "byte"
        : type == typeof(int) || (type.IsEnum && Enum.GetUnderlyingType(type) == typeof(int)) ? "i32"
        : type.Name == "NativeStr" ? "str"
        : type.Name;

    [GeneratedRegex(@"/\*.*?\*/", RegexOptions.Singleline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"^\s*((?:const )?\w+ \**)\s*(\w+);", RegexOptions.Multiline)]
    private static partial Regex Field();

    [GeneratedRegex(@"^((?:const )?\w+ \**)(\w+)$")]
    private static partial Regex Parameter();
}
