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
        var opened = await OpenAsync(serve, 20);
        var streams = opened.Select(ReadToEndAsync).ToList();
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
        await late.Content.LoadIntoBufferAsync();
        Assert.True(late.Headers.ConnectionClose);
        Assert.All(streams, static stream => Assert.False(stream.IsCompleted));

        foreach (var text in await Task.WhenAll(streams))
        {
            Assert.Contains("nineteen twenty", new Reply(HttpStatusCode.OK, text, new Dictionary<string, string>()).StreamedContent, StringComparison.Ordinal);
            Assert.EndsWith("data: [DONE]\n\n", text, StringComparison.Ordinal);
        }

        Assert.Equal(0, await serve.ExitCodeAsync());
        var ends = await EndsAsync(gateway);
        Assert.All([.. opened.Select(IdOf), IdOf(late)], id => Assert.Equal("completed", ends[id]));
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
        List<Guid> running;
        using (var serve = await ServeProcess.StartAsync(gateway, drainSeconds: 0))
        {
            foreach (var provider in gateway.Fleet.Providers)
            {
                provider.Behave(Fault.Unavailable);
            }

            using (var told = await OpenAsync(serve, "Summarise: asthma."))
            {
                Assert.Equal("true", Assert.Single(told.Headers.GetValues("X-Handed-Off")));
                handedOff = IdOf(told);
            }

            await desk.NextAsync();
            gateway.Fleet["local-llama"].Behave(Fault.Stall());
            var streams = await OpenAsync(serve, 20);
            running = [.. streams.Select(IdOf)];

            await serve.SignalAsync("-KILL");
            await serve.ExitCodeAsync();
            foreach (var stream in streams)
            {
                await Assert.ThrowsAnyAsync<Exception>(() => stream.Content.ReadAsStringAsync());
                stream.Dispose();
            }
        }

        await closing.CancelAsync();
        Assert.Contains(null, (await EndsAsync(gateway)).Values);

        using var again = await ServeProcess.StartAsync(gateway, drainSeconds: 0);

        var ends = await EndsAsync(gateway);
        Assert.DoesNotContain(null, ends.Values);
        Assert.All(running, id => Assert.Equal("unknown", ends[id]));
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

    /// <summary>So many streams, open at once.</summary>
    private static Task<HttpResponseMessage[]> OpenAsync(ServeProcess serve, int count) =>
        Task.WhenAll(Enumerable.Range(0, count).Select(_ => OpenAsync(serve, LongPrompt, stream: true)));

    /// <summary>A process that has just started on a busy machine may need longer than the log's deadline for its first records; it says so, and is asked again.</summary>
    private static async Task<HttpResponseMessage> OpenAsync(ServeProcess serve, string prompt, bool stream = false)
    {
        using CancellationTokenSource patience = new(TimeSpan.FromMinutes(2));
        while (true)
        {
            var answer = await serve.AskAsync(GatewayUnderTest.Chat("clinical-chat", prompt, stream));
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                return answer;
            }

            Assert.Equal("audit_unavailable", (await Reply.OfAsync(answer)).ErrorCode);
            answer.Dispose();
            patience.Token.ThrowIfCancellationRequested();
        }
    }

    /// <summary>The text of a stream; fails with what there was of it when the connection breaks.</summary>
    private static async Task<string> ReadToEndAsync(HttpResponseMessage answer)
    {
        await using var stream = await answer.Content.ReadAsStreamAsync();
        using MemoryStream read = new();
        try
        {
            await stream.CopyToAsync(read);
        }
        catch (Exception error) when (error is IOException or HttpRequestException)
        {
            Assert.Fail($"The stream broke: {error.Message} {System.Text.Encoding.UTF8.GetString(read.ToArray())}");
        }

        return System.Text.Encoding.UTF8.GetString(read.ToArray());
    }

    private static Guid IdOf(HttpResponseMessage answer) => Guid.Parse(answer.Headers.GetValues("X-Decision-Id").Single());

    /// <summary>How the permitted requests of the process ended; null for one without an end.</summary>
    private static async Task<Dictionary<Guid, string?>> EndsAsync(GatewayUnderTest gateway)
    {
        await using var history = AuditHistory.Open(gateway.Stack.ConnectionString);
        var page = await history.QueryAsync(new HistoryQuery { Limit = 500 }, CancellationToken.None);
        return page.Decisions.ToDictionary(static decision => decision.Id, static decision => decision.End);
    }
}
