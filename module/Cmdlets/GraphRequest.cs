namespace MgPrint.PowerShell.Cmdlets;

/// <summary>One request of a record, made out of what was named and what was piped. Nothing in it has been sent.</summary>
internal sealed record GraphRequest(
    GraphOperation Operation, Dictionary<string, string> Ids, OpenModel? Body, List<KeyValuePair<string, string>> Headers)
{
    /// <summary>The body, byte for byte; empty for none.</summary>
    public string BodyJson { get; } = Body is null ? "" : JsonText.Of(Body);

    /// <summary>What -WhatIf and -Confirm name.</summary>
    public string Target(string query = "") =>
        DisplayText.Clean($"Call remote '{Operation.Method} {Operation.Shown(Ids)}{query}' operation");

    /// <summary>What an error record of this request is about.</summary>
    public RequestedResource ErrorTarget() => new(Ids, Headers.Count == 0 ? null : HttpHeaders.Mask(Headers), Body);

    /// <summary>Refuses ids that cannot be a segment of an address, by their names: the engine sees the whole address alone.</summary>
    /// <exception cref="EngineException">An id is empty, has no UTF-8 form, or would lead elsewhere.</exception>
    public void CheckIds()
    {
        foreach ((string name, string id) in Ids)
        {
            string noun = RequestedResource.InWords(name);
            _ = NativeArguments.Check(id, $"id of the {noun}");
            if (id is "" or "." or "..")
            {
                throw new EngineException(EngineError.Of(
                    EngineStatus.InvalidArgument,
                    id.Length == 0
                        ? $"The identifier of the {noun} is empty."
                        : $"The identifier of the {noun} is '{id}', which would change the address of the request.",
                    "Give the id as the service shows it."));
            }
        }
    }

    public static GraphRequest From(GraphCmdlet cmdlet)
    {
        try
        {
            var input = RecordInput.Of(cmdlet);
            GraphOperation operation = cmdlet.Choose(input.Identity);
            var ids = operation.Ids.ToDictionary(name => name, name => cmdlet.IsTargetNamed && !cmdlet.IsNamed("InputObject")
                ? cmdlet.Named(name) as string ?? ""
                : IdIn(input.Identity ?? new DevicesCloudPrintIdentity(), name));
            OpenModel? body = operation.Body is null ? null : input.Body ?? BodyOfParts(cmdlet, operation.Body());
            return new GraphRequest(operation, ids, body, HttpHeaders.From(input.Headers));
        }
        catch (PSInvalidCastException invalid)
        {
            throw InputException.Of("InvalidBody", invalid);
        }
    }

    private static string IdIn(IDevicesCloudPrintIdentity identity, string name) =>
        DevicesCloudPrintIdentity.IdOf(identity, name) is { Length: > 0 } id
        ? id
        : throw new InputException("IncompleteIdentity", $"InputObject has null value for InputObject.{name}", target: identity);

    /// <summary>The body of the expanded parameters and -AdditionalProperties: an empty one where none was given.</summary>
    private static OpenModel BodyOfParts(GraphCmdlet cmdlet, ModelSchema schema)
    {
        OpenModel body = cmdlet.Named("AdditionalProperties") is IDictionary additional ? schema.From(additional) : schema.Make();
        for (int slot = 0; slot < schema.Properties.Length; slot++)
        {
            ModelProperty property = schema.Properties[slot];
            if (cmdlet.Named(property.Name) is not object given)
            {
                continue;
            }

            if (body.IsGiven(slot))
            {
                throw new InputException(
                    "ConflictingProperties", $"-AdditionalProperties holds '{property.JsonName}', which -{property.Name} gives too. "
                        + "Give it in one of the two.");
            }

            body.Set(slot, property.Convert(given, property.JsonName));
        }

        return body;
    }
}
