using System.Text.Json;
using PolicyRouter.Gateway.Wire.Anthropic;
using PolicyRouter.Gateway.Wire.Messages;

namespace PolicyRouter.Gateway.Wire.Gemini;

/// <summary>Translates tool definitions and the choice among them.</summary>
internal static class GeminiTools
{
    /// <returns>What cannot be translated, in fixed words; null when all was written.</returns>
    public static string? Write(JsonElement root, Utf8JsonWriter writer)
    {
        if (!AnthropicRequest.Has(root, "tools", out var tools))
        {
            return AnthropicRequest.Has(root, "tool_choice", out _) ? "tool_choice without tools" : null;
        }

        if (tools.Value.ValueKind is not JsonValueKind.Array)
        {
            return "tools";
        }

        writer.WriteStartArray("tools");
        writer.WriteStartObject();
        writer.WriteStartArray("functionDeclarations");
        foreach (var tool in tools.Value.EnumerateArray())
        {
            if (WriteTool(tool, writer) is { } gap)
            {
                return gap;
            }
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndArray();
        return WriteChoice(root, writer);
    }

    private static string? WriteTool(JsonElement tool, Utf8JsonWriter writer)
    {
        if (MessageJson.Text(tool, "type") != "function" || !tool.TryGetProperty("function", out var function) || MessageJson.Text(function, "name") is not { } name)
        {
            return "tools other than functions";
        }

        writer.WriteStartObject();
        writer.WriteString("name", name);
        foreach (var member in function.EnumerateObject())
        {
            switch (member.Name)
            {
                case "name":
                    break;
                case "description" when member.Value.ValueKind is JsonValueKind.String:
                    writer.WriteString("description", member.Value.GetString());
                    break;
                case "parameters" when member.Value.ValueKind is JsonValueKind.Object:
                    writer.WritePropertyName("parametersJsonSchema");
                    member.Value.WriteTo(writer);
                    break;
                case "description" or "strict" or "parameters" when member.Value.ValueKind is JsonValueKind.Null or JsonValueKind.False:
                    break;
                case "strict":
                    return "strict tools";
                default:
                    return "unknown tool field";
            }
        }

        writer.WriteEndObject();
        return null;
    }

    private static string? WriteChoice(JsonElement root, Utf8JsonWriter writer)
    {
        if (!AnthropicRequest.Has(root, "tool_choice", out var choice))
        {
            return null;
        }

        string? only = null;
        var mode = choice.Value.ValueKind is JsonValueKind.String
            ? choice.Value.GetString() switch { "auto" => "AUTO", "required" => "ANY", "none" => "NONE", _ => null }
            : MessageJson.Text(choice.Value, "type") == "function" && choice.Value.TryGetProperty("function", out var function)
                && (only = MessageJson.Text(function, "name")) is not null ? "ANY" : null;
        if (mode is null)
        {
            return "tool_choice";
        }

        writer.WriteStartObject("toolConfig");
        writer.WriteStartObject("functionCallingConfig");
        writer.WriteString("mode", mode);
        if (only is not null)
        {
            writer.WriteStartArray("allowedFunctionNames");
            writer.WriteStringValue(only);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
        return null;
    }
}
