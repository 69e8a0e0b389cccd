namespace MgPrint.PowerShell.Cmdlets;

/// <summary>Cmdlets that look: at one object, at a collection page by page, or at a count.</summary>
public abstract class GraphReadCmdlet : GraphCmdlet
{
    private const int LargestPage = 999;
    private const string NextLink = "@odata.nextLink";

    private ScopedVariable? _count;

    private int? Top => Named("Top") as int?;

    private int? PageSize => Named("PageSize") as int?;

    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _count = ScopedVariable.Parse(Named("CountVariable") as string, "CountVariable", SessionState);
    }

    private protected override void Send(GraphConnection connection, GraphRequest request)
    {
        string address = request.Operation.Address(request.Ids) + Query(request.Operation.Kind);
        switch (request.Operation.Kind)
        {
            case GraphKind.List or GraphKind.RefList:
                WritePages(connection, request, address);
                break;
            case GraphKind.Count:
                EngineResult counted = Ask(connection, request, address);
                string digits = Encoding.UTF8.GetString(counted.Json).Trim('\uFEFF', ' ', '\r', '\n');
                WriteObject(int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int count)
                    ? count
                    : throw Unexpected(counted, request));
                break;
            default:
                // Where nothing stands at the place, as no printer behind a share, there is nothing to write.
                if (Ask(connection, request, address) is var got && !IsEmpty(got))
                {
                    WriteModel(MembersOf(got, request), request);
                }

                break;
        }
    }

    /// <summary>
    /// Writes a page's items before the next page is asked for, so that memory holds one page, and whoever has enough
    /// stops the asking. A service gives up to as many items as $top says, so -Top counts here.
    /// </summary>
    private void WritePages(GraphConnection connection, GraphRequest request, string address)
    {
        _count?.Set(null);
        int wanted = Top ?? int.MaxValue;
        for (string? next = address; next is not null;)
        {
            EngineResult result = Ask(connection, request, next);
            Dictionary<string, object?> page = MembersOf(result, request);
            if (page.TryGetValue("@odata.count", out object? count))
            {
                _count?.Set(count as int?);
            }

            string asked = next;
            next = page.GetValueOrDefault(NextLink) is { } link ? link as string ?? throw Unexpected(result, request) : null;
            foreach (object? item in page.GetValueOrDefault("value") as object?[] ?? throw Unexpected(result, request))
            {
                if (wanted-- == 0)
                {
                    return;
                }

                Write(item as Dictionary<string, object?> ?? throw Unexpected(result, request), request, result);
            }

            if (wanted == 0 || StoppingToken.IsCancellationRequested)
            {
                return;
            }

            if (next == asked)
            {
                // The page leads to itself, and so without end.
                throw Unexpected(result, request);
            }

            if (next is not null && !IsOn("All") && Top is null)
            {
                WriteWarningLine("The service has more of these than it gave; -All gets all of them, and -Top as many as wanted.");
                return;
            }
        }
    }

    private void Write(Dictionary<string, object?> members, GraphRequest request, EngineResult result)
    {
        if (request.Operation.Kind == GraphKind.RefList)
        {
            WriteObject(members.GetValueOrDefault("@odata.id") ?? throw Unexpected(result, request));
        }
        else
        {
            WriteModel(members, request);
        }
    }

    private string Query(GraphKind kind)
    {
        var query = new StringBuilder();
        void Add(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                query.Append(query.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Encoded(value));
            }
        }

        Add("$expand", Joined("ExpandProperty"));
        Add("$select", Joined("Property"));
        if (kind is GraphKind.Get)
        {
            return query.ToString();
        }

        Add("$filter", Named("Filter") as string);
        // A service that has $search wants its text in quotation marks.
        string? search = Named("Search") as string;
        Add("$search", string.IsNullOrEmpty(search) || search.Contains('"', StringComparison.Ordinal) ? search : $"\"{search}\"");
        Add("$skip", (Named("Skip") as int?)?.ToString(CultureInfo.InvariantCulture));
        Add("$orderby", Joined("Sort"));
        int? top = PageSize ?? (Top is int wanted ? Math.Min(wanted, LargestPage) : null);
        Add("$top", (Top < top ? Top : top)?.ToString(CultureInfo.InvariantCulture));
        Add("$count", _count is null ? null : "true");
        return query.ToString();
    }

    private string Joined(string parameter) =>
        string.Join(',', (Named(parameter) as string[] ?? []).Where(name => !string.IsNullOrEmpty(name)));

    /// <summary>What separates within an expression stays readable; it means the same in both forms.</summary>
    private static string Encoded(string value) => Uri.EscapeDataString(value)
        .Replace("%2C", ",", StringComparison.Ordinal).Replace("%28", "(", StringComparison.Ordinal)
        .Replace("%29", ")", StringComparison.Ordinal).Replace("%2F", "/", StringComparison.Ordinal)
        .Replace("%24", "$", StringComparison.Ordinal);
}
