using System.Text.Json;
using PolicyRouter.Gateway.Wire.Messages;

namespace PolicyRouter.Gateway.Wire.Anthropic;

/// <summary>Token counts of a message. Cached input counts as input here, as it does in the chat completions API.</summary>
internal sealed class AnthropicUsage
{
    private long _fresh;
    private long _cacheWritten;

    public long Input => _fresh + CacheRead + _cacheWritten;

    /// <summary>Of the input what was read from the provider's cache.</summary>
    public long CacheRead { get; private set; }
    public long Output { get; private set; }

    /// <summary>Where the answer was made (<c>inference_geo</c>); null when the usage does not say.</summary>
    public string? Place { get; private set; }

    /// <summary>Takes what the element's <c>usage</c> says; later counts replace earlier ones.</summary>
    public void Read(JsonElement element)
    {
        if (!element.TryGetProperty("usage", out var usage) || usage.ValueKind is not JsonValueKind.Object)
        {
            return;
        }

        _fresh = Count(usage, "input_tokens") ?? _fresh;
        CacheRead = Count(usage, "cache_read_input_tokens") ?? CacheRead;
        _cacheWritten = Count(usage, "cache_creation_input_tokens") ?? _cacheWritten;
        Output = Count(usage, "output_tokens") ?? Output;

        // Models from before geographies say that there is none.
        Place = MessageJson.Text(usage, "inference_geo") is { Length: > 0 } place && place != "not_available" ? place : Place;
    }

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("usage");
        writer.WriteNumber("prompt_tokens", Input);
        writer.WriteNumber("completion_tokens", Output);
        writer.WriteNumber("total_tokens", Input + Output);
        writer.WriteStartObject("prompt_tokens_details");
        writer.WriteNumber("cached_tokens", CacheRead);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static long? Count(JsonElement usage, string name) =>
        usage.TryGetProperty(name, out var count) && count.ValueKind is JsonValueKind.Number && count.TryGetInt64(out var value) ? value : null;
}
