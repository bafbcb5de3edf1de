using System.Collections.Frozen;

namespace PolicyRouter.Redaction;

/// <summary>Sets of words that are asked about spans of text, whatever their case.</summary>
internal static class WordSet
{
    /// <param name="words">Divided by single spaces.</param>
    public static FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Of(string words) => Of(words.Split(' '));

    public static FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Of(IEnumerable<string> words) =>
        words.ToFrozenSet(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();
}
