using System.Net;
using System.Text.Json;
using PolicyRouter.Simulator.Answers;

namespace PolicyRouter.EndToEnd.Tests;

/// <summary>Client libraries send a request again when they think it was lost.</summary>
public class ClientRetryTests
{
    [Theory]
    [InlineData("Idempotency-Key", "abc", "Idempotency-Key", "abc")]
    [InlineData("x-stainless-retry-count", "0", "x-stainless-retry-count", "1")]
    public async Task ARetry_IsDecidedAnew_AndRecordedAsWhatItRepeats(string name, string value, string retryName, string retryValue)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var body = GatewayUnderTest.Chat("clinical-chat", "Summarise.");

        var first = await gateway.AskAsync(body, headers: (name, value));
        var retry = await gateway.AskAsync(body, headers: (retryName, retryValue));
        var other = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Another."), headers: (retryName, retryValue + "1"));

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.OK], [first.Status, retry.Status, other.Status]);
        Assert.Equal(first.DecisionId, (await DecidedAsync(gateway, retry)).GetProperty("retryOf").GetGuid());
        Assert.False((await DecidedAsync(gateway, first)).TryGetProperty("retryOf", out _));
        Assert.False((await DecidedAsync(gateway, other)).TryGetProperty("retryOf", out _));
        Assert.Equal(3, gateway.Fleet.Received.Count);
    }

    [Theory]
    [InlineData("/v1/chat/completions", "Idempotency-Key", "abc")]
    [InlineData("/v1/chat/completions", "x-stainless-retry-count", "1")]
    [InlineData("/v1/messages", "x-stainless-retry-count", "1")]
    public async Task WhileTheFirstRuns_ItsRetryIsRefused_AndNothingIsSentTwice(string path, string name, string value)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var claude = gateway.Fleet["claude-anthropic"];
        using ManualResetEventSlim mayAnswer = new();
        claude.AnswerWith(_ =>
        {
            mayAnswer.Wait(TimeSpan.FromSeconds(30));
            return new Answer("Done.");
        });
        var body = GatewayUnderTest.Chat("claude-anthropic", "Summarise.");
        body["max_tokens"] = 50;
        var first = gateway.AskAtAsync(path, body, headers: (name, name[0] == 'x' ? "0" : value));
        await claude.WaitForAsync(static _ => true);

        var retry = await gateway.AskAtAsync(path, body, headers: (name, value));

        mayAnswer.Set();
        Assert.Equal(HttpStatusCode.Conflict, retry.Status);
        Assert.Equal("retry_in_flight", retry.ErrorCode);
        Assert.Equal("true", retry.Headers["x-should-retry"]);
        Assert.Equal(HttpStatusCode.OK, (await first).Status);
        Assert.Single(gateway.Fleet.Received);
    }

    [Fact]
    public async Task TheLogSays_WhichApiWasCalled()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var body = GatewayUnderTest.Chat("claude-anthropic", "Summarise.");
        body["max_tokens"] = 50;

        var chat = await gateway.AskAtAsync("/v1/chat/completions", body);
        var messages = await gateway.AskAtAsync("/v1/messages", body);

        Assert.Equal("openai-chat", (await DecidedAsync(gateway, chat)).GetProperty("wire").GetString());
        Assert.Equal("anthropic-messages", (await DecidedAsync(gateway, messages)).GetProperty("wire").GetString());
    }

    private static async Task<JsonElement> DecidedAsync(GatewayUnderTest gateway, Reply reply) =>
        JsonDocument.Parse((await gateway.EventsOfAsync(reply.DecisionId))[0].CanonicalJson).RootElement;
}
