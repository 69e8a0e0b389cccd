namespace Microsoft.Graph.PowerShell.Runtime;

/// <summary>A model to which any property can be added, as scripts and compiled code know it.</summary>
/// <typeparam name="T">What the added properties hold.</typeparam>
public interface IAssociativeArray<T>
{
    /// <summary>Properties beside the documented ones, under the names they are sent with.</summary>
    IDictionary<string, T> AdditionalProperties { get; }

    /// <summary>An additional property by its name.</summary>
    T this[string index] { get; set; }

    /// <summary>Adds a property that is not there yet.</summary>
    void Add(string key, T value);

    /// <summary>Whether there is an additional property of that name.</summary>
    bool ContainsKey(string key);

    /// <summary>Takes an additional property away; says whether it was there.</summary>
    bool Remove(string key);

    /// <summary>Reads an additional property; says whether it is there.</summary>
    bool TryGetValue(string key, out T value);

    /// <summary>Takes all additional properties away. The documented ones stay.</summary>
    void Clear();
}
