namespace MgPrint.PowerShell.Runtime;

/// <summary>
/// The engine's clients of this process, one for equal settings, so that calls share connections. Shared by all
/// runspaces. Secrets are remembered by a digest alone.
/// </summary>
internal static class ClientCache
{
    // A script that takes a new token every hour must not keep the clients of the old ones for ever.
    private const int MostClients = 8;

    private static readonly Dictionary<ClientKey, EngineClient> Clients = [];

    /// <summary>The client with these settings, made when there is none yet.</summary>
    public static EngineClient For(ConnectionSettings settings)
    {
        ClientKey key = settings.Key();
        lock (Clients)
        {
            if (Clients.TryGetValue(key, out EngineClient? known))
            {
                return known;
            }
        }

        // Outside the lock: a file of certificates on a share that hangs is waited for by nobody else.
        EngineClient made = settings.NewClient();
        lock (Clients)
        {
            if (settings.Endpoint.Token is { IsWiped: true })
            {
                // Disconnect-MgPrint came between, and knows nothing of this one.
                made.Free();
                throw new EngineException(SignInErrors.Ended());
            }

            // Each is freed by its finalizer, once no running call holds it. Those of other tokens go first, so that a token which
            // is given up is wiped in all of its clients.
            if (Clients.Count >= MostClients)
            {
                Clients.Keys.Where(other => other.Token != key.Token).ToList().ForEach(other => Clients.Remove(other));
            }

            if (Clients.Count >= MostClients)
            {
                Clients.Clear();
            }

            return Clients.TryAdd(key, made) ? made : Clients[key];
        }
    }

    /// <summary>Frees the clients that send a token, and closes their connections, whoever still uses them.</summary>
    public static void Free(AccessToken token)
    {
        lock (Clients)
        {
            foreach ((ClientKey key, EngineClient client) in Clients.Where(entry => entry.Key.Token == token.Digest).ToList())
            {
                client.Free();
                Clients.Remove(key);
            }
        }
    }
}
