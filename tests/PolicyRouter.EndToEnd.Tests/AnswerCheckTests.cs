using System.Net;
using System.Text.Json;
using PolicyRouter.Simulator.Faults;

namespace PolicyRouter.EndToEnd.Tests;

/// <summary>What answers say of themselves, against what the registry says of the deployment.</summary>
public sealed class AnswerCheckTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AnswerMadeElsewhere_IsRecorded_AndSuspendsTheDeploymentIfTheRegistrySaysSo(bool stream)
    {
        await using var gateway = await GatewayUnderTest.StartAsync(static options => options.Provider = static profile =>
            profile.Name == "claude-anthropic" ? profile with { Region = "global" } : profile);

        var first = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise: asthma.", stream));
        Assert.Equal("claude-anthropic", first.Deployment);
        var outcome = await gateway.OutcomeOfAsync(first.DecisionId);
        Assert.Equal("global", outcome.GetProperty("ranIn").GetString());
        var mismatch = await FindingAsync(gateway, first.DecisionId, "residency_mismatch");
        Assert.Equal("claude-anthropic", mismatch.GetProperty("deployment").GetString());
        Assert.Equal("global", mismatch.GetProperty("reported").GetString());
        Assert.Equal(["us"], mismatch.GetProperty("claimed").EnumerateArray().Select(static zone => zone.GetString()!));

        // The suspension was queued behind the mismatch, and is in force when its event is there.
        var second = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise: asthma.", stream));
        Assert.Equal(HttpStatusCode.OK, second.Status);
        Assert.NotEqual("claude-anthropic", second.Deployment);
        Assert.Single(gateway.Fleet.Received, static received => received.Provider == "claude-anthropic");
        var deployments = (await gateway.ControlAsync("/api/deployments", "operator")).Json.GetProperty("deployments");
        Assert.Equal(
            ["claude-anthropic"],
            deployments.EnumerateArray().Where(static one => one.GetProperty("isSuspended").GetBoolean()).Select(static one => one.GetProperty("id").GetString()));
    }

    [Fact]
    public async Task AnswerMadeElsewhere_WhereTheRegistryAsksForARecordOnly_IsRecordedAndNoMore()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(static options => options.Provider = static profile =>
            profile.Name == "azure-gpt4o-eastus" ? profile with { Region = "Sweden Central" } : profile);
        gateway.Fleet["claude-anthropic"].Behave(Fault.Unavailable);
        gateway.Fleet["claude-aws-us"].Behave(Fault.Unavailable);
        gateway.Fleet["local-llama"].Behave(Fault.Unavailable);

        var first = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise: asthma."));

        Assert.Equal("azure-gpt4o-eastus", first.Deployment);
        var mismatch = await FindingAsync(gateway, first.DecisionId, "residency_mismatch");
        Assert.Equal("Sweden Central", mismatch.GetProperty("reported").GetString());
        Assert.Equal("azure-gpt4o-eastus", (await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise: asthma."))).Deployment);
    }

    [Fact]
    public async Task AnswerOfAnotherModel_IsRecorded()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        gateway.Fleet["claude-anthropic"].Next(Fault.WrongModel("claude-haiku-4-5"));

        var reply = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise: asthma."));

        var mismatch = await FindingAsync(gateway, reply.DecisionId, "model_mismatch");
        Assert.Equal("claude-haiku-4-5", mismatch.GetProperty("reported").GetString());
        Assert.Equal(["claude-sonnet-4-6"], mismatch.GetProperty("expected").EnumerateArray().Select(static model => model.GetString()!));
    }

    [Theory]
    [InlineData("claude-anthropic")]
    [InlineData("claude-aws-us")]
    [InlineData("azure-gpt4o-eastus")]
    [InlineData("local-llama")]
    public async Task HealthyAnswer_HasItsTokensAndItsCost_AndNothingToReport(string deployment)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        foreach (var other in gateway.Fleet.Providers.Where(provider => provider.Name != deployment))
        {
            other.Behave(Fault.Unavailable);
        }

        var reply = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise: asthma."));

        Assert.Equal(deployment, reply.Deployment);
        var outcome = await gateway.OutcomeOfAsync(reply.DecisionId);
        Assert.False(outcome.TryGetProperty("tokensEstimated", out _));
        var (input, output) = (outcome.GetProperty("inputTokens").GetInt64(), outcome.GetProperty("outputTokens").GetInt64());
        var (perInput, perOutput) = deployment switch
        {
            "azure-gpt4o-eastus" => (2.5m, 10m),
            "local-llama" => (1.2m, 1.2m),
            _ => (3m, 15m),
        };
        Assert.Equal((long)Math.Round((input * perInput) + (output * perOutput), MidpointRounding.AwayFromZero), outcome.GetProperty("costMicros").GetInt64());
        Assert.Equal("USD", outcome.GetProperty("currency").GetString());

        // Whatever an answer brings to light is queued right behind its outcome, in the order of the log.
        var last = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Last."));
        await gateway.OutcomeOfAsync(last.DecisionId);
        Assert.DoesNotContain(await gateway.EventsOfAsync(reply.DecisionId), static recorded => recorded.Type.EndsWith("mismatch", StringComparison.Ordinal));
    }

    [Fact]
    public async Task PromptOverAContextWindow_DoesNotGoThere_AndTheDecisionSaysWhy()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(static options => options.EditPolicies = static policies =>
        {
            var endpoints = Path.Combine(policies, "endpoints.yaml");
            File.WriteAllText(endpoints, File.ReadAllText(endpoints).Replace("context window: 200000", "context window: 1000", StringComparison.Ordinal));
        });

        var small = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise: asthma."));
        var large = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise: " + string.Concat(Enumerable.Repeat("asthma ", 2_000))));

        Assert.Equal("claude-anthropic", small.Deployment);
        Assert.Equal("azure-gpt4o-eastus", large.Deployment);
        var decided = JsonDocument.Parse((await gateway.EventsOfAsync(large.DecisionId))[0].CanonicalJson).RootElement;
        Assert.Contains("prompt over the context window of 1000 tokens", decided.GetRawText(), StringComparison.Ordinal);
    }

    /// <summary>What a request brought to light, waited for: it is committed after the answer.</summary>
    private static async Task<JsonElement> FindingAsync(GatewayUnderTest gateway, Guid request, string type)
    {
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(30));
        while (true)
        {
            if ((await gateway.EventsOfAsync(request)).FirstOrDefault(recorded => recorded.Type == type) is { } found)
            {
                return JsonDocument.Parse(found.CanonicalJson).RootElement;
            }

            patience.Token.ThrowIfCancellationRequested();
        }
    }
}
