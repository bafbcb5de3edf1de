using System.Text.Json;
using PolicyRouter.Simulator.Answers;
using PolicyRouter.Simulator.Serving;

namespace PolicyRouter.Simulator.Anthropic;

/// <summary>Writes the message object and the parts that stream events share with it.</summary>
internal static class AnthropicAnswer
{
    public static void Write(Utf8JsonWriter json, AnswerHead head, Prompt prompt, Answer answer, string region)
    {
        json.WriteStartObject();
        WriteHead(json, head);
        json.WriteStartArray("content"u8);
        if (answer.Text.Length > 0)
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "text"u8);
            json.WriteString("text"u8, answer.Text);
            json.WriteEndObject();
        }

        for (var tool = 0; tool < answer.ToolCalls.Count; tool++)
        {
            json.WriteStartObject();
            WriteToolHead(json, head, answer, tool);
            json.WritePropertyName("input"u8);
            json.WriteRawValue(answer.ToolCalls[tool].Arguments);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNull("container"u8);
        json.WriteString("stop_reason"u8, StopReasonOf(answer));
        json.WriteNull("stop_sequence"u8);
        WriteUsage(json, prompt.InputTokens, answer.OutputTokens, region);
        json.WriteEndObject();
    }

    public static void WriteHead(Utf8JsonWriter json, AnswerHead head)
    {
        json.WriteString("id"u8, head.Id);
        json.WriteString("type"u8, "message"u8);
        json.WriteString("role"u8, "assistant"u8);
        json.WriteString("model"u8, head.Model);
    }

    public static void WriteToolHead(Utf8JsonWriter json, AnswerHead head, Answer answer, int tool)
    {
        Dice dice = new(Dice.SeedFor(head.Seed + (ulong)tool, head.Id));
        json.WriteString("type"u8, "tool_use"u8);
        json.WriteString("id"u8, dice.NextId("toolu_", 24));
        json.WriteString("name"u8, answer.ToolCalls[tool].Name);
        json.WriteStartObject("caller"u8);
        json.WriteString("type"u8, "direct"u8);
        json.WriteEndObject();
    }

    public static void WriteUsage(Utf8JsonWriter json, int inputTokens, int outputTokens, string region)
    {
        json.WriteStartObject("usage"u8);
        json.WriteNumber("input_tokens"u8, inputTokens);
        json.WriteNumber("cache_creation_input_tokens"u8, 0);
        json.WriteNumber("cache_read_input_tokens"u8, 0);
        json.WriteNumber("output_tokens"u8, outputTokens);
        json.WriteString("service_tier"u8, "standard"u8);
        json.WriteString("inference_geo"u8, region);
        json.WriteEndObject();
    }

    public static ReadOnlySpan<byte> StopReasonOf(Answer answer) => answer.EffectiveFinish switch
    {
        FinishReason.Length => "max_tokens"u8,
        FinishReason.ToolCalls => "tool_use"u8,
        FinishReason.ContentFilter => "refusal"u8,
        _ => "end_turn"u8,
    };
}
