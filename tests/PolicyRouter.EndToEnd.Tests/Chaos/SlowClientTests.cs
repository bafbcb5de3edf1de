using System.Net;
using System.Net.Sockets;
using System.Text;

namespace PolicyRouter.EndToEnd.Tests.Chaos;

/// <summary>Clients that send or read as slowly as they can.</summary>
public sealed class SlowClientTests
{
    private const int Slow = 200;

    [Fact]
    public async Task HundredsWhoDribbleTheirRequests_AndHundredsWhoDoNotRead_LeaveTheOthersAlone()
    {
        await using var chaos = await ChaosStack.StartAsync();
        List<Socket> sockets = [];
        try
        {
            var address = new IPEndPoint(IPAddress.Loopback, chaos.Gateway.DataPlane.Port);
            for (var i = 0; i < Slow; i++)
            {
                // One never ends its head, the other never ends its body.
                sockets.Add(await SendAsync(address, $"POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\nx-slow: {i}"));
                sockets.Add(await SendAsync(address, $$"""
                    POST /v1/chat/completions HTTP/1.1
                    host: localhost
                    authorization: Bearer {{chaos.Gateway.Token("app")}}
                    content-type: application/json
                    content-length: 4000

                    {"model":"clinical-chat"
                    """.ReplaceLineEndings("\r\n")));
            }

            List<HttpResponseMessage> unread = [];
            for (var i = 0; i < 50; i++)
            {
                unread.Add(await chaos.OpenAsync(chaos.Question(), CancellationToken.None));
            }

            for (var i = 0; i < 20; i++)
            {
                Assert.Equal(HttpStatusCode.OK, (await chaos.AskAsync(chaos.Question())).Status);
            }

            unread.ForEach(static response => response.Dispose());
        }
        finally
        {
            sockets.ForEach(static socket => socket.Dispose());
        }

        await chaos.AssertPromisesAsync();
    }

    private static async Task<Socket> SendAsync(IPEndPoint address, string text)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(address);
        await socket.SendAsync(Encoding.ASCII.GetBytes(text));
        return socket;
    }
}
