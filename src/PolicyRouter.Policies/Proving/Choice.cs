namespace PolicyRouter.Policies.Proving;

/// <summary>Values of one dimension of a request that no rule can tell apart.</summary>
/// <param name="Bits">Per policy compared: the value as its engine sees it.</param>
/// <param name="Words">The simplest of them; empty for "nobody said".</param>
/// <param name="Count">How many values it stands for.</param>
internal sealed record Choice(ulong[] Bits, IReadOnlyList<string> Words, long Count);

/// <summary>An interval of days in which nothing changes by itself.</summary>
/// <param name="First">Its first day; null for the interval that has no beginning.</param>
/// <param name="Last">Its last day; null for the interval that has no end.</param>
internal sealed record DayInterval(DateOnly? First, DateOnly? Last)
{
    /// <summary>The day to ask about: the nearest to <paramref name="today"/>.</summary>
    public DateOnly Near(DateOnly today) =>
        First is { } first && today < first ? first : Last is { } last && today > last ? last : today;

    public bool Contains(DateOnly day) => (First is not { } first || day >= first) && (Last is not { } last || day <= last);

    /// <summary>Between the edges of several policies.</summary>
    public static IReadOnlyList<DayInterval> Between(IEnumerable<DateOnly> edges)
    {
        // Nothing comes before the first day there is.
        DateOnly[] starts = [.. edges.Where(static edge => edge > DateOnly.MinValue).Distinct().Order()];
        List<DayInterval> intervals = [new(null, starts.Length == 0 ? null : starts[0].AddDays(-1))];
        for (var i = 0; i < starts.Length; i++)
        {
            intervals.Add(new(starts[i], i + 1 < starts.Length ? starts[i + 1].AddDays(-1) : null));
        }

        return intervals;
    }
}
