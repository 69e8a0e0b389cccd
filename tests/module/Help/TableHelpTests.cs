using System.Management.Automation;
using System.Xml.Linq;
using MgPrint.PowerShell.Tests.Hosting;

namespace MgPrint.PowerShell.Tests.Help;

/// <summary>The help that is made of the table.</summary>
public sealed class TableHelpTests
{
    private static readonly XNamespace Text = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace Dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    [Fact]
    public void Every_cmdlet_has_a_synopsis_words_for_each_parameter_and_an_example()
    {
        using var shell = new Shell();
        string file = Path.Combine(Path.GetDirectoryName(Repository.ModuleManifest)!, "en-US", $"{Repository.ModuleName}-Help.xml");
        Dictionary<string, XElement> helps = XDocument.Load(file).Root!.Elements()
            .ToDictionary(help => help.Descendants(Command + "name").First().Value);

        foreach (CommandInfo command in shell.Run($"Get-Command -Module {Repository.ModuleName}")
            .AssertQuiet().Output.Select(output => (CommandInfo)output.BaseObject))
        {
            XElement help = helps[command.Name];
            Assert.Matches("^[A-Z].{8,}", help.Element(Command + "details")!.Element(Text + "description")!.Value);
            IEnumerable<XElement> parameters = help.Element(Command + "parameters")!.Elements();
            Assert.Equal(
                command.Parameters.Keys.Where(name => !Cmdlet.CommonParameters.Contains(name)).Order(StringComparer.Ordinal),
                parameters.Select(parameter => parameter.Element(Text + "name")!.Value).Order(StringComparer.Ordinal));
            Assert.All(parameters,
                parameter => Assert.Matches(@"^[A-Z][\s\S]{4,}\.$", parameter.Element(Text + "description")!.Value.Trim()));
            Assert.All(help.Descendants(Dev + "code"),
                code => Assert.Contains(command.Name.Split('-')[0], code.Value, StringComparison.Ordinal));
            Assert.NotEmpty(help.Descendants(Dev + "code"));
        }
    }

    [Fact]
    public void Its_examples_are_commands_that_bind()
    {
        string file = Path.Combine(Path.GetDirectoryName(Repository.ModuleManifest)!, "en-US", $"{Repository.ModuleName}-Help.xml");
        using var shell = new Shell();
        IEnumerable<string> codes = XDocument.Load(file).Descendants(Dev + "code").Select(code => code.Value)
            .Where(code => !code.Contains('\n') && code.StartsWith("New-MgPrint", StringComparison.Ordinal));

        Assert.All(codes, code =>
        {
            string script = System.Text.RegularExpressions.Regex.Replace(code, @"\$\w+", "x");
            Assert.True(shell.Run($"{script} -WhatIf").Errors.Count == 0, script);
        });
    }
}
