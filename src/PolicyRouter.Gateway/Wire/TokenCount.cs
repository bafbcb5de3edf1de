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
}
