namespace MgPrint.PowerShell.Cmdlets;

/// <summary>Prints documents: a job for each, its bytes, the start, and the wait for the printer.</summary>
[Cmdlet(VerbsData.Out, "MgPrinter", DefaultParameterSetName = ByPath, SupportsShouldProcess = true,
    ConfirmImpact = ConfirmImpact.Medium, HelpUri = UploadHelpUrl)]
[OutputType(typeof(PrintedDocument))]
public sealed class OutMgPrinter : DocumentCmdlet
{
    /// <summary>What is piped. It is looked at as a whole where PowerShell binds nothing of it: a path as text, or a share.</summary>
    [Parameter(ValueFromPipeline = true, HelpMessage = "A file, the path of one, or a printer share")]
    [NotLogged]
    public object? InputObject { get; set => field = NotLoggedAttribute.Unwrap(value); }

    /// <summary>The share, by its name or its id.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true, HelpMessage = "The name of the printer share, or its id")]
    [ArgumentCompleter(typeof(ShareCompleter))]
    public string? Share { get; set; }

    /// <summary>The share, by its id.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, HelpMessage = "The unique identifier of printerShare")]
    public string? PrinterShareId { get; set; }

    /// <summary>A printer, which needs an administrator.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, HelpMessage = "The unique identifier of printer; for a Printer Administrator")]
    public string? PrinterId { get; set; }

    /// <summary>How many copies.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, HelpMessage = "How many copies to print")]
    public string? Copies { get; set; }

    /// <summary>On which sides of the paper.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, HelpMessage = "oneSided, flipOnLongEdge or flipOnShortEdge")]
    [ArgumentCompleter(typeof(KnownValueCompleter<MicrosoftGraphPrintJobConfiguration>))]
    public string? DuplexMode { get; set; }

    /// <summary>In which colours.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, HelpMessage = "blackAndWhite, grayscale, color or auto")]
    [ArgumentCompleter(typeof(KnownValueCompleter<MicrosoftGraphPrintJobConfiguration>))]
    public string? ColorMode { get; set; }

    /// <summary>Which way up.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, HelpMessage = "portrait, landscape, reverseLandscape or reversePortrait")]
    [ArgumentCompleter(typeof(KnownValueCompleter<MicrosoftGraphPrintJobConfiguration>))]
    public string? Orientation { get; set; }

    /// <summary>Which pages.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, HelpMessage = "The pages to print, such as 1-3,7")]
    public string[]? PageRange { get; set; }

    /// <summary>Which paper.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, HelpMessage = "The paper, such as A4")]
    [ArgumentCompleter(typeof(KnownValueCompleter<MicrosoftGraphPrintJobConfiguration>))]
    public string? MediaSize { get; set; }

    /// <summary>Any properties of a printJobConfiguration; the parameters above go before them.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, HelpMessage = "Any properties of a printJobConfiguration")]
    [ArgumentCompleter(typeof(KnownValueCompleter<MicrosoftGraphPrintJobConfiguration>))]
    public IDictionary? Configuration { get; set; }

    /// <summary>Leaves the job paused.</summary>
    [Parameter(HelpMessage = "Leaves the job paused, with its document")]
    public SwitchParameter NoStart { get; set; }

    /// <summary>Follows the job to its end.</summary>
    [Parameter(HelpMessage = "Waits until the printer is done")]
    public SwitchParameter Wait { get; set; }

    /// <summary>How long.</summary>
    [Parameter(HelpMessage = "Seconds to wait for each job at most")]
    [ValidateRange(1, 604_800)]
    public int WaitTimeoutSec { get; set; } = 3600;

    /// <summary>Prints what was printed.</summary>
    [Parameter(ParameterSetName = ByPath, HelpMessage = "Prints again what was printed, or may have been")]
    [Parameter(ParameterSetName = ByLiteralPath, HelpMessage = "Prints again what was printed, or may have been")]
    public SwitchParameter Force { get; set; }

    private protected override string Verb => "Print";

    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        if (Wait && NoStart)
        {
            throw new InputException("AmbiguousInput", "-Wait waits for the printer, and -NoStart prints nothing. Give one of the two.");
        }
    }

    private protected override object? PipedObject => InputObject;

    // So that the document is tried again with what was asked of the printer; as it was given where it is wrong, and so refused again.
    private protected override IDictionary? GivenConfiguration =>
        OrNothing<IDictionary>(AskedConfiguration) ?? Asked(Said(Copies), RangesAsked() is { Length: > 0 } ranges ? ranges : null);

    private protected override IEnumerable<PlannedDocument> Plan()
    {
        object? piped = NamedValues.Unwrap(InputObject);
        if (piped is not (null or string) && IsOfGetContent)
        {
            // Each would be taken for the file that it was read from, and a document printed once for each of its bytes.
            ThrowTerminatingError(new InputException(
                "AmbiguousInput", "What a file holds is piped, and not its path. Pipe the file, or give its bytes to -Content; of a list of "
                    + "paths, pipe the lines one by one.").ToRecord());
        }

        if (piped is string line && string.IsNullOrWhiteSpace(line))
        {
            // An empty line of a list names nothing.
            yield break;
        }

        // A failed document may have been through a file or another process since.
        if (!Force && bool.TryParse(Piped.Value(nameof(FailedDocument.MayBePrinted))?.ToString(), out bool mayBePrinted) && mayBePrinted)
        {
            string job = DisplayText.Clean(Piped.Text(nameof(FailedDocument.PrintJobId)));
            throw new InputException(
                "MayBePrinted", $"Print job {job} of the document may be printed. Look at it, and at the printer; to print the document "
                    + $"again, {(Piped.Path is null ? "give it without this object" : "add -Force or give its path")}.");
        }

        if (piped is IDictionary entries && entries.Keys.Cast<object>().Any(key => IsRead(key.ToString()!)))
        {
            throw new InputException(
                "InvalidArgument", "Of a hashtable that is piped only the path would be read. Pipe an object: [pscustomobject] @{ … }.");
        }

        if (!NoStart && bool.TryParse(Piped.Value(nameof(NoStart))?.ToString(), out bool isKept) && isKept)
        {
            throw new InputException("AmbiguousInput", "What is piped says NoStart, which is not read there: give -NoStart to the command.");
        }

        Hashtable asked = AskedConfiguration();
        var configuration = (MicrosoftGraphPrintJobConfiguration)MicrosoftGraphPrintJobConfiguration.DeserializeFromDictionary(asked);
        var printer = new PrintDestination(OneDestination(), configuration.ToJsonString(), asked);
        foreach ((DocumentSource source, InputException? unusable) in Sources())
        {
            // A path that names no file yet may hold wildcards, and is no name.
            string name = Said(DocumentName) ?? (unusable is null ? source.Name : null) ?? "";
            string? type = null;
            InputException? fault = unusable ?? (name.Length == 0 ? NameMissing()
                : FaultOf(() => type = ContentTypes.For(Said(ContentType), source, name, StoppingToken)));
            yield return new PlannedDocument(
                source, new UploadTarget { Printer = printer }, name, type ?? Said(ContentType), RecordOf(source, printer))
            {
                Fault = fault,
            };
        }
    }

    private protected override EngineOperation Start(PlannedDocument document, EngineClient client, EngineOptions options) =>
        client.StartPrint(
            new EnginePrint(
                document.Target.Printer!.To, document.Target.Printer.Configuration, document.Name, document.ContentType!,
                GivenHeaders.Count == 0 ? "" : HttpHeaders.ToJson(GivenHeaders), document.ResumeFile,
                Wait ? TimeSpan.FromSeconds(WaitTimeoutSec) : TimeSpan.Zero, NoStart, Force),
            document.Source.ToEngine(document.Name), options);

    private protected override object ResultOf(EngineResult result, DocumentUpload upload) => PrintedDocument.From(result, upload.Document);

    /// <summary>
    /// A piped text is a path. PowerShell adds properties to it: to the names of Get-ChildItem -Name their own path, and to the lines
    /// of Get-Content that of the file that they are in.
    /// </summary>
    private protected override (string Path, bool IsLiteral)? PathIn(string text) =>
        !IsOfGetContent && PSObject.AsPSObject(InputObject).Properties["PSPath"]?.Value is string literal
        && (literal.EndsWith($"/{text}", StringComparison.Ordinal) || literal.EndsWith($@"\{text}", StringComparison.Ordinal))
            ? (literal, true)
            : (text, false);

    /// <summary>Whether Get-Content has read what is piped, and so has written on it which file that was in.</summary>
    private bool IsOfGetContent => InputObject is not null && PSObject.AsPSObject(InputObject).Properties["ReadCount"] is not null;

    /// <summary>What is typed goes before what a row says, and that before $PSDefaultParameterValues; an id before a name.</summary>
    private (string? ShareName, string? ShareId, string? PrinterId) OneDestination()
    {
        (string Name, string? Bound)[] ways =
        [
            (nameof(PrinterShareId), PrinterShareId), (nameof(Share), Share), (nameof(PrinterId), PrinterId),
        ];
        var first = ways.Select(way => (way.Name, Value: Said(way.Bound, way.Name), Rank: RankOf(way.Name, way.Bound)))
            .Where(way => way.Value is not null).GroupBy(way => way.Rank).MinBy(group => group.Key);
        if (first is null)
        {
            throw new InputException(
                "TargetMissing", "No printer share is named. Give one with -Share or -PrinterShareId; Get-MgPrintShare lists them."
                    + (OnlyColumn() is string column
                        ? $" The piped row has one column, '{column}': give Import-Csv the -Delimiter that parts its columns." : ""));
        }

        if (first.Key == 0 && (first.Skip(1).Any() || Piped.Share is not null))
        {
            throw new InputException(
                "AmbiguousTarget", Piped.Share is null
                    ? "Give one of -Share, -PrinterShareId and -PrinterId."
                    : "A printer share is piped, and the command line says where to print too. Give it in one of the two ways.");
        }

        (string name, string? value, _) = first.First();
        return name switch
        {
            nameof(Share) => (value, null, null),
            nameof(PrinterShareId) => (null, value, null),
            _ => (null, null, value),
        };
    }

    private int RankOf(string name, string? bound) =>
        !IsNamed(name) ? 1 : !IsDefault(name, bound) ? 0 : Piped.Text(name) is null ? 2 : 1;

    /// <summary>Whether PowerShell reads this property of a piped object, as of a dictionary it does not; the path is read here.</summary>
    private bool IsRead(string property) => property is not (nameof(Path) or nameof(LiteralPath))
        && MyInvocation.MyCommand.Parameters.ContainsKey(property);

    /// <summary>The only column of a row that was read with the wrong delimiter; null for any other.</summary>
    private string? OnlyColumn() =>
        InputObject is PSObject { BaseObject: PSCustomObject } row
        && row.Properties.ToArray() is [var only] && only.Name.IndexOfAny([';', '\t']) > 0
            ? DisplayText.Clean(only.Name)
            : null;

    /// <summary>What is asked of the printer: -Configuration, and over it what a parameter of its own says.</summary>
    private Hashtable AskedConfiguration() =>
        Asked(CopiesAsked(), RangesAsked() is { Length: > 0 } ranges ? ranges.Select(PagesOf).ToArray() : null);

    private Hashtable Asked(object? copies, object? pageRanges)
    {
        var asked = new Hashtable(Configuration ?? PipedConfiguration(), StringComparer.OrdinalIgnoreCase);
        foreach ((string name, object? value) in new (string, object?)[]
        {
            ("copies", copies), ("duplexMode", Said(DuplexMode)), ("colorMode", Said(ColorMode)), ("orientation", Said(Orientation)),
            ("mediaSize", Said(MediaSize)), ("pageRanges", pageRanges),
        })
        {
            if (value is not null)
            {
                asked[name] = value;
            }
        }

        return asked;
    }

    /// <summary>The settings of a row; PowerShell leaves out, without a word, what is no dictionary.</summary>
    private IDictionary PipedConfiguration() => NamedValues.Unwrap(Piped.Value(nameof(Configuration))) switch
    {
        null or "" => new Hashtable(),
        IDictionary given => given,
        object given when NamedValues.CanRead(given) => NamedValues.Read(given, nameof(Configuration)).ToDictionary(),
        _ => throw new InputException("InvalidArgument", "The Configuration that is piped is no object with settings."),
    };

    private string[] RangesAsked()
    {
        string[] ranges = PageRange ?? LanguagePrimitives.ConvertTo<string[]>(Piped.Value(nameof(PageRange))) ?? [];
        return [.. ranges.SelectMany(pages => pages.Split(',', StringSplitOptions.RemoveEmptyEntries))];
    }

    /// <summary>A text, since PowerShell leaves out a cell of a row that is no number, without a word.</summary>
    private int? CopiesAsked() => Said(Copies) switch
    {
        null => null,
        var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int copies) && copies >= 1 => copies,
        var other => throw new InputException(
            "InvalidArgument", $"-Copies '{DisplayText.Clean(other)}' cannot be printed. Give a number from 1."),
    };

    private static Hashtable PagesOf(string pages)
    {
        string[] ends = pages.Split('-', 2, StringSplitOptions.TrimEntries);
        return long.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out long start)
            && long.TryParse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture, out long end) && start >= 1 && end >= start
            ? new() { ["start"] = start, ["end"] = end }
            : throw new InputException(
                "InvalidArgument", $"-PageRange '{DisplayText.Clean(pages)}' names no pages. Give pages such as 1-3,7.");
    }

    /// <summary>Named by the document's path and where it goes, so that the same command finds it again.</summary>
    private string? RecordOf(DocumentSource source, PrintDestination printer)
    {
        // As it was typed today or yesterday: Windows finds the file under either.
        string? path = OperatingSystem.IsWindows() ? source.Path?.ToUpperInvariant() : source.Path;
        return ResumeDirectory is null ? null : System.IO.Path.Combine(
            Files.InFileSystem(ResumeDirectory), $"{UploadTarget.DigestOf($"{printer.Path}\n{path}")}.mgprint-print");
    }
}
