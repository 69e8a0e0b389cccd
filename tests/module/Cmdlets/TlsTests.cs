using System.Management.Automation;
using System.Security.Cryptography.X509Certificates;
using MgPrint.PowerShell.Tests.Hosting;

namespace MgPrint.PowerShell.Tests.Cmdlets;

/// <summary>Whom the module trusts, and what it says when it does not.</summary>
public sealed class TlsTests : ServiceTest, IDisposable
{
    private readonly Authority _authority = new("Example Corp Root");

    public new void Dispose()
    {
        _authority.Dispose();
        base.Dispose();
    }

    [Fact]
    public void An_authority_in_SSL_CERT_FILE_is_trusted()
    {
        using X509Certificate2 certificate = Valid(_authority, "localhost");
        using var front = new TlsFront(certificate, Service.Endpoint);
        SetEnvironment(front.Endpoint, Token);

        Run($"{Cmdlet} {Ids}", _authority.File).Single();

        Assert.Equal($"Bearer {Token}", Service.Request.Header("Authorization"));
    }

    [Fact]
    public void An_authority_in_CACertificate_is_trusted()
    {
        using X509Certificate2 certificate = Valid(_authority, "localhost");
        using var front = new TlsFront(certificate, Service.Endpoint);
        Service.Answer = request =>
            request.Method == "PUT" ? Reply.Json(201, """{"id":"d1","size":8}""") : Reply.Json(200, """{"nextExpectedRanges":["0-7"]}""");
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, "document");
            string send = $"Send-MgPrintDocument $file -UploadUrl '{front.Endpoint}/u?t=s' -MaxRetry 0";

            Assert.Equal("TlsFailed", Shell.Run(send, ("file", file)).Error().FullyQualifiedErrorId.Split(',')[0]);
            Assert.Equal("d1", Shell.Run($"{send} -CACertificate $ca", ("file", file), ("ca", _authority.File))
                .Single().Properties["DocumentId"].Value);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void An_unknown_authority_is_named_along_with_what_to_do()
    {
        using X509Certificate2 certificate = Valid(_authority, "localhost");
        using var front = new TlsFront(certificate, Service.Endpoint);
        SetEnvironment(front.Endpoint, Token);

        ErrorRecord error =
            AssertUntrusted(Shell.Run($"{Cmdlet} {Ids}"), "issued by 'Example Corp Root', which this machine does not trust");

        Assert.Contains("SSL_CERT_FILE", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("localhost", -2, -1, "issued by 'Example Corp Root', has expired")]
    [InlineData("localhost", 1, 2, "issued by 'Example Corp Root', is not valid yet")]
    [InlineData("elsewhere.test", -1, 1, "is for another host than localhost")]
    public void What_is_wrong_with_a_certificate_is_said(string host, int from, int to, string expected)
    {
        using X509Certificate2 certificate =
            _authority.Certify(host, DateTimeOffset.UtcNow.AddYears(from), DateTimeOffset.UtcNow.AddYears(to));
        using var front = new TlsFront(certificate, Service.Endpoint);
        SetEnvironment(front.Endpoint, Token);

        AssertUntrusted(Run($"{Cmdlet} {Ids}", _authority.File), expected);
    }

    [Theory]
    [InlineData("/no/such/ca.pem", "No such file")]
    [InlineData(null, "holds no certificate")]
    public void A_file_that_holds_no_certificate_is_named(string? path, string expected)
    {
        string file = path ?? Path.GetTempFileName();

        ErrorRecord error = Run($"{Cmdlet} {Ids}", file).Error();

        Assert.Equal("InvalidArgument", error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Contains(file, error.Exception.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Exception.Message, StringComparison.Ordinal);
        if (path is null)
        {
            File.Delete(file);
        }
    }

    private static X509Certificate2 Valid(Authority authority, string host) =>
        authority.Certify(host, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));

    private Outcome Run(string script, string authorities) =>
        Shell.Run($"$env:SSL_CERT_FILE = $authorities; try {{ {script} }} finally {{ $env:SSL_CERT_FILE = $null }}",
            ("authorities", authorities));

    private ErrorRecord AssertUntrusted(Outcome outcome, string expected)
    {
        ErrorRecord error = outcome.Error();
        Assert.Equal("TlsFailed", error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal(ErrorCategory.SecurityError, error.CategoryInfo.Category);
        Assert.Contains(expected, error.Exception.Message, StringComparison.Ordinal);
        Assert.Equal(0, Service.RequestCount);
        return error;
    }
}
