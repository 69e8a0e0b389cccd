using System.Globalization;
using System.Management.Automation;
using System.Text;
using MgPrint.PowerShell.Tests.Hosting;

namespace MgPrint.PowerShell.Tests.Cmdlets;

/// <summary>Error records: message, id, category, details, target and recommended action of everything that can go wrong.</summary>
public sealed class ErrorTests : ServiceTest
{
    private static readonly string NewLine = Environment.NewLine;

    [Fact]
    public void A_graph_error_has_the_form_that_scripts_know()
    {
        Service.Answer = _ =>
            Reply.GraphError(400, "invalidRequest", "The size is missing.", ("x-ms-note", "n"), ("Date", "Mon, 07 Jan 2030 04:43:04 GMT"));

        Outcome outcome = Shell.Run($"{Cmdlet} -PrinterId p1 -PrintJobId 7 -PrintDocumentId d1 -Headers @{{ 'x-test' = 'v' }} -BodyParameter @{{ properties = @{{ size = 1 }} }}");

        ErrorRecord error = outcome.Error();
        Assert.Null(outcome.Thrown);
        Assert.Equal("[invalidRequest] : The size is missing.", error.Exception.Message);
        Assert.Equal("Microsoft.Graph.PowerShell.Runtime.RestException", error.Exception.GetType().FullName);
        Assert.Equal("invalidRequest,Microsoft.Graph.PowerShell.Cmdlets.NewMgPrintPrinterJobDocumentUploadSession",
            error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.InvalidOperation, error.CategoryInfo.Category);
        Assert.Equal("See service error codes: https://learn.microsoft.com/graph/errors", error.ErrorDetails.RecommendedAction);

        string[] lines = error.ErrorDetails.Message.Split(NewLine);
        Assert.Equal(
            ["The size is missing.", "", "Status: 400 (BadRequest)", "ErrorCode: invalidRequest", "Date: 2030-01-07T04:43:04", "",
                "Headers:"], lines[..7]);
        Assert.Contains("request-id                    : 6b8f0c1e-0002", lines);
        Assert.Contains("client-request-id             : 1be35c24", lines);
        Assert.Contains("x-ms-note                     : n", lines);
        Assert.Contains("Date                          : Mon, 07 Jan 2030 04:43:04 GMT", lines);
        Assert.DoesNotContain(lines, line => line.StartsWith("Content-", StringComparison.OrdinalIgnoreCase));
        Assert.Equal(["", ""], lines[^2..]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-Headers @{}")]
    public void The_target_of_a_bare_call_has_no_headers_and_an_empty_body(string arguments)
    {
        Service.Answer = _ => Reply.GraphError(400, "invalidRequest", "No.");

        Shell.Run($"{Cmdlet} {Ids} {arguments} -ErrorAction SilentlyContinue");
        Outcome outcome = Shell.Run("$t = $Error[0].TargetObject; $null -eq $t.Headers; $t.Body.ToJsonString()");

        Assert.Equal([true, "{}"], outcome.AssertQuiet().Output.Select(item => item.BaseObject));
    }

    [Fact]
    public void The_target_holds_the_ids_the_headers_and_the_body()
    {
        Service.Answer = _ => Reply.GraphError(400, "invalidRequest", "No.");

        Shell.Run($"{Cmdlet} -PrinterId p1 -PrintJobId 7 -PrintDocumentId d1 -Headers @{{ 'x-test' = 'v'; Authorization = 'Bearer CANARY' }} -BodyParameter @{{ properties = @{{ size = 1 }} }} -ErrorAction SilentlyContinue");
        Outcome outcome = Shell.Run("$t = $Error[0].TargetObject; $t.PrinterId; $t.PrintJobId; $t.PrintDocumentId; $t.Headers['X-Test']; $t.Headers['Authorization']; $t.Body.ToJsonString()");

        Assert.Equal(["p1", "7", "d1", "v", "<redacted>", """{"properties":{"size":1}}"""],
            outcome.AssertQuiet().Output.Select(item => item.BaseObject));
    }

    [Theory]
    [InlineData(400, "Request", "BadRequest")]
    [InlineData(403, "Request", "Forbidden")]
    [InlineData(404, "Request", "NotFound")]
    [InlineData(409, "Request", "Conflict")]
    [InlineData(500, "Server", "InternalServerError")]
    public void An_error_without_words_is_named_after_its_status(int status, string kind, string name)
    {
        Service.Answer = _ => Reply.Of(status, "");

        ErrorRecord error = Shell.Run($"{Cmdlet} {Ids}").Error();

        Assert.Equal($"The server responded with a {kind} Error, Status: {name}", error.Exception.Message);
        Assert.Equal(name, error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal(ErrorCategory.InvalidOperation, error.CategoryInfo.Category);
        Assert.Contains($"Status: {status} ({name})", error.ErrorDetails.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_id_of_the_request_is_named_even_where_the_answer_leaves_it_out()
    {
        Service.Answer = _ => Reply.Json(400, """{"error":{"code":"badRequest","message":"No."}}""");

        ErrorRecord error = Shell.Run($"{Cmdlet} {Ids}").Error();

        string id = Service.Request.Header("client-request-id")!;
        Assert.Contains($"client-request-id             : {id}", error.ErrorDetails.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(204, "", true)]
    [InlineData(502, "<html>", true)]
    [InlineData(0, "", false)]
    public void The_ids_of_the_request_are_named_wherever_the_service_may_have_seen_it(int status, string body, bool isAnswered)
    {
        Service.Answer = _ => isAnswered ? Reply.Of(status, body, ("Content-Type", "text/html"), ("request-id", "6b8f0c1e-0003")) : null;

        Outcome outcome = Shell.Run($$"""
            $env:MGPRINT_TIMEOUT_SEC = '1'
            try { {{Cmdlet}} {{Ids}} } finally { $env:MGPRINT_TIMEOUT_SEC = $null }
            """);

        string[] lines = outcome.Error().ErrorDetails.Message.Split(NewLine);
        string ours = $"client-request-id {Service.Requests[^1].Header("client-request-id")}";
        Assert.Contains(isAnswered ? $"request-id 6b8f0c1e-0003, {ours}" : ours, lines);
    }

    [Fact]
    public void The_id_of_the_request_is_named_where_the_connection_broke()
    {
        Service.Answer = _ => new Reply([], Closes: true);

        ErrorRecord error = Shell.Run($"{Cmdlet} {Ids}").Error();

        Assert.Equal("ConnectionFailed", error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Contains($"client-request-id {Service.Requests[^1].Header("client-request-id")}", error.ErrorDetails.Message.Split(NewLine));
    }

    [Fact]
    public void Line_breaks_of_the_service_forge_no_lines()
    {
        Service.Answer = _ => Reply.Json(400, """{"error":{"code":"C","message":"bad\n\nStatus: 200 (OK)\r\nErrorCode: None"}}""");

        ErrorRecord error = Shell.Run($"{Cmdlet} {Ids}").Error();

        Assert.DoesNotContain('\n', error.Exception.Message);
        string[] lines = error.ErrorDetails.Message.Split(NewLine);
        Assert.Equal(["Status: 400 (BadRequest)"], lines.Where(line => line.StartsWith("Status:", StringComparison.Ordinal)));
        Assert.Equal(["ErrorCode: C"], lines.Where(line => line.StartsWith("ErrorCode:", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("""{"error":"invalid_token","error_description":"It expired."}""", "[invalid_token] : It expired.")]
    [InlineData("""{"error":{"code":42,"message":{"lang":"en","value":"Too large."}}}""", "[42] : Too large.")]
    [InlineData("""{"Error":{"Code":"UP","Message":"Cased."}}""", "[UP] : Cased.")]
    [InlineData("""{"error":{"code":"C","message":"Bearer token is missing."}}""", "[C] : Bearer token is missing.")]
    public void The_words_of_the_service_are_told_in_whatever_form(string body, string message)
    {
        Service.Answer = _ => Reply.Json(401, body);

        Assert.Equal(message, Shell.Run($"{Cmdlet} {Ids}").Error().Exception.Message);
    }

    [Fact]
    public void The_next_step_is_told_once()
    {
        SetEnvironment(Service.Endpoint, null);
        var host = new TestHost();
        using var shell = new Shell(host);

        shell.Run($"{Cmdlet} {Ids} -ErrorAction SilentlyContinue; $Error[0] | Out-Default");

        Assert.Equal(2, host.Screen.Split("MGPRINT_ACCESS_TOKEN").Length);
    }

    [Theory]
    [InlineData(403, "UnknownError", "")]
    [InlineData(404, "UnknownError", "")]
    [InlineData(403, "Forbidden", "The token does not have one or more required security scopes.")]
    [InlineData(401, "Unauthorized", "The token does not have one or more required security scopes.")]
    public void A_missing_permission_is_named(int status, string code, string message)
    {
        Service.Answer = _ => Reply.GraphError(status, code, message);

        ErrorRecord error = Shell.Run($"{Cmdlet} {Ids}").Error();

        Assert.Contains("PrintJob.ReadWrite, PrintJob.Create, PrintJob.ReadWrite.All", error.ErrorDetails.Message,
            StringComparison.Ordinal);
        Assert.Equal($"Status: {status} ({(System.Net.HttpStatusCode)status})", error.ErrorDetails.Message.Split(NewLine)[2]);
        // Graph's UnknownError says nothing; its own code stays in the exception.
        Assert.Equal(code == "UnknownError" ? "PermissionMissing" : code, error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal(code, error.Exception.GetType().GetProperty("Code")!.GetValue(error.Exception));
        Assert.Equal("See service error codes: https://learn.microsoft.com/graph/errors", error.ErrorDetails.RecommendedAction);
    }

    [Fact]
    public void A_token_that_is_refused_is_named_by_where_it_comes_from()
    {
        Service.Answer = _ => Reply.GraphError(401, "InvalidAuthenticationToken", "Access token validation failure.");

        ErrorRecord error = Shell.Run("Get-MgPrintShare").Error();

        Assert.Contains("The token of the environment variable MGPRINT_ACCESS_TOKEN is expired, or not for this service.",
            error.ErrorDetails.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Get-MgPrintShare", "PrinterShare.ReadBasic.All, PrinterShare.Read.All, PrinterShare.ReadWrite.All")]
    [InlineData("Remove-MgPrintPrinter -PrinterId p",
        "Printer.FullControl.All would do. Who is signed in needs the role Printer Administrator too. Run Connect-MgGraph -Scopes "
            + "Printer.FullControl.All.")]
    [InlineData("Invoke-MgRedirectPrintPrinterJob -PrinterId p -PrintJobId j -DestinationPrinterId q",
        "an app's own token takes PrintJob.Manage.All.")]
    [InlineData("Get-MgPrintShareJobTask -PrinterShareId s -PrintJobId j", "seems to lack a permission")]
    public void A_missing_permission_is_named_for_every_cmdlet(string command, string expected)
    {
        Service.Answer = _ => Reply.GraphError(403, "UnknownError", "");

        ErrorRecord error = Shell.Run(command).Error();

        Assert.Equal("PermissionMissing", error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Contains(expected, error.ErrorDetails.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"idtyp":"app","roles":["PrintJob.ReadWrite.All"]}""", true)]
    [InlineData("""{"roles":["PrintJob.ReadWrite.All"]}""", true)]
    [InlineData("""{"scp":"PrintJob.Create","roles":["x"]}""", false)]
    [InlineData("""{"roles":["PrintJob.ReadWrite.All"],"scp":7}""", true)]
    [InlineData("""{"idtyp":"user"}""", false)]
    public void An_apps_own_token_is_told_of_the_services_limit(string claims, bool isAppOnly)
    {
        SetEnvironment(Service.Endpoint, $"e30.{Convert.ToBase64String(Encoding.UTF8.GetBytes(claims)).TrimEnd('=')}.c2ln");
        Service.Answer = _ => Reply.GraphError(403, "Forbidden", "Denied.");

        ErrorRecord error = Shell.Run($"{Cmdlet} {Ids}").Error();

        Assert.Equal(isAppOnly, error.ErrorDetails.Message.Contains("printTask in state processing", StringComparison.Ordinal));
    }

    [Fact]
    public void An_ordinary_refusal_gives_no_advice_about_permissions()
    {
        Service.Answer = _ => Reply.GraphError(404, "itemNotFound", "The printer does not exist.");

        Assert.DoesNotContain("PrintJob.Create", Shell.Run($"{Cmdlet} {Ids}").Error().ErrorDetails.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(403)]
    [InlineData(502)]
    public void A_page_of_html_is_an_unexpected_response(int status)
    {
        Service.Answer = _ =>
            Reply.Of(status, "<!DOCTYPE html>\n<html><body>Sign in to the network</body></html>", ("Content-Type", "text/html"));

        ErrorRecord error = Shell.Run($"{Cmdlet} {Ids}").Error();

        Assert.Equal("UnexpectedResponse", error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Contains(status.ToString(CultureInfo.InvariantCulture), error.Exception.Message, StringComparison.Ordinal);
        Assert.Contains("text/html", error.Exception.Message, StringComparison.Ordinal);
        Assert.Contains("<!DOCTYPE html>", error.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_refused_connection_is_a_ConnectionFailed()
    {
        using (var closed = new StubService())
        {
            SetEnvironment(closed.Endpoint, Token);
        }

        ErrorRecord error = Shell.Run($"{Cmdlet} {Ids}; 'went on'").Error();

        Assert.Equal("ConnectionFailed", error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal(ErrorCategory.ConnectionError, error.CategoryInfo.Category);
        Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
    }

    [Fact]
    public void A_server_that_speaks_no_TLS_is_a_TlsFailed()
    {
        using var server = new PlainTextServer();
        SetEnvironment(server.Endpoint, Token);

        Outcome outcome = Shell.Run($"{Cmdlet} {Ids}; 'went on'");

        ErrorRecord error = outcome.Error();
        Assert.Equal("TlsFailed", error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal(ErrorCategory.SecurityError, error.CategoryInfo.Category);
        Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
        Assert.Equal("went on", Assert.Single(outcome.Output).BaseObject);
    }

    [Fact]
    public void A_service_that_stays_silent_is_a_Timeout()
    {
        Service.Answer = _ => null;

        Outcome outcome = Shell.Run($$"""
            $env:MGPRINT_TIMEOUT_SEC = '1'
            try { {{Cmdlet}} {{Ids}} } finally { $env:MGPRINT_TIMEOUT_SEC = $null }
            'went on'
            """);

        ErrorRecord error = outcome.Error();
        Assert.Equal("Timeout", error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal(ErrorCategory.OperationTimeout, error.CategoryInfo.Category);
        Assert.IsType<TimeoutException>(error.Exception);
        Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
        Assert.Equal("went on", Assert.Single(outcome.Output).BaseObject);
    }

    [Theory]
    [InlineData("ftp://graph.example")]
    [InlineData("http://graph.example")]
    [InlineData("not a url")]
    [InlineData("https://user:CANARY@graph.example")]
    public void An_endpoint_that_no_token_may_go_to_is_refused(string endpoint)
    {
        SetEnvironment(endpoint, Token);

        ErrorRecord error = Shell.Run($"{Cmdlet} {Ids}").Error();

        Assert.Equal("InvalidEndpoint", error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal(ErrorCategory.InvalidArgument, error.CategoryInfo.Category);
        Assert.DoesNotContain("CANARY", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("  ")]
    public void Without_a_token_the_documented_words_and_what_else_would_do(string? token)
    {
        SetEnvironment(Service.Endpoint, token);

        Outcome outcome = Shell.Run($"{Cmdlet} {Ids}; 'went on'");

        ErrorRecord error = Assert.Single(outcome.Errors);
        Assert.StartsWith("Authentication needed. Please call Connect-MgGraph. There is no access token: run Connect-MgGraph -Scopes ", error.Exception.Message,
            StringComparison.Ordinal);
        Assert.Equal("AuthenticationNeeded", error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal(ErrorCategory.AuthenticationError, error.CategoryInfo.Category);
        Assert.EndsWith(", or Connect-MgPrint -AccessToken …, or set MGPRINT_ACCESS_TOKEN.", error.Exception.Message,
            StringComparison.Ordinal);
        Assert.Contains("Microsoft.Graph.Authentication", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal("went on", outcome.Output.Single().BaseObject);
        Assert.Equal(0, Service.RequestCount);
    }

    [Theory]
    [InlineData("CANARY\nx")]
    [InlineData("CANARY token")]
    [InlineData("CANARYé")]
    [InlineData("'CANARY.CANARY.CANARY'")]
    [InlineData("\"CANARY\"")]
    [InlineData("System.Security.SecureString")]
    public void A_token_that_is_none_is_refused_without_showing_it(string token)
    {
        SetEnvironment(Service.Endpoint, token);

        ErrorRecord error = Shell.Run($"{Cmdlet} {Ids}").Error();

        Assert.Equal("InvalidArgument", error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.IsType<ArgumentException>(error.Exception);
        Assert.Contains("access token", error.Exception.Message, StringComparison.Ordinal);
        Assert.Contains("MGPRINT_ACCESS_TOKEN", error.Exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("CANARY", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, Service.RequestCount);
    }

    [Theory]
    [InlineData("'..'", "InvalidArgument")]
    [InlineData("[string][char]0xD800", "InvalidText")]
    public void An_id_that_cannot_be_sent_as_it_is_is_refused(string id, string errorId)
    {
        ErrorRecord error = Shell.Run($"{Cmdlet} -PrinterId ({id}) -PrintJobId j -PrintDocumentId d").Error();

        Assert.Equal(errorId, error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal(ErrorCategory.InvalidArgument, error.CategoryInfo.Category);
        Assert.Contains("printer", error.Exception.Message, StringComparison.Ordinal);
        Assert.Equal(0, Service.RequestCount);
    }

    [Fact]
    public void A_redirect_to_another_origin_is_refused()
    {
        using var other = new StubService();
        Service.Answer = _ => Reply.Of(307, "", ("Location", $"{other.Endpoint}/elsewhere"));

        ErrorRecord error = Shell.Run($"{Cmdlet} {Ids}").Error();

        Assert.Equal("RedirectRefused", error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal(0, other.RequestCount);
    }

    [Fact]
    public void Retries_are_told_in_words_and_the_request_is_the_same()
    {
        int calls = 0;
        Service.Answer = _ => Interlocked.Increment(ref calls) < 3 ? Reply.Of(503, "", ("Retry-After", "0")) : Reply.Session();

        Outcome outcome = Shell.Run($"{Cmdlet} {Ids} -Verbose -BodyParameter @{{ properties = @{{ size = 1 }} }}");

        outcome.Single();
        Assert.Equal(3, Service.RequestCount);
        Assert.Single(Service.Requests.Select(request => request.BodyText).Distinct());
        Assert.Equal(2, outcome.Verbose.Count(line => line.Contains("Trying again", StringComparison.Ordinal)));
    }
}
