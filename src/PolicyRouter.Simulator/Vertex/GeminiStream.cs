using System.Buffers;
using System.IO.Pipelines;
using PolicyRouter.Simulator.Answers;
using PolicyRouter.Simulator.Serving;

namespace PolicyRouter.Simulator.Vertex;

/// <summary>
/// A whole response object per piece, as nameless events with Google's line ends. The chunk with the finish reason is the last one, and
/// the only sign that the answer is complete.
/// </summary>
internal sealed class GeminiStream(PipeWriter output, AnswerHead head, Prompt prompt, Answer answer) : AnswerStream(output)
{
    public override bool CallsComeWhole => true;

    public override void Open()
    {
    }

    public override void Write(AnswerPiece piece)
    {
        BeginChunk();
        BeginParts();
        if (piece.Kind is PieceKind.Text)
        {
            GeminiAnswer.WriteText(Json, piece.Text.Span);
        }
        else
        {
            GeminiAnswer.WriteCall(Json, head, answer, piece.Choice, piece.Tool);
        }

        EndParts();
        Json.WriteNumber("index"u8, piece.Choice);
        Json.WriteEndObject();
        Json.WriteEndArray();
        EndChunk();
    }

    public override void Close()
    {
    }

    public override void Terminate()
    {
        BeginChunk();
        for (var choice = 0; choice < prompt.Choices; choice++)
        {
            BeginParts();
            GeminiAnswer.WriteText(Json, "");
            EndParts();
            Json.WriteString("finishReason"u8, GeminiAnswer.FinishOf(answer));
            Json.WriteNumber("index"u8, choice);
            Json.WriteEndObject();
        }

        Json.WriteEndArray();
        GeminiAnswer.WriteUsage(Json, prompt, answer);
        EndChunk();
    }

    public override void WriteError(WireError error, string requestId)
    {
        BeginData();
        GoogleErrors.Write(Json, error);
        EndEvent();
    }

    public override void WriteMalformed() => Output.Write("data: {\"candidates\": [{\"content\": {\"role\": \"model\",\"par\r\n\r\n"u8);

    private void BeginChunk()
    {
        BeginData();
        Json.WriteStartObject();
        Json.WriteStartArray("candidates"u8);
    }

    private void BeginParts()
    {
        Json.WriteStartObject();
        Json.WriteStartObject("content"u8);
        Json.WriteString("role"u8, "model"u8);
        Json.WriteStartArray("parts"u8);
    }

    private void EndParts()
    {
        Json.WriteEndArray();
        Json.WriteEndObject();
    }

    private void EndChunk()
    {
        GeminiAnswer.WriteTail(Json, head);
        Json.WriteEndObject();
        EndEvent();
    }

    private void EndEvent()
    {
        Json.Flush();
        Output.Write("\r\n\r\n"u8);
    }
}
