using System.Management.Automation;
using MgPrint.PowerShell.Tests.Hosting;

namespace MgPrint.PowerShell.Tests.Contract;

/// <summary>The imported cmdlet against its published help page: names, types, aliases, sets, positions, syntax, models.</summary>
public sealed class ContractTests : IDisposable
{
    private readonly Shell _shell = new();
    private readonly Contract _contract = Contract.Read();

    public void Dispose() => _shell.Dispose();

    [Theory]
    [InlineData("New-MgPrintPrinterJobDocumentUploadSession")]
    [InlineData("New-MgPrintUploadSession")]
    public void Parameters_are_those_of_the_help_page(string cmdlet)
    {
        CommandInfo command = Command(cmdlet);

        string[] documented = [.. _contract.Parameters.Select(PagesTests.Describe).Order(StringComparer.Ordinal)];
        string[] actual =
            [.. command.Parameters.Values.Where(parameter => !Cmdlet.CommonParameters.Contains(parameter.Name)).Select(PagesTests.Describe)
                .Order(StringComparer.Ordinal)];

        Assert.Equal(documented, actual);
    }

    [Theory]
    [InlineData("New-MgPrintPrinterJobDocumentUploadSession")]
    [InlineData("New-MgPrintUploadSession")]
    public void Syntax_is_the_four_blocks_of_the_help_page(string cmdlet)
    {
        CommandInfo command = Command(cmdlet);

        Dictionary<string, string> actual = command.ParameterSets.ToDictionary(set => set.Name, set => $"{_contract.Cmdlet} {set}");

        Assert.Equal(_contract.Syntax.OrderBy(set => set.Key), actual.OrderBy(set => set.Key));
        Assert.Equal(_contract.DefaultParameterSet, Assert.Single(command.ParameterSets, set => set.IsDefault).Name);
    }

    [Fact]
    public void Output_types_are_those_of_the_help_page() =>
        Assert.Equal(_contract.Outputs, Command(_contract.Cmdlet).OutputType.Select(type => type.Name));

    [Fact]
    public void Input_types_are_those_that_take_the_pipeline()
    {
        IEnumerable<string> piped = Command(_contract.Cmdlet).Parameters.Values
            .Where(parameter => parameter.ParameterSets.Values.Any(set => set.ValueFromPipeline))
            .Select(parameter => parameter.ParameterType.FullName!);

        Assert.Equal(_contract.Inputs.Order(StringComparer.Ordinal), piped.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Models_have_the_documented_properties_as_interface_and_as_class()
    {
        foreach ((string name, ContractModel model) in _contract.Models)
        {
            foreach (string typeName in new[] { name, name[1..] })
            {
                var type = (Type)_shell.Run($"[Microsoft.Graph.PowerShell.Models.{typeName}]").Single().BaseObject;
                string[] expected =
                    [.. model.Properties.Select(property => $"{property.Key}:{property.Value}"), .. model.Open
                        ? ["AdditionalProperties:IDictionary`2"] : Array.Empty<string>()];
                IEnumerable<System.Reflection.PropertyInfo> actual = type.GetInterfaces().Where(_ => type.IsInterface).Append(type)
                    .SelectMany(declaring => declaring.GetProperties()).Where(property => property.GetIndexParameters().Length == 0);
                Assert.Equal(expected.Order(StringComparer.Ordinal),
                    actual.Select(property => $"{property.Name}:{ShortName(property.PropertyType)}").Order(StringComparer.Ordinal));
            }
        }
    }

    [Fact]
    public void Every_model_has_a_converter_on_its_interface_and_on_its_class()
    {
        foreach (string name in _contract.Models.Keys.Append("IMicrosoftGraphUploadSession"))
        {
            foreach (string typeName in new[] { name, name[1..] })
            {
                Outcome outcome = _shell.Run(
                    $"[Microsoft.Graph.PowerShell.Models.{typeName}].GetCustomAttributes([System.ComponentModel.TypeConverterAttribute], $false)[0].ConverterTypeName");
                Assert.StartsWith($"Microsoft.Graph.PowerShell.Models.{name[1..]}TypeConverter,", (string)outcome.Single().BaseObject,
                    StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData("-HttpPipelinePrepend $null")]
    [InlineData("-HttpPipelineAppend $null")]
    public void Steps_that_are_null_are_refused_by_the_binder(string arguments)
    {
        ErrorRecord error = _shell.Run($"{_contract.Cmdlet} -PrinterId p -PrintJobId j -PrintDocumentId d {arguments} -WhatIf").Error();

        Assert.StartsWith("ParameterArgumentValidationError,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("$null")]
    [InlineData("'user'")]
    public void A_proxy_credential_without_a_password_asks_for_one(string given)
    {
        var host = new TestHost();
        using var shell = new Shell(host);

        shell.Run($"{_contract.Cmdlet} -PrinterId p -PrintJobId j -PrintDocumentId d -ProxyCredential {given} -WhatIf");

        Assert.Equal(given.Trim('\'').Replace("$null", "", StringComparison.Ordinal), Assert.Single(host.CredentialPrompts));
    }

    [Theory]
    [InlineData("SendAsync", "Task`1[HttpResponseMessage] Invoke(HttpRequestMessage, IEventListener)")]
    [InlineData("SendAsyncStep", "Task`1[HttpResponseMessage] Invoke(HttpRequestMessage, IEventListener, ISendAsync)")]
    [InlineData("ISendAsync", "Task`1[HttpResponseMessage] SendAsync(HttpRequestMessage, IEventListener)")]
    [InlineData("IEventListener",
        "Action get_Cancel()|CancellationToken get_Token()|Task Signal(String, CancellationToken, Func`1[EventData])")]
    [InlineData("IAssociativeArray[object]", "Boolean ContainsKey(String)|Boolean Remove(String)|Boolean TryGetValue(String, Object&)|IDictionary`2 get_AdditionalProperties()|Object get_Item(String)|Void Add(String, Object)|Void Clear()|Void set_Item(String, Object)")]
    public void Runtime_types_have_the_signatures_that_users_compile_against(string name, string expected)
    {
        var type = (Type)_shell.Run($"[Microsoft.Graph.PowerShell.Runtime.{name}]").Single().BaseObject;
        IEnumerable<System.Reflection.MethodInfo> methods = typeof(Delegate).IsAssignableFrom(type) ? [type.GetMethod("Invoke")!]
            : type.GetMethods();

        string actual = string.Join('|', methods.Select(Signature).Order(StringComparer.Ordinal));

        Assert.Equal(expected, actual);
    }

    [Fact]
    public void The_manifest_wins_over_every_2_x_of_the_official_module()
    {
        var version = (Version)_shell.Run($"(Get-Module {Repository.ModuleName}).Version").Single().BaseObject;

        Assert.True(version >= new Version(3, 0, 0));
    }

    private CommandInfo Command(string name) => (CommandInfo)_shell.Run($"Get-Command {name}").Single().BaseObject;

    private static string Signature(System.Reflection.MethodInfo method) =>
        $"{ShortName(method.ReturnType)} {method.Name}({string.Join(", ", method.GetParameters().Select(parameter => ShortName(parameter.ParameterType)))})";

    private static string ShortName(Type type) =>
        Nullable.GetUnderlyingType(type) is Type inner ? $"{inner.Name}?"
        : type.IsGenericType && type.Namespace != "System.Collections.Generic"
            ? $"{type.Name}[{string.Join(',', type.GetGenericArguments().Select(ShortName))}]"
        : type.Name;
}
