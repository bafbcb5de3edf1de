using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using PolicyRouter.Gateway.Wire;
using PolicyRouter.Gateway.Wire.Messages;

namespace PolicyRouter.Gateway.HandingOff;

/// <summary>
/// What a caller is told whose request went to people: an answer of the assistant in the form he asked in, whole or streamed. Written as a chat completion and read by the
/// format that reads those of providers, so that every API has it in its own words.
/// </summary>
internal static class HandOffAnswer
{
    private const string Done = "[DONE]";

    /// <summary>
    /// False for requests that a sentence is no answer to: numbers were asked for (embeddings, token counts), or an answer of a given form.
    /// </summary>
    public static bool CanAnswer(PromptDocument document) =>
        document.Api.RouteOn(ProviderApi.ChatCompletions) is not null && !document.Features.Contains("json-schema");

    public static Task WriteAsync(HttpResponse response, PromptDocument document, string message, Guid requestId, TimeProvider time, CancellationToken cancellationToken)
    {
        var api = document.Api;
        var format = api.RouteOn(ProviderApi.ChatCompletions)!.Format(time);
        return document.IsStreaming
            ? AnswerRelay.WriteChunksAsync(response, api, Chunks(format.OpenStream(), document, message, requestId, time), cancellationToken)
            : AnswerRelay.WriteAsync(response, format.ReadWhole(Whole(document, message, requestId, time), new AnswerFacts()), cancellationToken);
    }

    private static List<StreamChunk> Chunks(IStreamFormat format, PromptDocument document, string message, Guid requestId, TimeProvider time)
    {
        List<StreamChunk> chunks = [];
        Accept(Chunk("", "assistant", null));
        Accept(Chunk(message, null, null));
        Accept(Chunk(null, null, "stop"));
        if (document.IncludesUsage)
        {
            Accept(Write("chat.completion.chunk", document, requestId, time, static _ => { }, withUsage: true));
        }

        Accept(Encoding.ASCII.GetBytes(Done));
        return chunks;

        void Accept(ReadOnlyMemory<byte> chunk) => format.Accept("", chunk, chunks);

        ReadOnlyMemory<byte> Chunk(string? content, string? role, string? finishReason) => Write(
            "chat.completion.chunk", document, requestId, time,
            writer =>
            {
                writer.WriteStartObject();
                writer.WriteNumber("index", 0);
                writer.WriteStartObject("delta");
                if (role is not null)
                {
                    writer.WriteString("role", role);
                }

                if (content is not null)
                {
                    writer.WriteString("content", content);
                }

                writer.WriteEndObject();
                writer.WriteNull("logprobs");
                writer.WriteString("finish_reason", finishReason);
                writer.WriteEndObject();
            },
            withUsage: false);
    }

    private static ReadOnlyMemory<byte> Whole(PromptDocument document, string message, Guid requestId, TimeProvider time) => Write(
        "chat.completion", document, requestId, time,
        writer =>
        {
            writer.WriteStartObject();
            writer.WriteNumber("index", 0);
            writer.WriteStartObject("message");
            writer.WriteString("role", "assistant");
            writer.WriteString("content", message);
            writer.WriteNull("refusal");
            writer.WriteEndObject();
            writer.WriteNull("logprobs");
            writer.WriteString("finish_reason", "stop");
            writer.WriteEndObject();
        },
        withUsage: true);

    private static ReadOnlyMemory<byte> Write(
        string kind, PromptDocument document, Guid requestId, TimeProvider time, Action<Utf8JsonWriter> choices, bool withUsage) => MessageJson.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("id", $"chatcmpl-{requestId:N}");
        writer.WriteString("object", kind);
        writer.WriteNumber("created", time.GetUtcNow().ToUnixTimeSeconds());
        writer.WriteString("model", document.Model);
        writer.WriteStartArray("choices");
        choices(writer);
        writer.WriteEndArray();
        if (withUsage)
        {
            // No model was at work.
            writer.WriteStartObject("usage");
            writer.WriteNumber("prompt_tokens", 0);
            writer.WriteNumber("completion_tokens", 0);
            writer.WriteNumber("total_tokens", 0);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    });
}
