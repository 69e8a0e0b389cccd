namespace MgPrint.PowerShell.Models;

/// <summary>What an untyped object looks like, told by its names alone.</summary>
[Flags]
internal enum InputKinds
{
    /// <summary>It has none of the documented names.</summary>
    None = 0,

    /// <summary>It has one of the ids.</summary>
    Identity = 1,

    /// <summary>It has one of a body's own names.</summary>
    Body = 2,

    /// <summary>It has one of the names that stand one level down in a body that holds a single object.</summary>
    InnerBody = 4,
}

/// <summary>Tells identities and bodies from each other, since both may come down the same pipe.</summary>
internal static class InputShape
{
    /// <summary>The kind of anything that <see cref="NamedValues"/> can read.</summary>
    /// <param name="body">The schema of the body that the cmdlet sends; null for none.</param>
    /// <param name="isTargetNamed">Whether the command line says which resource is meant.</param>
    /// <remarks>Broken JSON text looks like a body, so that its conversion says what is wrong with it.</remarks>
    public static InputKinds Of(object source, ModelSchema? body, bool isTargetNamed)
    {
        object? plain = NamedValues.Unwrap(source);
        if (NamedValues.ModelNameOf(source) is string name)
        {
            InputKinds kind = name == body?.Name ? InputKinds.Body : name == body?.Inner?.Name ? InputKinds.InnerBody : InputKinds.None;
            // What the service gave knows where it is from, which counts where the command line does not say what is meant.
            bool isFromThere = plain is OpenModel { Ids: not null } && !(isTargetNamed && kind != InputKinds.None);
            return isFromThere || name == nameof(DevicesCloudPrintIdentity) ? InputKinds.Identity : kind;
        }

        try
        {
            var kinds = InputKinds.None;
            foreach ((string member, _) in NamedValues.Read(source, ""))
            {
                kinds |= DevicesCloudPrintIdentity.Knows(member) ? InputKinds.Identity : 0;
                kinds |= body?.Knows(member) == true ? InputKinds.Body : 0;
                kinds |= body?.Inner?.Knows(member) == true ? InputKinds.InnerBody : 0;
            }

            return kinds;
        }
        catch (PSInvalidCastException) when (plain is string)
        {
            return InputKinds.Body;
        }
    }
}
