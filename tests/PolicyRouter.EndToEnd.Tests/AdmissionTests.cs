using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using PolicyRouter.Simulator.Faults;

namespace PolicyRouter.EndToEnd.Tests;

/// <summary>Limits, with real requests: what is over them reaches no provider, and what is under them goes on.</summary>
public class AdmissionTests
{
    private const string First = "claude-anthropic";

    [Fact]
    public async Task TenTimesTheLoadOnProvidersThatHang_IsRefusedWhileTheyHang_AndOnlyWhatWasAdmittedIsSent()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(static options =>
        {
            options.Settings = static _ => new() { ["Limits:MaxInFlight"] = "10" };
            options.EditPolicies = static policies => Edit(policies, "first token: 1s, between tokens: 2s, total: 3s", "first token: 60s, between tokens: 60s, total: 60s");
        });
        gateway.Fleet[First].Behave(Fault.Hang);
        using CancellationTokenSource leaving = new();

        var asked = Enumerable.Range(0, 100).Select(_ => gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise."), cancellationToken: leaving.Token)).ToList();
        var running = asked.ToList();
        for (var refused = 0; refused < 91; refused++)
        {
            var done = await Task.WhenAny(running).WaitAsync(TimeSpan.FromSeconds(60));
            running.Remove(done);
            var reply = await done;
            Assert.Equal(HttpStatusCode.ServiceUnavailable, reply.Status);
            Assert.Equal("overloaded", reply.ErrorCode);
            Assert.True(reply.Headers.ContainsKey("retry-after") && reply.Headers.ContainsKey("retry-after-ms"));
        }

        while (gateway.Fleet[First].Received.Count < 9)
        {
            await Task.Yield();
        }

        Assert.Equal(9, gateway.Fleet.Received.Count);
        Assert.All(running, static request => Assert.False(request.IsCompleted));
        await leaving.CancelAsync();
        foreach (var request in running)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        }

        gateway.Fleet[First].Recover();
        while ((await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise."))).Status != HttpStatusCode.OK)
        {
        }
    }

    [Fact]
    public async Task DeploymentWithAllItsPlacesTaken_IsPassedBy_AndAStreamKeepsItsPlaceUntilItEnds()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(static options => options.EditPolicies = static policies =>
        {
            Edit(policies, "    upstream model: claude-sonnet-4-6\n", "    upstream model: claude-sonnet-4-6\n    concurrent requests: 1\n");
            Edit(policies, "first token: 1s, between tokens: 2s, total: 3s", "first token: 60s, between tokens: 60s, total: 60s");
        });
        gateway.Fleet[First].Behave(Fault.Stall());
        using CancellationTokenSource leaving = new();
        var stream = await gateway.OpenAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise: asthma and all that has to do with it.", stream: true), leaving.Token);
        var held = Guid.Parse(stream.Headers.GetValues("X-Decision-Id").Single());
        gateway.Fleet[First].Recover();

        var passedBy = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise: asthma."));

        Assert.Equal(HttpStatusCode.OK, passedBy.Status);
        Assert.NotEqual(First, passedBy.Deployment);
        Assert.Equal(1, passedBy.Attempts);
        Assert.Single(gateway.Fleet[First].Received);
        Assert.Equal($"{First} at_capacity", (await gateway.OutcomeOfAsync(passedBy.DecisionId)).GetProperty("failures")[0].GetString());

        // The caller leaves, and the place is free.
        await leaving.CancelAsync();
        stream.Dispose();
        Assert.Equal("cancelled", (await gateway.OutcomeOfAsync(held)).GetProperty("outcome").GetString());
        Assert.Equal(First, (await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise: asthma."))).Deployment);
    }

    [Fact]
    public async Task TokensAMinute_AreTakenByEstimate_AndSettledByWhatTheProviderCounted()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(static options => options.Settings = static _ => new() { ["Limits:Apps:end-to-end:TokensPerMinute"] = "1000" });
        var modest = Body(800);

        // Each asks for most of a minute's tokens and uses few of them.
        for (var at = 0; at < 5; at++)
        {
            var reply = await gateway.AskAsync(Body(800));
            Assert.Equal(HttpStatusCode.OK, reply.Status);
            await gateway.OutcomeOfAsync(reply.DecisionId);
        }

        var sent = gateway.Fleet.Received.Count;
        var refused = await gateway.AskAsync(Body(5_000));
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.Status);
        Assert.Equal("rate_limited", refused.ErrorCode);
        Assert.InRange(int.Parse(refused.Headers["retry-after"], System.Globalization.CultureInfo.InvariantCulture), 1, 60);
        Assert.Equal(sent, gateway.Fleet.Received.Count);
        Assert.Empty(await gateway.EventsOfAsync(refused.DecisionId));

        // A request that the policy refuses, or that only asks for the decision, uses nothing.
        for (var at = 0; at < 5; at++)
        {
            Assert.Equal(HttpStatusCode.OK, (await gateway.AskAsync(Body(800), headers: ("X-Dry-Run", "true"))).Status);
            Assert.Equal(HttpStatusCode.Forbidden, (await gateway.AskAsync(Body(800), dataClass: "sud-part2", purpose: "research")).Status);
        }

        Assert.Equal(HttpStatusCode.OK, (await gateway.AskAsync(modest)).Status);

        static JsonObject Body(int longest)
        {
            var body = GatewayUnderTest.Chat("clinical-chat", "Summarise: asthma.");
            body["max_tokens"] = longest;
            return body;
        }
    }

    [Theory]
    [InlineData("/v1/messages", "rate_limit_error")]
    [InlineData("/v1/responses", null)]
    [InlineData("/v1/embeddings", null)]
    public async Task Refusal_HasTheShapeOfTheApi(string path, string? anthropicType)
    {
        await using var gateway = await GatewayUnderTest.StartAsync(static options => options.Settings = static _ => new() { ["Limits:RequestsPerMinutePerApp"] = "1" });
        await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise."));

        var reply = await gateway.AskAtAsync(path, []);

        Assert.Equal(HttpStatusCode.TooManyRequests, reply.Status);
        Assert.Equal("true", reply.Headers["x-should-retry"]);
        Assert.Equal(anthropicType ?? "rate_limit_error", reply.Json.GetProperty("error").GetProperty("type").GetString());
        Assert.Equal(anthropicType is null, !reply.Json.TryGetProperty("request_id", out _));
    }

    private static void Edit(string policies, string old, string replacement)
    {
        var file = Path.Combine(policies, "endpoints.yaml");
        var text = File.ReadAllText(file);
        Assert.Contains(old, text, StringComparison.Ordinal);
        File.WriteAllText(file, text.Replace(old, replacement, StringComparison.Ordinal));
    }
}
