using System.Net;
using System.Text.Json;
using PolicyRouter.Simulator.Faults;
using PolicyRouter.Testing;

namespace PolicyRouter.EndToEnd.Tests;

/// <summary>Outages, one after another of the catalogue: who is asked, how often, and what callers see.</summary>
public class BreakerTests
{
    private const string First = "claude-anthropic";

    private readonly WatchedTime _time = new(DateTimeOffset.UtcNow);

    [Fact]
    public async Task OverloadOfEverythingAtOneTarget_CostsOneExtraTryEach_UntilItsBreakerOpens()
    {
        await using var gateway = await StartAsync();
        gateway.Fleet[First].Behave(Fault.Overloaded);

        for (var request = 0; request < 20; request++)
        {
            var reply = await AskAsync(gateway);

            Assert.Equal(HttpStatusCode.OK, reply.Status);
            Assert.InRange(reply.Attempts, 1, 2);
        }

        Assert.Equal(3, gateway.Fleet[First].RequestCount);
        Assert.Equal("open", (await gateway.HealthOfAsync(First)).GetProperty("breaker").GetString());
        Assert.Equal($"listed; put back: {First} (breaker open)", await PlanReasonAsync(gateway, await AskAsync(gateway)));
    }

    [Fact]
    public async Task OverloadOfTheOnlyPermittedTarget_Is503_WithAHint_AndOneTrialAtATime()
    {
        await using var gateway = await StartAsync();
        gateway.Fleet[First].Behave(Fault.Overloaded);
        List<Reply> replies = [];
        for (var request = 0; request < 30; request++)
        {
            replies.Add(await AskAsync(gateway, First));
        }

        Assert.All(replies, static reply =>
        {
            Assert.Equal("permitted_providers_unavailable", reply.ErrorCode);
            Assert.Equal("false", reply.Headers["x-should-retry"]);
            Assert.InRange(int.Parse(reply.Headers["retry-after"], System.Globalization.CultureInfo.InvariantCulture), 1, 60);
        });
        Assert.True(replies.Select(static reply => reply.Headers["retry-after"]).Distinct().Count() > 2, "nobody was sent away for another time than the others");
        Assert.Equal(3, gateway.Fleet[First].RequestCount);

        // The break is over: of ten who ask at once one is let through, and the others are not.
        _time.Advance(TimeSpan.FromSeconds(6));
        gateway.Fleet[First].Behave(Fault.SlowFirstToken(TimeSpan.FromMilliseconds(500)));
        var asking = Enumerable.Range(0, 10).Select(_ => AskAsync(gateway, First)).ToList();
        await gateway.Fleet[First].WaitForAsync(static request => request.IsWaiting);
        var refused = 0;
        while (refused < 9)
        {
            var done = await Task.WhenAny(asking);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await done).Status);
            asking.Remove(done);
            refused++;
        }

        _time.Advance(TimeSpan.FromMilliseconds(500));
        Assert.Equal(HttpStatusCode.OK, (await asking[0]).Status);
        Assert.Equal(4, gateway.Fleet[First].RequestCount);
        Assert.Equal("closed", (await gateway.HealthOfAsync(First)).GetProperty("breaker").GetString());
    }

    [Fact]
    public async Task PauseThatTheOnlyTargetAsksFor_IsKept_AndThenItIsAskedOnceMore()
    {
        await using var gateway = await StartAsync();
        // Not 20 seconds: the audit log reads itself back at that pace, and would be taken for the pause.
        gateway.Fleet[First].Next(Fault.RateLimited(TimeSpan.FromSeconds(25)));

        var asking = AskAsync(gateway, First);
        await _time.WaitOfAsync(TimeSpan.FromSeconds(25), TimeSpan.FromSeconds(27.5));
        _time.Advance(TimeSpan.FromSeconds(27.5));

        var reply = await asking;
        Assert.Equal((HttpStatusCode.OK, 2), (reply.Status, reply.Attempts));
        var received = gateway.Fleet[First].Received;
        Assert.True(received[1].ReceivedAt - received[0].ReceivedAt >= TimeSpan.FromSeconds(25), "it was asked before its time");
    }

    [Fact]
    public async Task PauseThatDoesNotFitTheDeadline_IsNotKept_AndTheCallerIsToldOfIt()
    {
        await using var gateway = await StartAsync();
        gateway.Fleet[First].Behave(Fault.RateLimited(TimeSpan.FromMinutes(10)));

        var reply = await AskAsync(gateway, First);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, 1), (reply.Status, reply.Attempts));
        Assert.True(int.Parse(reply.Headers["retry-after"], System.Globalization.CultureInfo.InvariantCulture) >= 60);
    }

    [Fact]
    public async Task RetryBudget_BoundsSecondAttemptsAtAProvider()
    {
        await using var gateway = await StartAsync();
        gateway.Fleet[First].Behave(Fault.Status(503, TimeSpan.Zero), share: 0.5);
        var attempts = 0;
        var requests = 0;
        while (requests < 40)
        {
            var reply = await AskAsync(gateway, First);
            attempts += reply.Attempts;
            requests++;
        }

        Assert.InRange(gateway.Fleet[First].RequestCount - requests, long.MinValue, Math.Max(3, requests / 10));
        Assert.InRange(attempts, 1, requests + Math.Max(3, requests / 10));
    }

    /// <summary>9 March 2026: one model of one cloud answers everybody's valid requests with 400 and 429.</summary>
    [Theory]
    [InlineData(400)]
    [InlineData(429)]
    public async Task OneModelThatRefusesEverybody_OpensItsOwnBreaker_NotThatOfItsCloud(int status)
    {
        await using var gateway = await StartAsync(OneCloud.Apply);
        gateway.Fleet[First].Behave(Fault.Status(status));

        Reply? reply = null;
        for (var round = 0; round < 4; round++)
        {
            foreach (var app in (string[])["ward", "billing", "research"])
            {
                reply = await gateway.AskAsAsync(app, GatewayUnderTest.Chat("clinical-chat", "Summarise."));
            }
        }

        Assert.Equal((HttpStatusCode.OK, 1), (reply!.Status, reply.Attempts));
        Assert.Equal("claude-aws-us", reply.Deployment);
        var health = await gateway.HealthOfAsync(First);
        Assert.Equal("open", health.GetProperty("breaker").GetString());
        Assert.Equal("closed", health.GetProperty("domains").GetProperty(OneCloud.Domain).GetString());
    }

    [Fact]
    public async Task OneCallersInvalidRequests_OpenNothing()
    {
        await using var gateway = await StartAsync();
        gateway.Fleet[First].Behave(Fault.Status(400));
        for (var request = 0; request < 20; request++)
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await gateway.AskAsAsync("careless", GatewayUnderTest.Chat("clinical-chat", "Summarise."))).Status);
        }

        gateway.Fleet[First].Recover();
        var reply = await gateway.AskAsAsync("careful", GatewayUnderTest.Chat("clinical-chat", "Summarise."));

        Assert.Equal((HttpStatusCode.OK, First), (reply.Status, reply.Deployment));
    }

    [Fact]
    public async Task CallersWhoKnowHowToAsk_AreAnsweredByAnother_WhenOneModelCallsTheirRequestsInvalid()
    {
        string[] apps = ["ward", "billing", "research"];
        await using var gateway = await StartAsync();
        foreach (var app in apps)
        {
            Assert.Equal(First, (await gateway.AskAsAsync(app, GatewayUnderTest.Chat("clinical-chat", "Summarise."))).Deployment);
        }

        gateway.Fleet[First].Behave(Fault.Status(400));
        for (var round = 0; round < 4; round++)
        {
            foreach (var app in apps)
            {
                var reply = await gateway.AskAsAsync(app, GatewayUnderTest.Chat("clinical-chat", "Summarise."));

                Assert.Equal(HttpStatusCode.OK, reply.Status);
                Assert.NotEqual(First, reply.Deployment);
                Assert.InRange(reply.Attempts, 1, 2);
            }
        }

        // Overruled for three callers, it is no longer asked first.
        Assert.Equal("open", (await gateway.HealthOfAsync(First)).GetProperty("breaker").GetString());
    }

    [Fact]
    public async Task WrongRequestsOfACallerWhoIsUsuallyRight_AreShownToTwoProvidersAtMost_AndToTheSecondRarely()
    {
        const int Requests = 30;
        await using var gateway = await StartAsync();
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(gateway)).Status);
        var before = gateway.Fleet.Providers.Sum(static provider => provider.RequestCount);
        foreach (var provider in gateway.Fleet.Providers)
        {
            provider.Behave(Fault.Status(400));
        }

        for (var request = 0; request < Requests; request++)
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await AskAsync(gateway)).Status);
        }

        Assert.Equal(Requests + 3, gateway.Fleet.Providers.Sum(static provider => provider.RequestCount) - before);
        Assert.Equal("closed", (await gateway.HealthOfAsync(First)).GetProperty("breaker").GetString());
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    public async Task AuthenticationOutage_ReadsTheSecretAgainOnce_AndOpensTheBreaker(int status)
    {
        await using var gateway = await StartAsync();
        gateway.Fleet[First].Behave(Fault.Status(status));
        Assert.Equal(2, (await AskAsync(gateway)).Attempts);

        // Whoever read the secret again from now on would find another one, and would try it.
        File.WriteAllText(Path.Combine(gateway.Stack.Policies, "..", "keys", First), "another-key");
        for (var request = 0; request < 20; request++)
        {
            Assert.Equal(HttpStatusCode.OK, (await AskAsync(gateway)).Status);
        }

        Assert.Equal(3, gateway.Fleet[First].RequestCount);
        Assert.All(gateway.Fleet[First].Received, static request => Assert.DoesNotContain("another-key", string.Join(' ', request.Headers.Values), StringComparison.Ordinal));
    }

    [Fact]
    public async Task SecretThatWasRotated_IsTriedOnceAtTheSameTarget_AndNotAgainWhenItIsRefusedToo()
    {
        await using var gateway = await StartAsync();
        for (var request = 0; request < 5; request++)
        {
            Assert.Equal(HttpStatusCode.OK, (await AskAsync(gateway, First)).Status);
        }

        File.WriteAllText(Path.Combine(gateway.Stack.Policies, "..", "keys", First), "another-key");
        gateway.Fleet[First].Next(Fault.Unauthorized);

        Assert.Equal(2, (await AskAsync(gateway, First)).Attempts);
        Assert.Equal(1, (await AskAsync(gateway, First)).Attempts);

        Assert.Equal([false, true, true], gateway.Fleet[First].Received.Skip(5).Select(static request => request.Headers.Values.Contains("another-key")));
    }

    [Fact]
    public async Task OutageOfACloud_SkipsItsOtherMembers()
    {
        await using var gateway = await StartAsync(OneCloud.Apply);
        foreach (var member in OneCloud.Members)
        {
            gateway.Fleet[member].Behave(Fault.Unavailable);
        }

        for (var request = 0; request < 10; request++)
        {
            Assert.Equal("local-llama", (await AskAsync(gateway)).Deployment);
        }

        // Each of them fails twice at most before all of them are skipped, and the third one not even that.
        Assert.Equal("open", (await gateway.HealthOfAsync(First)).GetProperty("domains").GetProperty(OneCloud.Domain).GetString());
        Assert.InRange(OneCloud.Members.Sum(member => gateway.Fleet[member].RequestCount), 2, 6);
        var last = await AskAsync(gateway);
        Assert.Equal(1, last.Attempts);
        Assert.Contains($"azure-gpt4o-eastus (domain {OneCloud.Domain} open)", await PlanReasonAsync(gateway, last), StringComparison.Ordinal);
    }

    /// <summary>Everybody waits for the only target; it comes back cold and can do twice as much every five seconds.</summary>
    [Fact]
    public async Task RecoveryHerd_IsLetInBitByBit_AndDoesNotTripTheBreakerAgain()
    {
        const int Herd = 40;
        await using var gateway = await StartAsync();
        var provider = gateway.Fleet[First];
        provider.Behave(Fault.Overloaded);
        for (var request = 0; request < 3; request++)
        {
            _ = await AskAsync(gateway, First);
        }

        _time.Advance(TimeSpan.FromSeconds(6));
        List<int> answered = [];
        for (var wave = 0; wave < 6; wave++)
        {
            provider.Behave(Fault.Crowded(4 << wave));
            var replies = await Task.WhenAll(Enumerable.Range(0, Herd).Select(_ => AskAsync(gateway, First)));
            Assert.All(replies.Where(static reply => reply.Status is not HttpStatusCode.OK), static reply =>
                Assert.Equal((HttpStatusCode.ServiceUnavailable, 0), (reply.Status, reply.Attempts)));
            answered.Add(replies.Count(static reply => reply.Status is HttpStatusCode.OK));
            _time.Advance(TimeSpan.FromSeconds(5.1));
        }

        Assert.All(answered, static count => Assert.True(count > 0));
        Assert.Equal(Herd, answered[^1]);
        Assert.Equal(3, provider.Received.Count(static request => request.Status == 529));
        Assert.Equal("closed", (await gateway.HealthOfAsync(First)).GetProperty("breaker").GetString());
    }

    [Theory]
    [InlineData(0.05)]
    [InlineData(0.25)]
    [InlineData(0.35)]
    public async Task ErrorsOfAShareOfRequests_AreMadeUpForByTheOthers(double share)
    {
        await using var gateway = await StartAsync();
        gateway.Fleet[First].Behave(Fault.ServerError, share);
        for (var request = 0; request < 60; request++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(300));
            var reply = await AskAsync(gateway);
            Assert.Equal(HttpStatusCode.OK, reply.Status);
            Assert.InRange(reply.Attempts, 1, 2);
        }
    }

    private Task<GatewayUnderTest> StartAsync(Action<string>? edit = null) => GatewayUnderTest.StartAsync(options =>
    {
        options.Time = _time;
        options.EditPolicies = edit ?? options.EditPolicies;
    });

    private static Task<Reply> AskAsync(GatewayUnderTest gateway, string model = "clinical-chat") => gateway.AskAsync(GatewayUnderTest.Chat(model, "Summarise."));

    private static async Task<string> PlanReasonAsync(GatewayUnderTest gateway, Reply reply)
    {
        var decided = await gateway.DecidedAsync(reply.DecisionId);
        Assert.Equal(JsonValueKind.String, decided.GetProperty("planReason").ValueKind);
        return decided.GetProperty("planReason").GetString()!;
    }
}
