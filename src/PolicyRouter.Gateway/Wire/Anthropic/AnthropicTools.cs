using System.Text.Json;

namespace PolicyRouter.Gateway.Wire.Anthropic;

/// <summary>Translates tool definitions, the choice among them, and calls.</summary>
internal static class AnthropicTools
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
        foreach (var tool in tools.Value.EnumerateArray())
        {
            if (WriteTool(tool, writer) is { } gap)
            {
                return gap;
            }
        }

        writer.WriteEndArray();
        return WriteChoice(root, writer);
    }

    /// <summary>Writes the calls of an assistant message as <c>tool_use</c> blocks.</summary>
    public static string? WriteCalls(JsonElement calls, Utf8JsonWriter writer)
    {
        if (calls.ValueKind is not JsonValueKind.Array)
        {
            return "tool_calls";
        }

        foreach (var call in calls.EnumerateArray())
        {
            if (!IsFunction(call, out var function) || Text(call, "id") is not { } id || Text(function, "name") is not { } name)
            {
                return "tool calls other than functions";
            }

            writer.WriteStartObject();
            writer.WriteString("type", "tool_use");
            writer.WriteString("id", id);
            writer.WriteString("name", name);
            writer.WritePropertyName("input");
            if (!WriteArguments(Text(function, "arguments"), writer))
            {
                return "tool arguments that are no JSON object";
            }

            writer.WriteEndObject();
        }

        return null;
    }

    /// <summary>Writes the arguments of a call as the object they are; false, and nothing is written, when they are none.</summary>
    public static bool WriteArguments(string? arguments, Utf8JsonWriter writer)
    {
        try
        {
            using var parsed = JsonDocument.Parse(string.IsNullOrWhiteSpace(arguments) ? "{}" : arguments);
            if (parsed.RootElement.ValueKind is not JsonValueKind.Object)
            {
                return false;
            }

            parsed.RootElement.WriteTo(writer);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static string? WriteTool(JsonElement tool, Utf8JsonWriter writer)
    {
        if (!IsFunction(tool, out var function) || Text(function, "name") is not { } name)
        {
            return "tools other than functions";
        }

        writer.WriteStartObject();
        writer.WriteString("name", name);
        writer.WritePropertyName("input_schema");
        if (AnthropicRequest.Has(function, "parameters", out var parameters))
        {
            parameters.Value.WriteTo(writer);
        }
        else
        {
            writer.WriteRawValue("""{"type":"object","properties":{}}"""u8);
        }

        foreach (var member in function.EnumerateObject())
        {
            switch (member.Name)
            {
                case "name" or "parameters":
                    break;
                case "description" when member.Value.ValueKind is JsonValueKind.String:
                    writer.WriteString("description", member.Value.GetString());
                    break;
                case "description" or "strict" when member.Value.ValueKind is JsonValueKind.Null or JsonValueKind.False:
                    break;
                case "strict" when member.Value.ValueKind is JsonValueKind.True:
                    writer.WriteBoolean("strict", true);
                    break;
                default:
                    return "unknown tool field";
            }
        }

        writer.WriteEndObject();
        return null;
    }

    private static string? WriteChoice(JsonElement root, Utf8JsonWriter writer)
    {
        var isSerial = AnthropicRequest.Has(root, "parallel_tool_calls", out var parallel) && !parallel.Value.GetBoolean();
        var hasChoice = AnthropicRequest.Has(root, "tool_choice", out var choice);
        if (!hasChoice && !isSerial)
        {
            return null;
        }

        string? name = null;
        string? type = "auto";
        if (hasChoice)
        {
            type = choice!.Value.ValueKind is JsonValueKind.String
                ? choice.Value.GetString() switch { "auto" => "auto", "required" => "any", "none" => "none", _ => null }
                : IsFunction(choice.Value, out var function) && (name = Text(function, "name")) is not null ? "tool" : null;
        }

        if (type is null)
        {
            return "tool_choice";
        }

        writer.WriteStartObject("tool_choice");
        writer.WriteString("type", type);
        if (name is not null)
        {
            writer.WriteString("name", name);
        }

        if (isSerial && type != "none")
        {
            writer.WriteBoolean("disable_parallel_tool_use", true);
        }

        writer.WriteEndObject();
        return null;
    }

    private static bool IsFunction(JsonElement element, out JsonElement function)
    {
        function = default;
        return element.ValueKind is JsonValueKind.Object
            && Text(element, "type") == "function"
            && element.TryGetProperty("function", out function)
            && function.ValueKind is JsonValueKind.Object;
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;
}
