using Microsoft.Graph.PowerShell.Models;

namespace MgPrint.PowerShell.Models;

/// <summary>What an untyped object looks like, told by its names alone.</summary>
[Flags]
internal enum Looks
{
    /// <summary>It has none of the documented names.</summary>
    LikeNeither = 0,

    /// <summary>It has one of the thirteen ids.</summary>
    LikeAnIdentity = 1,

    /// <summary>It has a body's own name, <c>properties</c>.</summary>
    LikeABody = 2,

    /// <summary>It has one of the names of upload properties, which stand under <c>properties</c> in a body.</summary>
    LikeUploadProperties = 4,
}

/// <summary>Tells identities, bodies and upload properties from each other, since all may come down the same pipe.</summary>
internal static class ModelShape
{
    /// <summary>The look of anything that <see cref="NamedValues"/> can read.</summary>
    /// <remarks>Broken JSON text looks like a body, so that its conversion says what is wrong with it.</remarks>
    public static Looks Of(object source)
    {
        switch (NamedValues.ModelNameOf(source))
        {
            case nameof(DevicesCloudPrintIdentity): return Looks.LikeAnIdentity;
            case nameof(MicrosoftGraphPrintDocumentUploadProperties): return Looks.LikeUploadProperties;
            case nameof(Paths1GenyolPrintPrintersPrinterIdJobsPrintjobIdDocumentsPrintdocumentIdMicrosoftGraphCreateuploadsessionPostRequestbodyContentApplicationJsonSchema): return Looks.LikeABody;
        }

        switch (NamedValues.Unwrap(source))
        {
            case IDevicesCloudPrintIdentity: return Looks.LikeAnIdentity;
            case IPaths1GenyolPrintPrintersPrinterIdJobsPrintjobIdDocumentsPrintdocumentIdMicrosoftGraphCreateuploadsessionPostRequestbodyContentApplicationJsonSchema: return Looks.LikeABody;
        }

        if (NamedValues.Unwrap(source) is string text && !JsonTree.TryParseGiven(text, out _, out _))
        {
            return Looks.LikeABody;
        }

        var looks = Looks.LikeNeither;
        foreach ((string name, _) in NamedValues.Read(source, ""))
        {
            looks |= DevicesCloudPrintIdentity.Knows(name) ? Looks.LikeAnIdentity : 0;
            looks |= IsBodysOwn(name) ? Looks.LikeABody : 0;
            looks |= MicrosoftGraphPrintDocumentUploadProperties.Knows(name) ? Looks.LikeUploadProperties : 0;
        }

        return looks;
    }

    /// <summary>Whether a name is a documented one of either level of a body.</summary>
    public static bool IsOfABody(string name) => IsBodysOwn(name) || MicrosoftGraphPrintDocumentUploadProperties.Knows(name);

    private static bool IsBodysOwn(string name) => NamedValues.Same(name, nameof(Paths1GenyolPrintPrintersPrinterIdJobsPrintjobIdDocumentsPrintdocumentIdMicrosoftGraphCreateuploadsessionPostRequestbodyContentApplicationJsonSchema.Properties));
}
