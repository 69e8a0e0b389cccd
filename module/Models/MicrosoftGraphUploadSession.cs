namespace Microsoft.Graph.PowerShell.Models;

/// <summary>What an upload session knows beside its documented properties.</summary>
public partial class MicrosoftGraphUploadSession
{
    /// <summary>
    /// How many bytes the session was created for, where this process created it and said so; no part of the service's answer.
    /// </summary>
    internal long? DocumentSize { get; set; }

    /// <summary>Where the session lives, without the secret of its URL.</summary>
    public override string ToString() => UploadUrl is null ? base.ToString()! : DisplayText.Url(UploadUrl);
}
