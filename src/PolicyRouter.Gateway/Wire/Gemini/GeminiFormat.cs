using System.Text.Json;
using PolicyRouter.Gateway.Providers;
using PolicyRouter.Gateway.Wire.Messages;

namespace PolicyRouter.Gateway.Wire.Gemini;

/// <summary>Answers of Google's generateContent, translated into those of the chat completions API.</summary>
internal sealed class GeminiFormat(TimeProvider time) : IAnswerFormat
{
    public ReadOnlyMemory<byte> ReadWhole(ReadOnlyMemory<byte> body, AnswerFacts facts)
    {
        AnswerText.Check(body.Span);
        using var document = JsonDocument.Parse(body);
        GeminiAnswer answer = new();
        answer.Take(document.RootElement);
        var finish = answer.FinishReason ?? throw new MalformedAnswerException("An answer without a finish reason.");
        answer.Note(facts);
        return MessageJson.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("id", answer.Id);
            writer.WriteString("object", "chat.completion");
            writer.WriteNumber("created", time.GetUtcNow().ToUnixTimeSeconds());
            writer.WriteString("model", answer.Model);
            writer.WriteStartArray("choices");
            writer.WriteStartObject();
            writer.WriteNumber("index", 0);
            writer.WriteStartObject("message");
            writer.WriteString("role", "assistant");
            WriteText(writer, answer);
            WriteCalls(writer, answer);
            writer.WriteNull("refusal");
            writer.WriteEndObject();
            writer.WriteNull("logprobs");
            writer.WriteString("finish_reason", finish);
            writer.WriteEndObject();
            writer.WriteEndArray();
            answer.WriteUsage(writer);
            writer.WriteEndObject();
        });
    }

    public IStreamFormat OpenStream() => new GeminiStreamFormat(time);

    /// <summary>Writes one call, numbered for streams; its signature goes along, for callers that send back what they got.</summary>
    public static void WriteCall(Utf8JsonWriter writer, GeminiCall call, int? index)
    {
        writer.WriteStartObject();
        if (index is { } number)
        {
            writer.WriteNumber("index", number);
        }

        writer.WriteString("id", call.Id);
        writer.WriteString("type", "function");
        writer.WriteStartObject("function");
        writer.WriteString("name", call.Name);
        writer.WriteString("arguments", call.Arguments);
        writer.WriteEndObject();
        if (call.Signature is { } signature)
        {
            writer.WriteStartObject("extra_content");
            writer.WriteStartObject("google");
            writer.WriteString("thought_signature", signature);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter writer, GeminiAnswer answer)
    {
        var text = string.Concat(answer.Texts);
        if (text.Length == 0 && answer.Calls.Count > 0)
        {
            writer.WriteNull("content");
        }
        else
        {
            writer.WriteString("content", text);
        }
    }

    private static void WriteCalls(Utf8JsonWriter writer, GeminiAnswer answer)
    {
        if (answer.Calls.Count == 0)
        {
            return;
        }

        writer.WriteStartArray("tool_calls");
        foreach (var call in answer.Calls)
        {
            WriteCall(writer, call, null);
        }

        writer.WriteEndArray();
    }
}

/// <summary>
/// The events of one stream of generateContent: each an answer of its own, calls always whole. There is no last event; the one with the finish reason is.
/// </summary>
internal sealed class GeminiStreamFormat(TimeProvider time) : IStreamFormat
{
    private readonly GeminiAnswer _answer = new();
    private readonly long _created = time.GetUtcNow().ToUnixTimeSeconds();
    private bool _hasStarted;
    private int _calls;

    public bool Accept(string eventName, ReadOnlyMemory<byte> data, List<StreamChunk> chunks)
    {
        AnswerText.Check(data.Span);
        using var document = JsonDocument.Parse(data);
        if (document.RootElement.ValueKind is JsonValueKind.Object && document.RootElement.TryGetProperty("error", out _))
        {
            throw new ProviderStreamException(new ProviderFailure(FailureKind.StreamError));
        }

        _answer.Take(document.RootElement);
        if (!_hasStarted)
        {
            _hasStarted = true;
            chunks.Add(Chunk(static writer =>
            {
                writer.WriteString("role", "assistant");
                writer.WriteString("content", "");
            }));
        }

        foreach (var text in _answer.Texts)
        {
            chunks.Add(Chunk(writer => writer.WriteString("content", text)));
        }

        foreach (var call in _answer.Calls)
        {
            var index = _calls++;
            chunks.Add(Chunk(writer =>
            {
                writer.WriteStartArray("tool_calls");
                GeminiFormat.WriteCall(writer, call, index);
                writer.WriteEndArray();
            }));
        }

        if (_answer.FinishReason is not { } finish)
        {
            return false;
        }

        chunks.Add(Chunk(static _ => { }, finish));
        chunks.Add(Write(static _ => { }, withUsage: true));
        return true;
    }

    public bool Note(StreamChunk chunk, AnswerFacts facts) => ChunkFacts.Note(chunk.Root, "delta"u8, facts);

    private StreamChunk Chunk(Action<Utf8JsonWriter> delta, string? finishReason = null) => Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("index", 0);
        writer.WriteStartObject("delta");
        delta(writer);
        writer.WriteEndObject();
        writer.WriteNull("logprobs");
        writer.WriteString("finish_reason", finishReason);
        writer.WriteEndObject();
    });

    private StreamChunk Write(Action<Utf8JsonWriter> choices, bool withUsage = false) => StreamChunk.Of(MessageJson.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("id", _answer.Id);
        writer.WriteString("object", "chat.completion.chunk");
        writer.WriteNumber("created", _created);
        writer.WriteString("model", _answer.Model);
        writer.WriteStartArray("choices");
        choices(writer);
        writer.WriteEndArray();
        if (withUsage)
        {
            _answer.WriteUsage(writer);
        }

        writer.WriteEndObject();
    }));
}
