using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MgPrint.PowerShell.Tests.Hosting;

/// <summary>An authority that no system knows, and the PEM file that makes a client trust it.</summary>
internal sealed class Authority : IDisposable
{
    private readonly X509Certificate2 _certificate;

    public Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(
            new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        _certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddYears(-5), DateTimeOffset.UtcNow.AddYears(5));
        File = Path.GetTempFileName();
        System.IO.File.WriteAllText(File, _certificate.ExportCertificatePem());
    }

    public string File { get; }

    public X509Certificate2 Certify(string host, DateTimeOffset from, DateTimeOffset to)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 signed = request.Create(_certificate, from, to, RandomNumberGenerator.GetBytes(8));
        using X509Certificate2 withKey = signed.CopyWithPrivateKey(key);
        // Windows' TLS takes no key that lives in memory alone.
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null);
    }

    public void Dispose()
    {
        _certificate.Dispose();
        System.IO.File.Delete(File);
    }
}

/// <summary>TLS before a service that speaks none.</summary>
internal sealed class TlsFront : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ending = new();

    public TlsFront(X509Certificate2 certificate, string endpoint)
    {
        _listener.Start();
        _ = Task.Run(async () =>
        {
            while (await AcceptAsync() is TcpClient client)
            {
                _ = Task.Run(() => ServeAsync(client, certificate, new Uri(endpoint).Port));
            }
        });
    }

    public string Endpoint =>
        string.Create(CultureInfo.InvariantCulture, $"https://localhost:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    public void Dispose()
    {
        _ending.Cancel();
        _listener.Dispose();
        _ending.Dispose();
    }

    private async Task<TcpClient?> AcceptAsync()
    {
        try
        {
            return await _listener.AcceptTcpClientAsync(_ending.Token);
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            return null;
        }
    }

    private async Task ServeAsync(TcpClient client, X509Certificate2 certificate, int port)
    {
        using (client)
        {
            try
            {
                using var line = new SslStream(client.GetStream());
                await line.AuthenticateAsServerAsync(certificate);
                using var service = new TcpClient();
                await service.ConnectAsync(IPAddress.Loopback, port, _ending.Token);
                await Task.WhenAny(line.CopyToAsync(service.GetStream(), _ending.Token), service.GetStream()
                    .CopyToAsync(line, _ending.Token));
            }
            catch (Exception ended) when (ended is IOException or SocketException or OperationCanceledException or AuthenticationException)
            {
                // The other side does not trust us, or left.
            }
        }
    }
}
