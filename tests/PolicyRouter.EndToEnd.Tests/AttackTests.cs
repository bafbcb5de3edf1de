using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using PolicyRouter.Gateway.Pipeline;
using PolicyRouter.Simulator.Faults;

namespace PolicyRouter.EndToEnd.Tests;

/// <summary>Ways around the policy, the record or the contract that do not work.</summary>
public class AttackTests
{
    [Fact]
    public async Task DeploymentSuspendedWhileAnotherFails_IsNotFailedOverTo()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        gateway.Fleet["claude-anthropic"].AnswerWith(_ =>
        {
            Suspend(gateway, "claude-aws-us");
            Suspend(gateway, "azure-gpt4o-eastus");
            Assert.True(gateway.Stack.Gateway.ReloadPoliciesAsync(CancellationToken.None).GetAwaiter().GetResult());
            throw new InvalidOperationException("Now the provider is down.");
        });

        var reply = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise."));

        Assert.Equal("local-llama", reply.Deployment);
        Assert.Empty(gateway.Fleet["claude-aws-us"].Received);
        Assert.Empty(gateway.Fleet["azure-gpt4o-eastus"].Received);
        var versions = await RecordedAsync(gateway, reply, "policyVersion");
        Assert.Equal(2, versions.Count);
        Assert.NotEqual(versions[0], versions[1]);
    }

    [Fact]
    public async Task DeploymentSuspendedWhileItAskedForAPause_GetsNoSecondAttempt()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var local = gateway.Fleet["local-llama"];
        local.Behave(Fault.RateLimited(TimeSpan.FromSeconds(1)));
        var asking = gateway.AskAsync(GatewayUnderTest.Chat("local-llama", "Summarise."));
        await local.WaitForAsync(static sent => sent.Answered);
        Suspend(gateway, "local-llama");
        Assert.True(await gateway.Stack.Gateway.ReloadPoliciesAsync(CancellationToken.None));

        var reply = await asking;

        Assert.Equal(HttpStatusCode.ServiceUnavailable, reply.Status);
        Assert.Single(local.Received);
    }

    [Fact]
    public async Task BodyThatTakesItsTime_IsDecidedByThePolicyInForceAtItsEnd()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var body = Encoding.UTF8.GetBytes(GatewayUnderTest.Chat("clinical-chat", "Summarise.").ToJsonString());
        using TcpClient client = new();
        await client.ConnectAsync(gateway.DataPlane.Host, gateway.DataPlane.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Head(gateway, $"Content-Length: {body.Length}\r\nExpect: 100-continue\r\n"));
        using StreamReader reader = new(stream, Encoding.UTF8, leaveOpen: true);

        // The server asks for the body when the endpoint begins to read it.
        Assert.Equal("HTTP/1.1 100 Continue", await reader.ReadLineAsync());
        Suspend(gateway, "claude-anthropic");
        Assert.True(await gateway.Stack.Gateway.ReloadPoliciesAsync(CancellationToken.None));
        await stream.WriteAsync(body);
        var answer = await reader.ReadToEndAsync();

        Assert.Contains("200 OK", answer, StringComparison.Ordinal);
        Assert.Empty(gateway.Fleet["claude-anthropic"].Received);
        Assert.Single(gateway.Fleet["claude-aws-us"].Received);
    }

    [Theory]
    [InlineData("Transfer-Encoding: chunked\r\n", "zzz\r\nnonsense\r\n")]
    public async Task BodyThatIsBrokenOnTheWire_Gets400_NotAnInternalError(string header, string body)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        using TcpClient client = new();
        await client.ConnectAsync(gateway.DataPlane.Host, gateway.DataPlane.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Head(gateway, header));
        await stream.WriteAsync(Encoding.ASCII.GetBytes(body));
        using StreamReader reader = new(stream);

        var answer = await reader.ReadToEndAsync();

        Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
        Assert.Contains("invalid_request", answer, StringComparison.Ordinal);
        Assert.Contains("X-Decision-Id", answer, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(gateway.Fleet.Received);
    }

    [Fact]
    public async Task RotatedKey_IsReadAgain_AndTheSameTargetTriedOnce_WithItsOwnRecord()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var file = Path.Combine(Path.GetDirectoryName(gateway.Stack.Policies)!, "keys", "claude-anthropic");
        var key = await File.ReadAllTextAsync(file);
        await File.WriteAllTextAsync(file, "an-old-key");
        gateway.Fleet["claude-anthropic"].Next(Fault.Unavailable);
        Assert.Equal(2, (await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Reads the old key."))).Attempts);
        await File.WriteAllTextAsync(file, key);

        var reply = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise."));

        Assert.Equal("claude-anthropic", reply.Deployment);
        Assert.Equal(2, reply.Attempts);
        Assert.Equal(["claude-anthropic", "claude-anthropic"], await RecordedAsync(gateway, reply, "authorizedDeployment"));
    }

    [Fact]
    public async Task RotatedKeyWhoseFailureOpensTheBreaker_LeavesTheOtherTargets()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var file = Path.Combine(Path.GetDirectoryName(gateway.Stack.Policies)!, "keys", "claude-anthropic");
        var key = await File.ReadAllTextAsync(file);
        await File.WriteAllTextAsync(file, "an-old-key");
        for (var failure = 0; failure < 2; failure++)
        {
            gateway.Fleet["claude-anthropic"].Next(Fault.Unavailable);
            Assert.Equal(2, (await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Fails and moves on."))).Attempts);
        }

        await File.WriteAllTextAsync(file, key);

        var reply = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise."));

        Assert.Equal(HttpStatusCode.OK, reply.Status);
        Assert.NotEqual("claude-anthropic", reply.Deployment);
    }

    [Fact]
    public async Task DeadlineThatPassesAfterAPause_Is504_AndBothAttemptsAreInTheLog()
    {
        WatchedTime time = new(DateTimeOffset.UtcNow);
        await using var gateway = await GatewayUnderTest.StartAsync(options =>
        {
            options.Time = time;
            options.ConfigureServices = static services => services.AddSingleton(new ChatLimits { RequestDeadline = TimeSpan.FromSeconds(2) });
        });
        gateway.Fleet["local-llama"].Next(Fault.RateLimited(TimeSpan.Zero), Fault.Hang);

        var asking = gateway.AskAsync(GatewayUnderTest.Chat("local-llama", "Summarise."));
        await gateway.Fleet["local-llama"].WaitForAsync(static request => request.IsWaiting);
        time.Advance(TimeSpan.FromSeconds(2));
        var reply = await asking;

        Assert.Equal(HttpStatusCode.GatewayTimeout, reply.Status);
        Assert.Equal("deadline_exceeded", reply.ErrorCode);
        Assert.Equal(2, (await gateway.OutcomeOfAsync(reply.DecisionId)).GetProperty("attempts").GetInt32());
    }

    [Fact]
    public async Task LastTargetThatAsksForAShortPause_IsTriedOnceMore_WithItsOwnRecord()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        gateway.Fleet["local-llama"].Next(Fault.RateLimited(TimeSpan.Zero));

        var reply = await gateway.AskAsync(GatewayUnderTest.Chat("local-llama", "Summarise."));

        Assert.Equal(HttpStatusCode.OK, reply.Status);
        Assert.Equal(["local-llama", "local-llama"], await RecordedAsync(gateway, reply, "authorizedDeployment"));
    }

    [Fact]
    public async Task CallerThatLeavesInTheSecondAttempt_LeavesBothAttemptsInTheLog()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        gateway.Fleet["claude-anthropic"].Behave(Fault.Unavailable);
        foreach (var other in gateway.Fleet.Providers.Where(static provider => provider.Name != "claude-anthropic"))
        {
            other.Behave(Fault.Hang);
        }

        using CancellationTokenSource leaving = new();
        var asking = gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise."), cancellationToken: leaving.Token);
        await Task.WhenAny(gateway.Fleet.Providers
            .Where(static provider => provider.Name != "claude-anthropic")
            .Select(static provider => provider.WaitForAsync(static _ => true)));
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);

        var page = await gateway.ControlAsync("/api/decisions", "auditor");
        var id = page.Json.GetProperty("decisions")[0].GetProperty("id").GetGuid();
        var outcome = await gateway.OutcomeOfAsync(id);
        Assert.Equal("cancelled", outcome.GetProperty("outcome").GetString());
        Assert.Equal(2, outcome.GetProperty("attempts").GetInt32());
        Assert.Equal("claude-anthropic status_503", outcome.GetProperty("failures")[0].GetString());
    }

    [Fact]
    public async Task DryRunWithAPurposeThatIsNotAllowed_IsRefusedLikeTheRealOne()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();

        var reply = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "x"), purpose: "curiosity", headers: ("X-Dry-Run", "true"));

        Assert.Equal(HttpStatusCode.Forbidden, reply.Status);
        Assert.Equal("purpose_not_allowed", reply.ErrorCode);
        Assert.Empty(gateway.Fleet.Received);
    }

    [Fact]
    public async Task PurposeOfMegabytes_IsRefused_AndTheRefusalIsRecordedWithoutIt()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var body = GatewayUnderTest.Chat("clinical-chat", "x");
        body["metadata"] = new System.Text.Json.Nodes.JsonObject { ["purpose"] = new string('p', 2_000_000) };

        var reply = await gateway.AskAsync(body, purpose: null);

        Assert.Equal("purpose_not_allowed", reply.ErrorCode);
        Assert.Equal("deny", Assert.Single(await RecordedAsync(gateway, reply, "outcome")));
    }

    [Theory]
    [InlineData("/v1/chat/completions", "POST", null, 401)]
    [InlineData("/v1/nowhere", "GET", "app", 404)]
    [InlineData("/v1/chat/completions", "GET", "app", 404)]
    [InlineData("/v1/models", "GET", "app", 200)]
    [InlineData("/v1/models", "GET", "auditor", 403)]
    [InlineData("/v1/models?access_token=x", "GET", "app", 401)]
    public async Task EveryAnswerOfTheDataPlane_CarriesTheHeadersOfTheContract(string address, string method, string? role, int status)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        using HttpClient http = new();
        using HttpRequestMessage request = new(new HttpMethod(method), new Uri(gateway.DataPlane, address));
        if (role is not null)
        {
            request.Headers.Add("Authorization", $"Bearer {gateway.Token(role)}");
        }

        var reply = await Reply.OfAsync(await http.SendAsync(request));

        Assert.Equal(status, (int)reply.Status);
        Assert.All(
            ["X-Decision-Id", "X-Policy-Version", "X-Data-Class", "X-Attempts", "X-Redactions", "X-Gateway-Overhead-Ms", "x-request-id"],
            name => Assert.True(reply.Headers.ContainsKey(name), $"{name} is missing"));
        if (status >= 400)
        {
            Assert.Equal("false", reply.Headers["x-should-retry"]);
        }
    }

    private static void Suspend(GatewayUnderTest gateway, string deployment)
    {
        var registry = Path.Combine(gateway.Stack.Policies, "registry.yaml");
        var text = File.ReadAllText(registry);
        var status = text.IndexOf("status: approved", text.IndexOf($"id: {deployment}", StringComparison.Ordinal), StringComparison.Ordinal);
        File.WriteAllText(registry, text[..status] + "status: suspended" + text[(status + "status: approved".Length)..]);
    }

    private static byte[] Head(GatewayUnderTest gateway, string framing) => Encoding.ASCII.GetBytes(
        $"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n{framing}"
        + $"Authorization: Bearer {gateway.Token("app")}\r\nX-Data-Class: phi\r\nX-Data-Subjects: us\r\nX-Purpose: treatment\r\n\r\n");

    /// <summary>One member of each event of a request that has it as a text.</summary>
    private static async Task<IReadOnlyList<string?>> RecordedAsync(GatewayUnderTest gateway, Reply reply, string member) =>
    [
        .. (await gateway.EventsOfAsync(reply.DecisionId))
            .Select(static recorded => JsonDocument.Parse(recorded.CanonicalJson).RootElement)
            .Where(json => json.TryGetProperty(member, out var value) && value.ValueKind is JsonValueKind.String
                && (member != "outcome" || json.TryGetProperty("refusalCode", out _)))
            .Select(json => json.GetProperty(member).GetString()),
    ];
}
