using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using PolicyRouter.Simulator.Network;

namespace PolicyRouter.Simulator.Tests;

public sealed class FaultProxyTests : FleetTests
{
    protected override IReadOnlyList<ProviderProfile> Profiles => [FleetOf.OpenAi];

    [Fact]
    public async Task WithoutFaults_EverythingPasses()
    {
        await using var proxy = FaultProxy.Start(Provider.BaseUrl);
        using var response = await ThroughAsync(proxy, "hello");

        Assert.Contains("hello", SseEvent.TextOf(await Talk.EventsAsync(response)), StringComparison.Ordinal);
        Assert.Equal(1, proxy.ConnectionCount);
    }

    [Fact]
    public async Task AResetOnConnect_ReachesTheClient_AndNothingReachesTheServer()
    {
        await using var proxy = FaultProxy.Start(Provider.BaseUrl);
        proxy.Conditions = new NetworkConditions { ResetOnConnect = true };

        await AssertResetAsync(proxy);
        Assert.Empty(Provider.Received);

        proxy.Conditions = NetworkConditions.Perfect;
        using var response = await ThroughAsync(proxy, "hello");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task ACut_PassesExactlySoManyBytes_ThenEnds()
    {
        await using var proxy = FaultProxy.Start(Provider.BaseUrl);
        proxy.Conditions = new NetworkConditions { CutAfterBytes = 900 };
        var (received, error) = await RawAsync(proxy);

        Assert.Null(error);
        Assert.Equal(900, received);
    }

    [Fact]
    public async Task AReset_PassesSoManyBytesAtMost_ThenResets()
    {
        await using var proxy = FaultProxy.Start(Provider.BaseUrl);
        proxy.Conditions = new NetworkConditions { ResetAfterBytes = 900 };
        var (received, error) = await RawAsync(proxy);

        Assert.Equal(SocketError.ConnectionReset, error);
        Assert.InRange(received, 0, 900);
    }

    [Fact]
    public async Task AStall_HoldsTheAnswerBack_UntilItIsLifted()
    {
        await using var proxy = FaultProxy.Start(Provider.BaseUrl);
        Provider.AnswerWith(prompt =>
        {
            proxy.Conditions = new NetworkConditions { Stall = true };
            return new Answers.Answer(prompt.LastMessage);
        });
        var asking = ThroughAsync(proxy, "hello");
        await Provider.WaitForAsync(request => request.Answered);
        Assert.False(asking.IsCompleted);

        proxy.Conditions = NetworkConditions.Perfect;
        using var response = await asking;
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task OneByteSlices_ChangeNothingInWhatArrives()
    {
        await using var proxy = FaultProxy.Start(Provider.BaseUrl);
        proxy.Conditions = new NetworkConditions { OneByteSlices = true };
        using var response = await ThroughAsync(proxy, "naïve 𝄞 PERSON_7QX_1");

        var events = await Talk.EventsAsync(response);
        Assert.Contains("naïve 𝄞 PERSON_7QX_1", SseEvent.TextOf(events), StringComparison.Ordinal);
        Assert.Equal("[DONE]", events[^1].Data);
    }

    [Fact]
    public async Task Latency_HoldsAnswersBack_ByTheGivenClock()
    {
        FakeTimeProvider time = new();
        await using var proxy = FaultProxy.Start(Provider.BaseUrl, time);
        proxy.Conditions = new NetworkConditions { Latency = TimeSpan.FromSeconds(3) };
        var asking = ThroughAsync(proxy, "hello");
        await Provider.WaitForAsync(request => request.Answered);
        Assert.False(asking.IsCompleted);

        proxy.Conditions = NetworkConditions.Perfect;
        while (!asking.IsCompleted)
        {
            // The piece under way may take its timer only now.
            time.Advance(TimeSpan.FromSeconds(3));
            await Task.Yield();
        }

        using var response = await asking;
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task AClientThatLeaves_IsSeenBehindTheProxy()
    {
        await using var proxy = FaultProxy.Start(Provider.BaseUrl);
        Provider.Behave(Faults.Fault.Hang);
        using CancellationTokenSource leave = new();
        var asking = ThroughAsync(proxy, "hello", leave.Token);
        var received = await Provider.WaitForAsync(request => request.IsWaiting);

        await leave.CancelAsync();

        await received.AbortSeen.WaitAsync(TimeSpan.FromSeconds(30));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
    }

    [Fact]
    public async Task AServerThatIsNotThere_IsAReset()
    {
        var closed = Provider.BaseUrl;
        await Fleet.DisposeAsync();
        await using var proxy = FaultProxy.Start(closed);

        await AssertResetAsync(proxy);
    }

    [Fact]
    public void ATargetElsewhere_IsRefused() =>
        Assert.Throws<ArgumentException>(() => FaultProxy.Start(new Uri("http://192.0.2.1:80")));

    /// <summary>A client that learns of the reset while it still sets the connection up sees the socket's own exception.</summary>
    private async Task AssertResetAsync(FaultProxy proxy)
    {
        var error = await Record.ExceptionAsync(() => ThroughAsync(proxy, "hello"));
        Assert.True(error is HttpRequestException or SocketException, error?.ToString());
    }

    private Task<HttpResponseMessage> ThroughAsync(FaultProxy proxy, string text, CancellationToken cancellationToken = default) =>
        Client.SendAsync(Through(proxy, text), cancellationToken);

    private HttpRequestMessage Through(FaultProxy proxy, string text)
    {
        var request = Talk.Request(Provider, Talk.Body(Provider, text, stream: true));
        request.RequestUri = new Uri(proxy.BaseUrl, request.RequestUri!.PathAndQuery);
        return request;
    }

    /// <summary>Asks over a bare socket and counts the bytes of the answer.</summary>
    private async Task<(int Received, SocketError? Error)> RawAsync(FaultProxy proxy)
    {
        var body = Talk.Body(Provider, "a question long enough for more than nine hundred bytes of answer", stream: true).ToJsonString();
        using Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, proxy.Port);
        await socket.SendAsync(System.Text.Encoding.UTF8.GetBytes(
            $"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {Provider.Credential}\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
        var received = 0;
        var buffer = new byte[4_096];
        try
        {
            while (await socket.ReceiveAsync(buffer).WaitAsync(TimeSpan.FromSeconds(30)) is var read and > 0)
            {
                received += read;
            }

            return (received, null);
        }
        catch (SocketException exception)
        {
            return (received, exception.SocketErrorCode);
        }
    }
}
