using System.Text.Json;
using PolicyRouter.Gateway.Providers;
using PolicyRouter.Gateway.Wire.Anthropic;

namespace PolicyRouter.Gateway.Wire.Messages;

/// <summary>Answers of a provider that speaks the Messages API, passed on to a caller that does.</summary>
internal sealed class MessagesFormat : IAnswerFormat
{
    public ReadOnlyMemory<byte> ReadWhole(ReadOnlyMemory<byte> body, AnswerFacts facts)
    {
        AnswerText.Check(body.Span);
        using var document = JsonDocument.Parse(body);
        var root = document.RootElement;
        if (root.ValueKind is not JsonValueKind.Object || !root.TryGetProperty("content", out var content) || content.ValueKind is not JsonValueKind.Array)
        {
            throw new MalformedAnswerException("A message without content.");
        }

        MessageFacts reader = new();
        reader.Take(root, facts);
        return body;
    }

    public IStreamFormat OpenStream() => new MessagesStreamFormat();
}

/// <summary>The events of one stream of the Messages API, as they are.</summary>
internal sealed class MessagesStreamFormat : IStreamFormat
{
    private readonly MessageFacts _facts = new();
    private bool _hasStarted;
    private bool _hasFinished;

    public bool Accept(string eventName, ReadOnlyMemory<byte> data, List<StreamChunk> chunks)
    {
        AnswerText.Check(data.Span);
        var chunk = StreamChunk.Borrow(data);
        var root = chunk.Root;
        var type = MessageJson.Type(root) ?? throw new MalformedAnswerException("An event without a type.");
        switch (type)
        {
            case "error":
                throw new ProviderStreamException(new ProviderFailure(FailureKind.StreamError));
            case "message_start":
                _hasStarted = true;
                break;
            case "ping":
                break;
            case not null when !_hasStarted:
                throw new MalformedAnswerException("An event before message_start.");
            case "message_delta":
                _hasFinished |= root.TryGetProperty("delta", out var delta) && MessageJson.Text(delta, "stop_reason") is not null;
                break;
            case "message_stop" when !_hasFinished:
                throw new MalformedAnswerException("A message_stop without a stop reason.");
        }

        chunks.Add(chunk);
        return type == "message_stop";
    }

    public bool Note(StreamChunk chunk, AnswerFacts facts) => _facts.Take(chunk.Root, facts);
}

/// <summary>The number of tokens in a prompt, passed on as it is.</summary>
internal sealed class TokenCountFormat : IAnswerFormat
{
    public ReadOnlyMemory<byte> ReadWhole(ReadOnlyMemory<byte> body, AnswerFacts facts)
    {
        // Counting uses up none.
        (facts.InputTokens, facts.OutputTokens) = (0, 0);
        using var document = JsonDocument.Parse(body);
        return document.RootElement.ValueKind is JsonValueKind.Object && document.RootElement.TryGetProperty("input_tokens", out var count) && count.ValueKind is JsonValueKind.Number
            ? body
            : throw new MalformedAnswerException("A count without a number.");
    }

    public IStreamFormat OpenStream() => throw new InvalidOperationException("A count is not streamed.");
}

/// <summary>What messages and their events say about themselves.</summary>
internal sealed class MessageFacts
{
    private readonly AnthropicUsage _usage = new();

    /// <summary>Takes a message or an event; true when it carries some of the answer or its end.</summary>
    public bool Take(JsonElement root, AnswerFacts facts)
    {
        var message = root.TryGetProperty("message", out var inner) && inner.ValueKind is JsonValueKind.Object ? inner : root;
        _usage.Read(message);
        facts.InputTokens = _usage.Input > 0 ? _usage.Input : facts.InputTokens;
        if (root.TryGetProperty("usage", out _))
        {
            // Not that of message_start, which counts what little there is before the answer begins.
            facts.OutputTokens = _usage.Output > 0 ? _usage.Output : facts.OutputTokens;
        }

        facts.CachedTokens = _usage.Input > 0 ? _usage.CacheRead : facts.CachedTokens;
        if (facts is { IsTraced: true, ResponseId: null })
        {
            facts.ResponseId = MessageJson.Text(message, "id");
        }

        facts.RanIn = _usage.Place ?? facts.RanIn;
        facts.ResponseModel = MessageJson.Text(message, "model") ?? facts.ResponseModel;
        var type = MessageJson.Type(root);
        var end = root.TryGetProperty("delta", out var delta) ? MessageJson.Text(delta, "stop_reason") : MessageJson.Text(message, "stop_reason");
        facts.HasContent |= message.TryGetProperty("content", out var content) && HasContent(content);
        if (end is not null)
        {
            facts.FinishReason ??= FinishReason(end);
            if (facts.OutputTokens is null && content.ValueKind is JsonValueKind.Array)
            {
                facts.CountedTokens += TokenCount.Of(content);
            }

            return true;
        }

        if (type is "content_block_delta" && facts.OutputTokens is null)
        {
            facts.CountedTokens += TokenCount.Of(delta);
        }

        var hasContent = type switch
        {
            "content_block_delta" => HasText(delta),
            "content_block_start" => root.TryGetProperty("content_block", out var block) && MessageJson.Text(block, "type") is not (null or "text" or "thinking"),
            _ => false,
        };
        facts.HasContent |= hasContent;
        return hasContent;
    }

    /// <summary>True when the blocks of a message hold anything but empty texts.</summary>
    public static bool HasContent(JsonElement blocks) =>
        blocks.ValueKind is JsonValueKind.Array && blocks.EnumerateArray().Any(static block => MessageJson.Text(block, "text") is not "");

    private static bool HasText(JsonElement delta)
    {
        foreach (var member in delta.EnumerateObject())
        {
            if (!member.NameEquals("type"u8) && !(member.Value.ValueKind is JsonValueKind.String && member.Value.ValueEquals(""u8)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>In the words of the log, which are those of chat completions; a reason they have no word for stays as it is.</summary>
    private static string FinishReason(string stopReason) => stopReason is "pause_turn" ? stopReason : AnthropicFormat.FinishReason(stopReason);
}
