using System.Text.Json;
using PolicyRouter.Gateway.Wire.Messages;

namespace PolicyRouter.Gateway.Wire.Responses;

/// <summary>
/// Translates the conversation: <c>instructions</c> become a message of their own, messages stay messages, calls of functions in a row become those of one message of the assistant, and each
/// output of a function becomes a message. The model's own reasoning of earlier turns changes nothing about what is asked, and is left out.
/// </summary>
internal static class ChatItems
{
    /// <returns>What cannot be translated, in fixed words; null when all was written.</returns>
    public static string? Write(JsonElement root, Utf8JsonWriter writer)
    {
        writer.WriteStartArray("messages");
        if (MessageJson.Text(root, "instructions") is { } instructions)
        {
            WriteMessage("system", instructions, writer);
        }

        var input = root.GetProperty("input");
        if (input.ValueKind is JsonValueKind.String)
        {
            WriteMessage("user", input.GetString()!, writer);
            writer.WriteEndArray();
            return null;
        }

        List<JsonElement> calls = [];
        foreach (var item in input.EnumerateArray())
        {
            var type = MessageJson.Text(item, "type") ?? "message";
            if (type == "reasoning")
            {
                continue;
            }

            if (type == "function_call")
            {
                calls.Add(item);
                continue;
            }

            if ((WriteCalls(calls, writer) ?? WriteItem(type, item, writer)) is { } gap)
            {
                return gap;
            }
        }

        var last = WriteCalls(calls, writer);
        writer.WriteEndArray();
        return last;
    }

    private static void WriteMessage(string role, string text, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("role", role);
        writer.WriteString("content", text);
        writer.WriteEndObject();
    }

    private static string? WriteCalls(List<JsonElement> calls, Utf8JsonWriter writer)
    {
        if (calls.Count == 0)
        {
            return null;
        }

        writer.WriteStartObject();
        writer.WriteString("role", "assistant");
        writer.WriteNull("content");
        writer.WriteStartArray("tool_calls");
        foreach (var call in calls)
        {
            if (MessageJson.Text(call, "call_id") is not { } id || MessageJson.Text(call, "name") is not { } name || MessageJson.Text(call, "arguments") is not { } arguments)
            {
                return "function calls without call_id, name and arguments";
            }

            writer.WriteStartObject();
            writer.WriteString("id", id);
            writer.WriteString("type", "function");
            writer.WriteStartObject("function");
            writer.WriteString("name", name);
            writer.WriteString("arguments", arguments);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        calls.Clear();
        return null;
    }

    private static string? WriteItem(string type, JsonElement item, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        string? gap;
        switch (type)
        {
            case "message" when MessageJson.Text(item, "role") is { } role && item.TryGetProperty("content", out var content):
                writer.WriteString("role", role);
                gap = WriteContent(content, writer);
                break;
            case "function_call_output" when MessageJson.Text(item, "call_id") is { } id && item.TryGetProperty("output", out var output):
                writer.WriteString("role", "tool");
                writer.WriteString("tool_call_id", id);
                gap = WriteContent(output, writer);
                break;
            default:
                return "items other than messages and function calls";
        }

        writer.WriteEndObject();
        return gap;
    }

    private static string? WriteContent(JsonElement content, Utf8JsonWriter writer)
    {
        if (content.ValueKind is JsonValueKind.String)
        {
            writer.WriteString("content", content.GetString());
            return null;
        }

        if (content.ValueKind is not JsonValueKind.Array)
        {
            return "messages without content";
        }

        writer.WriteStartArray("content");
        foreach (var part in content.EnumerateArray())
        {
            writer.WriteStartObject();
            switch (MessageJson.Text(part, "type"))
            {
                case "input_text" or "output_text" when MessageJson.Text(part, "text") is { } text:
                    writer.WriteString("type", "text");
                    writer.WriteString("text", text);
                    break;
                case "input_image" when MessageJson.Text(part, "image_url") is { } url:
                    writer.WriteString("type", "image_url");
                    writer.WriteStartObject("image_url");
                    writer.WriteString("url", url);
                    if (MessageJson.Text(part, "detail") is { } detail)
                    {
                        writer.WriteString("detail", detail);
                    }

                    writer.WriteEndObject();
                    break;
                default:
                    return "content parts other than text and images";
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        return null;
    }
}
