using System.Buffers;
using System.Text.Json;
using PolicyRouter.Gateway.Providers;

namespace PolicyRouter.Gateway.Wire.Anthropic;

/// <summary>
/// Translates the events of one Messages stream into chunks: the role in the first only, tool calls numbered from 0 whatever
/// their block's number, one chunk with the finish reason, one with the usage.
/// </summary>
internal sealed class AnthropicStreamFormat(TimeProvider time) : IStreamFormat
{
    private readonly AnthropicUsage _usage = new();
    private readonly long _created = time.GetUtcNow().ToUnixTimeSeconds();
    private string? _id;
    private string? _model;
    private bool _hasStarted;
    private bool _hasFinished;
    private int _calls;

    // The tool call of the open block; -1 when that is no tool call.
    private int _openCall = -1;
    private bool _hasArguments;

    public bool Note(StreamChunk chunk, AnswerFacts facts)
    {
        facts.RanIn = _usage.Place ?? facts.RanIn;
        return ChunkFacts.Note(chunk.Root, "delta"u8, facts);
    }

    public bool Accept(string eventName, ReadOnlyMemory<byte> data, List<StreamChunk> chunks)
    {
        AnswerText.Check(data.Span);
        using var document = JsonDocument.Parse(data);
        var root = document.RootElement;
        if (root.ValueKind is not JsonValueKind.Object)
        {
            throw new MalformedAnswerException("An event that is no object.");
        }

        switch (AnthropicFormat.TextOf(root, "type"))
        {
            case "message_start" when root.TryGetProperty("message", out var message) && message.ValueKind is JsonValueKind.Object:
                _hasStarted = true;
                _id = AnthropicFormat.TextOf(message, "id");
                _model = AnthropicFormat.TextOf(message, "model");
                _usage.Read(message);
                chunks.Add(Chunk(static (writer, _) =>
                {
                    writer.WriteString("role", "assistant");
                    writer.WriteString("content", "");
                }));
                return false;

            case "error":
                throw new ProviderStreamException(new ProviderFailure(FailureKind.StreamError));

            case "message_start":
                throw new MalformedAnswerException("A message_start without a message.");

            case "ping":
                return false;

            case not null when !_hasStarted:
                throw new MalformedAnswerException("An event before message_start.");

            case "content_block_start" when root.TryGetProperty("content_block", out var block):
                StartBlock(block, chunks);
                return false;

            case "content_block_delta" when root.TryGetProperty("delta", out var delta):
                TakeDelta(delta, chunks);
                return false;

            case "content_block_stop":
                StopBlock(chunks);
                return false;

            case "message_delta":
                _usage.Read(root);
                if (root.TryGetProperty("delta", out var change) && AnthropicFormat.TextOf(change, "stop_reason") is { } reason && !_hasFinished)
                {
                    _hasFinished = true;
                    chunks.Add(Chunk(static (_, _) => { }, finishReason: AnthropicFormat.FinishReason(reason)));
                }

                return false;

            case "message_stop":
                if (!_hasFinished)
                {
                    throw new MalformedAnswerException("A message_stop without a stop reason.");
                }

                chunks.Add(UsageChunk());
                return true;

            default:
                // The API may add events at any time and asks clients to pass over those they do not know.
                return false;
        }
    }

    private void StartBlock(JsonElement block, List<StreamChunk> chunks)
    {
        _openCall = -1;
        switch (AnthropicFormat.TextOf(block, "type"))
        {
            case "text" when AnthropicFormat.TextOf(block, "text") is { Length: > 0 } text:
                AddText(text, chunks);
                break;

            case "tool_use":
                _openCall = _calls++;
                _hasArguments = false;
                chunks.Add(Chunk(
                    (writer, call) => WriteCall(writer, call, "", AnthropicFormat.TextOf(block, "id"), AnthropicFormat.TextOf(block, "name"))));
                break;
        }
    }

    private void TakeDelta(JsonElement delta, List<StreamChunk> chunks)
    {
        switch (AnthropicFormat.TextOf(delta, "type"))
        {
            case "text_delta" when AnthropicFormat.TextOf(delta, "text") is { } text:
                AddText(text, chunks);
                break;

            case "input_json_delta" when _openCall >= 0 && AnthropicFormat.TextOf(delta, "partial_json") is { Length: > 0 } json:
                _hasArguments = true;
                chunks.Add(Chunk((writer, call) => WriteCall(writer, call, json)));
                break;
        }
    }

    private void StopBlock(List<StreamChunk> chunks)
    {
        if (_openCall >= 0 && !_hasArguments)
        {
            // A call without arguments has an empty object for them there, and the text of one here.
            chunks.Add(Chunk(static (writer, call) => WriteCall(writer, call, "{}")));
        }

        _openCall = -1;
    }

    private void AddText(string text, List<StreamChunk> chunks) =>
        chunks.Add(Chunk((writer, _) => writer.WriteString("content", text)));

    private static void WriteCall(Utf8JsonWriter writer, int index, string arguments, string? id = null, string? name = null)
    {
        writer.WriteStartArray("tool_calls");
        writer.WriteStartObject();
        writer.WriteNumber("index", index);
        if (id is not null)
        {
            writer.WriteString("id", id);
            writer.WriteString("type", "function");
        }

        writer.WriteStartObject("function");
        if (name is not null)
        {
            writer.WriteString("name", name);
        }

        writer.WriteString("arguments", arguments);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndArray();
    }

    private StreamChunk Chunk(Action<Utf8JsonWriter, int> delta, string? finishReason = null) => Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("index", 0);
        writer.WriteStartObject("delta");
        delta(writer, _openCall);
        writer.WriteEndObject();
        writer.WriteNull("logprobs");
        writer.WriteString("finish_reason", finishReason);
        writer.WriteEndObject();
    });

    private StreamChunk UsageChunk() => Write(static _ => { }, _usage);

    private StreamChunk Write(Action<Utf8JsonWriter> choices, AnthropicUsage? usage = null)
    {
        ArrayBufferWriter<byte> output = new(256);
        using (Utf8JsonWriter writer = new(output, JsonText.Relaxed))
        {
            writer.WriteStartObject();
            writer.WriteString("id", _id);
            writer.WriteString("object", "chat.completion.chunk");
            writer.WriteNumber("created", _created);
            writer.WriteString("model", _model);
            writer.WriteStartArray("choices");
            choices(writer);
            writer.WriteEndArray();
            usage?.Write(writer);
            writer.WriteEndObject();
        }

        return StreamChunk.Of(output.WrittenMemory);
    }
}
