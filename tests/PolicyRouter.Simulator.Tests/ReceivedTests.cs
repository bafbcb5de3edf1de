using System.Net.Sockets;
using System.Text;
using PolicyRouter.Simulator.Faults;
using PolicyRouter.Simulator.Receiving;

namespace PolicyRouter.Simulator.Tests;

public sealed class ReceivedTests : FleetTests
{
    protected override IReadOnlyList<ProviderProfile> Profiles => [FleetOf.OpenAi, FleetOf.Azure, FleetOf.Anthropic];

    [Fact]
    public async Task WhatWasSent_IsKeptByteForByte_WithPathHeadersAndOrder()
    {
        var body = Talk.Body(Provider, "naïve 𝄞").ToJsonString();
        var request = Talk.Request(Provider, body);
        request.Headers.Add("X-Canary", "one");
        using var first = await Client.SendAsync(request);
        using var second = await Client.AskAsync(Fleet["azure-eastus"], "later");

        var received = Assert.Single(Provider.Received);
        Assert.Equal(Encoding.UTF8.GetBytes(body), received.Body.ToArray());
        Assert.Equal(body, received.Text);
        Assert.Equal("POST", received.Method);
        Assert.Equal("/v1/chat/completions", received.Path);
        Assert.Equal("one", received.Headers["x-canary"]);
        Assert.Equal($"Bearer {Provider.Credential}", received.Headers["authorization"]);
        await Provider.WaitForAsync(item => item.Answered);
        Assert.Equal(200, received.Status);
        Assert.Equal("?api-version=2024-10-21", Fleet["azure-eastus"].Received.Single().Query);
        Assert.Equal(["openai-direct", "azure-eastus"], Fleet.Received.Select(item => item.Provider));
        Assert.Equal([1L, 2L], Fleet.Received.Select(item => item.Order));
    }

    [Fact]
    public async Task RefusedRequests_AreKeptToo_BecauseTheirBodyWasDisclosed()
    {
        using var response = await Client.SendAsync(Talk.Request(Provider, "not json at all", credential: "wrong"));

        var received = await Provider.WaitForAsync(request => request.Answered);
        Assert.Equal(401, received.Status);
        Assert.Equal("not json at all", received.Text);
    }

    [Fact]
    public async Task ABodyThatIsBrokenOff_IsKeptAsFarAsItWasRead_AsAborted()
    {
        using Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(Provider.BaseUrl.Host, Provider.BaseUrl.Port);
        await socket.SendAsync(Encoding.ASCII.GetBytes("POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf a bo"));
        socket.Shutdown(SocketShutdown.Send);

        var received = await Provider.WaitForAsync(request => request.ClientAborted);
        Assert.StartsWith(received.Text, "half a bo", StringComparison.Ordinal);
        Assert.Null(received.Status);
    }

    [Fact]
    public async Task Waiting_FindsPastAndFutureRequests_AndTimesOutWithoutOne()
    {
        var waiting = Provider.WaitForAsync(request => request.Text.Contains("second", StringComparison.Ordinal));
        using var first = await Client.AskAsync(Provider, "first");
        Assert.False(waiting.IsCompleted);
        using var second = await Client.AskAsync(Provider, "second");

        Assert.Contains("second", (await waiting).Text, StringComparison.Ordinal);
        Assert.Contains("first", (await Provider.WaitForAsync(_ => true)).Text, StringComparison.Ordinal);
        await Assert.ThrowsAsync<TimeoutException>(() => Provider.WaitForAsync(_ => false, TimeSpan.FromMilliseconds(1)));
    }

    [Fact]
    public async Task Clearing_WaitsForWhatIsUnderWay()
    {
        Provider.Behave(Fault.Hang);
        using CancellationTokenSource leave = new();
        var asking = Client.AskAsync(Provider, "x", cancellationToken: leave.Token);
        await Provider.WaitForAsync(request => request.IsWaiting);

        var clearing = Provider.ClearAsync();
        Assert.False(clearing.IsCompleted);
        await leave.CancelAsync();
        await clearing.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Empty(Provider.Received);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
    }

    [Fact]
    public async Task WithoutRecording_NothingIsKept_ButStillCounted()
    {
        Provider.Recording = false;
        for (var i = 0; i < 3; i++)
        {
            using var response = await Client.AskAsync(Provider, "x");
            response.EnsureSuccessStatusCode();
        }

        Assert.Empty(Provider.Received);
        Assert.Equal(3, Provider.RequestCount);
    }

    [Fact]
    public async Task ManyRequestsAtOnce_AreAllKept_EachWithItsOwnAnswer()
    {
        var asked = Enumerable.Range(0, 200).Select(i => $"question-{i}-end").ToList();
        var answers = await Task.WhenAll(asked.Select(async question =>
        {
            using var response = await Client.AskAsync(Provider, question, stream: true);
            return SseEvent.TextOf(await Talk.EventsAsync(response));
        }));

        Assert.All(asked.Zip(answers), pair => Assert.Contains(pair.First, pair.Second, StringComparison.Ordinal));
        Assert.Equal(200, Provider.Received.Select(request => request.Order).Distinct().Count());
    }

    [Fact]
    public async Task AResetFleet_HasForgottenEverything()
    {
        Provider.Behave(Fault.Unavailable);
        using var failed = await Client.AskAsync(Provider, "x");

        await Fleet.ResetAsync();

        Assert.Empty(Fleet.Received);
        using var healthy = await Client.AskAsync(Provider, "x");
        healthy.EnsureSuccessStatusCode();
    }
}
