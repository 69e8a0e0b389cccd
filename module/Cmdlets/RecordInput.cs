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
        if (kinds == InputKinds.None && piped is not IDictionary)
        {
            // A custom object is no headers: it is an identity, or else a body.
            kinds = cmdlet.IsTargetNamed && schema is not null ? InputKinds.Body : InputKinds.Identity;
        }

        (bool isNamed, string look) = kinds switch
        {
            InputKinds.None => (cmdlet.IsNamed("Headers"), "headers"),
            InputKinds.Identity => (cmdlet.IsTargetNamed, "the ids of a printer, a job or a document"),
            (InputKinds.Body or InputKinds.InnerBody or InputKinds.Body | InputKinds.InnerBody) => (cmdlet.IsBodyNamed, "a request's body"),
            _ => throw Mixture(schema!),
        };
        if (isNamed)
        {
            throw new InputException(
                "AmbiguousInput", $"The piped object has {look}, and the command line gives such too. Give it in one of the two ways.");
        }

        return new RecordInput(
            kinds == InputKinds.Identity ? cmdlet.GivenIdentity ?? Converted(piped, "InvalidIdentity", DevicesCloudPrintIdentity.From)
                : cmdlet.IsNamed("InputObject") ? cmdlet.GivenIdentity : null,
            kinds == InputKinds.InnerBody ? Converted(piped, "InvalidBody", From)
                : kinds.HasFlag(InputKinds.Body) ? BodyOf(cmdlet.GivenBody, schema) ?? Converted(piped, "InvalidBody", From)
                : cmdlet.IsNamed("BodyParameter") ? BodyOf(cmdlet.GivenBody, schema) : null,
            kinds == InputKinds.None ? (IDictionary)piped : cmdlet.IsNamed("Headers") ? cmdlet.Headers : null);

        // An inner body by itself is the body's only property: at its top the service would not know its names.
        OpenModel From(object given) =>
            schema!.From(kinds == InputKinds.InnerBody ? new Hashtable { [schema.Names[0]] = given } : given);
    }

    /// <summary>What came down the pipe, before it was converted.</summary>
    private static object? Piped(GraphCmdlet cmdlet) =>
        (cmdlet.IsNamed("Headers") ? null : cmdlet.Headers)
        ?? (cmdlet.IsNamed("InputObject") ? null : AsGiven(cmdlet.GivenIdentity))
        ?? (cmdlet.IsNamed("BodyParameter") ? null : AsGiven(cmdlet.GivenBody));

    private static object? AsGiven(object? bound) => (bound as IGivenModel)?.MadeOf ?? bound;

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

    /// <summary>Such as a row of a table with the ids of a document and its name: neither half may be lost.</summary>
    private static InputException Mixture(ModelSchema schema) => new(
        "AmbiguousInput",
        "The piped object has ids, such as a PrinterId, and what makes a request's body, and only one of the two can be piped. Give each such "
            + "object to -InputObject, which takes its ids, and the rest to "
            + (schema.Inner is null
                ? "-BodyParameter."
                : "-Properties or -BodyParameter; or pipe it, with the Path of a file, to Send-MgPrintDocument, which takes both."));
}
