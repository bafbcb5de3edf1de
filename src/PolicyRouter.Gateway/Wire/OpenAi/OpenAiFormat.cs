using System.Text.Json;
using PolicyRouter.Gateway.Providers;

namespace PolicyRouter.Gateway.Wire.OpenAi;

/// <summary>Answers of the OpenAI chat completions API and of everything compatible with it.</summary>
internal sealed class OpenAiFormat : IAnswerFormat
{
    public ReadOnlyMemory<byte> ReadWhole(ReadOnlyMemory<byte> body, AnswerFacts facts)
    {
        AnswerText.Check(body.Span);
        using var document = JsonDocument.Parse(body);
        var root = document.RootElement;
        if (root.ValueKind is not JsonValueKind.Object
            || !root.TryGetProperty("choices", out var choices)
            || choices.ValueKind is not JsonValueKind.Array
            || choices.GetArrayLength() == 0)
        {
            throw new MalformedAnswerException("An answer without choices.");
        }

        ChunkFacts.Note(root, "message"u8, facts);
        return body;
    }

    public IStreamFormat OpenStream() => new OpenAiStreamFormat();
}

internal sealed class OpenAiStreamFormat : IStreamFormat
{
    public bool Note(StreamChunk chunk, AnswerFacts facts) => ChunkFacts.Note(chunk.Root, "delta"u8, facts);

    public bool Accept(string eventName, ReadOnlyMemory<byte> data, List<StreamChunk> chunks)
    {
        if (data.Span.Trim((byte)' ').SequenceEqual("[DONE]"u8))
        {
            return true;
        }

        AnswerText.Check(data.Span);
        var chunk = StreamChunk.Borrow(data);
        var root = chunk.Root;
        if (root.ValueKind is not JsonValueKind.Object)
        {
            throw new MalformedAnswerException("A chunk that is no object.");
        }

        if (eventName == "error" || (root.TryGetProperty("error"u8, out var error) && error.ValueKind is not JsonValueKind.Null))
        {
            throw new ProviderStreamException(new ProviderFailure(FailureKind.StreamError));
        }

        chunks.Add(chunk);
        return false;
    }
}
