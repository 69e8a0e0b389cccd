using System.Runtime.CompilerServices;

namespace MgPrint.PowerShell.Cmdlets;

// What a record asks for: the documents that it names, and what is wrong with it.
public abstract partial class DocumentCmdlet
{
    /// <summary>What was piped as a whole; null where nothing was.</summary>
    private protected abstract object? PipedObject { get; }

    private protected PipedDocument Piped => new(PipedObject);

    /// <summary>How the document is to be printed, as the record says.</summary>
    private protected virtual IDictionary? GivenConfiguration => null;

    /// <summary>A text that was given or piped; null for none. What is piped goes before $PSDefaultParameterValues.</summary>
    private protected string? Said(string? bound, [CallerArgumentExpression(nameof(bound))] string name = "") =>
        string.IsNullOrEmpty(bound) ? Piped.Text(name) : (IsDefault(name, bound) ? Piped.Text(name) : null) ?? bound;

    /// <summary>Whether a value is that of $PSDefaultParameterValues, which PowerShell does not tell from one that is typed.</summary>
    private protected bool IsDefault(string parameter, string? value) =>
        SessionState.PSVariable.GetValue("PSDefaultParameterValues") is IDictionary defaults
        && defaults.Cast<DictionaryEntry>().Any(entry =>
            entry.Key is string key && key.Split(':') is [string command, string name]
            && WildcardPattern.Get(command.Trim(), WildcardOptions.IgnoreCase).IsMatch(MyInvocation.MyCommand.Name)
            && WildcardPattern.Get(name.Trim(), WildcardOptions.IgnoreCase).IsMatch(parameter)
            && entry.Value?.ToString() == value);

    /// <summary>The path that is piped; null for none.</summary>
    private protected (string Path, bool IsLiteral)? PipedPath() =>
        NamedValues.Unwrap(PipedObject) is string text ? PathIn(text)
        : Piped.LiteralPath is string literal ? (literal, true)
        : Piped.Path is string path ? (path, false)
        : null;

    /// <summary>Whether the command line names the document.</summary>
    private bool IsDocumentNamed => Array.Exists([nameof(Path), nameof(LiteralPath), nameof(InputStream), nameof(Content)], IsNamed);

    /// <summary>Whether what is piped cannot be meant for anything but the document.</summary>
    private protected virtual bool IsDocumentPiped => PipedPath() is not null;

    /// <summary>The path that a piped text is; null where a text is none.</summary>
    private protected virtual (string Path, bool IsLiteral)? PathIn(string text) => null;

    /// <summary>The documents that the record names; and each path that names none, with why.</summary>
    private protected IEnumerable<(DocumentSource Source, InputException? Fault)> Sources() => (PipedPath(), ParameterSetName) switch
    {
        _ when IsDocumentNamed && IsDocumentPiped => throw new InputException(
            "AmbiguousInput", "A document is piped, and the command line names one too. Give it in one of the two ways."),
        ((string path, bool isLiteral), _) when !IsDocumentNamed => FilesOf([path], isLiteral),
        (_, ByStream) => [(new StreamDocument(InputStream), null)],
        (_, ByContent) => [(new BytesDocument(Content), null)],
        (_, ByLiteralPath) => FilesOf(LiteralPath, isLiteral: true),
        _ => FilesOf(IsPathGiven ? Path! : throw SourceMissing(), isLiteral: false),
    };

    private bool IsPathGiven => Path is { Length: > 0 } && !Path.Any(string.IsNullOrEmpty);

    private IEnumerable<(DocumentSource Source, InputException? Fault)> FilesOf(string[] paths, bool isLiteral) =>
        Files.Each(paths, isLiteral).Select(file => ((DocumentSource)new FileDocument(file.Path), file.Fault));

    private InputException SourceMissing() => new(
        "SourceMissing",
        $"There is no document to {Verb.ToLowerInvariant()}{PropertiesOf(PipedObject)}. Give a file with -Path or -LiteralPath, or pipe in "
            + "files, or objects with such a property; or give -InputStream or -Content.");

    /// <summary>What a piped row has, so that a wrong column, or a row without a value, is seen.</summary>
    private static string PropertiesOf(object? piped)
    {
        if (piped is not PSObject { BaseObject: PSCustomObject } row)
        {
            return "";
        }

        // The first line of a list without a head is one of names too, and may be an upload URL.
        IEnumerable<string> names =
            row.Properties.Select(property => property.Name).Where(name => !name.Contains('/', StringComparison.Ordinal));
        return $" in what is piped, which has {string.Join(", ", names.Select(name => DisplayText.Clean(name)))}";
    }

    /// <summary>The record as it was given, for an error that comes before it was looked at.</summary>
    private FailedDocument Given()
    {
        const string Provider = "FileSystem::";
        // Of several, which are then all unsent, no one path is that of the error; and of PSPath, the provider is no part of it.
        string? path = OrNothing(() => PipedPath()?.Path)
            ?? ((ParameterSetName == ByLiteralPath ? LiteralPath : Path) is [string one] ? one : null);
        return new FailedDocument
        {
            Path = path?[(path.IndexOf(Provider, StringComparison.Ordinal) is int at and >= 0 ? at + Provider.Length : 0)..],
            DocumentName = Text(nameof(DocumentName)),
            ContentType = Text(nameof(ContentType)),
            Share = Text(nameof(FailedDocument.Share)),
            PrinterId = Text(nameof(FailedDocument.PrinterId)),
            PrinterShareId = Text(nameof(FailedDocument.PrinterShareId)),
            PrintJobId = Text(nameof(FailedDocument.PrintJobId)),
            PrintDocumentId = Text(nameof(FailedDocument.PrintDocumentId)),
            Configuration = OrNothing(() => GivenConfiguration),
        };

        // What a parameter of that name was given, where the cmdlet has one.
        string? Text(string name) => OrNothing(
            () => GetType().GetProperty(name) is { } parameter ? Said(parameter.GetValue(this) as string, name) : null);
    }

    /// <summary>What can be read of a record for its error; that it cannot is no error of its own.</summary>
    private protected static T? OrNothing<T>(Func<T?> read)
    {
        try
        {
            return read();
        }
        catch (Exception invalid) when (IsOfInput(invalid))
        {
            return default;
        }
    }

    private protected DocumentFiles Files => new(SessionState);

    private protected static InputException NameMissing() =>
        new("DocumentNameMissing", "The document has no name of its own: give one with -DocumentName.");

    /// <summary>
    /// The next document of the record; null for no further one. Nothing is put out here: what a command behind this one throws,
    /// such as break, must not pass for an error of the record.
    /// </summary>
    private PlannedDocument? Next(IEnumerator<PlannedDocument> plan)
    {
        try
        {
            _ = GivenHeaders;
            if (!plan.MoveNext())
            {
                return null;
            }

            return IsWhatIf && plan.Current.Fault is null
                ? plan.Current with { Fault = FaultOf(() => plan.Current.Source.Check(StoppingToken)) }
                : plan.Current;
        }
        catch (Exception unreadable) when (IsOfInput(unreadable))
        {
            Report(InputException.Of(unreadable).ToRecord(OrNothing(Given)));
            return null;
        }
    }

    /// <summary>What is wrong with a document alone.</summary>
    private protected static InputException? FaultOf(Action look)
    {
        try
        {
            look();
            return null;
        }
        catch (InputException fault)
        {
            return fault;
        }
    }
}
