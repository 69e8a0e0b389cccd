using System.Collections.Concurrent;
using System.Net;

namespace MgPrint.PowerShell.Tests.Hosting;

/// <summary>A proxy for each host, or none, as a session sets it for .NET.</summary>
internal sealed class ProxyByHost(Func<string, string?> choose) : IWebProxy
{
    /// <summary>What it was asked about.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    public ICredentials? Credentials { get; set; }

    public Uri? GetProxy(Uri destination)
    {
        Asked.Enqueue(destination.AbsoluteUri);
        return choose(destination.Host) is string proxy ? new Uri(proxy) : null;
    }

    public bool IsBypassed(Uri host) => false;
}
