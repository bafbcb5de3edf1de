using System.Text.Json;
using Microsoft.ML.Tokenizers;

namespace PolicyRouter.Gateway.Wire;

/// <summary>
/// Counts tokens where a provider does not. By OpenAI's encoding <c>o200k_base</c>: exact for its models since GPT-4o, near for the others, and marked as an
/// estimate wherever it is recorded.
/// </summary>
internal static class TokenCount
{
    /// <summary>
    /// Characters without a space or a digit that are counted as one piece at most. The encoding's time grows with the square of a piece, so one word of megabytes would take
    /// hours; where one is cut the count may be too high by a token or two.
    /// </summary>
    private const int LongestRun = 256;

    private static readonly Lazy<TiktokenTokenizer> Tokenizer = new(static () => TiktokenTokenizer.CreateForEncoding("o200k_base"));

    /// <summary>Loads the vocabulary, which the first request should not wait for.</summary>
    public static void Prepare() => _ = Tokenizer.Value;

    public static int Of(ReadOnlySpan<char> text)
    {
        var tokens = 0;
        for (var left = text; left.Length > 0;)
        {
            var end = EndOfPiece(left);
            tokens += Tokenizer.Value.CountTokens(left[..end], considerPreTokenization: !IsWord(left[..end]));
            left = left[end..];
        }

        return tokens;
    }

    /// <summary>Of every text in an element but those that say what it is.</summary>
    public static int Of(JsonElement element)
    {
        var tokens = 0;
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                return OfString(element);

            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                {
                    tokens += Of(item);
                }

                break;

            case JsonValueKind.Object:
                foreach (var member in element.EnumerateObject())
                {
                    tokens += IsLabel(member) ? 0 : Of(member.Value);
                }

                break;
        }

        return tokens;
    }

    private static int OfString(JsonElement element)
    {
        Span<char> room = stackalloc char[LongestRun];
        return Of(JsonText.Decode(element, room));
    }

    /// <summary>Where the first run that is too long is cut, never in the middle of a surrogate pair; the end of the text when none is.</summary>
    private static int EndOfPiece(ReadOnlySpan<char> text)
    {
        if (text.Length <= LongestRun)
        {
            return text.Length;
        }

        var began = 0;
        var kind = RunKind.Other;
        for (var at = 0; at < text.Length; at++)
        {
            var next = char.IsWhiteSpace(text[at]) ? RunKind.Space : char.IsNumber(text[at]) ? RunKind.Number : RunKind.Other;
            if (next != kind)
            {
                (began, kind) = (at, next);
            }
            else if (at - began >= LongestRun && !char.IsLowSurrogate(text[at]))
            {
                return at;
            }
        }

        return text.Length;
    }

    /// <summary>True for what the encoding does not divide into words, because it is one: most pieces of a stream.</summary>
    private static bool IsWord(ReadOnlySpan<char> text)
    {
        var word = text is [' ', ..] ? text[1..] : text;
        var small = word is [>= 'A' and <= 'Z', ..] ? word[1..] : word;
        return !small.IsEmpty && !small.ContainsAnyExceptInRange('a', 'z');
    }

    private static bool IsLabel(JsonProperty member) =>
        member.NameEquals("type"u8) || member.NameEquals("role"u8) || member.NameEquals("id"u8) || member.NameEquals("signature"u8);

    private enum RunKind
    {
        Other,
        Space,
        Number,
    }
}
