using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace PolicyRouter.Simulator.Network;

/// <summary>
/// A TCP proxy on loopback in front of any server, whose <see cref="Conditions"/> may be changed while connections are open.
/// Dispose it to reset what is still open.
/// </summary>
public sealed class FaultProxy : IAsyncDisposable
{
    private readonly Socket _listener;
    private readonly IPEndPoint _target;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<FaultProxyConnection, Task> _connections = new();
    private readonly Lock _lock = new();
    private NetworkConditions _conditions = NetworkConditions.Perfect;
    private TaskCompletionSource _change = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _accepting = Task.CompletedTask;
    private long _connectionCount;

    private FaultProxy(Socket listener, IPEndPoint target, TimeProvider time)
    {
        _listener = listener;
        _target = target;
        _time = time;
        BaseUrl = new Uri($"http://{(IPEndPoint)listener.LocalEndPoint!}");
    }

    /// <summary>The proxy's own address, as an http URL without a path.</summary>
    public Uri BaseUrl { get; }

    public int Port => BaseUrl.Port;

    /// <summary>Connections accepted so far, those reset on connect included.</summary>
    public long ConnectionCount => Interlocked.Read(ref _connectionCount);

    /// <summary>What happens to bytes from now on, on open connections too.</summary>
    public NetworkConditions Conditions
    {
        get => Volatile.Read(ref _conditions);
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            TaskCompletionSource change;
            lock (_lock)
            {
                change = _change;
                _change = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                Volatile.Write(ref _conditions, value);
            }

            change.TrySetResult();
        }
    }

    /// <summary>Starts a proxy on a free port in front of a loopback server.</summary>
    /// <param name="target">Host must be a loopback address; the path is ignored.</param>
    /// <exception cref="ArgumentException">The target is not on loopback.</exception>
    public static FaultProxy Start(Uri target, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(target);
        if (!IPAddress.TryParse(target.Host.Trim('[', ']'), out var address) || !IPAddress.IsLoopback(address))
        {
            throw new ArgumentException("The target must be a loopback address.", nameof(target));
        }

        Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        FaultProxy proxy = new(listener, new IPEndPoint(address, target.Port), time ?? TimeProvider.System);
        proxy._accepting = proxy.AcceptAsync();
        return proxy;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_connections.Values);
        _stopping.Dispose();
    }

    /// <summary>The conditions, and a task that completes when they have changed.</summary>
    internal (NetworkConditions Conditions, Task Change) Look()
    {
        lock (_lock)
        {
            return (_conditions, _change.Task);
        }
    }

    private async Task AcceptAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            Socket client;
            try
            {
                client = await _listener.AcceptAsync(_stopping.Token);
            }
            catch (Exception exception) when (_stopping.IsCancellationRequested && exception is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }

            Interlocked.Increment(ref _connectionCount);
            if (Conditions.ResetOnConnect)
            {
                client.Close(timeout: 0);
                continue;
            }

            FaultProxyConnection connection = new(this, client, _target, _time);
            var run = connection.RunAsync(_stopping.Token);
            _connections[connection] = run;
            _ = run.ContinueWith(
                (_, key) => _connections.TryRemove((FaultProxyConnection)key!, out var _),
                connection,
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnRanToCompletion | TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
        }
    }
}
