using System.Collections.Immutable;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace MgPrint.Surface;

/// <summary>Makes models and cmdlets of operations.txt and models.txt, and the C interface of mgprint.h.</summary>
[Generator]
public sealed class SurfaceGenerator : IIncrementalGenerator
{
    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        IncrementalValueProvider<ImmutableArray<(string Name, string Text)>> tables = context.AdditionalTextsProvider
            .Select(static (file, cancelled) => (Path.GetFileName(file.Path), file.GetText(cancelled)?.ToString() ?? ""))
            .Where(static file => file.Item1 is "operations.txt" or "models.txt" or "mgprint.h")
            .Collect();
        context.RegisterSourceOutput(tables, Write);
    }

    private static void Write(SourceProductionContext output, ImmutableArray<(string Name, string Text)> files)
    {
        string TextOf(string name) => files.Single(file => file.Name == name).Text;
        var table = new Table();
        table.ReadModels(TextOf("models.txt"));
        table.ReadOperations(TextOf("operations.txt"));
        List<Operation> operations = Expansion.Of(table);
        var models = new ModelSource(table);
        var cmdlets = new CmdletSource(models);
        output.AddSource("Native.g.cs", SourceText.From(new HeaderSource(TextOf("mgprint.h")).All(), Encoding.UTF8));
        output.AddSource("Models.g.cs", SourceText.From(models.All(operations), Encoding.UTF8));
        foreach (IGrouping<string, Operation> cmdlet in operations.GroupBy(operation => operation.Cmdlet))
        {
            output.AddSource($"{cmdlet.Key}.g.cs", SourceText.From(cmdlets.Of(cmdlet.Key, [.. cmdlet]), Encoding.UTF8));
        }
    }
}
