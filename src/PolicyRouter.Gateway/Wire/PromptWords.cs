using System.Buffers;
using System.Collections.Frozen;
using System.Text;

namespace PolicyRouter.Gateway.Wire;

/// <summary>
/// The closed lists of what is not text in the body of a request. Whatever is not listed here is text and gets scanned:
/// a mistake in these lists that leaves a word out costs time, never a disclosure.
/// </summary>
internal static class PromptWords
{
    // Fixed words of the API. They say the same whoever writes them, so they can hold nobody's data.
    private static readonly FrozenSet<string> FixedWords = FrozenSet.ToFrozenSet(
        [
            "text", "image_url", "input_audio", "file", "refusal", "function", "custom", "json_object", "json_schema", "content",
            "none", "auto", "required", "minimal", "low", "medium", "high", "xhigh", "default", "flex", "priority", "scale", "audio",
            "wav", "mp3", "flac", "opus", "pcm16", "aac", "object", "string", "number", "integer", "boolean", "array", "null",
            "system", "developer", "user", "assistant", "tool", "allowed_tools", "grammar", "in_memory", "24h",
            "any", "image", "document", "tool_use", "tool_result", "thinking", "base64", "url", "ephemeral", "5m", "1h", "enabled", "disabled", "adaptive",
            "message", "input_text", "output_text", "input_image", "function_call", "image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf", "text/plain", "float", "standard_only",
        ],
        StringComparer.Ordinal);

    private static readonly FrozenSet<string> WordKeys = FrozenSet.ToFrozenSet(
        [
            "type", "role", "tool_choice", "function_call", "reasoning_effort", "verbosity", "service_tier", "modalities", "detail",
            "format", "required", "mode", "prompt_cache_retention", "search_context_size", "media_type", "ttl", "encoding_format",
        ],
        StringComparer.Ordinal);

    private static readonly FrozenSet<string> RootNumbers = FrozenSet.ToFrozenSet(
        [
            "max_tokens", "max_completion_tokens", "n", "seed", "temperature", "top_p", "top_k", "min_p", "presence_penalty",
            "frequency_penalty", "repetition_penalty", "top_logprobs", "dimensions", "max_output_tokens", "max_tool_calls",
        ],
        StringComparer.Ordinal);

    // Names that need no string of their own for every request they stand in.
    private static readonly FrozenDictionary<string, string> Known = FixedWords
        .Concat(WordKeys).Concat(RootNumbers)
        .Concat(
        [
            "model", "messages", "stream", "stream_options", "include_usage", "metadata", "response_format", "tools", "functions",
            "stop", "name", "id", "tool_call_id", "tool_calls", "arguments", "parameters", "properties", "description", "url", "data",
            "file_data", "file_id", "filename", "schema", "strict", "enum", "items", "additionalProperties", "store", "prediction",
            "logprobs", "logit_bias", "parallel_tool_calls", "web_search_options", "data_class", "data_subjects", "purpose", "session",
            "safety_identifier", "prompt_cache_key", "input", "dimensions", "system", "source", "cache_control", "input_schema", "tool_use_id", "is_error", "signature", "user_id", "instructions", "call_id", "max_output_tokens", "output", "reasoning", "effort", "include",
            "thinking", "budget_tokens", "stop_sequences", "top_logprobs", "audio", "voice", "summary", "citations", "annotations", "title", "context", "reasoning_content", "output_config",
            "$ref", "$defs", "$schema", "$id", "anyOf", "oneOf", "allOf", "not", "const", "pattern", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "examples", "nullable",
        ])
        .Distinct(StringComparer.Ordinal)
        .ToFrozenDictionary(static word => word, StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> KnownBySpan =
        Known.GetAlternateLookup<ReadOnlySpan<char>>();

    private static readonly SearchValues<byte> IdBytes =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"u8);

    /// <summary>The string for UTF-8 bytes without escapes, shared when the word is a known one.</summary>
    public static string Intern(ReadOnlySpan<byte> utf8)
    {
        Span<char> chars = stackalloc char[32];
        if (utf8.Length <= chars.Length && Encoding.UTF8.TryGetChars(utf8, chars, out var written)
            && KnownBySpan.TryGetValue(chars[..written], out var known))
        {
            return known;
        }

        return Encoding.UTF8.GetString(utf8);
    }

    /// <summary>True for a fixed word of the API under a key that takes such words.</summary>
    public static bool IsFixedWord(string key, ReadOnlySpan<byte> value)
    {
        if (value.Length is 0 or > 16 || !WordKeys.Contains(key))
        {
            return false;
        }

        Span<char> chars = stackalloc char[16];
        return Encoding.UTF8.TryGetChars(value, chars, out var written)
            && FixedWords.GetAlternateLookup<ReadOnlySpan<char>>().Contains(chars[..written]);
    }

    /// <summary>
    /// True for an id that a machine made: a letter first, then letters, digits, <c>_</c> and <c>-</c>, at most 64, without six
    /// digits in a row (separators between them not counted), which might be somebody's number.
    /// </summary>
    public static bool IsMachineId(ReadOnlySpan<byte> value) =>
        value.Length is > 0 and <= 64
        && char.IsAsciiLetter((char)value[0])
        && !value.ContainsAnyExcept(IdBytes)
        && LongestDigitRun(value) < 6;

    /// <summary>True for a name that the APIs or JSON Schema give, which holds nobody's data whoever writes it.</summary>
    public static bool IsKnownName(string name) => Known.ContainsKey(name);

    /// <summary>
    /// True for a number that may be somebody's: three digits or more, because under a label (<c>"mrn": 4815</c>) short ones are too.
    /// Fractions of known parameters do not count.
    /// </summary>
    public static bool IsTelling(string key, bool isRoot, ReadOnlySpan<byte> number)
    {
        if (isRoot && RootNumbers.Contains(key))
        {
            var fraction = number.IndexOfAny("."u8[0], "e"u8[0], "E"u8[0]);
            return Digits(fraction < 0 ? number : number[..fraction]) > 10;
        }

        return Digits(number) >= 3;
    }

    private static int Digits(ReadOnlySpan<byte> number)
    {
        var digits = 0;
        foreach (var character in number)
        {
            digits += char.IsAsciiDigit((char)character) ? 1 : 0;
        }

        return digits;
    }

    private static int LongestDigitRun(ReadOnlySpan<byte> value)
    {
        var longest = 0;
        var run = 0;
        foreach (var character in value)
        {
            if (char.IsAsciiDigit((char)character))
            {
                longest = Math.Max(longest, ++run);
            }
            else if (character is not ((byte)'-' or (byte)'_'))
            {
                run = 0;
            }
        }

        return longest;
    }
}
