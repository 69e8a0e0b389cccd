using System.Globalization;
using System.Management.Automation;
using MgPrint.PowerShell.Tests.Hosting;

namespace MgPrint.PowerShell.Tests.Help;

/// <summary>What Get-Help says of a cmdlet against what the cmdlet is.</summary>
public sealed class CommandHelpTests(CommandHelpTests.OneShell shared) : IClassFixture<CommandHelpTests.OneShell>
{
    private readonly Shell _shell = shared.Shell;

    public static TheoryData<string> Cmdlets => [.. Names];

    internal static string[] Names { get; } =
        ["Connect-MgPrint", "Disconnect-MgPrint", "Get-MgPrintContext", "Get-MgPrintUploadSession",
            "New-MgPrintPrinterJobDocumentUploadSession", "New-MgPrintUploadSession", "Remove-MgPrintUploadSession",
                "Send-MgPrintDocument"];

    [Fact]
    public void Every_cmdlet_of_the_modules_own_has_a_source_and_every_source_a_cmdlet()
    {
        // Of those that are made of the table, PowerShell itself tells the syntax.
        IEnumerable<string> exported = _shell.Run($"(Get-Module {Repository.ModuleName}).ExportedCommands.Keys")
            .AssertQuiet().Output.Select(name => (string)name.BaseObject)
            .Where(name => Array.Exists(Names, own => own == name)
                || !Surface.PublishedOperation.All.Any(operation => operation.Cmdlet == name));

        IEnumerable<string> sources = Directory.EnumerateFiles(ShippedHelp.SourceFolder, "*.md")
            .Select(file => Path.GetFileNameWithoutExtension(file))
            .Where(name => !name.StartsWith("about_", StringComparison.Ordinal));

        Assert.Equal(exported.Order(StringComparer.Ordinal), sources.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void Parameters_are_those_of_the_cmdlet(string cmdlet)
    {
        CommandInfo command = Command(cmdlet);
        string[] expected = [.. Own(command).Select(parameter => Describe(command, parameter)).Order(StringComparer.Ordinal)];

        string[] actual = [.. Parameters(cmdlet).Select(Describe).Order(StringComparer.Ordinal)];

        Assert.Equal(expected, actual);
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void The_source_describes_every_parameter_and_no_other(string cmdlet)
    {
        IEnumerable<string> parameters = Own(Command(cmdlet)).Select(parameter => $"-{parameter.Name}");

        Assert.Equal(parameters.Order(StringComparer.Ordinal), ShippedHelp.Headings(cmdlet, "PARAMETERS").Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void Every_parameter_has_words_of_its_own(string cmdlet)
    {
        Dictionary<string, string> words = Parameters(cmdlet).ToDictionary(
            parameter => (string)ShippedHelp.Property(parameter, "Name")!, parameter =>
                ShippedHelp.Text(ShippedHelp.Property(parameter, "Description")));

        Assert.All(words, parameter => Assert.Matches(@"^[A-Z][\s\S]{20,}\.$", parameter.Value));
        Assert.Equal(words.Count, words.Values.Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void Defaults_are_those_of_a_new_cmdlet(string cmdlet)
    {
        object fresh = Activator.CreateInstance(((CmdletInfo)Command(cmdlet)).ImplementingType)!;

        foreach (object parameter in Parameters(cmdlet))
        {
            object? value = fresh.GetType().GetProperty((string)ShippedHelp.Property(parameter, "Name")!)?.GetValue(fresh);
            string expected = value switch
            {
                int number => number.ToString(CultureInfo.InvariantCulture),
                SwitchParameter => "False",
                null or "" => "None",
                string text => text,
                _ => throw new NotSupportedException($"A default of type {value.GetType()}: say here how help shows it."),
            };
            // WhatIf and Confirm are the engine's own, and no properties of the cmdlet.
            bool isOfTheEngine = ShippedHelp.Property(parameter, "Name") is "WhatIf" or "Confirm";
            Assert.Equal(isOfTheEngine ? "False" : expected, ShippedHelp.Property(parameter, "DefaultValue"));
        }
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void Inputs_and_outputs_are_those_of_the_cmdlet_and_described(string cmdlet)
    {
        CommandInfo command = Command(cmdlet);
        IEnumerable<string> piped = Own(command).Where(IsPiped).Select(parameter => parameter.ParameterType.FullName!).Distinct();

        Assert.Equal(piped.Order(StringComparer.Ordinal), Types(cmdlet, "inputTypes.inputType").Order(StringComparer.Ordinal));
        Assert.Equal(command.OutputType.Select(type => type.Name), Types(cmdlet, "returnValues.returnValue"));
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void The_first_link_is_the_one_that_online_opens(string cmdlet)
    {
        object[] links = [.. Links(cmdlet)];

        string first = (string)ShippedHelp.Property(links[0], "uri")!;
        Assert.StartsWith("https://", first, StringComparison.Ordinal);
        string own = (string?)_shell.Run($"(Get-Command {cmdlet}).HelpUri").Single().BaseObject ?? "";
        Assert.True(own.Length == 0 || own == first, $"The cmdlet's HelpUri is {own}, and the first link {first}.");
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void Links_are_absolute_https_or_topics_that_are_there(string cmdlet)
    {
        foreach (object link in Links(cmdlet))
        {
            string text = (string)ShippedHelp.Property(link, "linkText")!;
            if (ShippedHelp.Property(link, "uri") is string { Length: > 0 } uri)
            {
                Assert.Equal(Uri.UriSchemeHttps, new Uri(uri, UriKind.Absolute).Scheme);
                Assert.NotEmpty(text);
            }
            else
            {
                _shell.Run($"Get-Help {text}").Single();
            }
        }
    }

    [Fact]
    public void Help_is_found_in_a_language_that_it_does_not_speak()
    {
        Outcome outcome = _shell.Run("""
            $before = [Globalization.CultureInfo]::CurrentUICulture
            try {
                [Globalization.CultureInfo]::CurrentUICulture = 'de-DE'
                (Get-Help Send-MgPrintDocument).Synopsis
            }
            finally { [Globalization.CultureInfo]::CurrentUICulture = $before }
            """);

        Assert.StartsWith("Sends documents to print jobs", (string)outcome.Single().BaseObject, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("New-MgPrintPrinterJobDocumentUploadSession")]
    [InlineData("New-MgPrintUploadSession")]
    public void The_notes_list_what_the_hashtables_may_hold(string cmdlet)
    {
        string notes =
            string.Join('\n', ShippedHelp.Items(_shell.Run($"(Get-Help {cmdlet} -Full).alertSet.alert").AssertQuiet().Output)
                .Select(alert => ShippedHelp.Text(alert)));

        foreach (string parameter in new[] { "BodyParameter", "InputObject", "Properties" })
        {
            Type type = Command(cmdlet).Parameters[parameter].ParameterType;
            string block = notes[notes.IndexOf($"{parameter.ToUpperInvariant()} <{type.Name}>: ", StringComparison.Ordinal)..];
            foreach (string property in type.GetProperties()
                .Select(property => property.Name == "AdditionalProperties" ? "(Any)" : property.Name))
            {
                Assert.Matches($@"\n  \[{System.Text.RegularExpressions.Regex.Escape(property)} <[^>]+>\]: \w", block);
            }
        }
    }

    private CommandInfo Command(string name) => (CommandInfo)_shell.Run($"Get-Command {name}").Single().BaseObject;

    private IReadOnlyList<PSObject> Parameters(string cmdlet) =>
        _shell.Run($"Get-Help {cmdlet} -Parameter * -ErrorAction Ignore").AssertQuiet().Output;

    private IEnumerable<object> Links(string cmdlet) => _shell.Run($"(Get-Help {cmdlet}).relatedLinks.navigationLink").AssertQuiet().Output;

    private string[] Types(string cmdlet, string path)
    {
        IReadOnlyList<PSObject> types = _shell.Run($"(Get-Help {cmdlet} -Full).{path} | Where-Object {{ $_ }}").AssertQuiet().Output;
        Assert.All(types, type => Assert.Matches(@"^[A-Z][\s\S]+\.$", ShippedHelp.Text(ShippedHelp.Property(type, "description"))));
        return [.. types.Select(type => (string)ShippedHelp.Property(ShippedHelp.Property(type, "type"), "name")!)];
    }

    private static IEnumerable<ParameterMetadata> Own(CommandInfo command) =>
        command.Parameters.Values.Where(parameter => !Cmdlet.CommonParameters.Contains(parameter.Name));

    private static bool IsPiped(ParameterMetadata parameter) =>
        parameter.ParameterSets.Values.Any(set => set.ValueFromPipeline || set.ValueFromPipelineByPropertyName);

    private static string Describe(CommandInfo command, ParameterMetadata parameter)
    {
        bool isRequired = parameter.ParameterSets.Values.All(set => set.IsMandatory);
        IEnumerable<string> positions = command.ParameterSets.SelectMany(set => set.Parameters).Where(use => use.Name == parameter.Name)
            .Select(use => use.Position == int.MinValue ? "named" : use.Position.ToString(CultureInfo.InvariantCulture)).Distinct();
        bool byName = parameter.ParameterSets.Values.Any(set => set.ValueFromPipelineByPropertyName);
        bool byValue = parameter.ParameterSets.Values.Any(set => set.ValueFromPipeline);
        string piped = (byName, byValue) switch
        {
            (true, true) => "True (ByPropertyName, ByValue)",
            (true, false) => "True (ByPropertyName)",
            (false, true) => "True (ByValue)",
            _ => "False",
        };
        string aliases = parameter.Aliases.Count == 0 ? "none" : string.Join(", ", parameter.Aliases);
        return $"{parameter.Name} {parameter.ParameterType.FullName} required={(isRequired ? "true" : "false")} position={string.Join(", ", positions)} piped={piped} aliases={aliases}";
    }

    private static string Describe(PSObject parameter)
    {
        object? type = ShippedHelp.Property(ShippedHelp.Property(parameter, "type"), "name");
        string Of(string name) => $"{ShippedHelp.Property(parameter, name)}";
        return $"{Of("name")} {type} required={Of("required")} position={Of("position")} piped={Of("pipelineInput")} "
            + $"aliases={Of("aliases")}";
    }

    /// <summary>A runspace for all of these tests: it reads the help once.</summary>
    public sealed class OneShell : IDisposable
    {
        internal Shell Shell { get; } = new();

        public void Dispose() => Shell.Dispose();
    }
}
