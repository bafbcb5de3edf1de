using System.Text.Json;
using Microsoft.ML.Tokenizers;

namespace PolicyRouter.Gateway.Wire;

/// <summary>
/// Counts tokens where a provider does not. By OpenAI's encoding <c>o200k_base</c>: exact for its models since GPT-4o, near for the others, and marked as an
/// estimate wherever it is recorded.
/// </summary>
internal static class TokenCount
{
    private static readonly Lazy<TiktokenTokenizer> Tokenizer = new(static () => TiktokenTokenizer.CreateForEncoding("o200k_base"));

    /// <summary>Loads the vocabulary, which the first request should not wait for.</summary>
    public static void Prepare() => _ = Tokenizer.Value;

    public static int Of(string text) => text.Length == 0 ? 0 : Tokenizer.Value.CountTokens(text);

    /// <summary>Of every text in an element but those that say what it is.</summary>
    public static int Of(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => Of(element.GetString()!),
        JsonValueKind.Array => element.EnumerateArray().Sum(static item => Of(item)),
        JsonValueKind.Object => element.EnumerateObject().Where(static member => !IsLabel(member)).Sum(static member => Of(member.Value)),
        _ => 0,
    };

    private static bool IsLabel(JsonProperty member) =>
        member.NameEquals("type"u8) || member.NameEquals("role"u8) || member.NameEquals("id"u8) || member.NameEquals("signature"u8);
}
