using System.Text;
using System.Text.Json;
using PolicyRouter.Simulator.Answers;
using PolicyRouter.Simulator.Serving;

namespace PolicyRouter.Simulator.OpenAi;

/// <summary>Checks and reads the body of a chat completion request. Unknown members are let through, as compatible servers do.</summary>
internal static class OpenAiRequest
{
    private const int MostChoices = 128;

    private static readonly string[] Roles = ["developer", "system", "user", "assistant", "tool", "function"];

    public static WireError? Check(JsonElement body)
    {
        if (!body.TryGet("messages"u8, out var messages))
        {
            return Invalid("Missing required parameter: 'messages'.", "messages", "missing_required_parameter");
        }

        if (messages.ValueKind is not JsonValueKind.Array || messages.GetArrayLength() == 0)
        {
            return Invalid("Invalid 'messages': expected an array with at least one message.", "messages", "invalid_type");
        }

        return CheckOptions(body) ?? CheckMessages(messages);
    }

    public static Prompt Read(JsonElement body)
    {
        var (last, isToolResult, characters) = ReadMessages(body.GetProperty("messages"u8));
        var includeUsage = body.TryGet("stream_options"u8, out var options) && options.Flag("include_usage"u8);
        return new Prompt
        {
            Model = body.Text("model"u8) ?? "",
            Stream = body.Flag("stream"u8),
            LastMessage = last,
            IsToolResult = isToolResult,
            Choices = body.Integer("n"u8) ?? 1,
            MaxTokens = body.Integer("max_completion_tokens"u8) ?? body.Integer("max_tokens"u8),
            Tools = ReadTools(body),
            ToolChoice = ReadToolChoice(body),
            IncludeUsage = includeUsage,
            InputTokens = Tokens.Of(characters),
        };
    }

    private static WireError? CheckOptions(JsonElement body)
    {
        if (body.TryGet("stream"u8, out var stream) && stream.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
        {
            return Invalid("Invalid type for 'stream': expected a boolean.", "stream", "invalid_type");
        }

        if (body.TryGet("stream_options"u8, out _) && !body.Flag("stream"u8))
        {
            return Invalid("The 'stream_options' parameter is only allowed when 'stream' is enabled.", "stream_options");
        }

        if (body.TryGet("temperature"u8, out var temperature)
            && (temperature.ValueKind is not JsonValueKind.Number || temperature.GetDouble() is < 0 or > 2))
        {
            return Invalid("Invalid 'temperature': expected a number between 0 and 2.", "temperature", "invalid_value");
        }

        if (body.TryGet("n"u8, out _) && body.Integer("n"u8) is null or < 1 or > MostChoices)
        {
            return Invalid("Invalid 'n': expected an integer between 1 and 128.", "n", "invalid_value");
        }

        return CheckLimit(body, "max_tokens"u8, "max_tokens")
            ?? CheckLimit(body, "max_completion_tokens"u8, "max_completion_tokens");
    }

    private static WireError? CheckLimit(JsonElement body, ReadOnlySpan<byte> name, string param) =>
        body.TryGet(name, out _) && body.Integer(name) is null or < 1
            ? Invalid($"Invalid '{param}': expected a positive integer.", param, "integer_below_min_value")
            : null;

    private static WireError? CheckMessages(JsonElement messages)
    {
        HashSet<string> openCalls = [];
        var index = 0;
        foreach (var message in messages.EnumerateArray())
        {
            var role = message.Text("role"u8);
            if (role is null || !Roles.Contains(role))
            {
                return Invalid("Invalid value for 'role'.", $"messages[{index}].role", "invalid_value");
            }

            var hasCalls = message.TryGet("tool_calls"u8, out var calls) && calls.ValueKind is JsonValueKind.Array;
            var hasContent = message.TryGet("content"u8, out var content);
            if (hasContent ? content.ValueKind is not (JsonValueKind.String or JsonValueKind.Array) : role is not "assistant" || !hasCalls)
            {
                return Invalid("Invalid value for 'content': expected a string or an array of parts.", $"messages[{index}].content", "invalid_type");
            }

            if (role is "tool" && (message.Text("tool_call_id"u8) is not { } answered || !openCalls.Remove(answered)))
            {
                return Invalid(
                    "Messages with role 'tool' must be a response to a preceding message with 'tool_calls'.", $"messages[{index}].role");
            }

            if (hasCalls)
            {
                foreach (var call in calls.EnumerateArray())
                {
                    openCalls.Add(call.Text("id"u8) ?? "");
                }
            }

            index++;
        }

        return openCalls.Count == 0
            ? null
            : Invalid("An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'.", "messages");
    }

    private static (string Last, bool IsToolResult, int Characters) ReadMessages(JsonElement messages)
    {
        var characters = 0;
        var last = "";
        var isToolResult = false;
        foreach (var message in messages.EnumerateArray())
        {
            var text = message.TryGet("content"u8, out var content) ? TextOf(content) : "";
            characters += text.Length;
            if (message.Text("role"u8) is "user" or "tool" or "function")
            {
                last = text;
                isToolResult = message.Text("role"u8) is not "user";
            }
        }

        return (last, isToolResult, characters);
    }

    private static string TextOf(JsonElement content)
    {
        if (content.ValueKind is JsonValueKind.String)
        {
            return content.GetString()!;
        }

        StringBuilder text = new();
        foreach (var part in content.EnumerateArray())
        {
            text.Append(part.Text("text"u8));
        }

        return text.ToString();
    }

    private static List<ToolOffer> ReadTools(JsonElement body)
    {
        List<ToolOffer> tools = [];
        if (body.TryGet("tools"u8, out var offered) && offered.ValueKind is JsonValueKind.Array)
        {
            foreach (var tool in offered.EnumerateArray())
            {
                if (tool.TryGet("function"u8, out var function) && function.Text("name"u8) is { } name)
                {
                    tools.Add(new ToolOffer(name, function.TryGet("parameters"u8, out var parameters) ? parameters : default));
                }
            }
        }

        return tools;
    }

    private static ToolChoice ReadToolChoice(JsonElement body)
    {
        if (!body.TryGet("tool_choice"u8, out var choice))
        {
            return ToolChoice.Auto;
        }

        if (choice.ValueKind is JsonValueKind.Object)
        {
            return choice.TryGet("function"u8, out var function) && function.Text("name"u8) is { } name ? ToolChoice.Of(name) : ToolChoice.Any;
        }

        return choice.ValueKind is not JsonValueKind.String ? ToolChoice.Auto : choice.GetString() switch
        {
            "none" => ToolChoice.None,
            "required" => ToolChoice.Any,
            _ => ToolChoice.Auto,
        };
    }

    private static WireError Invalid(string message, string param, string? code = null) =>
        new(400, "invalid_request_error", message, code, param);
}
