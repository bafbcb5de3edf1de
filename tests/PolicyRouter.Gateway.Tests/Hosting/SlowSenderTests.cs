using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace PolicyRouter.Gateway.Tests.Hosting;

/// <summary>Those who send as slowly as they can, and those who hold as many connections as they can. The server's deadlines are real time.</summary>
public sealed class SlowSenderTests
{
    private const int HeadSeconds = 10;
    private const int BodyGraceSeconds = 5;
    private const int BodyBytes = 4_000;
    private const string Health = "GET /livez HTTP/1.1\r\nHost: gateway\r\n\r\n";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Deadlines_AreTenSecondsForTheHead_And240BytesASecondForBodies()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();

        var limits = gateway.Host.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits;

        Assert.Equal(TimeSpan.FromSeconds(HeadSeconds), limits.RequestHeadersTimeout);
        foreach (var rate in (MinDataRate?[])[limits.MinRequestBodyDataRate, limits.MinResponseDataRate])
        {
            Assert.Equal(240, rate!.BytesPerSecond);
            Assert.Equal(TimeSpan.FromSeconds(BodyGraceSeconds), rate.GracePeriod);
        }
    }

    [Fact]
    public async Task SlowSenders_EndAtTheirDeadlines_AndOthersAreServedMeanwhile()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(map: static data => data.MapPost("/read", async (HttpRequest request) =>
        {
            await request.Body.CopyToAsync(Stream.Null);
            return "read it all";
        }));
        var began = Stopwatch.GetTimestamp();
        using var head = await SendAsync(gateway.Data, "GET /livez HTTP/1.1\r\nHost: gateway\r\nX-Slow: ");
        using var slow = await SendAsync(gateway.Data, HeadOf(gateway) + new string('x', 100));

        // 240 bytes a second, for longer than the slow one has.
        using var steady = await SendAsync(gateway.Data, HeadOf(gateway) + new string('x', BodyBytes - 1));
        var slowEnded = EndOfAsync(slow, began);
        var headEnded = EndOfAsync(head, began);
        var served = 0;
        var isRead = false;
        using PeriodicTimer pace = new(TimeSpan.FromMilliseconds(200));
        while (!slowEnded.IsCompleted || !headEnded.IsCompleted)
        {
            using var answer = await gateway.GetAsync(gateway.Data, "/livez", null);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            served++;
            if (slowEnded.IsCompleted && !isRead)
            {
                isRead = true;
                await steady.SendAsync("x"u8.ToArray());
            }

            if (!headEnded.IsCompleted)
            {
                // Each byte is progress, and none of them a reason to wait longer.
                await Record.ExceptionAsync(() => head.SendAsync("x"u8.ToArray()));
            }

            await pace.WaitForNextTickAsync();
        }

        if (!isRead)
        {
            await steady.SendAsync("x"u8.ToArray());
        }

        Assert.True(served > BodyGraceSeconds);
        Assert.Contains("read it all", (await EndOfAsync(steady, began)).Said, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 408 ", (await slowEnded).Said, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 408 ", (await headEnded).Said, StringComparison.Ordinal);
        Assert.True((await slowEnded).After >= TimeSpan.FromSeconds(BodyGraceSeconds - 1));
        Assert.True((await headEnded).After >= TimeSpan.FromSeconds(HeadSeconds - 1));
        Assert.True((await slowEnded).After < (await headEnded).After);
    }

    [Fact]
    public async Task ConnectionsOverTheBound_AreClosed_AndTheOtherListenerHasItsOwn()
    {
        const int Bound = 4;
        await using var gateway = await GatewayUnderTest.StartAsync(limits: new Dictionary<string, string?> { ["MaxConnections"] = "4" });
        List<Socket> held = [];
        try
        {
            for (var i = 0; i < Bound; i++)
            {
                held.Add(await SendAsync(gateway.Data, Health));
                Assert.StartsWith("HTTP/1.1 200 ", await FirstOfAsync(held[^1]), StringComparison.Ordinal);
            }

            using (var refused = await SendAsync(gateway.Data, Health))
            {
                Assert.Equal("", await FirstOfAsync(refused));
            }

            using var elsewhere = await gateway.GetAsync(gateway.Control, "/livez", null);
            Assert.Equal(HttpStatusCode.OK, elsewhere.StatusCode);

            held[0].Dispose();
            using CancellationTokenSource patience = new(Patience);
            string next;
            do
            {
                using var waiting = await SendAsync(gateway.Data, Health);
                next = await FirstOfAsync(waiting);
                patience.Token.ThrowIfCancellationRequested();
            }
            while (next == "");
            Assert.StartsWith("HTTP/1.1 200 ", next, StringComparison.Ordinal);
        }
        finally
        {
            held.ForEach(static socket => socket.Dispose());
        }
    }

    private static string HeadOf(GatewayUnderTest gateway) => FormattableString.Invariant(
        $"POST /v1/read HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\nAuthorization: Bearer {gateway.Token("app")}\r\nContent-Length: {BodyBytes}\r\n\r\n");

    private static async Task<Socket> SendAsync(Uri plane, string text)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, plane.Port));
        await socket.SendAsync(Encoding.ASCII.GetBytes(text));
        return socket;
    }

    /// <summary>What comes first; empty when the other side closes without a word.</summary>
    private static async Task<string> FirstOfAsync(Socket socket)
    {
        var buffer = new byte[4_096];
        try
        {
            return Encoding.ASCII.GetString(buffer, 0, await socket.ReceiveAsync(buffer).WaitAsync(Patience));
        }
        catch (SocketException)
        {
            return "";
        }
    }

    /// <summary>All that the server says until it closes, and when that was.</summary>
    private static async Task<(string Said, TimeSpan After)> EndOfAsync(Socket socket, long began)
    {
        StringBuilder said = new();
        while (await FirstOfAsync(socket) is { Length: > 0 } more)
        {
            said.Append(more);
        }

        return (said.ToString(), Stopwatch.GetElapsedTime(began));
    }
}
