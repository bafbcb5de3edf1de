using System.Text;
using System.Text.Json;
using PolicyRouter.Simulator.Answers;
using PolicyRouter.Simulator.Serving;

namespace PolicyRouter.Simulator.Vertex;

/// <summary>Checks and reads the turns of a conversation.</summary>
internal static class GeminiContents
{
    private static readonly string[] Members = ["role", "parts"];

    public static WireError? Check(JsonElement contents, bool needsSignatures)
    {
        if (contents.ValueKind is not JsonValueKind.Array || contents.GetArrayLength() == 0)
        {
            return GoogleErrors.Invalid("at least one contents field is required");
        }

        var openCalls = 0;
        var isFirst = true;
        foreach (var content in contents.EnumerateArray())
        {
            if (content.Text("role"u8) is not ("user" or "model"))
            {
                return GoogleErrors.Invalid("Please use a valid role: user, model.");
            }

            if (isFirst && content.Text("role"u8) is not "user")
            {
                return GoogleErrors.Invalid("Please ensure that multiturn requests begin with a user turn.");
            }

            if (CheckParts(content, "contents", out var parts) is { } error)
            {
                return error;
            }

            if (CheckTurn(parts, content.Text("role"u8) is "model", needsSignatures, ref openCalls) is { } wrongTurn)
            {
                return wrongTurn;
            }

            isFirst = false;
        }

        return openCalls == 0 ? null : Unpaired();
    }

    /// <summary>A system instruction: text only, and its role, if it has one, is ignored.</summary>
    public static WireError? CheckInstruction(JsonElement instruction)
    {
        if (instruction.ValueKind is not JsonValueKind.Object)
        {
            return GoogleErrors.Invalid("Invalid value at 'system_instruction'.");
        }

        if (CheckParts(instruction, "system_instruction", out var parts) is { } error)
        {
            return error;
        }

        return parts.EnumerateArray().All(part => part.Text("text"u8) is not null)
            ? null
            : GoogleErrors.Invalid("Please use only text in system_instruction.");
    }

    /// <summary>The text of all parts; of a function's response the texts in it.</summary>
    public static string TextOf(JsonElement content)
    {
        StringBuilder text = new();
        foreach (var part in content.GetProperty("parts"u8).EnumerateArray())
        {
            text.Append(part.Text("text"u8));
            if (part.TryGet("functionResponse"u8, out var response) && response.TryGet("response"u8, out var result))
            {
                text.AppendJoin(' ', TextsIn(result));
            }
        }

        return text.ToString();
    }

    public static bool HasResponse(JsonElement content) =>
        content.GetProperty("parts"u8).EnumerateArray().Any(part => part.TryGet("functionResponse"u8, out _));

    private static WireError? CheckParts(JsonElement content, string at, out JsonElement parts)
    {
        parts = default;
        if (!GeminiRequest.HasOnly(content, Members))
        {
            return GoogleErrors.UnknownName(at);
        }

        if (!content.TryGet("parts"u8, out parts) || parts.ValueKind is not JsonValueKind.Array || parts.GetArrayLength() == 0)
        {
            return GoogleErrors.Invalid($"{at}: must include at least one parts field");
        }

        foreach (var part in parts.EnumerateArray())
        {
            if (GeminiPart.Check(part, $"{at}.parts") is { } error)
            {
                return error;
            }
        }

        return null;
    }

    /// <summary>Calls come from the model, and the next turn answers all of them.</summary>
    private static WireError? CheckTurn(JsonElement parts, bool isModel, bool needsSignatures, ref int openCalls)
    {
        var calls = 0;
        var responses = 0;
        foreach (var part in parts.EnumerateArray())
        {
            if (part.TryGet("functionCall"u8, out _))
            {
                if (calls == 0 && isModel && needsSignatures && string.IsNullOrEmpty(part.Text("thoughtSignature"u8)))
                {
                    return GoogleErrors.Invalid("Function call is missing a thought_signature in functionCall parts.");
                }

                calls++;
            }
            else if (part.TryGet("functionResponse"u8, out _))
            {
                responses++;
            }
        }

        if (isModel ? responses > 0 : calls > 0)
        {
            return GoogleErrors.Invalid("Please ensure that function calls come from the model, and function responses from the user.");
        }

        if (responses != openCalls)
        {
            return Unpaired();
        }

        openCalls = calls;
        return null;
    }

    private static WireError Unpaired() => GoogleErrors.Invalid(
        "Please check the turns: number of function response parts must equal number of function call parts of the turn before.");

    private static IEnumerable<string> TextsIn(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => [value.GetString()!],
        JsonValueKind.Array => value.EnumerateArray().SelectMany(TextsIn),
        JsonValueKind.Object => value.EnumerateObject().SelectMany(member => TextsIn(member.Value)),
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => [value.GetRawText()],
        _ => [],
    };
}
