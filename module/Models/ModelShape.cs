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

    /// <summary>It has one of a body's documented names.</summary>
    LikeABody = 2,
}

/// <summary>Tells identities from bodies, since both may come down the same pipe.</summary>
internal static class ModelShape
{
    /// <summary>The look of anything that <see cref="NamedValues"/> can read.</summary>
    /// <remarks>Broken JSON text looks like a body, so that its conversion says what is wrong with it.</remarks>
    public static Looks Of(object source)
    {
        switch (NamedValues.ModelNameOf(source))
        {
            case nameof(DevicesCloudPrintIdentity): return Looks.LikeAnIdentity;
            case nameof(MicrosoftGraphPrintDocumentUploadProperties):
            case nameof(Paths1GenyolPrintPrintersPrinterIdJobsPrintjobIdDocumentsPrintdocumentIdMicrosoftGraphCreateuploadsessionPostRequestbodyContentApplicationJsonSchema): return Looks.LikeABody;
        }

        if (NamedValues.Unwrap(source) is string text && !JsonTree.TryParseObject(text, out _, out _))
        {
            return Looks.LikeABody;
        }

        var looks = Looks.LikeNeither;
        foreach ((string name, _) in NamedValues.Read(source, ""))
        {
            looks |= DevicesCloudPrintIdentity.Knows(name) ? Looks.LikeAnIdentity : 0;
            looks |= Paths1GenyolPrintPrintersPrinterIdJobsPrintjobIdDocumentsPrintdocumentIdMicrosoftGraphCreateuploadsessionPostRequestbodyContentApplicationJsonSchema.Knows(name) ? Looks.LikeABody : 0;
        }

        return looks;
    }
}
