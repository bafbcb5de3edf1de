using System.Net;
using System.Net.Sockets;

namespace PolicyRouter.Simulator.Network;

/// <summary>One client's connection through the proxy: two pumps, either of which may end both.</summary>
internal sealed class FaultProxyConnection(FaultProxy proxy, Socket client, IPEndPoint target, TimeProvider time)
{
    private const int BufferSize = 16_384;

    public async Task RunAsync(CancellationToken stopping)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        using Socket server = new(SocketType.Stream, ProtocolType.Tcp);
        var isClean = false;
        try
        {
            await server.ConnectAsync(target, ending.Token);
            client.NoDelay = server.NoDelay = true;
            var requests = PumpRequestsAsync(server, ending);
            var answers = PumpAnswersAsync(server, ending);
            var ends = await Task.WhenAll(requests, answers);
            isClean = ends[0] && ends[1];
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            // The server is not there, or the proxy is being closed: the client sees a reset.
        }

        if (isClean)
        {
            client.Dispose();
        }
        else
        {
            // Close with a timeout of zero sends an RST instead of a FIN.
            client.Close(timeout: 0);
            server.Close(timeout: 0);
        }
    }

    /// <summary>True if the client ended properly, false if the connection must be reset.</summary>
    private Task<bool> PumpRequestsAsync(Socket server, CancellationTokenSource ending) => GuardAsync(ending, async stop =>
    {
        var buffer = new byte[BufferSize];
        while (true)
        {
            var read = await client.ReceiveAsync(buffer, stop);
            await PassStallAsync(stop);
            if (read == 0)
            {
                server.Shutdown(SocketShutdown.Send);
                return true;
            }

            await SendAllAsync(server, buffer.AsMemory(0, read), stop);
        }
    });

    private Task<bool> PumpAnswersAsync(Socket server, CancellationTokenSource ending) => GuardAsync(ending, async stop =>
    {
        var buffer = new byte[BufferSize];
        long passed = 0;
        while (true)
        {
            var read = await server.ReceiveAsync(buffer, stop);
            if (read == 0)
            {
                await PassStallAsync(stop);
                client.Shutdown(SocketShutdown.Send);
                return true;
            }

            for (var start = 0; start < read;)
            {
                var conditions = await PassStallAsync(stop);
                if (conditions.Latency > TimeSpan.Zero)
                {
                    await Task.Delay(conditions.Latency, time, stop);
                }

                if (passed >= conditions.ResetAfterBytes)
                {
                    return false;
                }

                if (passed >= conditions.CutAfterBytes)
                {
                    client.Shutdown(SocketShutdown.Send);
                    server.Close(timeout: 0);
                    return true;
                }

                var left = Math.Min(conditions.CutAfterBytes ?? long.MaxValue, conditions.ResetAfterBytes ?? long.MaxValue) - passed;
                var count = (int)Math.Min(conditions.OneByteSlices ? 1 : read - start, left);
                await SendAllAsync(client, buffer.AsMemory(start, count), stop);
                start += count;
                passed += count;
            }
        }
    });

    private async Task<NetworkConditions> PassStallAsync(CancellationToken stop)
    {
        while (true)
        {
            var (conditions, change) = proxy.Look();
            if (!conditions.Stall)
            {
                return conditions;
            }

            await change.WaitAsync(stop);
        }
    }

    /// <summary>Runs one pump; one that fails takes the other one with it.</summary>
    private static async Task<bool> GuardAsync(CancellationTokenSource ending, Func<CancellationToken, Task<bool>> pump)
    {
        var isClean = false;
        try
        {
            isClean = await pump(ending.Token);
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // One side reset its connection, or the other pump has ended both.
        }

        if (!isClean)
        {
            await ending.CancelAsync();
        }

        return isClean;
    }

    private static async Task SendAllAsync(Socket socket, ReadOnlyMemory<byte> bytes, CancellationToken stop)
    {
        while (!bytes.IsEmpty)
        {
            var sent = await socket.SendAsync(bytes, SocketFlags.None, stop);
            bytes = bytes[sent..];
        }
    }
}
