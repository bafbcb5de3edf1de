using System.Net;
using System.Text.Json;
using PolicyRouter.Audit.Reading;
using PolicyRouter.Simulator.Faults;

namespace PolicyRouter.EndToEnd.Tests;

/// <summary>The process that is stopped: by SIGTERM nothing is lost; by SIGKILL everything that began has an end in the log after the next start.</summary>
public class DrainTests
{
    private const string First = "claude-anthropic";
    private const string LongPrompt = "Repeat: one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty.";

    [Fact]
    public async Task Sigterm_FailsReadinessFirst_AnswersNewRequests_EndsEveryStream_AndThenStops()
    {
        await using var gateway = await StartAsync();
        using var serve = await ServeProcess.StartAsync(gateway, drainSeconds: 5);
        using (var ready = await serve.GetAsync("/readyz"))
        {
            Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        }

        gateway.Fleet[First].Behave(Fault.SlowTokens(TimeSpan.FromMilliseconds(400)));
        var opened = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => serve.AskAsync(GatewayUnderTest.Chat("clinical-chat", LongPrompt, stream: true))));
        var streams = opened.Select(Reply.OfAsync).ToList();
        gateway.Fleet[First].Recover();

        await serve.SignalAsync("-TERM");
        await serve.DrainingAsync();
        using (var ready = await serve.GetAsync("/readyz"))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
            Assert.True(ready.Headers.ConnectionClose);
        }

        using var late = await serve.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise: asthma."));
        Assert.Equal(HttpStatusCode.OK, late.StatusCode);
        Assert.True(late.Headers.ConnectionClose);
        Assert.All(streams, static stream => Assert.False(stream.IsCompleted));

        foreach (var stream in await Task.WhenAll(streams))
        {
            Assert.Equal("[DONE]", stream.Events[^1]);
            Assert.Contains("twenty", stream.StreamedContent, StringComparison.Ordinal);
        }

        Assert.Equal(0, await serve.ExitCodeAsync());
        var ends = await EndsAsync(gateway, 21);
        Assert.All(ends, static end => Assert.Equal("completed", end));
    }

    [Fact]
    public async Task SecondSigterm_DoesNotWait()
    {
        await using var gateway = await StartAsync();
        using var serve = await ServeProcess.StartAsync(gateway, drainSeconds: 3_600);

        await serve.SignalAsync("-TERM");
        await serve.DrainingAsync();
        await serve.SignalAsync("-TERM");

        Assert.Equal(0, await serve.ExitCodeAsync());
    }

    [Fact]
    public async Task Sigkill_LeavesNothingWithoutAnEndAfterTheNextStart_HandOffsIncluded()
    {
        // The desk takes the post and never answers: its hand-off is under way when the process dies.
        using CancellationTokenSource closing = new();
        await using var desk = await Webhook.StartAsync(http => Task.Delay(Timeout.Infinite, closing.Token).ContinueWith(static _ => { }, TaskScheduler.Default));
        await using var gateway = await StartAsync(desk.Url);
        Guid handedOff;
        using (var serve = await ServeProcess.StartAsync(gateway, drainSeconds: 0))
        {
            foreach (var provider in gateway.Fleet.Providers)
            {
                provider.Behave(Fault.Unavailable);
            }

            using (var told = await serve.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise: asthma.")))
            {
                Assert.Equal("true", Assert.Single(told.Headers.GetValues("X-Handed-Off")));
                handedOff = Guid.Parse(told.Headers.GetValues("X-Decision-Id").Single());
            }

            await desk.NextAsync();
            gateway.Fleet["local-llama"].Behave(Fault.Stall());
            var streams = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => serve.AskAsync(GatewayUnderTest.Chat("clinical-chat", LongPrompt, stream: true))));

            await serve.SignalAsync("-KILL");
            await serve.ExitCodeAsync();
            foreach (var stream in streams)
            {
                await Assert.ThrowsAnyAsync<Exception>(() => stream.Content.ReadAsStringAsync());
                stream.Dispose();
            }
        }

        await closing.CancelAsync();
        Assert.Contains(await EndsAsync(gateway, 21), static end => end is null);

        using var again = await ServeProcess.StartAsync(gateway, drainSeconds: 0);

        var ends = await EndsAsync(gateway, 21);
        Assert.DoesNotContain(null, ends);
        Assert.Equal(20, ends.Count(static end => end == "unknown"));
        var events = (await gateway.EventsOfAsync(handedOff)).Select(static recorded => JsonDocument.Parse(recorded.CanonicalJson).RootElement).ToList();
        var dead = Assert.Single(events, static entry => entry.GetProperty("type").GetString() == "hand_off_dead_lettered");
        Assert.Equal("unknown", dead.GetProperty("failure").GetString());
    }

    private static Task<GatewayUnderTest> StartAsync(Uri? desk = null) => GatewayUnderTest.StartAsync(options => options.EditPolicies = policies =>
    {
        var endpoints = Path.Combine(policies, "endpoints.yaml");
        File.WriteAllText(endpoints, File.ReadAllText(endpoints).Replace(
            "first token: 1s, between tokens: 2s, total: 3s", "first token: 60s, between tokens: 60s, total: 120s", StringComparison.Ordinal));

        if (desk is not null)
        {
            var routes = Path.Combine(policies, "routes.yaml");
            File.WriteAllText(routes, File.ReadAllText(routes).Replace(
                "when exhausted: refuse", $"when exhausted: hand off\n    hand off: {{message: A colleague will answer you., webhook: \"{desk}\"}}", StringComparison.Ordinal));
        }
    });

    /// <summary>How the requests of the process ended; null for one without an end.</summary>
    private static async Task<List<string?>> EndsAsync(GatewayUnderTest gateway, int count)
    {
        await using var history = AuditHistory.Open(gateway.Stack.ConnectionString);
        var page = await history.QueryAsync(new HistoryQuery { Limit = 500 }, CancellationToken.None);
        Assert.Equal(count, page.Decisions.Count);
        return [.. page.Decisions.Select(static decision => decision.End)];
    }
}
