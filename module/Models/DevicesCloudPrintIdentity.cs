using System.ComponentModel;

namespace Microsoft.Graph.PowerShell.Models;

/// <summary>The ids that say which printer, share, job, document and so on is meant.</summary>
[TypeConverter(typeof(DevicesCloudPrintIdentityTypeConverter))]
public partial interface IDevicesCloudPrintIdentity;

/// <inheritdoc cref="IDevicesCloudPrintIdentity"/>
[TypeConverter(typeof(DevicesCloudPrintIdentityTypeConverter))]
public partial class DevicesCloudPrintIdentity : IJsonModel, IGivenModel
{
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

    /// <summary>Whether a name is one of the ids, as a property or as in JSON.</summary>
    internal static bool Knows(string name) => SlotOf(name) >= 0;

    /// <summary>An identity's id by its name.</summary>
    internal static string? IdOf(IDevicesCloudPrintIdentity identity, string name) =>
        identity is DevicesCloudPrintIdentity ours
            ? ours._ids[SlotOf(name)]
            : PSObject.AsPSObject(identity).Properties[name]?.Value as string;

    /// <summary>
    /// The identity that a hashtable, custom object or JSON text describes, or the one of what a service gave. Names that are
    /// no ids do not matter.
    /// </summary>
    internal static DevicesCloudPrintIdentity From(object source)
    {
        var identity = new DevicesCloudPrintIdentity();
        object named = NamedValues.Unwrap(source) is OpenModel { Ids: { } ids } ? ids : source;
        foreach ((string name, object? value) in NamedValues.Read(named, ""))
        {
            if (SlotOf(name) is >= 0 and int slot)
            {
                identity._ids[slot] = Expectation.Text(value, Names[slot]);
            }
        }

        return identity;
    }

    IEnumerable<KeyValuePair<string, object?>> IJsonModel.Members(string path) =>
        Names.Zip(_ids, (name, id) => new KeyValuePair<string, object?>(JsonNameOf(name), id)).Where(member => member.Value is not null);

    private static int SlotOf(string name) =>
        Array.FindIndex(Names, known => NamedValues.Same(name, known) || NamedValues.Same(name, JsonNameOf(known)));

    /// <summary>The name that an id has in Graph's addresses, such as <c>printer-id</c>, and so in JSON.</summary>
    private static string JsonNameOf(string name) => $"{char.ToLowerInvariant(name[0])}{name[1..^2]}-id";
}
