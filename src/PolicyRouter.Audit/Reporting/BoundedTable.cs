namespace PolicyRouter.Audit.Reporting;

/// <summary>
/// Sums by key, of at most so many keys: what comes after that is summed under one key for all the others, so that a log with many names costs a report no
/// memory and loses no count.
/// </summary>
internal sealed class BoundedTable<TKey, TSum>(int most, TKey others)
    where TKey : notnull
    where TSum : class, new()
{
    private readonly Dictionary<TKey, TSum> _sums = [];

    public IEnumerable<KeyValuePair<TKey, TSum>> Rows => _sums;

    public TSum Of(TKey key)
    {
        if (!_sums.TryGetValue(key, out var sum))
        {
            // One place is kept for the others.
            key = _sums.Count < most - 1 ? key : others;
            if (!_sums.TryGetValue(key, out sum))
            {
                _sums.Add(key, sum = new TSum());
            }
        }

        return sum;
    }
}

/// <summary>Counts by name.</summary>
internal sealed class Tally
{
    /// <summary>Names of one kind that a report keeps apart.</summary>
    public const int MostNames = 500;

    /// <summary>Stands for the names that found no room.</summary>
    public const string Others = "(others)";

    private readonly BoundedTable<string, Counter> _counts = new(MostNames, Others);

    public void Add(string name, long by = 1) => _counts.Of(name).Value += by;

    public IReadOnlyList<NamedCount> Sorted() =>
    [
        .. _counts.Rows.Select(static row => new NamedCount(row.Key, row.Value.Value))
            .OrderByDescending(static row => row.Count).ThenBy(static row => row.Name, StringComparer.Ordinal),
    ];

    private sealed class Counter
    {
        public long Value { get; set; }
    }
}
