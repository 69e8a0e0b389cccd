using System.Management.Automation.Language;

namespace MgPrint.PowerShell.Models;

/// <summary>
/// Offers the values that are known for a property of a request's body. Other values are taken too: the service adds some.
/// PowerShell completes nothing inside a hashtable, so for a property that holds an object the hashtable is offered whole.
/// </summary>
/// <typeparam name="TBody">The body that the parameter is a part of, or is.</typeparam>
internal sealed class KnownValueCompleter<TBody> : IArgumentCompleter
    where TBody : OpenModel, new()
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        ModelSchema body = new TBody().ModelSchema;
        string word = (wordToComplete ?? "").Trim('\'', '"');
        ModelProperty? property = Array.Find(body.Properties, property => NamedValues.Same(property.Name, parameterName));
        return property?.Values is string values
            ? values.Split(' ').Where(value => value.StartsWith(word, StringComparison.OrdinalIgnoreCase))
                .Select(value => Result(value, value))
            : Hashtables(property is null ? body : property.Model!(), depth: 0)
                .Where(offered => word.Length == 0 || offered.Value.Contains(word, StringComparison.OrdinalIgnoreCase))
                .Select(offered => Result($"@{{ {offered.Name} = {offered.Value} }}", offered.Name));
    }

    private static IEnumerable<(string Name, string Value)> Hashtables(ModelSchema schema, int depth) =>
        schema.Properties.SelectMany(property =>
        property.Values is string values ? values.Split(' ').Select(value => (property.JsonName, $"'{value}'"))
        : property is { Model: Func<ModelSchema> model, IsList: false } && depth == 0
            ? Hashtables(model(), depth + 1).Select(inner => (property.JsonName, $"@{{ {inner.Name} = {inner.Value} }}"))
        : []);

    private static CompletionResult Result(string text, string tip) => new(text, text, CompletionResultType.ParameterValue, tip);
}
