#pragma warning disable OPENAI001 // Its client of the Responses API may still change.
using System.ClientModel;
using System.ClientModel.Primitives;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using OpenAI;

namespace PolicyRouter.EndToEnd.Tests.ClientLibraries;

/// <summary>Carries the scenarios out with Microsoft.Extensions.AI over the official OpenAI library.</summary>
public abstract class ExtensionsAiLibrary : ClientLibrary
{
    // Otherwise a client that leaves drains the answer first, and the gateway learns of it two seconds late.
    private static readonly HttpClient Http = new(new SocketsHttpHandler { ResponseDrainTimeout = TimeSpan.Zero, UseProxy = false });

    internal override async Task<Outcome> RunAsync(Ask ask)
    {
        try
        {
            return ask.Scenario switch
            {
                "chat" => await (ask.Stream ? StreamAsync(ChatOf(ask), MessageOf(ask)) : WholeAsync(ChatOf(ask), MessageOf(ask))),
                "tools" => await CallToolsAsync(ask),
                "object" => new Outcome { Object = JsonSerializer.SerializeToElement((await ChatOf(ask).GetResponseAsync<FoundClaim>(ask.Text)).Result, JsonSerializerOptions.Web) },
                "embed" => await EmbedAsync(ask),
                "abort" => await LeaveAsync(ask),
                "many" => new Outcome { Answers = await Task.WhenAll(ask.Texts.Select(text => StreamAsync(ChatOf(ask), MessageOf(ask with { Text = text })))) },
                _ => throw new ArgumentOutOfRangeException(nameof(ask), ask.Scenario, "There is no such scenario."),
            };
        }
        catch (Exception thrown) when (thrown is ClientResultException or IOException or HttpRequestException)
        {
            return new Outcome { Error = new Failure(thrown.GetType().Name, (thrown as ClientResultException)?.Status, thrown.ToString()) };
        }
    }

    private static ChatMessage MessageOf(Ask ask) =>
        new(ChatRole.User, ask.Image is null ? [new TextContent(ask.Text)] : [new TextContent(ask.Text), new DataContent(ask.Image)]);

    private static async Task<Outcome> WholeAsync(IChatClient chat, ChatMessage message, ChatOptions? options = null) =>
        OutcomeOf(await chat.GetResponseAsync(message, options));

    private static async Task<Outcome> StreamAsync(IChatClient chat, ChatMessage message, ChatOptions? options = null)
    {
        List<ChatResponseUpdate> updates = [];
        StringBuilder text = new();
        await foreach (var update in chat.GetStreamingResponseAsync(message, options))
        {
            updates.Add(update);
            text.Append(update.Text);
        }

        return OutcomeOf(updates.ToChatResponse()) with { Text = text.ToString(), Pieces = updates.Count(static update => update.Text.Length > 0) };
    }

    private static Outcome OutcomeOf(ChatResponse response) => new()
    {
        Text = response.Text,
        Assembled = response.Text,
        Finish = response.FinishReason?.Value,
        InputTokens = (int?)response.Usage?.InputTokenCount,
        OutputTokens = (int?)response.Usage?.OutputTokenCount,
    };

    private static IChatClient ChatOf(Ask ask) => ask.Api is null
        ? ClientOf(ask).GetChatClient(ask.Model).AsIChatClient()
        : ClientOf(ask).GetResponsesClient().AsIChatClient(ask.Model);

    private static OpenAIClient ClientOf(Ask ask)
    {
        OpenAIClientOptions options = new() { Endpoint = new Uri($"{ask.Url}/v1"), Transport = new HttpClientPipelineTransport(Http) };
        if (ask.Retries is { } retries)
        {
            options.RetryPolicy = new ClientRetryPolicy(retries);
        }

        return new OpenAIClient(new ApiKeyCredential(ask.Token!), options);
    }

    /// <summary>The library runs the functions and asks again by itself.</summary>
    private static async Task<Outcome> CallToolsAsync(Ask ask)
    {
        List<Call> calls = [];
        using FirstFinish first = new(ChatOf(ask));
        using var chat = first.AsBuilder().UseFunctionInvocation().Build();
        ChatOptions options = new()
        {
            Tools = [.. ask.Tools.Select(name => AIFunctionFactory.Create(
                (string query) =>
                {
                    calls.Add(new Call(name, query));
                    return $"{name} found it.";
                },
                name))],
        };
        var outcome = await (ask.Stream ? StreamAsync(chat, MessageOf(ask), options) : WholeAsync(chat, MessageOf(ask), options));
        return outcome with { Calls = calls, Finish = first.Reason };
    }

    private static async Task<Outcome> EmbedAsync(Ask ask)
    {
        using var generator = ClientOf(ask).GetEmbeddingClient(ask.Model).AsIEmbeddingGenerator();
        return new Outcome { Vectors = [.. (await generator.GenerateAsync(ask.Texts)).Select(static embedding => embedding.Vector.ToArray())] };
    }

    private static async Task<Outcome> LeaveAsync(Ask ask)
    {
        using CancellationTokenSource leaving = new();
        long? leftAt = null;
        try
        {
            await foreach (var update in ChatOf(ask).GetStreamingResponseAsync(MessageOf(ask), cancellationToken: leaving.Token))
            {
                if (update.Text.Length > 0 && leftAt is null)
                {
                    leftAt = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
                    await leaving.CancelAsync();
                }
            }
        }
        catch (OperationCanceledException) when (leftAt is not null)
        {
            // As asked.
        }

        return new Outcome { LeftAt = leftAt };
    }

    /// <summary>Notes why the first of several answers ended; the library tells only about the last.</summary>
    private sealed class FirstFinish(IChatClient inner) : DelegatingChatClient(inner)
    {
        public string? Reason { get; private set; }

        public override async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
        {
            var response = await base.GetResponseAsync(messages, options, cancellationToken);
            Reason ??= response.FinishReason?.Value;
            return response;
        }

        public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await foreach (var update in base.GetStreamingResponseAsync(messages, options, cancellationToken))
            {
                Reason ??= update.FinishReason?.Value;
                yield return update;
            }
        }
    }

    private sealed record FoundClaim(string Claim, bool Open);
}
