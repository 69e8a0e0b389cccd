using System.Globalization;
using System.Reflection;
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
    [InlineData("mgprint_text", "NativeText")]
    [InlineData("mgprint_event", "NativeEvent")]
    [InlineData("mgprint_result", "NativeResult")]
    [InlineData("mgprint_error_view", "NativeErrorView")]
    public void Structs_have_the_fields_of_the_header_in_their_order(string native, string managed)
    {
        string fields = Regex.Match(_header, $@"typedef struct {native} \{{(.*?)\}} {native};", RegexOptions.Singleline).Groups[1].Value;
        IEnumerable<string> expected = Field().Matches(fields)
            .Select(match => $"{Kind(match.Groups[1].Value)} {Spelled(match.Groups[2].Value)}");

        IEnumerable<string> actual = Type(managed).GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            .Select(field => $"{Kind(field.FieldType)} {field.Name}");

        Assert.Equal(expected, actual);
    }

    [Theory]
    [InlineData("STATUS", "EngineStatus", true)]
    [InlineData("OPTION", "EngineOption", false)]
    [InlineData("EVENT_KIND", "EngineEventKind", false)]
    [InlineData("JOB_PARENT", "JobParent", true)]
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
    public void Functions_take_as_many_arguments_as_in_the_header()
    {
        foreach (MethodInfo method in Type("NativeMethods").GetMethods(BindingFlags.Static | BindingFlags.NonPublic)
            .Where(method => method.Name[0] != '<' && !method.Name.StartsWith("__", StringComparison.Ordinal)))
        {
            string native = $"mgprint_{Regex.Replace(method.Name, "(?<!^)([A-Z])", "_$1").ToLowerInvariant()}";
            Match declared = Regex.Match(_header, $@"\b{native}\((.*?)\);", RegexOptions.Singleline);
            Assert.True(declared.Success, $"The header has no {native}.");
            string[] arguments = declared.Groups[1].Value.Trim() == "void" ? [] : declared.Groups[1].Value.Split(',');
            Assert.True(arguments.Length == method.GetParameters().Length,
                $"{native} takes {arguments.Length} arguments, and the module gives {method.GetParameters().Length}.");
        }
    }

    private Type Type(string name) => _module.GetType($"MgPrint.PowerShell.Native.{name}", throwOnError: true)!;

    /// <summary>snake_case as the module spells it; <c>_ms</c> is spelled out there.</summary>
    private static string Spelled(string name)
    {
        string words = Regex.Replace(name.ToLowerInvariant(), "_ms$", "_milliseconds");
        return string.Concat(words.Split('_').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
    }

    private static string Kind(string type) => type.Trim() switch
    {
        "const char *" => "pointer",
        "size_t" => "size",
        "uint64_t" => "u64",
        "uint32_t" => "u32",
        "bool" => "byte",
        "mgprint_status" or "mgprint_event_kind" => "i32",
        "struct mgprint_text" => "text",
        _ => type,
    };

    private static string Kind(Type type) =>
        type.IsPointer ? "pointer"
        : type == typeof(nuint) ? "size"
        : type == typeof(ulong) ? "u64"
        : type == typeof(uint) ? "u32"
        : type == typeof(byte) ? "byte"
        : type.IsEnum && Enum.GetUnderlyingType(type) == typeof(int) ? "i32"
        : type.Name == "NativeText" ? "text"
        : type.Name;

    [GeneratedRegex(@"/\*.*?\*/", RegexOptions.Singleline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"^\s*((?:struct |const )?\w+ \*?)\s*(\w+);", RegexOptions.Multiline)]
    private static partial Regex Field();
}
