using System.Text.Json;

namespace MgPrint.PowerShell.Tests.Contract;

/// <summary>The documented cmdlet, as its help page describes it.</summary>
internal sealed record Contract(
    string Cmdlet,
    string DefaultParameterSet,
    Dictionary<string, string> Syntax,
    List<ContractParameter> Parameters,
    List<string> Inputs,
    List<string> Outputs,
    Dictionary<string, ContractModel> Models,
    string Example)
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);

    public static Contract Read(string page = "New-MgPrintPrinterJobDocumentUploadSession") => JsonSerializer.Deserialize<Contract>(
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Contract", $"{page}.json")), Options)!;
}

internal sealed record ContractParameter(string Name, string Type, List<string> Aliases, bool DontShow, Dictionary<string,
    ContractParameterSet> Sets);

internal sealed record ContractParameterSet(string Position, bool Required, bool Pipeline, bool PipelineByPropertyName,
    bool RemainingArguments);

internal sealed record ContractModel(bool Open, Dictionary<string, string> Properties);
