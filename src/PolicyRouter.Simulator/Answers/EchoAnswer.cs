using System.Text.Json;

namespace PolicyRouter.Simulator.Answers;

/// <summary>
/// The default model: repeats the last message, so that whatever placeholders went out come back and can be restored,
/// and calls the functions whose names the message mentions.
/// </summary>
internal static class EchoAnswer
{
    /// <summary>Longer messages are repeated up to here; a model does not repeat a book either.</summary>
    private const int LongestEcho = 8_000;

    private const int LongestArgument = 400;

    private static readonly string[] Openings = ["You wrote: ", "As I read it: ", "To sum up what you said: ", "Here it is again: "];
    private static readonly string[] Closings = [" Is there anything else?", " That is all I can say.", " I hope this helps.", " Let me know."];

    public static Answer To(Prompt prompt, ulong seed)
    {
        var calls = CallsFor(prompt);
        if (calls.Count > 0)
        {
            return new Answer("") { ToolCalls = calls };
        }

        Dice dice = new(Dice.SeedFor(seed, prompt.LastMessage));
        var echo = Cut(prompt.LastMessage, LongestEcho);
        return new Answer(string.Concat(Openings[dice.Next(Openings.Length)], echo, Closings[dice.Next(Closings.Length)]));
    }

    private static List<ToolCall> CallsFor(Prompt prompt)
    {
        if (prompt.Tools.Count == 0 || !prompt.ToolChoice.Allowed || (prompt.IsToolResult && !prompt.ToolChoice.Required))
        {
            return [];
        }

        List<ToolCall> calls = [];
        foreach (var tool in prompt.Tools)
        {
            var isWanted = prompt.ToolChoice.Name is { } name
                ? tool.Name == name
                : prompt.LastMessage.Contains(tool.Name, StringComparison.OrdinalIgnoreCase);
            if (isWanted)
            {
                calls.Add(new ToolCall(tool.Name, ArgumentsFor(tool.Parameters, prompt.LastMessage)));
            }
        }

        if (calls.Count == 0 && prompt.ToolChoice.Required)
        {
            calls.Add(new ToolCall(prompt.Tools[0].Name, ArgumentsFor(prompt.Tools[0].Parameters, prompt.LastMessage)));
        }

        return calls;
    }

    /// <summary>Fills every property of the schema: text properties repeat the message, so placeholders stand in arguments too.</summary>
    private static string ArgumentsFor(JsonElement schema, string message)
    {
        if (schema.ValueKind is not JsonValueKind.Object || !schema.TryGetProperty("properties", out var properties)
            || properties.ValueKind is not JsonValueKind.Object)
        {
            return "{}";
        }

        Dictionary<string, object?> arguments = [];
        foreach (var property in properties.EnumerateObject())
        {
            var type = property.Value.ValueKind is JsonValueKind.Object && property.Value.TryGetProperty("type", out var named)
                && named.ValueKind is JsonValueKind.String
                ? named.GetString()!.ToLowerInvariant()
                : "string";
            arguments[property.Name] = type switch
            {
                "string" => Cut(message, LongestArgument),
                "integer" or "number" => 1,
                "boolean" => true,
                "array" => Array.Empty<string>(),
                "object" => new Dictionary<string, string>(),
                _ => null,
            };
        }

        return JsonSerializer.Serialize(arguments, Json.Relaxed);
    }

    private static string Cut(string text, int length)
    {
        if (text.Length <= length)
        {
            return text;
        }

        return char.IsHighSurrogate(text[length - 1]) ? text[..(length - 1)] : text[..length];
    }
}
