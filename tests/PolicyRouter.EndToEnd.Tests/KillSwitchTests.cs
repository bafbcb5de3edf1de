using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using PolicyRouter.Simulator.Faults;

namespace PolicyRouter.EndToEnd.Tests;

/// <summary>Two gateways on one database: what an operator suspends at one, neither sends to any more.</summary>
public class KillSwitchTests
{
    private const string First = "claude-anthropic";

    [Fact]
    public async Task SuspendedAtOneNode_TheNextAttemptOfTheOtherGoesElsewhere_UntilItIsResumed()
    {
        await using var one = await GatewayUnderTest.StartAsync();
        await using var two = await SecondNode.StartAsync(one);
        Assert.Equal(First, (await two.AskAsync(Ask())).Deployment);

        var suspended = await SwitchAsync(one, one.ControlPlane, First, "suspend");
        Assert.Equal(HttpStatusCode.OK, suspended.Status);
        Assert.True(suspended.Json.GetProperty("isSuspended").GetBoolean());
        Assert.True(await IsSuspendedAsync(one, one.ControlPlane));
        Assert.True(await IsSuspendedAsync(one, two.ControlPlane));

        var elsewhere = await two.AskAsync(Ask());
        Assert.Equal(HttpStatusCode.OK, elsewhere.Status);
        Assert.NotEqual(First, elsewhere.Deployment);
        Assert.Equal(1, elsewhere.Attempts);
        Assert.Single(one.Fleet[First].Received);
        var outcome = await one.OutcomeOfAsync(elsewhere.DecisionId);
        Assert.Equal($"{First} suspended", outcome.GetProperty("failures")[0].GetString());

        // From then on it is left out of the plan, with its reason.
        var planned = await two.AskAsync(Ask());
        var decided = JsonDocument.Parse((await one.EventsOfAsync(planned.DecisionId))[0].CanonicalJson).RootElement;
        Assert.Equal(First, decided.GetProperty("unsuitable")[0].GetProperty("deployment").GetString());
        Assert.Equal("suspended", decided.GetProperty("unsuitable")[0].GetProperty("rules")[0].GetString());

        // Resumed at the other node.
        Assert.Equal(HttpStatusCode.OK, (await SwitchAsync(one, two.ControlPlane, First, "resume")).Status);
        Assert.False(await IsSuspendedAsync(one, one.ControlPlane));
        await one.AskAsync(Ask());
        Assert.Equal(First, (await one.AskAsync(Ask())).Deployment);
        Assert.Equal(First, (await two.AskAsync(Ask())).Deployment);
    }

    [Fact]
    public async Task SuspendedWhileAnotherFails_IsNotFailedOverTo()
    {
        await using var one = await GatewayUnderTest.StartAsync();
        await using var two = await SecondNode.StartAsync(one);
        using SemaphoreSlim arrived = new(0);
        using ManualResetEventSlim suspended = new(false);
        one.Fleet[First].AnswerWith(_ =>
        {
            arrived.Release();
            suspended.Wait(TimeSpan.FromSeconds(30));
            throw new InvalidOperationException("The provider fails.");
        });

        var asking = two.AskAsync(Ask());
        Assert.True(await arrived.WaitAsync(TimeSpan.FromSeconds(30)));
        foreach (var deployment in (string[])["azure-gpt4o-eastus", "claude-aws-us"])
        {
            Assert.Equal(HttpStatusCode.OK, (await SwitchAsync(one, one.ControlPlane, deployment, "suspend")).Status);
        }

        suspended.Set();
        var reply = await asking;

        Assert.Equal(HttpStatusCode.OK, reply.Status);
        Assert.Equal("local-llama", reply.Deployment);
        Assert.Equal(2, reply.Attempts);
        Assert.Empty(one.Fleet["azure-gpt4o-eastus"].Received);
        Assert.Empty(one.Fleet["claude-aws-us"].Received);
    }

    [Fact]
    public async Task WhenEverythingPermittedIsSuspended_ItIsUnavailable_AndNotForbidden()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        foreach (var deployment in (string[])[First, "azure-gpt4o-eastus", "claude-aws-us", "local-llama"])
        {
            await SwitchAsync(gateway, gateway.ControlPlane, deployment, "suspend");
        }

        var reply = await gateway.AskAsync(Ask());

        Assert.Equal(HttpStatusCode.ServiceUnavailable, reply.Status);
        Assert.Equal("permitted_providers_unavailable", reply.ErrorCode);
        Assert.True(reply.Headers.ContainsKey("retry-after-ms"));
        Assert.Empty(gateway.Fleet.Received);
    }

    [Theory]
    [InlineData("no-such-deployment", "operator", """{"reason":"x"}""", HttpStatusCode.NotFound)]
    [InlineData(First, "operator", """{"reason":""}""", HttpStatusCode.BadRequest)]
    [InlineData(First, "operator", """{"why":"x"}""", HttpStatusCode.BadRequest)]
    [InlineData(First, "operator", "nonsense", HttpStatusCode.BadRequest)]
    [InlineData(First, "operator", "", HttpStatusCode.BadRequest)]
    [InlineData(First, "app", """{"reason":"x"}""", HttpStatusCode.Forbidden)]
    [InlineData(First, "auditor", """{"reason":"x"}""", HttpStatusCode.Forbidden)]
    [InlineData(First, null, """{"reason":"x"}""", HttpStatusCode.Unauthorized)]
    public async Task WhoeverMayNot_OrDoesNotSayWhy_SwitchesNothing(string deployment, string? role, string body, HttpStatusCode expected)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();

        foreach (var verb in (string[])["suspend", "resume"])
        {
            Assert.Equal(expected, (await SwitchAsync(gateway, gateway.ControlPlane, deployment, verb, role, body)).Status);
        }

        Assert.False(await IsSuspendedAsync(gateway, gateway.ControlPlane));
        Assert.Equal(First, (await gateway.AskAsync(Ask())).Deployment);
    }

    private static System.Text.Json.Nodes.JsonObject Ask() => GatewayUnderTest.Chat("clinical-chat", "Summarise: asthma.");

    private static async Task<Reply> SwitchAsync(
        GatewayUnderTest gateway, Uri control, string deployment, string verb, string? role = "operator", string body = """{"reason":"it answers in another language"}""")
    {
        using HttpClient http = new();
        using HttpRequestMessage request = new(HttpMethod.Post, new Uri(control, $"/api/deployments/{deployment}/{verb}"))
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        if (role is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", gateway.Token(role));
        }

        using var response = await http.SendAsync(request);
        return await Reply.OfAsync(response);
    }

    private static async Task<bool> IsSuspendedAsync(GatewayUnderTest gateway, Uri control)
    {
        using HttpClient http = new();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", gateway.Token("operator"));
        var deployments = JsonDocument.Parse(await http.GetStringAsync(new Uri(control, "/api/deployments"))).RootElement.GetProperty("deployments");
        return deployments.EnumerateArray().Single(static deployment => deployment.GetProperty("id").GetString() == First).GetProperty("isSuspended").GetBoolean();
    }
}
