using System.Text;
using Microsoft.AspNetCore.Http;
using PolicyRouter.Gateway.Providers;
using PolicyRouter.Gateway.Wire.OpenAi;

namespace PolicyRouter.Gateway.Tests.Providers;

/// <summary>What looks like an answer and is none moves on to the next target.</summary>
public sealed class EmptyAnswerTests
{
    [Theory]
    [InlineData("data: [DONE]\n\n")]
    [InlineData("data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\ndata: [DONE]\n\n")]
    [InlineData("data: {\"choices\":[]}\n\ndata: [DONE]\n\n")]
    public async Task StreamThatEndsWithoutAWordOrAReason_IsAFailedAttempt(string events)
    {
        await using var provider = await ScriptedProvider.StreamingAsync(events);

        Assert.Equal(FailureKind.Malformed, Assert.IsType<ProviderReply.Failed>(await AskAsync(provider, isStreaming: true)).Failure.Kind);
    }

    [Theory]
    [InlineData("{\"choices\":[]}")]
    [InlineData("{\"choices\":[{\"message\":{\"content\":\"\\ud800\"}}]}")]
    [InlineData("{\"choices\":[{\"message\":{\"\\udc00\":\"x\"}}]}")]
    [InlineData("{\"choices\":{}}")]
    [InlineData("[]")]
    [InlineData("")]
    public async Task WholeAnswerThatCannotBeGivenOn_IsAFailedAttempt(string answer)
    {
        await using var provider = await ScriptedProvider.StartAsync(http =>
        {
            http.Response.ContentType = "application/json";
            return http.Response.WriteAsync(answer);
        });

        Assert.Equal(FailureKind.Malformed, Assert.IsType<ProviderReply.Failed>(await AskAsync(provider, isStreaming: false)).Failure.Kind);
    }

    private static Task<ProviderReply> AskAsync(ScriptedProvider provider, bool isStreaming) =>
        Endpoints.SendAsync(Endpoints.At(provider.Url), Encoding.UTF8.GetBytes("{}"), isStreaming);
}
