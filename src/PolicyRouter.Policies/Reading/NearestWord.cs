namespace PolicyRouter.Policies.Reading;

/// <summary>Finds the known word that a misspelt one most probably means.</summary>
public static class NearestWord
{
    /// <summary>The word with the fewest changed letters, at most a third of its length and two at least; null when none is near.</summary>
    public static string? To(string word, IEnumerable<string> known)
    {
        // Nobody misspells a word of a hundred letters; comparing longer ones only costs time.
        if (word.Length > 100)
        {
            return null;
        }

        var nearest = known
            .Where(static candidate => candidate.Length <= 100)
            .Select(candidate => (Word: candidate, Distance: Distance(word, candidate)))
            .OrderBy(static pair => pair.Distance).ThenBy(static pair => pair.Word, StringComparer.Ordinal)
            .FirstOrDefault();
        return nearest.Word is { } best && nearest.Distance <= Math.Max(2, best.Length / 3) && nearest.Distance < best.Length ? best : null;
    }

    private static int Distance(string left, string right)
    {
        Span<int> previous = stackalloc int[101];
        Span<int> current = stackalloc int[101];
        for (var j = 0; j <= right.Length; j++)
        {
            previous[j] = j;
        }

        for (var i = 1; i <= left.Length; i++)
        {
            current[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var change = char.ToLowerInvariant(left[i - 1]) == char.ToLowerInvariant(right[j - 1]) ? 0 : 1;
                current[j] = Math.Min(Math.Min(current[j - 1] + 1, previous[j] + 1), previous[j - 1] + change);
            }

            current[..(right.Length + 1)].CopyTo(previous);
        }

        return previous[right.Length];
    }
}
