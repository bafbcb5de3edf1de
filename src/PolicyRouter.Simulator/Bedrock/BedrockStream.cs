using System.Buffers;
using System.IO.Pipelines;
using PolicyRouter.Simulator.Anthropic;
using PolicyRouter.Simulator.Answers;
using PolicyRouter.Simulator.Serving;

namespace PolicyRouter.Simulator.Bedrock;

/// <summary>A streamed message of Anthropic's, each event in a message of its own; the last one carries Bedrock's metrics.</summary>
internal sealed class BedrockStream(
    BedrockAnthropicFormat format,
    PipeWriter output,
    AnswerHead head,
    Prompt prompt,
    Answer answer,
    string region) : AnthropicStream(format, output, head, prompt, answer, region)
{
    private readonly ArrayBufferWriter<byte> _event = new();
    private readonly int _inputTokens = prompt.InputTokens;
    private readonly int _outputTokens = answer.OutputTokens;

    public override void Terminate()
    {
        Begin("message_stop"u8);
        Json.WriteStartObject("amazon-bedrock-invocationMetrics"u8);
        Json.WriteNumber("inputTokenCount"u8, _inputTokens);
        Json.WriteNumber("outputTokenCount"u8, _outputTokens);
        Json.WriteNumber("invocationLatency"u8, 1);
        Json.WriteNumber("firstByteLatency"u8, 1);
        Json.WriteEndObject();
        End();
    }

    public override void WriteError(WireError error, string requestId) => Output.Write(BedrockMessages.Exception(error));

    /// <summary>A whole message whose last byte, and with it the checksum, is wrong.</summary>
    public override void WriteMalformed()
    {
        var message = BedrockMessages.Chunk("{\"type\":\"ping\"}"u8);
        message[^1] ^= 0xFF;
        Output.Write(message);
    }

    protected override void BeginFrame(ReadOnlySpan<byte> name)
    {
        _event.ResetWrittenCount();
        Json.Reset(_event);
    }

    protected override void EndFrame()
    {
        Json.Flush();
        Output.Write(BedrockMessages.Chunk(_event.WrittenSpan));
    }
}
