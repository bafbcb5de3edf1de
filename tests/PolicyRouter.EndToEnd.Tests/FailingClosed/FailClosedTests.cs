using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PolicyRouter.Gateway.Pipeline;
using PolicyRouter.Gateway.Secrets;
using PolicyRouter.Gateway.Snapshots;
using PolicyRouter.Simulator.Faults;

namespace PolicyRouter.EndToEnd.Tests.FailingClosed;

/// <summary>A step that fails, is cancelled or does not come back: nothing is sent, and the caller and the log are told what they may know.</summary>
public sealed partial class FailClosedTests
{
    private const string Words = "words of a patient";

    // The detector of encoded text has something to do.
    private const string Prompt = "Summarise cGF0aWVudCBKYW5lIFJvZSwgU1NOIDEyMy00NS02Nzg5.";

    // Nobody else waits for as long.
    private static readonly TimeSpan FirstToken = TimeSpan.FromSeconds(17);

    [Theory]
    [InlineData("detector", "classify")]
    [InlineData("engine", "decide")]
    public async Task StepThatFails_IsAnErrorWithoutDetail_AndNothingIsSent(string part, string step)
    {
        using CapturedLog log = new();
        await using var gateway = await GatewayUnderTest.StartAsync(options => options.ConfigureServices = log.AddTo);
        foreach (var how in (string[])["throws", "is cancelled"])
        {
            using Failing failing = new(how);
            var mend = Break(gateway, part, failing);
            foreach (var isStreaming in (bool[])[false, true])
            {
                var refused = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", Prompt, isStreaming));

                Assert.Equal(HttpStatusCode.InternalServerError, refused.Status);
                Assert.Equal("internal_error", refused.ErrorCode);
                Assert.Equal("0", refused.Headers["X-Attempts"]);
                Assert.DoesNotContain(Words, refused.Body, StringComparison.Ordinal);
                Assert.Contains($"in step {step}; nothing further was sent", LineOf(log, refused.DecisionId), StringComparison.Ordinal);

                // Nothing was decided, so there is no decision.
                Assert.Empty(await gateway.EventsOfAsync(refused.DecisionId));
            }

            mend();
            Assert.Empty(gateway.Fleet.Received);
        }

        Assert.DoesNotContain(Words, log.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", Prompt))).Status);
    }

    [Theory]
    [InlineData("detector")]
    [InlineData("engine")]
    public async Task StepThatComesBackAfterTheDeadline_Is504_AndNothingIsSent(string part)
    {
        WatchedTime time = new(DateTimeOffset.UtcNow);
        await using var gateway = await GatewayUnderTest.StartAsync(options => options.Time = time);
        using Failing failing = new("hangs");
        Break(gateway, part, failing);

        var asking = gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", Prompt));
        await failing.Reached;
        time.Advance(new ChatLimits().RequestDeadline);
        Assert.False(asking.IsCompleted);
        Assert.Empty(gateway.Fleet.Received);
        failing.Release();
        var reply = await asking;

        Assert.Equal(HttpStatusCode.GatewayTimeout, reply.Status);
        Assert.Equal("deadline_exceeded", reply.ErrorCode);
        Assert.Empty(gateway.Fleet.Received);
        var outcome = await gateway.OutcomeOfAsync(reply.DecisionId);
        Assert.Equal("failed", outcome.GetProperty("outcome").GetString());
        Assert.Equal(504, outcome.GetProperty("httpStatus").GetInt32());
    }

    [Theory]
    [InlineData("detector")]
    [InlineData("engine")]
    public async Task CallerWhoLeavesWhileAStepHangs_IsSentNowhere_AndOthersAreAnsweredMeanwhile(string part)
    {
        using CapturedLog log = new();
        await using var gateway = await GatewayUnderTest.StartAsync(options => options.ConfigureServices = log.AddTo);
        using Failing failing = new("hangs");
        var mend = Break(gateway, part, failing);
        using CancellationTokenSource leaving = new();

        var asking = gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", Prompt), cancellationToken: leaving.Token);
        await failing.Reached;
        mend();
        var other = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise."));
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        failing.Release();
        await log.LineWithAsync("the caller left");

        Assert.Equal(HttpStatusCode.OK, other.Status);
        Assert.Single(gateway.Fleet.Received);
    }

    [Theory]
    [InlineData("throws")]
    [InlineData("is cancelled")]
    [InlineData("hangs")]
    public async Task SecretThatCannotBeHad_IsARecordedFailureOfEachTarget_AndNothingIsSent(string how)
    {
        using CapturedLog log = new();
        var began = DateTimeOffset.UtcNow;
        WatchedTime time = new(began);
        using FailingVault vault = new(how);
        await using var gateway = await GatewayUnderTest.StartAsync(options =>
        {
            options.Time = time;
            options.EditPolicies = KeysInTheVault;
            options.ConfigureServices = services =>
            {
                log.AddTo(services);
                services.AddSingleton(provider => new SecretResolver(vault, time, provider.GetRequiredService<ILogger<SecretResolver>>()));
            };
        });

        var reply = await WithPatienceAsync(gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise.")), vault, time);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, reply.Status);
        Assert.Equal("permitted_providers_unavailable", reply.ErrorCode);
        Assert.True(reply.Headers.ContainsKey("retry-after"));
        Assert.Empty(gateway.Fleet.Received);
        var outcome = await gateway.OutcomeOfAsync(reply.DecisionId);
        Assert.Equal("failed", outcome.GetProperty("outcome").GetString());
        Assert.Equal(
            ["azure-gpt4o-eastus", "claude-anthropic", "claude-aws-us", "local-llama"],
            outcome.GetProperty("failures").EnumerateArray()
                .Select(static failure => failure.GetString()!.Split(' ') is [var target, "credential_unavailable"] ? target : failure.GetString()!)
                .Order(StringComparer.Ordinal));
        Assert.DoesNotContain(Words, log.Text + reply.Body, StringComparison.Ordinal);
        Assert.Equal(how == "hangs" ? FirstToken * 4 : TimeSpan.Zero, time.GetUtcNow() - began);
    }

    [Theory]
    [InlineData("throws")]
    [InlineData("hangs")]
    public async Task SecretThatIsRefused_AndCannotBeReadAgain_LeavesTheOtherTargets(string how)
    {
        var began = DateTimeOffset.UtcNow;
        WatchedTime time = new(began);
        GatewayUnderTest? started = null;
        using FailingVault vault = new(how, name => started!.Fleet[name].Credential!);
        await using var gateway = started = await GatewayUnderTest.StartAsync(options =>
        {
            options.Time = time;
            options.EditPolicies = KeysInTheVault;
            options.ConfigureServices = services => services.AddSingleton(provider => new SecretResolver(vault, time, provider.GetRequiredService<ILogger<SecretResolver>>()));
        });
        gateway.Fleet["claude-anthropic"].Next(Fault.Unauthorized);

        var reply = await WithPatienceAsync(gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise.")), vault, time);

        Assert.Equal(HttpStatusCode.OK, reply.Status);
        Assert.NotEqual("claude-anthropic", reply.Deployment);
        Assert.Equal(2, gateway.Fleet.Received.Count);
        Assert.Equal(how == "hangs" ? FirstToken : TimeSpan.Zero, time.GetUtcNow() - began);
    }

    /// <summary>The clock moves on whenever the vault hangs and somebody waits for it.</summary>
    private static async Task<Reply> WithPatienceAsync(Task<Reply> asking, FailingVault vault, WatchedTime time)
    {
        while (await Task.WhenAny(asking, vault.HangingAsync()) != asking)
        {
            await time.WaitOfAsync(FirstToken, FirstToken);
            time.Advance(FirstToken);
        }

        return await asking;
    }

    private static Action Break(GatewayUnderTest gateway, string part, Failing failing)
    {
        var policy = gateway.Stack.Gateway.Services.GetRequiredService<PolicySource>().Active!;
        return part == "detector" ? FaultyParts.BreakDetector(RedactionSetup.Of(policy).Scanner, failing) : FaultyParts.BreakEngine(policy, failing);
    }

    private static string LineOf(CapturedLog log, Guid request) => log.Text.Split('\n').First(line => line.Contains($"Request {request}", StringComparison.Ordinal));

    private static void KeysInTheVault(string policies)
    {
        var endpoints = Path.Combine(policies, "endpoints.yaml");
        File.WriteAllText(endpoints, KeyInAFile().Replace(File.ReadAllText(endpoints), "credential: vault:$1")
            .Replace("first token: 1s, between tokens: 2s, total: 3s", "first token: 17s, between tokens: 17s, total: 2m", StringComparison.Ordinal));
    }

    [GeneratedRegex("credential: file:.*/(.*)")]
    private static partial Regex KeyInAFile();
}
