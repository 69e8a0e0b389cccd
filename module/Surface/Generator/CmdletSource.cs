using System.Text;
using System.Text.RegularExpressions;
using MgPrint.PowerShell.Surface;

namespace MgPrint.Surface;

/// <summary>
/// Writes a cmdlet: its rows, and its parameters in the order in which the documentation lists them. How it behaves is
/// its base class's.
/// </summary>
internal sealed class CmdletSource(ModelSource models)
{
    private const string Documentation = "https://learn.microsoft.com/powershell/module/microsoft.graph.devices.cloudprint/";

    public string Of(string cmdlet, List<Operation> rows)
    {
        Number(rows);
        string[] name = cmdlet.Split('-');
        string type = string.Concat(name);
        List<string> sets = [.. rows.SelectMany(row => row.Sets)];
        bool isRead = rows.All(row => row.IsRead || row.Kind == GraphKind.ContentGet);
        string question = isRead ? "" : ", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium";
        string page = Documentation + cmdlet.ToLowerInvariant();
        var text = new StringBuilder(ModelSource.Head);
        text.AppendLine($$"""
            namespace Microsoft.Graph.PowerShell.Cmdlets;

            /// <summary>{{string.Join("; ", rows.Select(row => $"{row.Method} {row.Path.Replace("&", "&amp;")}"))}}.</summary>
            [Cmdlet("{{name[0]}}", "{{name[1]}}", DefaultParameterSetName = "{{sets[0]}}"{{question}}, HelpUri = "{{page}}")]
            [OutputType(typeof({{OutputOf(rows[0])}}))]
            public partial class {{type}} : {{BaseOf(rows)}}
            {
                internal static readonly GraphOperation[] OwnRows =
                [
            """);
        foreach (Operation row in rows)
        {
            text.AppendLine(
                $"        new(GraphKind.{row.Kind}, \"{row.Method}\", \"{WithPlaces(row)}\", [{Quoted(row.Ids)}], "
                + $"\"{row.Set}\", \"{row.What}\", {SchemaOf(row.Body)}, {SchemaOf(row.Result)}, "
                + $"{(row.ItemId is null ? "null" : $"\"{row.ItemId}\"")}, {PermissionsOf(row)}),");
        }

        text.AppendLine("    ];").AppendLine();
        text.AppendLine("    private protected override GraphOperation[] SurfaceRows => OwnRows;").AppendLine();
        Parameters(text, rows, sets);
        return text.AppendLine("}").ToString();
    }

    /// <summary>The path with a number in the place of each id, as string.Format takes it.</summary>
    private static string WithPlaces(Operation row)
    {
        int place = 0;
        return Regex.Replace(row.Path, @"(?<=\{)[^}]*", _ => $"{place++}");
    }

    private static string SchemaOf(string? model) => model is null ? "null" : $"static () => {model}.Schema";

    private static string PermissionsOf(Operation row) => row.Permissions is (string users, string apps)
        ? $"NeededPermissions.Of(\"{users}\", \"{apps}\")"
        : "NeededPermissions.Unknown";

    /// <summary>A set's name stands once within a cmdlet.</summary>
    private static void Number(List<Operation> rows)
    {
        foreach (Operation row in rows.Where(row => row.Kind == GraphKind.Get && row.TakesIdentity).Skip(1))
        {
            row.SharesIdentitySet = true;
        }

        foreach (IGrouping<string, Operation> same in rows.GroupBy(row => row.Set).ToList())
        {
            int number = 0;
            foreach (Operation row in same.Skip(1))
            {
                row.Set += ++number;
            }
        }
    }

    private static string BaseOf(List<Operation> rows) => rows[0].Kind switch
    {
        GraphKind.List or GraphKind.Get or GraphKind.Count or GraphKind.RefList => "GraphReadCmdlet",
        GraphKind.ContentGet => "GraphDownloadCmdlet",
        GraphKind.ContentSet => "GraphContentCmdlet",
        _ => "GraphWriteCmdlet",
    };

    private static string OutputOf(Operation row) => row.Result is string result ? $"I{result}"
        : row.Kind switch { GraphKind.Count => "int", GraphKind.RefList => "string", _ => "bool" };

    private void Parameters(StringBuilder text, List<Operation> rows, List<string> sets)
    {
        IEnumerable<string> SetsOf(params GraphKind[] kinds) => rows.Where(row => kinds.Contains(row.Kind)).SelectMany(row => row.Sets);
        void Add(
            string name, string type, IEnumerable<string> inSets, string attributes = "", bool mandatory = false, bool piped = false,
            string? help = null, string modifier = "")
        {
            List<string> own = [.. inSets];
            if (own.Count == 0)
            {
                return;
            }

            // What is in every set, required in none, is in no set of its own.
            List<string?> named = sets.All(own.Contains) && !(mandatory && sets.Count > 1) ? [null] : [.. own];
            foreach (string? set in named)
            {
                string[] parts = [.. new[]
                {
                    set is null ? "" : $"ParameterSetName = \"{set}\"",
                    mandatory ? "Mandatory = true" : "",
                    piped ? "ValueFromPipeline = true" : "",
                    help is null ? "" : $"HelpMessage = \"{help}\"",
                }.Where(part => part.Length > 0)];
                text.AppendLine(parts.Length == 0 ? "    [Parameter]" : $"    [Parameter({string.Join(", ", parts)})]");
            }

            if (attributes.Length > 0)
            {
                text.AppendLine($"    {attributes}");
            }

            text.AppendLine($"    public {modifier}{type} {name} {{ get; set; }}").AppendLine();
        }

        foreach (string id in rows.SelectMany(row => row.Ids).Distinct().OrderBy(id => id, StringComparer.Ordinal))
        {
            string key = char.ToLowerInvariant(id[0]) + id.Substring(1, id.Length - 3);
            IEnumerable<string> byIds = rows.Where(row => row.Ids.Contains(id)).SelectMany(row => row.SetsByIds);
            Add(id, "string?", byIds, mandatory: true, help: $"The unique identifier of {key}");
        }

        List<string> viaIdentity = [.. rows.SelectMany(row => row.SetsViaIdentity)];
        const string Identity = "IDevicesCloudPrintIdentity";
        const string ToIdentity = $"[ModelTransformation(typeof({Identity}), typeof(DevicesCloudPrintIdentityTypeConverter))]";
        Add("InputObject", $"{Identity}?", viaIdentity, ToIdentity, mandatory: true, piped: true, help: "Identity Parameter");
        if (viaIdentity.Count > 0)
        {
            text.AppendLine("    internal override IDevicesCloudPrintIdentity? GivenIdentity => InputObject;").AppendLine();
        }

        IEnumerable<string> byReference = rows
            .Where(row => row.Kind == GraphKind.RefDelete && row.Set == "Delete").SelectMany(row => row.Sets);
        Add("Id", "string?", byReference, mandatory: true, help: "The delete Uri");
        List<string> uploads = [.. SetsOf(GraphKind.ContentSet)];
        Add("OutFile", "string?", SetsOf(GraphKind.ContentGet), mandatory: true, help: "Path to write output file to");
        Add("InFile", "string?", uploads, mandatory: true, help: "The path to the file to upload");
        Operation? withBody = rows.FirstOrDefault(row => row.Body is not null);
        if (withBody is not null)
        {
            string toBody = $"[ModelTransformation(typeof(I{withBody.Body}), typeof({withBody.Body}TypeConverter))] {Completer(withBody)}";
            IEnumerable<string> whole = withBody.WholeBodySets;
            Add("BodyParameter", $"I{withBody.Body}?", whole, toBody, mandatory: true, piped: true, help: "The body of the request");
            text.AppendLine("    internal override object? GivenBody => BodyParameter;").AppendLine();
        }

        Add("IfMatch", "string?", SetsOf(GraphKind.Delete, GraphKind.RefDelete, GraphKind.ContentDelete));
        List<string> objects = [.. SetsOf(GraphKind.List, GraphKind.Get)];
        Add("ExpandProperty", "string[]?", objects, "[Alias(\"Expand\")]");
        Add("Property", "string[]?", objects, "[Alias(\"Select\")]");
        List<string> lists = [.. SetsOf(GraphKind.List, GraphKind.RefList)];
        List<string> searchable = [.. lists, .. SetsOf(GraphKind.Count)];
        Add("Filter", "string?", searchable);
        Add("Search", "string?", searchable);
        Add("Skip", "int", lists, "[ValidateRange(0, int.MaxValue)]");
        Add("Sort", "string[]?", lists, "[Alias(\"OrderBy\")]");
        Add("Top", "int", lists, "[ValidateRange(1, int.MaxValue)] [Alias(\"Limit\")]");
        Add("ResponseHeadersVariable", "string?", sets, "[Alias(\"RHV\")]");
        if (withBody is not null)
        {
            IEnumerable<(string Name, string Type, string Attributes)> expanded = withBody.BodyProperties
                .Select(property => (property.Pascal, models.TypeOf(property, isParameter: true), AttributesOf(property, withBody)))
                .Append(("AdditionalProperties", "Hashtable?", ""));
            foreach ((string name, string type, string attributes) in expanded.OrderBy(parameter => parameter.Name, StringComparer.Ordinal))
            {
                Add(name, type, withBody.ExpandedSets, attributes, mandatory: withBody.Kind == GraphKind.RefCreate && name == "OdataId");
            }
        }

        Add("Data", "System.IO.Stream?", uploads, piped: true);
        Add("Break", "SwitchParameter", sets);
        Add("ContentType", "string?", uploads, piped: true);
        if (uploads.Count > 0)
        {
            text.AppendLine("    private protected override System.IO.Stream? GivenData => Data;").AppendLine();
            text.AppendLine("    private protected override string? GivenContentType => ContentType;").AppendLine();
        }

        Add("Headers", "IDictionary?", sets, piped: true, modifier: "override ");
        Add("HttpPipelineAppend", "SendAsyncStep[]?", sets, "[ValidateNotNull]");
        Add("HttpPipelinePrepend", "SendAsyncStep[]?", sets, "[ValidateNotNull]");
        Add("PassThru", "SwitchParameter", rows.Where(row => row.Result is null && !row.IsRead).SelectMany(row => row.Sets));
        Add("Proxy", "System.Uri?", sets, "[ProxyTransformation]");
        Add("ProxyCredential", "PSCredential?", sets, "[ValidateNotNull] [Credential]");
        Add("ProxyUseDefaultCredentials", "SwitchParameter", sets);
        Add("PageSize", "int", lists, "[ValidateRange(1, 999)]");
        Add("All", "SwitchParameter", lists);
        Add("CountVariable", "string?", lists, "[Alias(\"CV\")]");
    }

    /// <summary>What the values of a property are converted by, and what is offered for them.</summary>
    private string AttributesOf(Property property, Operation operation)
    {
        string model = Names.ClassOf(property.Type);
        string list = property.IsList ? ", IsList = true" : "";
        string conversion = $"[ModelTransformation(typeof(I{model}), typeof({model}TypeConverter){list})]";
        return models.IsModel(property) ? $"{conversion} {Completer(operation)}"
            : models.HasKnownValues(property) ? Completer(operation)
            : "";
    }

    private static string Completer(Operation operation) => $"[ArgumentCompleter(typeof(KnownValueCompleter<{operation.Body}>))]";

    private static string Quoted(IEnumerable<string> names) => string.Join(", ", names.Select(name => $"\"{name}\""));
}
