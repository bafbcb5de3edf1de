using System.Text.Json;
using PolicyRouter.Simulator.Answers;
using PolicyRouter.Simulator.Serving;

namespace PolicyRouter.Simulator.OpenAi;

/// <summary>Writes the <c>chat.completion</c> object and the parts that stream chunks share with it.</summary>
internal static class OpenAiAnswer
{
    public const string Fingerprint = "fp_simulated00";

    private static readonly string[] FilterCategories = ["hate", "self_harm", "sexual", "violence"];

    public static void Write(Utf8JsonWriter json, AnswerHead head, Prompt prompt, Answer answer, bool hasContentFilter)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, head.Id);
        json.WriteString("object"u8, "chat.completion"u8);
        json.WriteNumber("created"u8, head.Created);
        json.WriteString("model"u8, head.Model);
        json.WriteStartArray("choices"u8);
        for (var choice = 0; choice < prompt.Choices; choice++)
        {
            WriteChoice(json, head, answer, choice, hasContentFilter);
        }

        json.WriteEndArray();
        WriteUsage(json, prompt, answer);
        json.WriteString("service_tier"u8, "default"u8);
        json.WriteString("system_fingerprint"u8, Fingerprint);
        if (hasContentFilter)
        {
            WritePromptFilter(json);
        }

        json.WriteEndObject();
    }

    public static void WriteUsage(Utf8JsonWriter json, Prompt prompt, Answer answer)
    {
        var output = answer.OutputTokens * prompt.Choices;
        json.WriteStartObject("usage"u8);
        json.WriteNumber("prompt_tokens"u8, prompt.InputTokens);
        json.WriteNumber("completion_tokens"u8, output);
        json.WriteNumber("total_tokens"u8, prompt.InputTokens + output);
        json.WriteStartObject("prompt_tokens_details"u8);
        json.WriteNumber("cached_tokens"u8, 0);
        json.WriteNumber("audio_tokens"u8, 0);
        json.WriteEndObject();
        json.WriteStartObject("completion_tokens_details"u8);
        json.WriteNumber("reasoning_tokens"u8, 0);
        json.WriteNumber("audio_tokens"u8, 0);
        json.WriteNumber("accepted_prediction_tokens"u8, 0);
        json.WriteNumber("rejected_prediction_tokens"u8, 0);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>Azure's verdict on the prompt: nothing filtered.</summary>
    public static void WritePromptFilter(Utf8JsonWriter json)
    {
        json.WriteStartArray("prompt_filter_results"u8);
        json.WriteStartObject();
        json.WriteNumber("prompt_index"u8, 0);
        WriteFilter(json);
        json.WriteEndObject();
        json.WriteEndArray();
    }

    public static ReadOnlySpan<byte> FinishOf(Answer answer) => answer.EffectiveFinish switch
    {
        FinishReason.Length => "length"u8,
        FinishReason.ToolCalls => "tool_calls"u8,
        FinishReason.ContentFilter => "content_filter"u8,
        _ => "stop"u8,
    };

    /// <summary>The id of a tool call: the same for the same answer, another for each call and choice.</summary>
    public static string CallId(AnswerHead head, int choice, int tool)
    {
        Dice dice = new(Dice.SeedFor(head.Seed + (ulong)(choice * 64) + (ulong)tool, head.Id));
        return dice.NextId("call_", 24);
    }

    private static void WriteChoice(Utf8JsonWriter json, AnswerHead head, Answer answer, int choice, bool hasContentFilter)
    {
        json.WriteStartObject();
        json.WriteNumber("index"u8, choice);
        json.WriteStartObject("message"u8);
        json.WriteString("role"u8, "assistant"u8);
        if (answer.ToolCalls.Count > 0 && answer.Text.Length == 0)
        {
            json.WriteNull("content"u8);
        }
        else
        {
            json.WriteString("content"u8, answer.Text);
        }

        json.WriteNull("refusal"u8);
        json.WriteStartArray("annotations"u8);
        json.WriteEndArray();
        if (answer.ToolCalls.Count > 0)
        {
            WriteCalls(json, head, answer, choice);
        }

        json.WriteEndObject();
        json.WriteNull("logprobs"u8);
        json.WriteString("finish_reason"u8, FinishOf(answer));
        if (hasContentFilter)
        {
            WriteFilter(json);
        }

        json.WriteEndObject();
    }

    private static void WriteCalls(Utf8JsonWriter json, AnswerHead head, Answer answer, int choice)
    {
        json.WriteStartArray("tool_calls"u8);
        for (var tool = 0; tool < answer.ToolCalls.Count; tool++)
        {
            json.WriteStartObject();
            json.WriteString("id"u8, CallId(head, choice, tool));
            json.WriteString("type"u8, "function"u8);
            json.WriteStartObject("function"u8);
            json.WriteString("name"u8, answer.ToolCalls[tool].Name);
            json.WriteString("arguments"u8, answer.ToolCalls[tool].Arguments);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteFilter(Utf8JsonWriter json)
    {
        json.WriteStartObject("content_filter_results"u8);
        foreach (var category in FilterCategories)
        {
            json.WriteStartObject(category);
            json.WriteBoolean("filtered"u8, false);
            json.WriteString("severity"u8, "safe"u8);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
