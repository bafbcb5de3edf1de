using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using Npgsql;

namespace PolicyRouter.Audit.Tests.Faults;

/// <summary>
/// Stands between the log and PostgreSQL and, when told to, lets one commit through and loses its answer; or hangs up on the log instead and lets the commit through later.
/// </summary>
internal sealed class LostAnswerProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly IPEndPoint _server;
    private readonly Task _accepting;
    private readonly TaskCompletionSource _mayCome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<string> _came = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _armed;
    private volatile bool _holds;

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

    public void HoldTheNextCommit() => _holds = true;

    /// <summary>Lets the commit through that was held.</summary>
    /// <returns>What the server answered.</returns>
    public async Task<string> LetItComeAsync()
    {
        _mayCome.SetResult();
        return await _came.Task;
    }

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

    private async Task QuestionsAsync(NetworkStream client, NetworkStream server, StrongBox<bool> losesNext, Task<string?> answers)
    {
        var buffer = new byte[65_536];
        for (int read; (read = await client.ReadAsync(buffer, _stop.Token)) > 0;)
        {
            // A transaction's end; or a batch of the writer, which is its own, and tells what events it has.
            var commits = buffer.AsSpan(0, read).IndexOf("COMMIT\0"u8) >= 0 || buffer.AsSpan(0, read).IndexOf("request_"u8) >= 0;
            if (_holds && commits)
            {
                _holds = false;
                Volatile.Write(ref losesNext.Value, true);
                client.Close();
                await _mayCome.Task.WaitAsync(_stop.Token);
                await server.WriteAsync(buffer.AsMemory(0, read), _stop.Token);
                _came.SetResult(await answers ?? "");
                return;
            }

            var losing = _armed && commits;
            if (losing)
            {
                _armed = false;
                Volatile.Write(ref losesNext.Value, true);
            }

            await server.WriteAsync(buffer.AsMemory(0, read), _stop.Token);
            if (losing && await answers is not null)
            {
                LostAnswers++;
                return;
            }
        }
    }

    /// <summary>Forwards answers until the connection ends, or until the one to lose has arrived, which is returned.</summary>
    private async Task<string?> AnswersAsync(NetworkStream server, NetworkStream client, StrongBox<bool> losesNext)
    {
        var buffer = new byte[65_536];
        for (int read; (read = await server.ReadAsync(buffer, _stop.Token)) > 0;)
        {
            if (Volatile.Read(ref losesNext.Value))
            {
                return Encoding.UTF8.GetString(buffer, 0, read);
            }

            await client.WriteAsync(buffer.AsMemory(0, read), _stop.Token);
        }

        return null;
    }
}
