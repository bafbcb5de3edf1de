using System.Text.Json;
using PolicyRouter.Simulator.Answers;
using PolicyRouter.Simulator.Serving;

namespace PolicyRouter.Simulator.Vertex;

/// <summary>Checks one part of a turn: exactly one kind of data, whole.</summary>
internal static class GeminiPart
{
    private static readonly string[] Data = ["text", "inlineData", "functionCall", "functionResponse"];
    private static readonly string[] Members = [.. Data, "thought", "thoughtSignature"];

    public static WireError? Check(JsonElement part, string at)
    {
        if (part.ValueKind is not JsonValueKind.Object)
        {
            return GoogleErrors.Invalid($"Invalid value at '{at}'.");
        }

        if (!GeminiRequest.HasOnly(part, Members))
        {
            return GoogleErrors.UnknownName(at);
        }

        if (part.EnumerateObject().Count(member => Data.Contains(member.Name)) != 1)
        {
            return GoogleErrors.Invalid($"{at}.data: required oneof field 'data' must have one initialized field");
        }

        if (part.Text("text"u8) is "" && part.Text("thoughtSignature"u8) is null)
        {
            return GoogleErrors.Invalid("Unable to submit request because it has an empty text parameter.");
        }

        var isWhole = part.TryGet("text"u8, out var text) ? text.ValueKind is JsonValueKind.String
            : part.TryGet("inlineData"u8, out var blob) ? IsBlob(blob)
            : part.TryGet("functionCall"u8, out var call) ? HasNameAnd(call, "args"u8, isRequired: false)
            : part.TryGet("functionResponse"u8, out var response) && HasNameAnd(response, "response"u8, isRequired: true);
        return isWhole ? null : GoogleErrors.Invalid($"Invalid value at '{at}'.");
    }

    private static bool IsBlob(JsonElement blob) =>
        blob.Text("mimeType"u8) is { Length: > 0 } && blob.Text("data"u8) is not null
        && blob.GetProperty("data"u8).TryGetBytesFromBase64(out _);

    private static bool HasNameAnd(JsonElement function, ReadOnlySpan<byte> member, bool isRequired) =>
        function.Text("name"u8) is { Length: > 0 }
        && (function.TryGet(member, out var value) ? value.ValueKind is JsonValueKind.Object : !isRequired);
}
