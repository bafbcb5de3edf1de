using System.Text.Json;

namespace PolicyRouter.Gateway.Wire.Messages;

/// <summary>Translates the tools that the caller runs, and the choice among them.</summary>
internal static class ChatTools
{
    /// <returns>What cannot be translated, in fixed words; null when all was written.</returns>
    public static string? Write(JsonElement root, Utf8JsonWriter writer)
    {
        if (!root.TryGetProperty("tools", out var tools) || tools.GetArrayLength() == 0)
        {
            return root.TryGetProperty("tool_choice", out _) ? "tool_choice without tools" : null;
        }

        writer.WriteStartArray("tools");
        foreach (var tool in tools.EnumerateArray())
        {
            if (WriteTool(tool, writer) is { } gap)
            {
                return gap;
            }
        }

        writer.WriteEndArray();
        return WriteChoice(root, writer);
    }

    private static string? WriteTool(JsonElement tool, Utf8JsonWriter writer)
    {
        if (MessageJson.Text(tool, "type") is not (null or "custom") || MessageJson.Text(tool, "name") is not { } name
            || !tool.TryGetProperty("input_schema", out var schema) || schema.ValueKind is not JsonValueKind.Object)
        {
            return "tools that the provider runs";
        }

        writer.WriteStartObject();
        writer.WriteString("type", "function");
        writer.WriteStartObject("function");
        writer.WriteString("name", name);
        foreach (var member in tool.EnumerateObject())
        {
            switch (member.Name)
            {
                case "name" or "type" or "cache_control":
                // Only says in how large pieces a stream may bring the arguments.
                case "eager_input_streaming" when member.Value.ValueKind is JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null:
                    break;
                case "input_schema":
                    writer.WritePropertyName("parameters");
                    schema.WriteTo(writer);
                    break;
                case "description" when member.Value.ValueKind is JsonValueKind.String:
                    writer.WriteString("description", member.Value.GetString());
                    break;
                case "strict" when member.Value.ValueKind is JsonValueKind.True or JsonValueKind.False:
                    writer.WriteBoolean("strict", member.Value.GetBoolean());
                    break;
                default:
                    return "unknown tool field";
            }
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
        return null;
    }

    private static string? WriteChoice(JsonElement root, Utf8JsonWriter writer)
    {
        if (!root.TryGetProperty("tool_choice", out var choice))
        {
            return null;
        }

        switch (MessageJson.Text(choice, "type"))
        {
            case "auto":
                writer.WriteString("tool_choice", "auto");
                break;
            case "any":
                writer.WriteString("tool_choice", "required");
                break;
            case "none":
                writer.WriteString("tool_choice", "none");
                break;
            case "tool" when MessageJson.Text(choice, "name") is { } name:
                writer.WriteStartObject("tool_choice");
                writer.WriteString("type", "function");
                writer.WriteStartObject("function");
                writer.WriteString("name", name);
                writer.WriteEndObject();
                writer.WriteEndObject();
                break;
            default:
                return "tool_choice";
        }

        if (choice.TryGetProperty("disable_parallel_tool_use", out var serial) && serial.ValueKind is JsonValueKind.True)
        {
            writer.WriteBoolean("parallel_tool_calls", false);
        }

        return null;
    }
}
