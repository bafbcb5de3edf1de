using System.Text;
using System.Text.Json;
using PolicyRouter.Simulator.Answers;
using PolicyRouter.Simulator.Serving;

namespace PolicyRouter.Simulator.Anthropic;

/// <summary>Checks and reads the body of a messages request. Messages of one role in a row are allowed: the API joins them.</summary>
internal static class AnthropicRequest
{
    public static WireError? Check(JsonElement body, bool needsMaxTokens)
    {
        if (!body.TryGet("max_tokens"u8, out _))
        {
            if (needsMaxTokens)
            {
                return Invalid("max_tokens: Field required");
            }
        }
        else if (body.Integer("max_tokens"u8) is null or < 1)
        {
            return Invalid("max_tokens: must be greater than or equal to 1");
        }

        if (body.TryGet("system"u8, out var system) && system.ValueKind is not (JsonValueKind.String or JsonValueKind.Array))
        {
            return Invalid("system: Input should be a valid string or list");
        }

        if (body.TryGet("temperature"u8, out var temperature)
            && (temperature.ValueKind is not JsonValueKind.Number || temperature.GetDouble() is < 0 or > 1))
        {
            return Invalid("temperature: range: 0..1");
        }

        if (!body.TryGet("messages"u8, out var messages))
        {
            return Invalid("messages: Field required");
        }

        return messages.ValueKind is not JsonValueKind.Array || messages.GetArrayLength() == 0
            ? Invalid("messages: at least one message is required")
            : CheckMessages(messages);
    }

    public static Prompt Read(JsonElement body)
    {
        var characters = body.TryGet("system"u8, out var system) ? TextOf(system).Length : 0;
        var last = "";
        var isToolResult = false;
        foreach (var message in body.GetProperty("messages"u8).EnumerateArray())
        {
            var content = message.GetProperty("content"u8);
            var text = TextOf(content);
            characters += text.Length;
            if (message.Text("role"u8) is "user")
            {
                last = text;
                isToolResult = HasBlock(content, "tool_result");
            }
        }

        return new Prompt
        {
            Model = body.Text("model"u8) ?? "",
            Stream = body.Flag("stream"u8),
            LastMessage = last,
            IsToolResult = isToolResult,
            MaxTokens = body.Integer("max_tokens"u8),
            Tools = ReadTools(body),
            ToolChoice = ReadToolChoice(body),
            InputTokens = Tokens.Of(characters),
        };
    }

    private static WireError? CheckMessages(JsonElement messages)
    {
        HashSet<string> openCalls = [];
        var index = 0;
        foreach (var message in messages.EnumerateArray())
        {
            var role = message.Text("role"u8);
            if (role is not ("user" or "assistant"))
            {
                return Invalid($"messages.{index}.role: Input should be 'user' or 'assistant'");
            }

            if (index == 0 && role is not "user")
            {
                return Invalid("messages: first message must use the \"user\" role");
            }

            if (!message.TryGet("content"u8, out var content) || content.ValueKind is not (JsonValueKind.String or JsonValueKind.Array))
            {
                return Invalid($"messages.{index}.content: Field required");
            }

            if (content.ValueKind is JsonValueKind.String)
            {
                if (content.GetString()!.Length == 0)
                {
                    return Invalid($"messages.{index}: all messages must have non-empty content");
                }
            }
            else if (CheckBlocks(content, index, openCalls) is { } error)
            {
                return error;
            }

            index++;
        }

        return openCalls.Count == 0
            ? null
            : Invalid("messages: `tool_use` ids were found without `tool_result` blocks immediately after");
    }

    private static WireError? CheckBlocks(JsonElement content, int index, HashSet<string> openCalls)
    {
        foreach (var block in content.EnumerateArray())
        {
            switch (block.Text("type"u8))
            {
                case null:
                    return Invalid($"messages.{index}.content: block type: Field required");
                case "text" when string.IsNullOrEmpty(block.Text("text"u8)):
                    return Invalid("messages: text content blocks must be non-empty");
                case "tool_use":
                    openCalls.Add(block.Text("id"u8) ?? "");
                    break;
                case "tool_result" when !openCalls.Remove(block.Text("tool_use_id"u8) ?? ""):
                    return Invalid($"messages.{index}.content: unexpected `tool_use_id` found in `tool_result` blocks");
            }
        }

        return null;
    }

    private static string TextOf(JsonElement content)
    {
        if (content.ValueKind is JsonValueKind.String)
        {
            return content.GetString()!;
        }

        if (content.ValueKind is not JsonValueKind.Array)
        {
            return "";
        }

        StringBuilder text = new();
        foreach (var block in content.EnumerateArray())
        {
            text.Append(block.Text("text"u8));
            if (block.Text("type"u8) is "tool_result" && block.TryGet("content"u8, out var result))
            {
                text.Append(TextOf(result));
            }
        }

        return text.ToString();
    }

    private static bool HasBlock(JsonElement content, string type) =>
        content.ValueKind is JsonValueKind.Array && content.EnumerateArray().Any(block => block.Text("type"u8) == type);

    private static List<ToolOffer> ReadTools(JsonElement body)
    {
        List<ToolOffer> tools = [];
        if (body.TryGet("tools"u8, out var offered) && offered.ValueKind is JsonValueKind.Array)
        {
            foreach (var tool in offered.EnumerateArray())
            {
                if (tool.Text("name"u8) is { } name)
                {
                    tools.Add(new ToolOffer(name, tool.TryGet("input_schema"u8, out var schema) ? schema : default));
                }
            }
        }

        return tools;
    }

    private static ToolChoice ReadToolChoice(JsonElement body) =>
        !body.TryGet("tool_choice"u8, out var choice)
            ? ToolChoice.Auto
            : choice.Text("type"u8) switch
            {
                "none" => ToolChoice.None,
                "any" => ToolChoice.Any,
                "tool" when choice.Text("name"u8) is { } name => ToolChoice.Of(name),
                _ => ToolChoice.Auto,
            };

    private static WireError Invalid(string message) => new(400, "invalid_request_error", message);
}
