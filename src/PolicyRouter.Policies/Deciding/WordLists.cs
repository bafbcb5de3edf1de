namespace PolicyRouter.Policies.Deciding;

/// <summary>Short lists of words, read and sorted without taking more memory than the result.</summary>
internal static class WordLists
{
    /// <summary>Each word once, in ordinal order.</summary>
    public static string[] Sorted(IReadOnlyCollection<string> words)
    {
        if (words.Count == 0)
        {
            return [];
        }

        var sorted = Copy(words);
        if (sorted.Length == 1)
        {
            return sorted;
        }

        Array.Sort(sorted, StringComparer.Ordinal);
        var kept = 1;
        for (var i = 1; i < sorted.Length; i++)
        {
            if (sorted[i] != sorted[kept - 1])
            {
                sorted[kept++] = sorted[i];
            }
        }

        return kept == sorted.Length ? sorted : sorted[..kept];
    }

    private static string[] Copy(IReadOnlyCollection<string> words)
    {
        if (words is not IReadOnlyList<string> list)
        {
            return [.. words];
        }

        // By index, which takes no enumerator.
        var copy = new string[list.Count];
        for (var i = 0; i < copy.Length; i++)
        {
            copy[i] = list[i];
        }

        return copy;
    }
}
