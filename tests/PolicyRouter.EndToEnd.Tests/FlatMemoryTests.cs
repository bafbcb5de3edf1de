using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using PolicyRouter.Simulator.Faults;
using PolicyRouter.Testing;
using Xunit.Abstractions;

namespace PolicyRouter.EndToEnd.Tests;

/// <summary>
/// What a request takes it gives back, however it ends. Counted in requests and in live bytes after a full collection, so that a busy machine does not change the result. <c>POLICYROUTER_SOAK_MINUTES</c>
/// lets it go on for longer, as <c>.ci/run</c> does; an hour of load in a process of its own is in docs/benchmarks.md.
/// </summary>
[Collection(AloneCollection.Name)]
public sealed class FlatMemoryTests(ITestOutputHelper output)
{
    private const string Primary = "claude-anthropic";
    private const int FillsTheCaches = 1_500;
    private const int Requests = 3_000;
    private const int Callers = 8;

    // What may stay: hashes that are remembered for a while, and how full pools happen to be. A body that stayed would be 3 KB on average, its answer not counted.
    private const int RememberedBytes = 1_200;

    // Beyond the first round what is remembered comes and goes; a body that stayed would still be seen in every round.
    private const int RememberedBytesLater = 2_000;

    [Fact]
    public async Task ThousandsOfRequestsOfEveryKind_LeaveNothingBehind()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        foreach (var provider in gateway.Fleet.Providers)
        {
            provider.Recording = false;
        }

        gateway.Fleet[Primary].Behave(Fault.Unavailable, share: 0.05);
        await LoadAsync(gateway, FillsTheCaches);
        var before = LiveMemory.Bytes();
        var clock = Stopwatch.StartNew();
        var requests = 0;
        do
        {
            await LoadAsync(gateway, Requests);
            requests += Requests;

            // The allowance is that of one round: what is remembered for a while does not grow with the rounds.
            var more = LiveMemory.Bytes() - before;
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{clock.Elapsed.TotalMinutes:F1} minutes, {requests:N0} requests: {more:N0} bytes more than {before:N0}"));
            Assert.True(more < Requests * (requests == Requests ? RememberedBytes : RememberedBytesLater), string.Create(CultureInfo.InvariantCulture, $"{more:N0} bytes more than {before:N0} after {requests:N0} requests."));
        }
        while (clock.Elapsed < TimeSpan.FromMinutes(Campaign.Length("POLICYROUTER_SOAK_MINUTES", 0)));
    }

    private static async Task LoadAsync(GatewayUnderTest gateway, int requests)
    {
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(async _ =>
        {
            for (int number; (number = Interlocked.Increment(ref next)) < requests;)
            {
                await AskAsync(gateway, number);
            }
        }));
    }

    private static async Task AskAsync(GatewayUnderTest gateway, int number)
    {
        var kind = number % 16;
        var body = GatewayUnderTest.Chat("clinical-chat", Text(number, kind), stream: kind % 2 == 1);
        switch (kind)
        {
            case 5:
                Assert.Equal(HttpStatusCode.BadRequest, (await gateway.PostAsync("{\"model\":"u8.ToArray())).Status);
                break;
            case 11:
                await LeaveAsync(gateway, body);
                break;
            case 13:
                Assert.Equal(HttpStatusCode.Forbidden, (await gateway.AskAsync(body, purpose: null)).Status);
                break;
            default:
                Assert.Equal(HttpStatusCode.OK, (await gateway.AskAsync(body)).Status);
                break;
        }
    }

    /// <summary>One byte of the answer, then away.</summary>
    private static async Task LeaveAsync(GatewayUnderTest gateway, JsonObject body)
    {
        body["stream"] = true;
        using CancellationTokenSource leaving = new();
        using var response = await gateway.OpenAsync(body, leaving.Token);
        await using var answer = await response.Content.ReadAsStreamAsync();
        await answer.ReadExactlyAsync(new byte[1]);
        await leaving.CancelAsync();
    }

    private static string Text(int number, int kind) =>
        string.Create(CultureInfo.InvariantCulture, $"Question {number}: Maria Lopez, SSN 512-44-{1_000 + (number % 9_000)}, asks about her knee. ")
        + string.Concat(Enumerable.Repeat("The knee has hurt since the fall. ", kind == 0 ? 900 : 30));
}
