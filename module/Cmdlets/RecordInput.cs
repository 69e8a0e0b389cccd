namespace MgPrint.PowerShell.Cmdlets;

/// <summary>
/// What one record is made of, each piped object in exactly one place: what is piped means what it looks like.
/// </summary>
/// <remarks>
/// PowerShell binds a piped dictionary to every parameter that can take it, and to -Headers first, whose type needs no
/// conversion: often to that one alone, in a parameter set that has no body. So neither the other parameters nor the name
/// of the set tell what a dictionary was meant for; its own names do.
/// </remarks>
internal sealed record RecordInput(IDevicesCloudPrintIdentity? Identity, OpenModel? Body, IDictionary? Headers)
{
    /// <exception cref="InputException">
    /// A piped object means several things, or nothing, or what the command line has named already.
    /// </exception>
    public static RecordInput Of(GraphCmdlet cmdlet)
    {
        ModelSchema? schema = cmdlet.BodySchema;
        if (!cmdlet.MyInvocation.ExpectingInput || cmdlet.IsContentPiped)
        {
            return new RecordInput(cmdlet.GivenIdentity, BodyOf(cmdlet.GivenBody, schema), cmdlet.Headers);
        }

        object piped = Piped(cmdlet) ?? throw cmdlet.Meaningless ?? new InputException(
            "NullInput", "The piped object is null. Pipe an identity, a request's body or headers, or nothing at all.");
        InputKinds kinds = InputShape.Of(piped, schema, cmdlet.IsTargetNamed);
        RecordInput others = new(
            cmdlet.IsNamed("InputObject") ? cmdlet.GivenIdentity : null,
            cmdlet.IsNamed("BodyParameter") ? BodyOf(cmdlet.GivenBody, schema) : null,
            cmdlet.IsNamed("Headers") ? cmdlet.Headers : null);
        return kinds switch
        {
            InputKinds.Identity => others.WithIdentity(piped, cmdlet),
            InputKinds.Body or InputKinds.Body | InputKinds.InnerBody => others.WithBody(piped, cmdlet, isInner: false),
            InputKinds.InnerBody => others.WithBody(piped, cmdlet, isInner: true),
            InputKinds.None when piped is IDictionary headers => others.WithHeaders(headers, cmdlet),
            // A custom object is no headers: it is an identity, or else a body.
            InputKinds.None when cmdlet.IsTargetNamed && schema is not null => others.WithBody(piped, cmdlet, isInner: false),
            InputKinds.None => others.WithIdentity(piped, cmdlet),
            _ => throw Mixture(piped, schema!),
        };
    }

    /// <summary>What came down the pipe, before it was converted.</summary>
    private static object? Piped(GraphCmdlet cmdlet) =>
        (cmdlet.IsNamed("Headers") ? null : cmdlet.Headers)
        ?? (cmdlet.IsNamed("InputObject") ? null : AsGiven(cmdlet.GivenIdentity))
        ?? (cmdlet.IsNamed("BodyParameter") ? null : AsGiven(cmdlet.GivenBody));

    private static object? AsGiven(object? bound) => (bound as IGivenModel)?.MadeOf ?? bound;

    private RecordInput WithIdentity(object piped, GraphCmdlet cmdlet) => cmdlet.IsTargetNamed
        ? throw Conflict("names a printer, a job or a document", "the command line does too")
        : this with { Identity = cmdlet.GivenIdentity ?? Converted(piped, "InvalidIdentity", DevicesCloudPrintIdentity.From) };

    /// <summary>An inner body by itself is the body's only property: at its top the service would not know its names.</summary>
    private RecordInput WithBody(object piped, GraphCmdlet cmdlet, bool isInner)
    {
        if (cmdlet.IsBodyNamed)
        {
            throw Conflict(
                isInner ? "looks like upload properties" : "looks like a request's body",
                isInner ? "the command line gives a request's body too" : "the command line gives one too");
        }

        ModelSchema schema = cmdlet.BodySchema!;
        if (!isInner)
        {
            return this with { Body = BodyOf(cmdlet.GivenBody, schema) ?? Converted(piped, "InvalidBody", source => schema.From(source)) };
        }

        OpenModel body = schema.Make();
        body.Set(0, piped as OpenModel ?? Converted(piped, "InvalidBody", source => schema.Inner!.From(source)));
        return this with { Body = body };
    }

    private RecordInput WithHeaders(IDictionary piped, GraphCmdlet cmdlet) => cmdlet.IsNamed("Headers")
        ? throw Conflict("looks like headers", "the command line gives headers too")
        : this with { Headers = piped };

    /// <summary>A body of somebody else's type is read by its names or refused, but never dropped.</summary>
    private static OpenModel? BodyOf(object? body, ModelSchema? schema) => body switch
    {
        null => null,
        OpenModel ours => ours,
        _ => schema!.From(PSObject.AsPSObject(body)),
    };

    private static T Converted<T>(object piped, string errorId, Func<object, T> convert)
    {
        try
        {
            return convert(piped);
        }
        catch (PSInvalidCastException invalid)
        {
            throw InputException.Of(errorId, invalid, piped);
        }
    }

    private static InputException Conflict(string piped, string named) =>
        new("AmbiguousInput", $"The piped object {piped}, and {named}. Give it in one of the two ways.");

    /// <summary>Such as a row of a table with the ids of a document and its name: neither half may be lost.</summary>
    private static InputException Mixture(object piped, ModelSchema schema)
    {
        string[] names = [.. NamedValues.Read(piped, "").Select(entry => DisplayText.Clean(entry.Key))];
        string instead = schema.Inner is null
            ? "and the rest to -BodyParameter."
            : "and the rest to -Properties or -BodyParameter; or pipe it, with the Path of a file, to Send-MgPrintDocument, which takes "
                + "both.";
        string ids = string.Join(", ", names.Where(DevicesCloudPrintIdentity.Knows));
        string ofBody = string.Join(", ", names.Where(name => schema.Knows(name) || schema.Inner?.Knows(name) == true));
        return new(
            "AmbiguousInput",
            $"The piped object has ids ({ids}) and what makes a request's body ({ofBody}), and only one of the two can be piped. "
            + $"Instead, give each such object to -InputObject, which takes its ids, {instead}");
    }
}
