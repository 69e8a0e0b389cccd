using System.Runtime.CompilerServices;

namespace MgPrint.PowerShell.Models;

/// <summary>
/// What every generated model stands on: its documented properties in slots that know whether they were given, and
/// whatever else there is by name. A property that was given as null is sent as null; one that was not given is not sent.
/// </summary>
public abstract class OpenModel : IAssociativeArray<object?>, IJsonModel, IGivenModel
{
    private const string DateFormat = "yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'";

    private static readonly object NotGiven = new();

    private readonly object?[] _values;
    private readonly Dictionary<string, object?> _additional = new(StringComparer.Ordinal);

    private protected OpenModel(ModelSchema schema)
    {
        ModelSchema = schema;
        _values = new object?[schema.Properties.Length];
        Array.Fill(_values, NotGiven);
    }

    /// <summary>Properties beside the documented ones, under the names they are sent with.</summary>
    public IDictionary<string, object?> AdditionalProperties => _additional;

    /// <inheritdoc/>
    /// <remarks>PowerShell takes one object for the first of a list, <c>(Get-MgPrintShare)[0]</c>, unless it has an indexer.</remarks>
    [IndexerName("EntityItem")]
    public object? this[string index]
    {
        get => index is "0" or "-1" && !_additional.ContainsKey(index) ? this : _additional[index];
        set => _additional[index] = value;
    }

    /// <summary>The ids in the path that the service gave this from, its own too; null for what came from elsewhere.</summary>
    internal IReadOnlyDictionary<string, string>? Ids { get; set; }

    internal ModelSchema ModelSchema { get; }

    object? IGivenModel.MadeOf { get; set; }

    /// <summary>The object as compact JSON text: what would be sent.</summary>
    public string ToJsonString() => JsonText.Of(this);

    /// <summary>The id, where it has one: so the object itself can be given where its id is wanted.</summary>
    public override string ToString() => OwnId ?? base.ToString()!;

    internal string? OwnId => ModelSchema.SlotOf("id") is int slot and >= 0 ? ValueOf(slot) as string : null;

    /// <inheritdoc/>
    public void Add(string key, object? value) => _additional.Add(key, value);

    /// <inheritdoc/>
    public bool ContainsKey(string key) => _additional.ContainsKey(key);

    /// <inheritdoc/>
    public bool Remove(string key) => _additional.Remove(key);

    /// <inheritdoc/>
    public bool TryGetValue(string key, out object? value) => _additional.TryGetValue(key, out value);

    /// <inheritdoc/>
    public void Clear() => _additional.Clear();

    /// <summary>Takes over the entries of a dictionary that are no documented properties.</summary>
    public void CopyFrom(IDictionary source) => CopyAdditional(source);

    /// <summary>Takes over the properties of an object that are no documented ones.</summary>
    public void CopyFrom(PSObject source) => CopyAdditional(source);

    /// <summary>A documented property's value; null for one that was not given.</summary>
    internal object? ValueOf(int slot) => IsGiven(slot) ? _values[slot] : null;

    /// <summary>Whether a documented property was given, be it as null.</summary>
    internal bool IsGiven(int slot) => !ReferenceEquals(_values[slot], NotGiven);

    /// <summary>Sets a documented property to a value of its type.</summary>
    internal void Set(int slot, object? value) => _values[slot] = value;

    /// <summary>
    /// Takes what a person gave, and refuses values of other types; or what a service said, of which a value of another type is no
    /// reason to lose anything: the property stays null, and the value is kept among the additional ones.
    /// </summary>
    internal void Take(IEnumerable<KeyValuePair<string, object?>> members, string path, bool isGiven)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach ((string spelled, object? value) in members)
        {
            int slot = ModelSchema.SlotOf(spelled);
            string name = slot < 0 ? spelled : ModelSchema.Properties[slot].JsonName;
            string place = path.Length == 0 ? name : $"{path}.{name}";
            if (!seen.Add(name) && isGiven)
            {
                // Spelled in capitals and in small letters, it is one property, and nobody can tell which of the two was meant.
                throw new PSInvalidCastException($"{Expectation.Subject(place)} is given more than once.");
            }

            object? read = value;
            if (slot < 0 || !ModelSchema.Properties[slot].TryConvert(ref read, place, isGiven))
            {
                _additional[name] = value;
            }
            else if (isGiven || read is not null)
            {
                _values[slot] = read;
            }
        }
    }

    IEnumerable<KeyValuePair<string, object?>> IJsonModel.Members(string path)
    {
        foreach (KeyValuePair<string, object?> additional in _additional)
        {
            yield return additional;
        }

        for (int slot = 0; slot < _values.Length; slot++)
        {
            if (!IsGiven(slot) || (ModelSchema.IsResult && _values[slot] is null))
            {
                continue;
            }

            string name = ModelSchema.Properties[slot].JsonName;
            if (_additional.ContainsKey(name))
            {
                string place = Expectation.Subject(path.Length == 0 ? name : $"{path}.{name}");
                throw new InputException(
                    "InvalidBody", $"{place} is given twice: as the documented property and among the additional ones.");
            }

            yield return new(name, _values[slot] is DateTime date ? TextOf(date) : _values[slot]);
        }
    }

    private static string TextOf(DateTime date) => Expectation.Utc(date)!.Value.ToString(DateFormat, CultureInfo.InvariantCulture);

    private void CopyAdditional(object source)
    {
        foreach ((string name, object? value) in NamedValues.Read(source, "").Where(entry => !ModelSchema.Knows(entry.Key)))
        {
            _additional[name] = value;
        }
    }
}
