using System.Security.Cryptography;
using System.Text;
using MgPrint.PowerShell.Native;

namespace MgPrint.PowerShell.Runtime;

/// <summary>
/// The engine's clients of this process, one for each endpoint and token, so that calls share connections. Shared by all
/// runspaces. A token is remembered by its digest alone.
/// </summary>
internal static class ClientCache
{
    // A script that takes a new token every hour must not keep the clients of the old ones for ever.
    private const int MostClients = 8;

    private static readonly List<(Key Key, EngineClient Client)> Recent = [];

    /// <summary>The client for an endpoint, made when there is none yet.</summary>
    /// <exception cref="EngineException">The engine refuses the endpoint.</exception>
    /// <exception cref="EngineUnavailableException">There is no engine to use.</exception>
    public static EngineClient For(ServiceEndpoint endpoint, string userAgent)
    {
        var key = new Key(endpoint.Url, DigestOf(endpoint.AccessToken), userAgent);
        lock (Recent)
        {
            int index = Recent.FindIndex(entry => entry.Key == key);
            (Key Key, EngineClient Client) found = index >= 0 ? Recent[index] : (key, NewClient(endpoint, userAgent));
            if (index > 0)
            {
                Recent.RemoveAt(index);
            }

            if (index != 0)
            {
                Recent.Insert(0, found);
            }

            // The forgotten client is freed by its finalizer, once no running call holds it.
            if (Recent.Count > MostClients)
            {
                Recent.RemoveAt(Recent.Count - 1);
            }

            return found.Client;
        }
    }

    private static EngineClient NewClient(ServiceEndpoint endpoint, string userAgent)
    {
        using var options = new EngineOptions();
        options
            .With(EngineOption.Endpoint, endpoint.Url)
            .With(EngineOption.AccessToken, endpoint.AccessToken)
            .With(EngineOption.UserAgent, userAgent)
            .With(EngineOption.SdkVersion, ProductNames.SdkVersion);
        return new EngineClient(options);
    }

    private static string DigestOf(string? token) => token is null ? "" : Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    private readonly record struct Key(string Url, string TokenDigest, string UserAgent);
}
