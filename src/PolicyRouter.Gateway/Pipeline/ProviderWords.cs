using System.Text.RegularExpressions;

namespace PolicyRouter.Gateway.Pipeline;

/// <summary>
/// What providers say about an answer besides the answer: a model, a place, an id. It goes into the log and into logs, and it comes from outside: only what looks like such a word is kept, and nothing
/// that repeats the prompt.
/// </summary>
internal static partial class ProviderWords
{
    private const int LongestPlace = 32;
    private const int LongestId = 128;

    // Shorter ones are in every model's name (gpt, mini, 4o) and in every text.
    private const int ShortestRepeated = 5;
    private const int ShortestFound = 4;

    /// <summary>A model's name.</summary>
    /// <param name="expected">Names from the registry: these are ours, whatever the prompt says.</param>
    /// <returns>Null when it is not to be kept.</returns>
    public static string? Model(string? word, IReadOnlyList<string> expected, ScannedPrompt prompt) =>
        word is { Length: > 0 and <= LongestId } && Ids().IsMatch(word) && (expected.Contains(word, StringComparer.Ordinal) || !Repeats(word, expected, prompt)) ? word : null;

    /// <summary>The id of an answer.</summary>
    /// <inheritdoc cref="Model" path="/returns"/>
    public static string? Id(string? word, ScannedPrompt prompt) => Model(word, [], prompt);

    /// <summary>A cloud's name for a region or geography.</summary>
    /// <inheritdoc cref="Model" path="/returns"/>
    public static string? Place(string? word, ScannedPrompt prompt) => IsLikeAPlace(word) && !Repeats(word!, [], prompt) ? word : null;

    internal static bool IsLikeAPlace(string? word) => word is { Length: > 0 and <= LongestPlace } && Places().IsMatch(word);

    /// <summary>
    /// True when a piece of the word is a word of the prompt, or a piece of what was found in the prompt is in the word, however it is joined there. Who wants to smuggle can still write a cipher; but nobody
    /// reads it by accident.
    /// </summary>
    private static bool Repeats(string word, IReadOnlyList<string> expected, ScannedPrompt prompt)
    {
        var joined = string.Concat(word.Where(char.IsAsciiLetterOrDigit));
        foreach (var (_, text, findings) in prompt.Positions)
        {
            foreach (var finding in findings)
            {
                foreach (var piece in Pieces().EnumerateMatches(text.AsSpan(finding.Start, finding.Length)))
                {
                    var found = text.AsSpan(finding.Start + piece.Index, piece.Length);
                    if (found.Length >= ShortestFound && joined.AsSpan().Contains(found, StringComparison.OrdinalIgnoreCase) && !IsIn(expected, found))
                    {
                        return true;
                    }
                }
            }

            foreach (var piece in Pieces().EnumerateMatches(word))
            {
                var own = word.AsSpan(piece.Index, piece.Length);
                if (own.Length >= ShortestRepeated && HasWord(text, own) && !IsIn(expected, own))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static bool IsIn(IReadOnlyList<string> expected, ReadOnlySpan<char> piece)
    {
        foreach (var name in expected)
        {
            if (name.AsSpan().Contains(piece, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static bool HasWord(string text, ReadOnlySpan<char> word)
    {
        for (var from = 0; from < text.Length;)
        {
            var at = text.AsSpan(from).IndexOf(word, StringComparison.OrdinalIgnoreCase);
            if (at < 0)
            {
                return false;
            }

            var (start, end) = (from + at, from + at + word.Length);
            if ((start == 0 || !char.IsLetterOrDigit(text[start - 1])) && (end == text.Length || !char.IsLetterOrDigit(text[end])))
            {
                return true;
            }

            from = start + 1;
        }

        return false;
    }

    [GeneratedRegex(@"^[A-Za-z0-9._:/@-]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Ids();

    [GeneratedRegex(@"^[A-Za-z0-9_-]+( [A-Za-z0-9_-]+){0,3}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Places();

    [GeneratedRegex("[A-Za-z0-9]+", RegexOptions.CultureInvariant)]
    private static partial Regex Pieces();
}
