using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text;
using OpenAI;
using OpenAI.Chat;
using PolicyRouter.Simulator.Faults;

namespace PolicyRouter.Simulator.Tests;

/// <summary>The official .NET client takes the simulator for the real thing.</summary>
public sealed class OpenAiSdkTests : FleetTests
{
    private static readonly ChatTool SendMail = ChatTool.CreateFunctionTool(
        "send_mail",
        "Sends a mail",
        BinaryData.FromString("""{"type":"object","properties":{"to":{"type":"string"}}}"""));

    protected override IReadOnlyList<ProviderProfile> Profiles => [FleetOf.OpenAi];

    [Fact]
    public async Task AWholeAnswer_IsUnderstood()
    {
        ChatCompletion completion = await Chat().CompleteChatAsync([new SystemChatMessage("Be kind."), new UserChatMessage("Write to PERSON_7QX_1")]);

        Assert.Contains("PERSON_7QX_1", completion.Content[0].Text, StringComparison.Ordinal);
        Assert.Equal(ChatFinishReason.Stop, completion.FinishReason);
        Assert.Equal(completion.Usage.TotalTokenCount, completion.Usage.InputTokenCount + completion.Usage.OutputTokenCount);
        Assert.Equal(0, completion.Usage.InputTokenDetails.CachedTokenCount);
        Assert.Equal("fp_simulated00", completion.SystemFingerprint);
    }

    [Fact]
    public async Task AStream_IsUnderstood_WithUsageAndFinishReason()
    {
        StringBuilder text = new();
        ChatFinishReason? finish = null;
        ChatTokenUsage? usage = null;
        await foreach (var update in Chat().CompleteChatStreamingAsync([new UserChatMessage("Write to PERSON_7QX_1")]))
        {
            foreach (var part in update.ContentUpdate)
            {
                text.Append(part.Text);
            }

            finish ??= update.FinishReason;
            usage ??= update.Usage;
        }

        Assert.Contains("Write to PERSON_7QX_1", text.ToString(), StringComparison.Ordinal);
        Assert.Equal(ChatFinishReason.Stop, finish);
        Assert.True(usage!.OutputTokenCount > 0);
    }

    [Fact]
    public async Task ToolCalls_AreUnderstood_WholeAndStreamed()
    {
        ChatCompletionOptions options = new() { Tools = { SendMail } };
        ChatCompletion completion = await Chat().CompleteChatAsync([new UserChatMessage("send_mail to PERSON_7QX_1")], options);

        Assert.Equal(ChatFinishReason.ToolCalls, completion.FinishReason);
        Assert.Equal("send_mail", completion.ToolCalls[0].FunctionName);

        StringBuilder arguments = new();
        await foreach (var update in Chat().CompleteChatStreamingAsync([new UserChatMessage("send_mail to PERSON_7QX_1")], options))
        {
            foreach (var call in update.ToolCallUpdates)
            {
                arguments.Append(call.FunctionArgumentsUpdate);
            }
        }

        Assert.Equal(completion.ToolCalls[0].FunctionArguments.ToString(), arguments.ToString());
        Assert.Contains("PERSON_7QX_1", arguments.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnError_IsThrownWithItsStatus()
    {
        Provider.Behave(Fault.Status(404));
        var missing = await Assert.ThrowsAsync<ClientResultException>(() => Chat().CompleteChatAsync([new UserChatMessage("x")]));

        Assert.Equal(404, missing.Status);
    }

    [Fact]
    public async Task AConnectionCutInAStream_IsThrown()
    {
        Provider.Behave(Fault.Cut(after: 2));
        StringBuilder text = new();

        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await foreach (var update in Chat().CompleteChatStreamingAsync([new UserChatMessage("Write to PERSON_7QX_1")]))
            {
                text.Append(update.ContentUpdate.FirstOrDefault()?.Text);
            }
        });

        Assert.NotEmpty(text.ToString());
    }

    [Fact]
    public async Task ARateLimitThatPasses_IsRetriedByTheClient()
    {
        Provider.Next(Fault.RateLimited(TimeSpan.Zero));
        ChatCompletion completion = await Chat(retries: 1).CompleteChatAsync([new UserChatMessage("again")]);

        Assert.Contains("again", completion.Content[0].Text, StringComparison.Ordinal);
        Assert.Equal(2, Provider.Received.Count);
    }

    private ChatClient Chat(int retries = 0) => new(
        Provider.Model,
        new ApiKeyCredential(Provider.Credential!),
        new OpenAIClientOptions { Endpoint = new Uri(Provider.BaseUrl, "/v1"), RetryPolicy = new ClientRetryPolicy(retries) });
}
