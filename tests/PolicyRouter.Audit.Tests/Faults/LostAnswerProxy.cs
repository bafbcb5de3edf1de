using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Npgsql;

namespace PolicyRouter.Audit.Tests.Faults;

/// <summary>Stands between the log and PostgreSQL and, when told to, lets one COMMIT through and loses its answer.</summary>
internal sealed class LostAnswerProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly IPEndPoint _server;
    private readonly Task _accepting;
    private volatile bool _armed;

    public LostAnswerProxy(string connectionString)
    {
        NpgsqlConnectionStringBuilder builder = new(connectionString);
        _server = new IPEndPoint(IPAddress.Loopback, builder.Port);
        _listener.Start();
        builder.Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        ConnectionString = builder.ConnectionString;
        _accepting = AcceptAsync();
    }

    public string ConnectionString { get; }

    public int LostAnswers { get; private set; }

    public void LoseTheNextCommitsAnswer() => _armed = true;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> connections = [];
        try
        {
            while (true)
            {
                connections.Add(ForwardAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ForwardAsync(TcpClient client)
    {
        using (client)
        {
            using TcpClient server = new();
            await server.ConnectAsync(_server);
            try
            {
                // Of this connection alone: others, that read back or publish, go on meanwhile.
                StrongBox<bool> losing = new();
                var answers = AnswersAsync(server.GetStream(), client.GetStream(), losing);
                await Task.WhenAny(QuestionsAsync(client.GetStream(), server.GetStream(), losing, answers), answers).Unwrap();
            }
            catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException)
            {
                // One of the two ended; the other ends with it.
            }
        }
    }

    private async Task QuestionsAsync(NetworkStream client, NetworkStream server, StrongBox<bool> losesNext, Task<bool> answers)
    {
        var buffer = new byte[65_536];
        for (int read; (read = await client.ReadAsync(buffer, _stop.Token)) > 0;)
        {
            var losing = _armed && buffer.AsSpan(0, read).IndexOf("COMMIT\0"u8) >= 0;
            if (losing)
            {
                _armed = false;
                Volatile.Write(ref losesNext.Value, true);
            }

            await server.WriteAsync(buffer.AsMemory(0, read), _stop.Token);
            if (losing && await answers)
            {
                LostAnswers++;
                return;
            }
        }
    }

    /// <summary>Forwards answers until the connection ends, or until the one to lose has arrived: then true.</summary>
    private async Task<bool> AnswersAsync(NetworkStream server, NetworkStream client, StrongBox<bool> losesNext)
    {
        var buffer = new byte[65_536];
        for (int read; (read = await server.ReadAsync(buffer, _stop.Token)) > 0;)
        {
            if (Volatile.Read(ref losesNext.Value))
            {
                return true;
            }

            await client.WriteAsync(buffer.AsMemory(0, read), _stop.Token);
        }

        return false;
    }
}
