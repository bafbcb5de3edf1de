#pragma warning disable OPENAI001 // Its client of the Responses API may still change.
using System.ClientModel;
using System.Text;
using System.Text.Json;
using Anthropic;
using Anthropic.Exceptions;
using Anthropic.Models.Messages;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Embeddings;
using OpenAI.Responses;
using PolicyRouter.Simulator.Faults;

namespace PolicyRouter.EndToEnd.Tests;

/// <summary>The official client libraries, which must not notice that they talk to a gateway.</summary>
public class SdkTests
{
    private const string Text = "Summarise: atrial fibrillation, SSN 536-22-1847.";

    [Theory]
    [InlineData("claude-anthropic", false)]
    [InlineData("claude-anthropic", true)]
    [InlineData("azure-gpt4o-eastus", false)]
    [InlineData("azure-gpt4o-eastus", true)]
    public async Task Anthropic_Messages(string model, bool stream)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var client = Anthropic(gateway);
        StringBuilder answer = new();
        if (stream)
        {
            await foreach (var one in client.Messages.CreateStreaming(Message(model)))
            {
                if (one.TryPickContentBlockDelta(out var delta) && delta.Delta.TryPickText(out var text))
                {
                    answer.Append(text.Text);
                }
            }
        }
        else
        {
            var message = await client.Messages.Create(Message(model));
            Assert.True(message.Content[0].TryPickText(out var text));
            answer.Append(text.Text);
            Assert.True(message.Usage.OutputTokens > 0);
        }

        Assert.Contains(Text, answer.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("536-22-1847", Assert.Single(gateway.Fleet.Received).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Anthropic_ToolsCountsAndModels()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var client = Anthropic(gateway);
        var message = await client.Messages.Create(Message("azure-gpt4o-eastus") with
        {
            Messages = [new UserMessageParam("Call find_claim for SSN 536-22-1847.")],
            Tools = [new Tool { Name = "find_claim", InputSchema = new() { Properties = new Dictionary<string, JsonElement> { ["query"] = JsonSerializer.SerializeToElement(new { type = "string" }) } } }],
        });
        var call = message.Content.Select(static block => block.TryPickToolUse(out var use) ? use : null).Single(static use => use is not null)!;
        Assert.Contains("536-22-1847", call.Input["query"].GetString(), StringComparison.Ordinal);

        var count = await client.Messages.CountTokens(new() { Model = "claude-anthropic", Messages = [new UserMessageParam("x y z")] });
        Assert.True(count.InputTokens > 0);

        var models = await client.Models.List();
        Assert.Contains("clinical-chat", models.Items.Select(static model => model.ID));
    }

    [Fact]
    public async Task Anthropic_ErrorsAreOfTheLibrarysOwnKinds()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var client = Anthropic(gateway);

        await Assert.ThrowsAsync<AnthropicForbiddenException>(() => client.Messages.Create(Message("groq-llama")));
        await Assert.ThrowsAsync<AnthropicNotFoundException>(() => client.Messages.Create(Message("no-such-model")));
        await Assert.ThrowsAsync<AnthropicUnauthorizedException>(() =>
            new AnthropicClient { BaseUrl = gateway.DataPlane.AbsoluteUri, ApiKey = "wrong", MaxRetries = 0 }.Messages.Create(Message("claude-anthropic")));
        gateway.Fleet["claude-anthropic"].Behave(Fault.Overloaded);
        await Assert.ThrowsAsync<AnthropicServiceUnavailableException>(() => client.Messages.Create(Message("claude-anthropic")));
    }

    [Theory]
    [InlineData("claude-anthropic", false)]
    [InlineData("azure-gpt4o-eastus", true)]
    public async Task OpenAi_Responses(string model, bool stream)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        ResponsesClient client = new(Key(gateway), new ResponsesClientOptions { Endpoint = new Uri(gateway.DataPlane, "/v1") });
        StringBuilder answer = new();
        if (stream)
        {
            await foreach (var update in client.CreateResponseStreamingAsync(model, Text))
            {
                answer.Append((update as StreamingResponseOutputTextDeltaUpdate)?.Delta);
            }
        }
        else
        {
            answer.Append((await client.CreateResponseAsync(model, Text)).Value.GetOutputText());
        }

        Assert.Contains(Text, answer.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("536-22-1847", Assert.Single(gateway.Fleet.Received).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenAi_Embeddings()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        EmbeddingClient client = new("azure-gpt4o-eastus", Key(gateway), Options(gateway));

        var embeddings = await client.GenerateEmbeddingsAsync([Text, "another"]);

        Assert.Equal(2, embeddings.Value.Count);
        Assert.Equal(256, embeddings.Value[1].ToFloats().Length);
        Assert.DoesNotContain("536-22-1847", Assert.Single(gateway.Fleet.Received).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenAi_ToolsAndErrors()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        ChatCompletionOptions options = new() { Tools = { ChatTool.CreateFunctionTool("find_claim", "finds", BinaryData.FromString("""{"type":"object","properties":{"query":{"type":"string"}}}""")) } };
        var answer = (await new ChatClient("claude-anthropic", Key(gateway), Options(gateway)).CompleteChatAsync([new UserChatMessage("Call find_claim for SSN 536-22-1847.")], options)).Value;

        Assert.Equal(ChatFinishReason.ToolCalls, answer.FinishReason);
        Assert.Contains("536-22-1847", answer.ToolCalls[0].FunctionArguments.ToString(), StringComparison.Ordinal);
        var denied = await Assert.ThrowsAsync<ClientResultException>(() => new ChatClient("groq-llama", Key(gateway), Options(gateway)).CompleteChatAsync(Text));
        Assert.Equal(403, denied.Status);
    }

    private static AnthropicClient Anthropic(GatewayUnderTest gateway) =>
        new() { BaseUrl = gateway.DataPlane.AbsoluteUri, ApiKey = gateway.Stack.Token("sdk", "app", floor: "phi", purpose: "payment", subjects: "us"), MaxRetries = 0 };

    private static MessageCreateParams Message(string model) => new() { Model = model, MaxTokens = 500, Messages = [new UserMessageParam(Text)] };

    private static ApiKeyCredential Key(GatewayUnderTest gateway) => new(gateway.Stack.Token("sdk", "app", floor: "phi", purpose: "payment", subjects: "us"));

    private static OpenAIClientOptions Options(GatewayUnderTest gateway) => new() { Endpoint = new Uri(gateway.DataPlane, "/v1"), RetryPolicy = new System.ClientModel.Primitives.ClientRetryPolicy(0) };
}
