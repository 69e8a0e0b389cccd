namespace MgPrint.PowerShell.Runtime;

/// <summary>
/// The engine's clients of this process, one for equal settings, so that calls share connections. Shared by all
/// runspaces. Secrets are remembered by a digest alone.
/// </summary>
internal static class ClientCache
{
    // A script that takes a new token every hour must not keep the clients of the old ones for ever.
    private const int MostClients = 8;

    private static readonly List<(ClientKey Key, EngineClient Client)> Recent = [];

    /// <summary>The client with these settings, made when there is none yet.</summary>
    public static EngineClient For(ConnectionSettings settings)
    {
        ClientKey key = settings.Key();
        if (Find(key) is EngineClient known)
        {
            return known;
        }

        // Outside the lock: a file of certificates on a share that hangs is waited for by nobody else.
        EngineClient made = settings.NewClient();
        lock (Recent)
        {
            if (Find(key) is EngineClient madeMeanwhile)
            {
                return madeMeanwhile;
            }

            Recent.Insert(0, (key, made));
            // The forgotten client is freed by its finalizer, once no running call holds it.
            if (Recent.Count > MostClients)
            {
                Recent.RemoveAt(Recent.Count - 1);
            }
        }

        return made;
    }

    /// <summary>Frees the clients that send a token, and closes their connections, whoever still uses them.</summary>
    public static void Free(AccessToken token)
    {
        lock (Recent)
        {
            foreach ((_, EngineClient client) in Recent.Where(entry => entry.Key.Token == token.Digest))
            {
                client.Free();
            }

            Recent.RemoveAll(entry => entry.Key.Token == token.Digest);
        }
    }

    private static EngineClient? Find(ClientKey key)
    {
        lock (Recent)
        {
            int index = Recent.FindIndex(entry => entry.Key == key);
            if (index < 0)
            {
                return null;
            }

            (ClientKey Key, EngineClient Client) found = Recent[index];
            if (index > 0)
            {
                Recent.RemoveAt(index);
                Recent.Insert(0, found);
            }

            return found.Client;
        }
    }
}
