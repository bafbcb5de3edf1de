using System.Buffers;
using System.IO.Pipelines;
using PolicyRouter.Simulator.Answers;
using PolicyRouter.Simulator.Serving;

namespace PolicyRouter.Simulator.Anthropic;

/// <summary>
/// The named events of a streamed message. A content block opens with its first piece and closes before the next block or the end;
/// one ping follows the first block's start. How an event is framed is the transport's: server-sent events, unless overridden.
/// </summary>
internal class AnthropicStream(
    WireFormat format,
    PipeWriter output,
    AnswerHead head,
    Prompt prompt,
    Answer answer,
    string region) : AnswerStream(output)
{
    private int _block = -1;
    private bool _isOpen;

    public override void Open()
    {
        Begin("message_start"u8);
        Json.WriteStartObject("message"u8);
        AnthropicAnswer.WriteHead(Json, head);
        Json.WriteStartArray("content"u8);
        Json.WriteEndArray();
        Json.WriteNull("container"u8);
        Json.WriteNull("stop_reason"u8);
        Json.WriteNull("stop_sequence"u8);
        AnthropicAnswer.WriteUsage(Json, prompt.InputTokens, outputTokens: 1, region);
        Json.WriteEndObject();
        End();
    }

    public override void Write(AnswerPiece piece)
    {
        if (piece.Kind is PieceKind.ToolStart)
        {
            CloseBlock();
            OpenToolBlock(piece.Tool);
            return;
        }

        if (!_isOpen)
        {
            OpenTextBlock();
        }

        Begin("content_block_delta"u8);
        Json.WriteNumber("index"u8, _block);
        Json.WriteStartObject("delta"u8);
        if (piece.Kind is PieceKind.Text)
        {
            Json.WriteString("type"u8, "text_delta"u8);
            Json.WriteString("text"u8, piece.Text.Span);
        }
        else
        {
            Json.WriteString("type"u8, "input_json_delta"u8);
            Json.WriteString("partial_json"u8, piece.Text.Span);
        }

        Json.WriteEndObject();
        End();
    }

    public override void Close()
    {
        CloseBlock();
        Begin("message_delta"u8);
        Json.WriteStartObject("delta"u8);
        Json.WriteString("stop_reason"u8, AnthropicAnswer.StopReasonOf(answer));
        Json.WriteNull("stop_sequence"u8);
        Json.WriteEndObject();
        Json.WriteStartObject("usage"u8);
        Json.WriteNumber("input_tokens"u8, prompt.InputTokens);
        Json.WriteNumber("cache_creation_input_tokens"u8, 0);
        Json.WriteNumber("cache_read_input_tokens"u8, 0);
        Json.WriteNumber("output_tokens"u8, answer.OutputTokens);
        Json.WriteEndObject();
        End();
    }

    public override void Terminate()
    {
        Begin("message_stop"u8);
        End();
    }

    public override void WriteError(WireError error, string requestId)
    {
        Output.Write("event: error\n"u8);
        BeginData();
        format.WriteError(Json, error, requestId);
        EndData();
    }

    public override void WriteMalformed() => Output.Write("event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"del\n\n"u8);

    /// <summary>Starts an event whose members <see cref="AnswerStream.Json"/> then takes.</summary>
    protected void Begin(ReadOnlySpan<byte> name)
    {
        BeginFrame(name);
        Json.WriteStartObject();
        Json.WriteString("type"u8, name);
    }

    protected void End()
    {
        Json.WriteEndObject();
        EndFrame();
    }

    /// <summary>What stands before an event's JSON.</summary>
    protected virtual void BeginFrame(ReadOnlySpan<byte> name)
    {
        Output.Write("event: "u8);
        Output.Write(name);
        Output.Write("\n"u8);
        BeginData();
    }

    /// <summary>What stands after an event's JSON.</summary>
    protected virtual void EndFrame() => EndData();

    private void OpenTextBlock()
    {
        BeginBlock();
        Json.WriteString("type"u8, "text"u8);
        Json.WriteString("text"u8, ""u8);
        EndBlockStart();
    }

    private void OpenToolBlock(int tool)
    {
        BeginBlock();
        AnthropicAnswer.WriteToolHead(Json, head, answer, tool);
        Json.WriteStartObject("input"u8);
        Json.WriteEndObject();
        EndBlockStart();
    }

    private void BeginBlock()
    {
        _block++;
        _isOpen = true;
        Begin("content_block_start"u8);
        Json.WriteNumber("index"u8, _block);
        Json.WriteStartObject("content_block"u8);
    }

    private void EndBlockStart()
    {
        Json.WriteEndObject();
        End();
        if (_block == 0)
        {
            Begin("ping"u8);
            End();
        }
    }

    private void CloseBlock()
    {
        if (_isOpen)
        {
            Begin("content_block_stop"u8);
            Json.WriteNumber("index"u8, _block);
            End();
            _isOpen = false;
        }
    }
}
