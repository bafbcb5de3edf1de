using System.Text;
using System.Text.Json;
using PolicyRouter.Simulator.Answers;
using PolicyRouter.Simulator.Serving;

namespace PolicyRouter.Simulator.Vertex;

/// <summary>Writes the <c>GenerateContentResponse</c>, and the parts of it that stream chunks share with it.</summary>
internal static class GeminiAnswer
{
    private const int SignatureLength = 48;

    public static void Write(Utf8JsonWriter json, AnswerHead head, Prompt prompt, Answer answer)
    {
        json.WriteStartObject();
        json.WriteStartArray("candidates"u8);
        for (var choice = 0; choice < prompt.Choices; choice++)
        {
            WriteCandidate(json, head, answer, choice);
        }

        json.WriteEndArray();
        WriteUsage(json, prompt, answer);
        WriteTail(json, head);
        json.WriteEndObject();
    }

    /// <summary>A call with all its arguments; the first of an answer carries the signature of the thoughts that led to it.</summary>
    public static void WriteCall(Utf8JsonWriter json, AnswerHead head, Answer answer, int choice, int tool)
    {
        json.WriteStartObject();
        json.WriteStartObject("functionCall"u8);
        json.WriteString("name"u8, answer.ToolCalls[tool].Name);
        json.WritePropertyName("args"u8);
        json.WriteRawValue(answer.ToolCalls[tool].Arguments);
        json.WriteEndObject();
        if (tool == 0)
        {
            Dice dice = new(Dice.SeedFor(head.Seed + (ulong)choice, head.Id));
            json.WriteBase64String("thoughtSignature"u8, Encoding.ASCII.GetBytes(dice.NextId("", SignatureLength)));
        }

        json.WriteEndObject();
    }

    public static void WriteText(Utf8JsonWriter json, ReadOnlySpan<char> text)
    {
        json.WriteStartObject();
        json.WriteString("text"u8, text);
        json.WriteEndObject();
    }

    public static void WriteUsage(Utf8JsonWriter json, Prompt prompt, Answer answer)
    {
        var output = answer.OutputTokens * prompt.Choices;
        json.WriteStartObject("usageMetadata"u8);
        json.WriteNumber("promptTokenCount"u8, prompt.InputTokens);
        json.WriteNumber("candidatesTokenCount"u8, output);
        json.WriteNumber("totalTokenCount"u8, prompt.InputTokens + output);
        json.WriteEndObject();
    }

    /// <summary>What every response ends with.</summary>
    public static void WriteTail(Utf8JsonWriter json, AnswerHead head)
    {
        json.WriteString("modelVersion"u8, head.Model);
        json.WriteString("createTime"u8, DateTimeOffset.FromUnixTimeSeconds(head.Created).UtcDateTime);
        json.WriteString("responseId"u8, head.Id);
    }

    /// <summary>Function calls have no finish reason of their own.</summary>
    public static ReadOnlySpan<byte> FinishOf(Answer answer) => answer.Finish switch
    {
        FinishReason.Length => "MAX_TOKENS"u8,
        FinishReason.ContentFilter => "SAFETY"u8,
        _ => "STOP"u8,
    };

    private static void WriteCandidate(Utf8JsonWriter json, AnswerHead head, Answer answer, int choice)
    {
        json.WriteStartObject();
        json.WriteStartObject("content"u8);
        json.WriteString("role"u8, "model"u8);

        // A model that says nothing leaves the parts out.
        if (answer.Text.Length > 0 || answer.ToolCalls.Count > 0)
        {
            json.WriteStartArray("parts"u8);
            if (answer.Text.Length > 0)
            {
                WriteText(json, answer.Text);
            }

            for (var tool = 0; tool < answer.ToolCalls.Count; tool++)
            {
                WriteCall(json, head, answer, choice, tool);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
        json.WriteString("finishReason"u8, FinishOf(answer));
        json.WriteNumber("index"u8, choice);
        json.WriteEndObject();
    }
}
