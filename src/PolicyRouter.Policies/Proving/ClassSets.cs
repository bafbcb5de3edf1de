using PolicyRouter.Policies.Deciding;

namespace PolicyRouter.Policies.Proving;

/// <summary>The sets of final classes that requests can have.</summary>
internal static class ClassSets
{
    private const int Most = 200_000;

    /// <summary>Every set, with the fewest labels that lead to it. Adds one label at a time, so that the work follows the number of distinct sets.</summary>
    /// <exception cref="TooLargeException">There are too many.</exception>
    public static IReadOnlyList<Choice> All(IReadOnlyList<PolicySnapshot> policies, string[] labels)
    {
        var closures = policies.Select(policy => labels.Select(policy.Words.Closure).ToArray()).ToArray();
        var unclassified = policies.Select(static policy => policy.Words.UnclassifiedBit).ToArray();
        Dictionary<Pair, (ulong Labels, long Count)> sets = new() { [default] = (0, 1) };
        for (var label = 0; label < labels.Length; label++)
        {
            Dictionary<Pair, (ulong Labels, long Count)> next = new(sets);
            foreach (var (set, (held, count)) in sets)
            {
                Pair grown = new(set.One | closures[0][label], closures.Length > 1 ? set.Other | closures[1][label] : 0);
                var with = held | 1UL << label;
                next[grown] = next.TryGetValue(grown, out var known)
                    ? (ulong.PopCount(known.Labels) <= ulong.PopCount(with) ? known.Labels : with, known.Count + count)
                    : (with, count);
            }

            sets = next;
            if (sets.Count > Most)
            {
                throw new TooLargeException("data classes", sets.Count, Most);
            }
        }

        // No label at all is unclassified.
        var none = sets[default];
        sets.Remove(default);
        Pair empty = new(unclassified[0], unclassified.Length > 1 ? unclassified[1] : 0);
        sets[empty] = sets.TryGetValue(empty, out var same) ? (same.Labels, same.Count + none.Count) : none;
        return
        [
            .. sets.Select(set => new Choice(
                    closures.Length > 1 ? [set.Key.One, set.Key.Other] : [set.Key.One], [.. labels.Where((_, i) => (set.Value.Labels >> i & 1) != 0)], set.Value.Count))
                .OrderBy(static choice => choice.Words.Count).ThenBy(static choice => string.Join(' ', choice.Words), StringComparer.Ordinal),
        ];
    }

    /// <summary>
    /// The smallest sets that matter: each label alone, and what meets several lines about classes together. A further class only ever adds needs for
    /// permits and further restrictions, so that whatever can happen at all happens with one of these.
    /// </summary>
    /// <param name="conjunctions">Per rule, claim or pair of rules: one mask per line about classes, all of which must be met.</param>
    public static IReadOnlyList<Choice> Smallest(PolicySnapshot policy, string[] labels, IEnumerable<ulong[]> conjunctions)
    {
        var words = policy.Words;
        Dictionary<ulong, Choice> found = [];
        foreach (var label in labels)
        {
            Add(words.Closure(label), [label]);
        }

        Add(words.UnclassifiedBit, []);
        foreach (var masks in conjunctions.Where(static masks => masks.Length > 1))
        {
            Meet(masks, 0, 0, []);
        }

        return [.. found.Values];

        void Meet(ulong[] masks, int next, ulong classes, string[] held)
        {
            if (next == masks.Length)
            {
                Add(classes, held);
            }
            else if ((masks[next] & classes) != 0)
            {
                Meet(masks, next + 1, classes, held);
            }
            else
            {
                foreach (var label in labels.Where(label => (words.Closure(label) & masks[next]) != 0))
                {
                    Meet(masks, next + 1, classes | words.Closure(label), [.. held, label]);
                }
            }
        }

        void Add(ulong classes, string[] held)
        {
            if (!found.TryGetValue(classes, out var known) || held.Length < known.Words.Count)
            {
                if (found.Count > Most)
                {
                    throw new TooLargeException("data classes", found.Count, Most);
                }

                found[classes] = new([classes], held, 1);
            }
        }
    }

    private readonly record struct Pair(ulong One, ulong Other);
}
