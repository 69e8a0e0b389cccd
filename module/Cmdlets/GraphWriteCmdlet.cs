namespace MgPrint.PowerShell.Cmdlets;

/// <summary>Cmdlets that change something: create, update, delete, actions and references. Each asks ShouldProcess.</summary>
public abstract class GraphWriteCmdlet : GraphCmdlet
{
    private protected override bool IsWanted(GraphRequest request) =>
        ShouldProcess(request.Target(Reference(request) is string reference ? $"?@id={reference}" : ""));

    private protected override void Send(GraphConnection connection, GraphRequest request)
    {
        if (Named("IfMatch") is string { Length: > 0 } tag)
        {
            request.Headers.RemoveAll(header => header.Key.Equals("If-Match", StringComparison.OrdinalIgnoreCase));
            request.Headers.Add(new("If-Match", tag));
        }

        string query = Reference(request) is string reference ? $"?@id={Uri.EscapeDataString(reference)}" : "";
        EngineResult result = Ask(connection, request, request.Operation.Address(request.Ids) + query);
        if (request.Operation.Result is null)
        {
            if (IsOn("PassThru"))
            {
                WriteObject(true);
            }
        }
        // An update may be answered without the object, and whatever a header says that prefers none.
        else if (result.Json.Length > 0 || (request.Operation.Kind == GraphKind.Create && !IsEmpty(result)))
        {
            WriteModel(MembersOf(result, request), request);
        }
    }

    /// <summary>A reference in a collection is taken away by the address of what it refers to; null for all else.</summary>
    private string? Reference(GraphRequest request) => request.Operation.Kind == GraphKind.RefDelete ? Named("Id") as string : null;
}
