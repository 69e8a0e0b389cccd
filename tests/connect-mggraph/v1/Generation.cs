namespace Microsoft.Graph.PowerShell.Authentication
{
    public interface IAuthContext
    {
        string[] Scopes { get; }

        string Account { get; }

        string TenantId { get; }
    }

    public enum AuthenticationType
    {
        Delegated,
        AppOnly,
        UserProvidedAccessToken,
    }

    public sealed class AuthContext : IAuthContext
    {
        public string[] Scopes { get; set; }

        public string Account { get; set; }

        public string TenantId { get; set; }

        public AuthenticationType AuthType { get; set; }
    }
}

namespace Microsoft.Graph.PowerShell.Authentication.Helpers
{
    public interface IAuthenticationProvider
    {
        Task AuthenticateRequestAsync(HttpRequestMessage request);
    }

    public static class AuthenticationHelpers
    {
        public static IAuthenticationProvider GetAuthProvider(IAuthContext authContext)
        {
            Switches.Made();
            return new Provider();
        }

        private sealed class Provider : IAuthenticationProvider
        {
            public async Task AuthenticateRequestAsync(HttpRequestMessage request) =>
                request.Headers.Authorization =
                    new("bearer", await Switches.Token(request.RequestUri, new Dictionary<string, object>(), default));
        }
    }
}
