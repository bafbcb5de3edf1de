using System.Globalization;
using System.Net;
using System.Text.Json;
using PolicyRouter.Simulator.Faults;

namespace PolicyRouter.EndToEnd.Tests;

/// <summary>Probes are requests like any other: decided, recorded, and only then sent. There is nothing of any caller in them.</summary>
public class ProbeTests
{
    private const string Forbidden = "local-llama";
    private const string Marker = "zebrafish";

    private readonly WatchedTime _time = new(DateTimeOffset.UtcNow);

    [Fact]
    public async Task IdleTargets_AreProbed_IfThePolicyPermitsIt_AfterTheRecordIsMade()
    {
        await using var gateway = await StartAsync(probeSeconds: 30, static policies =>
        {
            var rules = Path.Combine(policies, "rules", "core.yaml");
            File.AppendAllText(rules, "  - {id: F-OWN, title: t, effect: forbid, when all: [{data includes any of: [public]}, {hosting is one of: [own-premises]}], reason: r, citation: c}\n");
        });

        await RoundAsync(30);
        await RoundAsync(30);

        Assert.Empty(gateway.Fleet[Forbidden].Received);
        var received = gateway.Fleet.Received;
        Assert.Superset(new HashSet<string> { "azure-gpt4o-eastus", "claude-anthropic", "claude-aws-us", "groq-llama", "mistral-eu", "openai-gpt4o-direct" }, received.Select(static request => request.Provider).ToHashSet());
        Assert.All(received, static request => Assert.Contains("This is an availability check without any data.", request.Text, StringComparison.Ordinal));

        var decisions = await DecisionsAsync(gateway);
        foreach (var request in received)
        {
            Assert.Contains(decisions, one => one.GetProperty("authorizedDeployment").GetString() == request.Provider);
        }

        Assert.All(decisions, static one =>
        {
            Assert.Equal(("permit", "policyrouter-probe", "probe"), (one.GetProperty("outcome").GetString(), one.GetProperty("app").GetString(), one.GetProperty("planReason").GetString()));
            Assert.Equal(["public"], one.GetProperty("finalClasses").EnumerateArray().Select(static name => name.GetString()));
            Assert.NotEqual(Forbidden, one.GetProperty("authorizedDeployment").GetString());
        });
        var last = await gateway.OutcomeOfAsync(decisions[0].GetProperty("id").GetGuid());
        Assert.Equal("completed", last.GetProperty("outcome").GetString());
    }

    [Fact]
    public async Task WithoutTheSetting_NobodyIsProbed()
    {
        await using var gateway = await StartAsync(probeSeconds: 0);
        for (var minute = 0; minute < 30; minute++)
        {
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(HttpStatusCode.OK, (await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise."))).Status);
        Assert.Single(gateway.Fleet.Received);
    }

    [Fact]
    public async Task EjectedTarget_ComesBackByProbes_AndNotByCallersRequests()
    {
        const string First = "claude-anthropic";
        await using var gateway = await StartAsync(probeSeconds: 20);
        var provider = gateway.Fleet[First];
        provider.Behave(Fault.EmptyAnswer);
        for (var request = 0; request < 200 && await ConditionAsync(gateway, First) != "ejected"; request++)
        {
            await AskAsync(gateway, request);
        }

        Assert.Equal("ejected", await ConditionAsync(gateway, First));
        provider.Recover();
        await provider.ClearAsync();
        for (var round = 0; round < 60 && await ConditionAsync(gateway, First) != "healthy"; round++)
        {
            await RoundAsync(20);
            await AskAsync(gateway, round);
        }

        Assert.Equal("healthy", await ConditionAsync(gateway, First));

        // Until the probes had shown that it is well, no caller's text went there.
        Assert.InRange(provider.Received.Count, 5, 60);
        Assert.All(provider.Received.Take(5), static request => Assert.DoesNotContain(Marker, request.Text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("policyrouter-probe")]
    public async Task NoToken_CanAskInTheNameOfTheProbes(string app)
    {
        await using var gateway = await StartAsync(probeSeconds: 0);

        Assert.Equal(HttpStatusCode.Unauthorized, (await gateway.AskAsAsync(app, GatewayUnderTest.Chat("clinical-chat", "Summarise."))).Status);
    }

    private Task<GatewayUnderTest> StartAsync(int probeSeconds, Action<string>? edit = null) => GatewayUnderTest.StartAsync(options =>
    {
        options.Time = _time;
        options.Settings = _ => new() { ["Resilience:ProbeSeconds"] = probeSeconds.ToString(CultureInfo.InvariantCulture) };
        options.EditPolicies = edit ?? options.EditPolicies;
    });

    private async Task AskAsync(GatewayUnderTest gateway, int number)
    {
        _time.Advance(TimeSpan.FromSeconds(2));
        var app = string.Create(CultureInfo.InvariantCulture, $"app-{number % 4}");
        var reply = await gateway.AskAsAsync(app, GatewayUnderTest.Chat("clinical-chat", $"Summarise: {Marker}."));
        Assert.Equal(HttpStatusCode.OK, reply.Status);
        _ = await gateway.OutcomeOfAsync(reply.DecisionId);
    }

    /// <summary>Lets a round of probes go by, and waits until it is over: the loop waits for its next round, a quarter more or less.</summary>
    private async Task RoundAsync(int probeSeconds)
    {
        var (least, most) = (TimeSpan.FromSeconds(probeSeconds * 0.75), TimeSpan.FromSeconds(probeSeconds * 1.25));
        await _time.WaitOfAsync(least, most);
        _time.Advance(most);
        await _time.WaitOfAsync(least, most);
    }

    private static async Task<string?> ConditionAsync(GatewayUnderTest gateway, string deployment) =>
        (await gateway.HealthOfAsync(deployment)).GetProperty("condition").GetString();

    private static async Task<IReadOnlyList<JsonElement>> DecisionsAsync(GatewayUnderTest gateway)
    {
        List<JsonElement> decisions = [];
        foreach (var summary in (await gateway.ControlAsync("/api/decisions?app=policyrouter-probe&limit=100", "auditor")).Json.GetProperty("decisions").EnumerateArray())
        {
            decisions.Add(await gateway.DecidedAsync(summary.GetProperty("id").GetGuid()));
        }

        return decisions;
    }
}
