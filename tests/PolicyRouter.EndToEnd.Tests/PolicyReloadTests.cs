using System.Net;
using System.Text.Json;

namespace PolicyRouter.EndToEnd.Tests;

public class PolicyReloadTests
{
    [Fact]
    public async Task BadPolicyFolder_IsRefused_AndTheLastGoodOneStaysInForce()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var before = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise."));
        var rules = Path.Combine(gateway.Stack.Policies, "rules", "health.yaml");
        await File.WriteAllTextAsync(rules, (await File.ReadAllTextAsync(rules)).Replace("agreement in force: baa", "agreement in force: bba", StringComparison.Ordinal));

        var reloaded = await gateway.Stack.Gateway.ReloadPoliciesAsync(CancellationToken.None);
        var after = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise."));

        Assert.False(reloaded);
        Assert.Equal(HttpStatusCode.OK, after.Status);
        Assert.Equal(before.Headers["X-Policy-Version"], after.Headers["X-Policy-Version"]);
        var policy = (await gateway.ControlAsync("/api/policy", "legal")).Json;
        Assert.Contains("rules/health.yaml", policy.GetProperty("refusedSince")[0].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task GoodPolicyFolder_IsInForceForTheNextRequest()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var before = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise."));
        var registry = Path.Combine(gateway.Stack.Policies, "registry.yaml");
        var text = await File.ReadAllTextAsync(registry);
        var start = text.IndexOf("id: claude-anthropic", StringComparison.Ordinal);
        var status = text.IndexOf("status: approved", start, StringComparison.Ordinal);
        await File.WriteAllTextAsync(registry, text[..status] + "status: suspended" + text[(status + "status: approved".Length)..]);

        Assert.True(await gateway.Stack.Gateway.ReloadPoliciesAsync(CancellationToken.None));
        var after = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise."));

        Assert.Equal("claude-anthropic", before.Deployment);
        Assert.Equal("claude-aws-us", after.Deployment);
        Assert.NotEqual(before.Headers["X-Policy-Version"], after.Headers["X-Policy-Version"]);
        var denied = JsonDocument.Parse((await gateway.EventsOfAsync(after.DecisionId))[0].CanonicalJson).RootElement.GetProperty("denied").ToString();
        Assert.Contains("claude-anthropic", denied, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WithoutAnyValidPolicy_EverythingIsRefused_AndTheNodeIsNotReady()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(static options =>
            options.EditPolicies = static folder => File.WriteAllText(Path.Combine(folder, "registry.yaml"), "format: nonsense"));

        var reply = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise."));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, reply.Status);
        Assert.Equal("policy_unavailable", reply.ErrorCode);
        Assert.Empty(gateway.Fleet.Received);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await gateway.ControlAsync("/readyz", "operator")).Status);
    }
}
