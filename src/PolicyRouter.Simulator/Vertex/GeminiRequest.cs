using System.Text.Json;
using PolicyRouter.Simulator.Answers;
using PolicyRouter.Simulator.Serving;

namespace PolicyRouter.Simulator.Vertex;

/// <summary>Checks and reads the body of a <c>generateContent</c> request. Unknown members are refused, as Google's parser does.</summary>
internal static class GeminiRequest
{
    private const int MostCandidates = 8;

    private static readonly string[] Members =
        ["contents", "systemInstruction", "tools", "toolConfig", "generationConfig", "safetySettings", "labels"];

    private static readonly string[] ConfigMembers =
    [
        "temperature", "topP", "topK", "candidateCount", "maxOutputTokens", "stopSequences", "responseMimeType", "responseSchema",
        "responseJsonSchema", "seed", "presencePenalty", "frequencyPenalty", "responseLogprobs", "logprobs", "thinkingConfig",
    ];

    public static WireError? Check(JsonElement body, bool needsSignatures)
    {
        if (!HasOnly(body, Members))
        {
            return GoogleErrors.UnknownName();
        }

        return CheckInstruction(body)
            ?? CheckConfig(body)
            ?? GeminiTools.Check(body)
            ?? (body.TryGet("contents"u8, out var contents)
                ? GeminiContents.Check(contents, needsSignatures)
                : GoogleErrors.Invalid("at least one contents field is required"));
    }

    public static Prompt Read(JsonElement body, string model, bool stream)
    {
        var characters = body.TryGet("systemInstruction"u8, out var instruction) ? GeminiContents.TextOf(instruction).Length : 0;
        var last = "";
        var isToolResult = false;
        foreach (var content in body.GetProperty("contents"u8).EnumerateArray())
        {
            var text = GeminiContents.TextOf(content);
            characters += text.Length;
            if (content.Text("role"u8) is "user")
            {
                last = text;
                isToolResult = GeminiContents.HasResponse(content);
            }
        }

        var hasConfig = body.TryGet("generationConfig"u8, out var config);
        return new Prompt
        {
            Model = model,
            Stream = stream,
            LastMessage = last,
            IsToolResult = isToolResult,
            Choices = hasConfig ? config.Integer("candidateCount"u8) ?? 1 : 1,
            MaxTokens = hasConfig ? config.Integer("maxOutputTokens"u8) : null,
            Tools = GeminiTools.Read(body),
            ToolChoice = GeminiTools.ReadChoice(body),
            InputTokens = Tokens.Of(characters),
        };
    }

    public static bool HasOnly(JsonElement element, string[] names) => element.EnumerateObject().All(member => names.Contains(member.Name));

    private static WireError? CheckInstruction(JsonElement body) =>
        body.TryGet("systemInstruction"u8, out var instruction) ? GeminiContents.CheckInstruction(instruction) : null;

    private static WireError? CheckConfig(JsonElement body)
    {
        if (!body.TryGet("generationConfig"u8, out var config))
        {
            return null;
        }

        if (config.ValueKind is not JsonValueKind.Object || !HasOnly(config, ConfigMembers))
        {
            return GoogleErrors.UnknownName("generation_config");
        }

        if (config.TryGet("temperature"u8, out var temperature)
            && (temperature.ValueKind is not JsonValueKind.Number || temperature.GetDouble() is < 0 or > 2))
        {
            return GoogleErrors.Invalid("generation_config.temperature: supported values are in the range from 0 to 2.");
        }

        if (config.TryGet("maxOutputTokens"u8, out _) && config.Integer("maxOutputTokens"u8) is null or < 1)
        {
            return GoogleErrors.Invalid("generation_config.max_output_tokens: must be positive.");
        }

        return config.TryGet("candidateCount"u8, out _) && config.Integer("candidateCount"u8) is null or < 1 or > MostCandidates
            ? GoogleErrors.Invalid("generation_config.candidate_count: supported values are in the range from 1 to 8.")
            : null;
    }
}
