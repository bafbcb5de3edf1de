using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using PolicyRouter.Simulator.Faults;

namespace PolicyRouter.EndToEnd.Tests;

/// <summary>
/// What a request takes it gives back, however it ends. Counted in requests and in live bytes after a full collection, so that a busy machine does not change the result; an hour of load in a process of
/// its own is in docs/benchmarks.md.
/// </summary>
[Collection(AloneCollection.Name)]
public sealed class FlatMemoryTests
{
    private const string Primary = "claude-anthropic";
    private const int FillsTheCaches = 1_500;
    private const int Requests = 3_000;
    private const int Callers = 8;

    // What may stay: hashes that are remembered for a while, and how full pools happen to be. A body that stayed would be 3 KB on average, its answer not counted.
    private const int RememberedBytes = 1_200;

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
        await LoadAsync(gateway, Requests);
        var after = LiveMemory.Bytes();
        Assert.True(
            after - before < Requests * RememberedBytes,
            string.Create(CultureInfo.InvariantCulture, $"{(after - before) / (double)Requests:F0} of {before:N0} bytes stay of each request."));
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
