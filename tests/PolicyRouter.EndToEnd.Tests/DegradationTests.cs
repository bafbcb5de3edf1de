using System.Globalization;
using System.Net;
using Microsoft.Extensions.Time.Testing;
using PolicyRouter.Simulator.Answers;
using PolicyRouter.Simulator.Faults;

namespace PolicyRouter.EndToEnd.Tests;

/// <summary>Targets that answer, and not as they should.</summary>
public class DegradationTests
{
    private const string First = "claude-anthropic";

    private int _asked;
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    public static TheoryData<string> Kinds() => ["empty", "other model", "truncated"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task TargetWhoseAnswersAreNoGood_IsDemoted_ThenEjected_AndComesBackWhenTheyAre(string kind)
    {
        await using var gateway = await StartAsync();
        Behave(gateway, isGood: true, kind);
        await AskAsync(gateway, 60);
        Assert.Equal(60, gateway.Fleet[First].RequestCount);

        Behave(gateway, isGood: false, kind);
        HashSet<string> conditions = [];
        for (var request = 0; request < 400 && !conditions.Contains("ejected"); request++)
        {
            await AskAsync(gateway, 1);
            conditions.Add((await gateway.HealthOfAsync(First)).GetProperty("condition").GetString()!);
        }

        Assert.Equal(["healthy", "demoted", "ejected"], conditions);
        Assert.Equal(kind, (await gateway.HealthOfAsync(First)).GetProperty("why").GetString());
        var ejected = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise."));
        Assert.NotEqual(First, ejected.Deployment);
        Assert.Equal($"listed; put back: {First} (ejected: {kind})", (await gateway.DecidedAsync(ejected.DecisionId)).GetProperty("planReason").GetString());

        // The only permitted target is asked all the same.
        Assert.Equal(First, (await gateway.AskAsync(GatewayUnderTest.Chat(First, "Summarise."))).Deployment);

        Behave(gateway, isGood: true, kind);
        for (var request = 0; request < 300 && (await gateway.HealthOfAsync(First)).GetProperty("condition").GetString() != "healthy"; request++)
        {
            await AskAsync(gateway, 1);
        }

        Assert.Equal("healthy", (await gateway.HealthOfAsync(First)).GetProperty("condition").GetString());
    }

    /// <summary>Catalogue row 3: from half a second to twenty within ten minutes. The first token's deadline is ten seconds.</summary>
    [Fact]
    public async Task CreepingTimeToFirstToken_EjectsBeforeOneInTwentyRequestsTimesOut()
    {
        await using var gateway = await StartAsync(static policies =>
        {
            var file = Path.Combine(policies, "endpoints.yaml");
            File.WriteAllText(file, File.ReadAllText(file).Replace(
                "{connect: 1s, first token: 1s, between tokens: 2s, total: 3s}", "{connect: 2s, first token: 10s, between tokens: 15s, total: 5m}", StringComparison.Ordinal));
        });
        var (requests, timeouts, asked) = (0, 0, 0);
        for (var i = 0; i < 150; i++)
        {
            await StepAsync(500);
        }

        Assert.Equal(150, asked);
        (requests, timeouts) = (0, 0);
        var condition = "";
        while (condition != "ejected" && requests < 200)
        {
            await StepAsync(500 + (19_500 * Math.Min(1, requests / 200.0)));
            condition = (await gateway.HealthOfAsync(First)).GetProperty("condition").GetString();
        }

        Assert.Equal("ejected", condition);
        Assert.Equal("slow", (await gateway.HealthOfAsync(First)).GetProperty("why").GetString());
        Assert.True(timeouts <= requests * 0.05, $"{timeouts} of {requests} timed out");
        return;

        // A request every three seconds.
        async Task StepAsync(double milliseconds)
        {
            _time.Advance(TimeSpan.FromSeconds(3) - TimeSpan.FromMilliseconds(Math.Min(2_900, milliseconds)));
            var delay = TimeSpan.FromMilliseconds(milliseconds);
            gateway.Fleet[First].Behave(Fault.SlowFirstToken(delay));
            var before = gateway.Fleet[First].RequestCount;
            using CancellationTokenSource over = new();
            var asking = gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise: asthma.", stream: true));
            var held = gateway.Fleet[First].WaitForAsync(static request => request.IsWaiting, cancellationToken: over.Token);
            if (await Task.WhenAny(asking, held) == held)
            {
                await held;
                _time.Advance(delay);
            }

            var reply = await asking;
            await over.CancelAsync();
            Assert.Equal(HttpStatusCode.OK, reply.Status);
            asked += (int)(gateway.Fleet[First].RequestCount - before);
            timeouts += reply.Attempts - 1;
            requests++;
        }
    }

    private Task<GatewayUnderTest> StartAsync(Action<string>? edit = null) => GatewayUnderTest.StartAsync(options =>
    {
        options.Time = _time;
        options.EditPolicies = edit ?? options.EditPolicies;
    });

    private static void Behave(GatewayUnderTest gateway, bool isGood, string kind)
    {
        var provider = gateway.Fleet[First];
        provider.AnswerWith(null);
        provider.Behave(isGood ? Fault.None : kind switch
        {
            "empty" => Fault.EmptyAnswer,
            "other model" => Fault.WrongModel("claude-instant-1"),
            _ => Fault.None,
        });
        if (!isGood && kind == "truncated")
        {
            provider.AnswerWith(static _ => new Answer("Patient has") { Finish = FinishReason.Length });
        }
    }

    /// <summary>Requests of four apps, a second apart; each of them gets an answer.</summary>
    private async Task AskAsync(GatewayUnderTest gateway, int times)
    {
        for (var request = 0; request < times; request++)
        {
            _time.Advance(TimeSpan.FromSeconds(2));
            var app = string.Create(CultureInfo.InvariantCulture, $"app-{_asked++ % 4}");
            var reply = await gateway.AskAsAsync(app, GatewayUnderTest.Chat("clinical-chat", "Summarise: asthma."));
            Assert.Equal(HttpStatusCode.OK, reply.Status);
            _ = await gateway.OutcomeOfAsync(reply.DecisionId);
        }
    }
}
