using System.Collections;
using System.ComponentModel;
using System.Management.Automation;
using MgPrint.PowerShell.Models;

namespace Microsoft.Graph.PowerShell.Models;

/// <inheritdoc cref="IDevicesCloudPrintIdentity"/>
[TypeConverter(typeof(DevicesCloudPrintIdentityTypeConverter))]
public class DevicesCloudPrintIdentity : IDevicesCloudPrintIdentity, IJsonModel, IGivenModel
{
    private static readonly string[] Names =
    [
        nameof(GroupId), nameof(PrintConnectorId), nameof(PrintDocumentId), nameof(PrintJobId), nameof(PrintOperationId),
        nameof(PrintServiceEndpointId), nameof(PrintServiceId), nameof(PrintTaskDefinitionId), nameof(PrintTaskId),
        nameof(PrintTaskTriggerId), nameof(PrinterId), nameof(PrinterShareId), nameof(UserId),
    ];

    /// <inheritdoc/>
    public string? GroupId { get; set; }

    /// <inheritdoc/>
    public string? PrintConnectorId { get; set; }

    /// <inheritdoc/>
    public string? PrintDocumentId { get; set; }

    /// <inheritdoc/>
    public string? PrintJobId { get; set; }

    /// <inheritdoc/>
    public string? PrintOperationId { get; set; }

    /// <inheritdoc/>
    public string? PrintServiceEndpointId { get; set; }

    /// <inheritdoc/>
    public string? PrintServiceId { get; set; }

    /// <inheritdoc/>
    public string? PrintTaskDefinitionId { get; set; }

    /// <inheritdoc/>
    public string? PrintTaskId { get; set; }

    /// <inheritdoc/>
    public string? PrintTaskTriggerId { get; set; }

    /// <inheritdoc/>
    public string? PrinterId { get; set; }

    /// <inheritdoc/>
    public string? PrinterShareId { get; set; }

    /// <inheritdoc/>
    public string? UserId { get; set; }

    object? IGivenModel.MadeOf { get; set; }

    /// <summary>The identity that a dictionary describes.</summary>
    public static IDevicesCloudPrintIdentity DeserializeFromDictionary(IDictionary content) => From(content);

    /// <summary>The identity that an object describes.</summary>
    public static IDevicesCloudPrintIdentity DeserializeFromPSObject(PSObject content) => From(content);

    /// <summary>The identity that JSON text describes.</summary>
    /// <exception cref="PSInvalidCastException">The text is no JSON object, or an id in it is no text.</exception>
    public static IDevicesCloudPrintIdentity FromJsonString(string jsonText) => From(jsonText);

    /// <summary>The identity as JSON text; ids without a value are left out.</summary>
    public string ToJsonString() => JsonText.Of(this);

    /// <summary>Whether a name is one of the thirteen ids, as a property or as in JSON.</summary>
    internal static bool Knows(string name) => KnownNameOf(name) is not null;

    /// <summary>The identity that a hashtable, custom object or JSON text describes. Names that are no ids do not matter.</summary>
    internal static DevicesCloudPrintIdentity From(object source)
    {
        var identity = new DevicesCloudPrintIdentity();
        foreach ((string name, object? value) in NamedValues.Read(source, ""))
        {
            identity.Set(name, value);
        }

        return identity;
    }

    void IJsonModel.WriteTo(JsonText json, string path)
    {
        foreach ((string name, string? value) in Ids())
        {
            if (value is not null)
            {
                json.Member(JsonNameOf(name), value, path);
            }
        }
    }

    private void Set(string name, object? value)
    {
        string? known = KnownNameOf(name);
        string? id = known is null ? null : Expectation.Text(value, known);
        switch (known)
        {
            case nameof(GroupId): GroupId = id; break;
            case nameof(PrintConnectorId): PrintConnectorId = id; break;
            case nameof(PrintDocumentId): PrintDocumentId = id; break;
            case nameof(PrintJobId): PrintJobId = id; break;
            case nameof(PrintOperationId): PrintOperationId = id; break;
            case nameof(PrintServiceEndpointId): PrintServiceEndpointId = id; break;
            case nameof(PrintServiceId): PrintServiceId = id; break;
            case nameof(PrintTaskDefinitionId): PrintTaskDefinitionId = id; break;
            case nameof(PrintTaskId): PrintTaskId = id; break;
            case nameof(PrintTaskTriggerId): PrintTaskTriggerId = id; break;
            case nameof(PrinterId): PrinterId = id; break;
            case nameof(PrinterShareId): PrinterShareId = id; break;
            case nameof(UserId): UserId = id; break;
        }
    }

    private static string? KnownNameOf(string name) =>
        Array.Find(Names, known => NamedValues.Same(name, known) || NamedValues.Same(name, JsonNameOf(known)));

    /// <summary>The name that an id has in Graph's addresses, such as <c>printer-id</c>, and so in JSON.</summary>
    private static string JsonNameOf(string name) => $"{char.ToLowerInvariant(name[0])}{name[1..^2]}-id";

    private (string Name, string? Value)[] Ids() =>
    [
        (nameof(GroupId), GroupId), (nameof(PrintConnectorId), PrintConnectorId), (nameof(PrintDocumentId), PrintDocumentId),
        (nameof(PrintJobId), PrintJobId), (nameof(PrintOperationId), PrintOperationId),
        (nameof(PrintServiceEndpointId), PrintServiceEndpointId), (nameof(PrintServiceId), PrintServiceId),
        (nameof(PrintTaskDefinitionId), PrintTaskDefinitionId), (nameof(PrintTaskId), PrintTaskId),
        (nameof(PrintTaskTriggerId), PrintTaskTriggerId), (nameof(PrinterId), PrinterId),
        (nameof(PrinterShareId), PrinterShareId), (nameof(UserId), UserId),
    ];
}
