namespace MgPrint.PowerShell.Runtime;

/// <summary>What a client of the engine is made from. Two calls with equal settings share one, and its connections.</summary>
/// <param name="Certificates">The certificates to trust beside the system's, if any.</param>
/// <param name="UserAgent">The whole User-Agent header.</param>
/// <param name="Stopping">Cancelled when nobody waits for the client any more; no setting of its own.</param>
internal sealed record ConnectionSettings(
    ServiceEndpoint Endpoint, ProxyChoice? Proxy, CertificateFile? Certificates, string UserAgent, CancellationToken Stopping = default)
{
    /// <summary>Tells equal settings from others, and keeps no secret: of a proxy, which may have one, there is a digest.</summary>
    public ClientKey Key() => new(Endpoint.Url, Endpoint.Token?.Digest, UserAgent, Certificates?.Path, Proxy?.Digest());

    public EngineClient NewClient() =>
        // The engine reads the file at once, and a share that hangs keeps who reads from it.
        Certificates is null ? Make() : Stoppable.Run(Make, Stopping);

    private EngineClient Make()
    {
        try
        {
            using EngineOptions options = Endpoint.NewOptions();
            options
                .With(EngineOption.UserAgent, UserAgent)
                .With(EngineOption.SdkVersion, ProductNames.SdkVersion)
                .With(EngineOption.CaFile, Certificates?.Path);
            if (Proxy is not null)
            {
                options.With(EngineOption.Proxy, Proxy.Address).With(EngineOption.ProxyBypass, Proxy.Bypass);
                if (Proxy.UserName is string user)
                {
                    options.With(EngineOption.ProxyUser, user).With(EngineOption.ProxyPassword, Proxy.Credential?.Password);
                }
            }

            return new EngineClient(options);
        }
        catch (EngineException failure)
        {
            throw new EngineException(WithOrigin(failure.Error));
        }
    }

    /// <summary>The error, and where the setting comes from that was refused.</summary>
    private EngineError WithOrigin(EngineError error)
    {
        if (Endpoint.Token is not null && error.Message.Contains("access token", StringComparison.Ordinal))
        {
            return error with { Message = $"{error.Message} It is that of {Endpoint.Source}." };
        }

        bool isOfTheFile = Certificates is not null
            && error.Message.Contains($"'{DisplayText.Clean(Certificates.Path)}'", StringComparison.Ordinal);
        if (isOfTheFile && !File.Exists(Certificates!.Path))
        {
            error = error with { NextStep = "Correct the path." };
        }

        string? variable = isOfTheFile ? Certificates!.EnvironmentVariable
            : error.Status == EngineStatus.InvalidProxy ? Proxy?.EnvironmentVariable
            : null;
        return variable is null ? error : error with
        {
            Message = $"{error.Message} It is named by the environment variable {variable}.",
            NextStep = $"{error.NextStep} If it is not meant for this, remove {variable}.",
        };
    }
}

/// <summary>What is the same of two clients that can stand for one another.</summary>
internal sealed record ClientKey(string Url, string? Token, string UserAgent, string? Certificates, string? Proxy);

/// <summary>A PEM file of certificates.</summary>
/// <param name="EnvironmentVariable">The environment variable that names it; null when the command line does.</param>
internal sealed record CertificateFile(string Path, string? EnvironmentVariable = null);
