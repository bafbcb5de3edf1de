using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace PolicyRouter.Gateway.Providers;

/// <summary>Looks up the addresses of a host.</summary>
internal delegate Task<IPAddress[]> AddressLookup(string host, CancellationToken cancellationToken);

/// <summary>
/// Addresses of hosts, asked for at every connection. When the resolver fails, says that there is no such host, or hangs, the last addresses it gave serve on
/// for ten minutes: names of providers have vanished for hours while the servers behind them answered. They are checked like fresh ones, and a server that
/// is not the provider's has no certificate for the name. Thread-safe.
/// </summary>
internal sealed class AddressBook(AddressLookup lookup, TimeProvider time)
{
    /// <summary>How long old addresses serve.</summary>
    public static readonly TimeSpan LastGoodFor = TimeSpan.FromMinutes(10);

    /// <summary>How long a resolver may think while there are old addresses.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, (IPAddress[] Addresses, long At)> _lastGood = new(StringComparer.OrdinalIgnoreCase);

    /// <returns>At least one address.</returns>
    /// <exception cref="SocketException">The host has none, and had none lately.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task<IPAddress[]> LookUpAsync(string host, CancellationToken cancellationToken)
    {
        var old = _lastGood.TryGetValue(host, out var known) && time.GetElapsedTime(known.At) < LastGoodFor ? known.Addresses : null;
        using CancellationTokenSource patience = new(old is null ? Timeout.InfiniteTimeSpan : Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            // Waited for with the token as well: not every resolver can be interrupted.
            var addresses = await lookup(host, either.Token).WaitAsync(either.Token);
            if (addresses.Length > 0)
            {
                _lastGood[host] = (addresses, time.GetTimestamp());
                return addresses;
            }
        }
        catch (SocketException) when (old is not null)
        {
        }
        catch (OperationCanceledException) when (old is not null && !cancellationToken.IsCancellationRequested)
        {
        }

        return old ?? throw new SocketException((int)SocketError.HostNotFound);
    }
}
