using System.Security;

namespace Microsoft.Graph.PowerShell.Authentication
{
    public sealed partial class GraphSession
    {
        public RequestContext RequestContext { get; set; } = new();

        public HttpClient GraphHttpClient { get; set; }
    }

    public sealed class RequestContext
    {
        public int MaxRetry { get; set; } = 3;

        public int RetryDelay { get; set; } = 3;

        public TimeSpan ClientTimeout { get; set; } = TimeSpan.FromSeconds(300);
    }

    public enum AuthenticationType
    {
        Delegated,
        AppOnly,
        UserProvidedAccessToken,
        ManagedIdentity,
        EnvironmentVariable,
    }

    public interface IAuthContext
    {
        string Environment { get; }

        string[] Scopes { get; }

        string Account { get; }

        string TenantId { get; }

        AuthenticationType AuthType { get; }
    }

    public sealed class AuthContext : IAuthContext
    {
        public string Environment { get; set; } = "Global";

        public string[] Scopes { get; set; }

        public string Account { get; set; }

        public string TenantId { get; set; }

        public AuthenticationType AuthType { get; set; }

        public SecureString ClientSecret { get; set; }
    }
}

namespace Microsoft.Graph.PowerShell.Authentication.Core.Utilities
{
    public static class AuthenticationHelpers
    {
        public static Task<AzureIdentityAccessTokenProvider> GetAuthenticationProviderAsync(IAuthContext authContext)
        {
            Switches.Made();
            return Task.FromResult(new AzureIdentityAccessTokenProvider());
        }

        /// <summary>An HTTP client as their first request leaves it in the session.</summary>
        public static HttpClient NewGraphHttpClient() =>
            new(new AuthenticationHandler { AuthenticationProvider = new AzureIdentityAccessTokenProvider() });

        private sealed class AuthenticationHandler : DelegatingHandler
        {
            public AzureIdentityAccessTokenProvider AuthenticationProvider { get; set; }
        }
    }

    public sealed class AzureIdentityAccessTokenProvider
    {
        private static readonly string[] Hosts = ["graph.microsoft.com", "graph.microsoft.us", "dod-graph.microsoft.us"];

        /// <summary>For another host an empty text, and no error.</summary>
        public Task<string> GetAuthorizationTokenAsync(
            Uri uri, Dictionary<string, object> additionalAuthenticationContext = default, CancellationToken cancellationToken = default) =>
            Hosts.Contains(uri.Host) ? Switches.Token(uri, additionalAuthenticationContext, cancellationToken) : Task.FromResult("");
    }
}
