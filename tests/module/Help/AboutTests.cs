using System.Globalization;
using System.Management.Automation.Language;
using System.Reflection;
using System.Text.RegularExpressions;
using MgPrint.PowerShell.Tests.Hosting;

namespace MgPrint.PowerShell.Tests.Help;

/// <summary>about_MgPrint, and what holds for all of the help's texts.</summary>
public sealed partial class AboutTests
{
    private const int Width = 80;

    public static TheoryData<string> Files => [ShippedHelp.CommandsFile, ShippedHelp.AboutFile];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_topic_is_found_by_its_name(bool isImported)
    {
        using var shell = new Shell(importModule: isImported);

        string text = (string)shell.Run("Get-Help about_MgPrint").Single().BaseObject;

        Assert.Equal(File.ReadAllText(ShippedHelp.AboutFile).ReplaceLineEndings(), text.ReplaceLineEndings());
        string synopsis = (string)shell.Run("(Get-Help about_MgPr*).Synopsis").Single().BaseObject;
        Assert.StartsWith("Prints documents through Universal Print", synopsis, StringComparison.Ordinal);
    }

    [Fact]
    public void It_fits_a_terminal() =>
        // An address, or a line of code to copy, is never broken.
        Assert.All(File.ReadLines(ShippedHelp.AboutFile),
            line => Assert.True(line.Length <= Width || line.Contains("://", StringComparison.Ordinal) || Code().IsMatch(line), line));

    [Fact]
    public void It_explains_every_error_of_the_engine()
    {
        using var shell = new Shell();
        var module = (Assembly)shell.Run("[Microsoft.Graph.PowerShell.Models.DevicesCloudPrintIdentity].Assembly").Single().BaseObject;
        Type statuses = module.GetType("MgPrint.PowerShell.Native.EngineStatus", throwOnError: true)!;
        // An answer of the service has the service's own code for an id.
        IEnumerable<string> ids = Enum.GetNames(statuses)
            .Where(name => Convert.ToInt32(Enum.Parse(statuses, name), CultureInfo.InvariantCulture) >= 30 && name != "RequestFailed");

        string errors = File.ReadAllText(ShippedHelp.AboutFile).Split("\nERRORS\n")[1];

        Assert.All(ids, id => Assert.Matches($@"\b{id}\b[^:]*:", errors));
    }

    [Fact]
    public void It_explains_every_error_of_the_module()
    {
        string[] ids = [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "module"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => ErrorId().Matches(File.ReadAllText(file))).Select(match => match.Groups["id"].Value).Distinct()];

        string errors = File.ReadAllText(ShippedHelp.AboutFile).Split("\nERRORS\n")[1];

        // One of each form in which the sources give an id.
        Assert.All(
            ["AmbiguousInput", "Cancelled", "EngineNotFound", "HttpPipelineStepFailed", "HttpPipelineStepReported", "InvalidIdentity",
                "InvalidTimeout", "PermissionMissing", "SourceMissing", "UnknownCloud", "VariableNotWritable"],
            id => Assert.Contains(id, ids));
        Assert.All(ids, id => Assert.Matches($@"\b{id}\b[^:]*:", errors));
    }

    [Fact]
    public void It_names_every_variable_of_the_environment_that_is_read()
    {
        string about = File.ReadAllText(ShippedHelp.AboutFile);

        IEnumerable<string> read = Directory.EnumerateFiles(Path.Combine(Repository.Root, "module"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => Variable().Matches(File.ReadAllText(file))).Select(match => match.Groups["name"].Value).Distinct();

        Assert.All(read.Append("HTTPS_PROXY").Append("ALL_PROXY").Append("NO_PROXY"),
            name => Assert.Contains(name, about, StringComparison.Ordinal));
    }

    [Fact]
    public void Its_code_is_PowerShell()
    {
        string source = File.ReadAllText(Path.Combine(ShippedHelp.SourceFolder, "about_MgPrint.md"));
        MatchCollection blocks = CodeBlock().Matches(source);

        Assert.NotEmpty(blocks);
        Assert.All(blocks, block =>
        {
            Parser.ParseInput(block.Groups["code"].Value, out _, out ParseError[] errors);
            Assert.Empty(errors);
        });
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Nothing_is_left_to_be_filled_in(string file) =>
        Assert.DoesNotMatch(@"\{\{|\}\}|(?i)\b(todo|tbd|fixme|lorem|placeholder)\b|fill in|insert list", File.ReadAllText(file));

    [Fact]
    public void Links_lead_to_https_or_to_a_source_that_is_there()
    {
        foreach (string file in Directory.EnumerateFiles(ShippedHelp.SourceFolder, "*.md"))
        {
            foreach (string target in Link().Matches(File.ReadAllText(file)).Select(match => match.Groups["target"].Value))
            {
                bool isThere = target.Split('#')[0] is string topic && topic.EndsWith(".md", StringComparison.Ordinal)
                    ? File.Exists(Path.Combine(ShippedHelp.SourceFolder, topic))
                    : new Uri(target, UriKind.Absolute).Scheme == Uri.UriSchemeHttps;
                Assert.True(isThere, $"{Path.GetFileName(file)} leads to {target}.");
            }
        }
    }

    [GeneratedRegex(@"GetEnvironmentVariable\(""(?<name>\w+)""\)")]
    private static partial Regex Variable();

    [GeneratedRegex(@"(ErrorRecord\(|new\(this,|InputException\(|InputException\.Of\(|InvalidHeader = |PermissionMissing = |UnavailableException\(|SignInErrors\.Of\(|throw Of\(|Converted\(piped,|Exception \w+\([^)]*\)\s+=>\s+new\(|Id =|\bid: |StepFailed =)[^;""{}]*""(?<id>[A-Z][a-z]+[A-Z]?[A-Za-z]+)""")]
    private static partial Regex ErrorId();

    [GeneratedRegex(@"```powershell\r?\n(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex(@"(?<!``)\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^ {6}\S+-\S+ ")]
    private static partial Regex Code();
}
