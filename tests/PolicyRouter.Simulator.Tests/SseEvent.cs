using System.Text;
using System.Text.Json;

namespace PolicyRouter.Simulator.Tests;

internal sealed record SseEvent(string? Name, string Data)
{
    public JsonElement Json => JsonDocument.Parse(Data).RootElement;

    public static List<SseEvent> Parse(string text)
    {
        List<SseEvent> events = [];
        foreach (var block in text.Replace("\r\n", "\n", StringComparison.Ordinal).Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            string? name = null;
            var data = "";
            foreach (var line in block.Split('\n'))
            {
                if (line.StartsWith("event: ", StringComparison.Ordinal))
                {
                    name = line[7..];
                }
                else if (line.StartsWith("data: ", StringComparison.Ordinal))
                {
                    data = line[6..];
                }
            }

            events.Add(new SseEvent(name, data));
        }

        return events;
    }

    /// <summary>The text that a stream of any wire carried.</summary>
    public static string TextOf(IEnumerable<SseEvent> events)
    {
        StringBuilder text = new();
        foreach (var item in events.Where(item => item.Data.StartsWith('{')))
        {
            var json = item.Json;
            if (json.TryGetProperty("choices", out var choices) && choices.GetArrayLength() > 0
                && choices[0].GetProperty("delta").TryGetProperty("content", out var content))
            {
                text.Append(content.GetString());
            }
            else if (json.TryGetProperty("candidates", out var candidates))
            {
                text.Append(Talk.TextOfCandidate(candidates[0]));
            }
            else if (item.Name is "content_block_delta" && json.GetProperty("delta").TryGetProperty("text", out var delta))
            {
                text.Append(delta.GetString());
            }
        }

        return text.ToString();
    }
}
