using System.Buffers;
using System.IO.Pipelines;
using PolicyRouter.Simulator.Answers;
using PolicyRouter.Simulator.Serving;

namespace PolicyRouter.Simulator.OpenAi;

/// <summary>
/// <c>chat.completion.chunk</c> events: a role chunk per choice, pieces, a finish chunk per choice, the usage chunk if asked for, and
/// <c>[DONE]</c>. Azure puts a chunk without choices, with its verdict on the prompt, before all of them.
/// </summary>
internal sealed class OpenAiStream(
    OpenAiFormat format,
    PipeWriter output,
    AnswerHead head,
    Prompt prompt,
    Answer answer,
    bool hasContentFilter) : AnswerStream(output)
{
    public override void Open()
    {
        if (hasContentFilter)
        {
            BeginData();
            Json.WriteStartObject();
            Json.WriteStartArray("choices"u8);
            Json.WriteEndArray();
            Json.WriteNumber("created"u8, 0);
            Json.WriteString("id"u8, ""u8);
            Json.WriteString("model"u8, ""u8);
            Json.WriteString("object"u8, ""u8);
            OpenAiAnswer.WritePromptFilter(Json);
            Json.WriteEndObject();
            EndData();
        }

        for (var choice = 0; choice < prompt.Choices; choice++)
        {
            BeginChunk(choice);
            Json.WriteString("role"u8, "assistant"u8);
            if (answer.Text.Length > 0 || answer.ToolCalls.Count == 0)
            {
                Json.WriteString("content"u8, ""u8);
            }
            else
            {
                Json.WriteNull("content"u8);
            }

            Json.WriteNull("refusal"u8);
            EndChunk(default);
        }
    }

    public override void Write(AnswerPiece piece)
    {
        BeginChunk(piece.Choice);
        if (piece.Kind is PieceKind.Text)
        {
            Json.WriteString("content"u8, piece.Text.Span);
        }
        else
        {
            WriteCall(piece);
        }

        EndChunk(default);
    }

    public override void Close()
    {
        for (var choice = 0; choice < prompt.Choices; choice++)
        {
            BeginChunk(choice);
            EndChunk(OpenAiAnswer.FinishOf(answer));
        }

        if (prompt.IncludeUsage)
        {
            BeginData();
            WriteHead();
            Json.WriteStartArray("choices"u8);
            Json.WriteEndArray();
            OpenAiAnswer.WriteUsage(Json, prompt, answer);
            Json.WriteEndObject();
            EndData();
        }
    }

    public override void Terminate() => Output.Write("data: [DONE]\n\n"u8);

    public override void WriteError(WireError error, string requestId)
    {
        BeginData();
        format.WriteError(Json, error, requestId);
        EndData();
    }

    public override void WriteMalformed() =>
        Output.Write("data: {\"id\":\"chatcmpl-broken\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":{\"cont\n\n"u8);

    private void WriteCall(AnswerPiece piece)
    {
        Json.WriteStartArray("tool_calls"u8);
        Json.WriteStartObject();
        Json.WriteNumber("index"u8, piece.Tool);
        if (piece.Kind is PieceKind.ToolStart)
        {
            Json.WriteString("id"u8, OpenAiAnswer.CallId(head, piece.Choice, piece.Tool));
            Json.WriteString("type"u8, "function"u8);
        }

        Json.WriteStartObject("function"u8);
        if (piece.Kind is PieceKind.ToolStart)
        {
            Json.WriteString("name"u8, answer.ToolCalls[piece.Tool].Name);
        }

        Json.WriteString("arguments"u8, piece.Text.Span);
        Json.WriteEndObject();
        Json.WriteEndObject();
        Json.WriteEndArray();
    }

    private void BeginChunk(int choice)
    {
        BeginData();
        WriteHead();
        Json.WriteStartArray("choices"u8);
        Json.WriteStartObject();
        Json.WriteNumber("index"u8, choice);
        Json.WriteStartObject("delta"u8);
    }

    private void EndChunk(ReadOnlySpan<byte> finish)
    {
        Json.WriteEndObject();
        Json.WriteNull("logprobs"u8);
        if (finish.IsEmpty)
        {
            Json.WriteNull("finish_reason"u8);
        }
        else
        {
            Json.WriteString("finish_reason"u8, finish);
        }

        if (hasContentFilter)
        {
            Json.WriteStartObject("content_filter_results"u8);
            Json.WriteEndObject();
        }

        Json.WriteEndObject();
        Json.WriteEndArray();
        if (prompt.IncludeUsage)
        {
            Json.WriteNull("usage"u8);
        }

        Json.WriteEndObject();
        EndData();
    }

    private void WriteHead()
    {
        Json.WriteStartObject();
        Json.WriteString("id"u8, head.Id);
        Json.WriteString("object"u8, "chat.completion.chunk"u8);
        Json.WriteNumber("created"u8, head.Created);
        Json.WriteString("model"u8, head.Model);
        Json.WriteString("service_tier"u8, "default"u8);
        Json.WriteString("system_fingerprint"u8, OpenAiAnswer.Fingerprint);
    }
}
