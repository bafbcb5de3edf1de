using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Facts;
using PolicyRouter.Policies.Rules;

namespace PolicyRouter.Policies.Proving;

/// <summary>
/// Every request there can be, cut into what the rules of one policy, or of two compared, can tell apart. Exact: each choice knows how many
/// values it stands for.
/// </summary>
internal sealed class Partition
{
    private const int MostClassSets = 200_000;
    private const int MostZones = 12;
    private const int MostFeatures = 16;


    /// <summary>How many situations are evaluated before the policy is called too large: seconds of work, not hours.</summary>
    private const long MostSituations = 12_000_000;

    private readonly IReadOnlyList<PolicySnapshot> _policies;
    private readonly CompiledRule[][] _rules;
    private readonly string[] _zones;

    /// <param name="policies">One, or two to be compared.</param>
    /// <param name="claims">Further rules whose distinctions count, per policy.</param>
    /// <exception cref="TooLargeException">Some dimension has too many values; the message names it.</exception>
    public Partition(IReadOnlyList<PolicySnapshot> policies, Func<PolicySnapshot, IEnumerable<Rule>>? claims = null)
    {
        _policies = policies;
        _rules =
        [
            .. policies.Select(policy => policy.Model.Rules.Where(static rule => !rule.Shadow).Concat(claims?.Invoke(policy) ?? [])
                .Select(rule => new CompiledRule(rule, policy.Words, policy.Deployments)).ToArray()),
        ];
        Days = DayInterval.Between(policies.SelectMany(static policy => policy.Edges));
        Labels = Union(static policy => policy.Words.Classes.Words);
        ClassSets = ClassSetsOf();
        Purposes = Single(Union(static policy => policy.Words.Purposes.Words), static words => words.Purposes, RequestFact.Purpose);
        string[] units = Union(static policy => policy.Words.BusinessUnits.Words);
        BusinessUnits = Single(units, static words => words.BusinessUnits, RequestFact.BusinessUnit);
        _zones = Limited("zones", MostZones, Union(static policy => policy.Words.Zones.Words));
        string[] features = Limited("features", MostFeatures, Union(static policy => policy.Words.Features.Words));
        Features = FeatureSets(features);
        Requests = (UInt128)1 * (1UL << Labels.Length) * (1UL << (_zones.Length + 1)) * (ulong)(Purposes.Sum(static c => c.Count))
            * (ulong)(units.Length == 0 ? 1 : BusinessUnits.Sum(static c => c.Count)) * ((1UL << features.Length) - 1) * (ulong)Days.Count;
    }

    public IReadOnlyList<DayInterval> Days { get; }
    public string[] Labels { get; }

    /// <summary>Sets of final classes, each with the fewest labels that lead to it.</summary>
    public IReadOnlyList<Choice> ClassSets { get; }
    public IReadOnlyList<Choice> Purposes { get; }
    public IReadOnlyList<Choice> BusinessUnits { get; }

    /// <summary>Non-empty sets of features.</summary>
    public IReadOnlyList<Choice> Features { get; }

    /// <summary>How many requests there are, an interval of days counting as one day.</summary>
    public UInt128 Requests { get; }

    private long _spent;

    /// <summary>Counts work before it is done.</summary>
    /// <exception cref="TooLargeException">All days together need more than can be enumerated; names the dimension with the most choices.</exception>
    public void Spend(long situations)
    {
        if (Interlocked.Add(ref _spent, situations) > MostSituations)
        {
            var (dimension, count) = new[]
            {
                ("data classes", ClassSets.Count), ("purposes", Purposes.Count), ("business units", BusinessUnits.Count), ("features", Features.Count), ("dates", Days.Count),
            }.MaxBy(static choices => choices.Item2);
            throw new TooLargeException($"{dimension}: {count} distinct values, which with the other dimensions make more than {MostSituations} situations");
        }
    }

    /// <summary>Sets of zones, as far as rules and the transfers of that day and those features tell them apart.</summary>
    public IReadOnlyList<Choice> Zones(DayPlan[] plans, Choice features)
    {
        var unknown = _zones.Length;
        var tests = Tests(RequestFact.Subjects);
        var single = new DeploymentSet[_policies.Count][];
        var bits = new ulong[_policies.Count][];
        for (var p = 0; p < _policies.Count; p++)
        {
            bits[p] = [.. _zones.Select(_policies[p].Words.Zones.Bit), WordBits.Unknown];
            single[p] = [.. bits[p].Select(zone => plans[p].Papers.For(new(0, zone, 0, features.Bits[p], 0, 0)).EveryTransfer)];
        }

        Dictionary<Signature, (ulong[] Bits, int Set, long Count)> found = [];
        for (var set = 0; set < 1 << (unknown + 1); set++)
        {
            // Nobody said: unknown.
            var members = set == 0 ? 1 << unknown : set;
            var joined = new ulong[_policies.Count];
            var covered = new DeploymentSet[_policies.Count];
            for (var p = 0; p < _policies.Count; p++)
            {
                covered[p] = DeploymentSet.All;
                for (var rest = members; rest != 0; rest &= rest - 1)
                {
                    var zone = int.TrailingZeroCount(rest);
                    joined[p] |= bits[p][zone];
                    covered[p] &= single[p][zone];
                }
            }

            Signature signature = new(Outcomes(tests, joined), covered);
            found[signature] = found.TryGetValue(signature, out var known)
                ? known with { Count = known.Count + 1, Set = Simpler(known.Set, set), Bits = Simpler(known.Set, set) == set ? joined : known.Bits }
                : (joined, set, 1);
        }

        return [.. found.Values.Select(value => new Choice(value.Bits, Members(value.Set), value.Count))];

        string[] Members(int set) => [.. Enumerable.Range(0, unknown + 1).Where(i => (set >> i & 1) != 0).Select(i => i == unknown ? Deployment.UnknownPlace : _zones[i])];

        // A known zone reads better than none, and one better than two.
        int Simpler(int one, int other) => Weight(other) < Weight(one) ? other : one;
        int Weight(int set) => set == 0 ? 3 : 2 * int.PopCount(set) + ((set >> unknown & 1) != 0 ? 5 : 0);
    }

    /// <summary>Adds one label at a time, so that the work follows the number of distinct sets and not of label combinations.</summary>
    private List<Choice> ClassSetsOf()
    {
        var closures = _policies.Select(policy => Labels.Select(policy.Words.Closure).ToArray()).ToArray();
        var unclassified = _policies.Select(static policy => policy.Words.UnclassifiedBit).ToArray();
        Dictionary<Pair, (ulong Labels, long Count)> sets = new() { [default] = (0, 1) };
        for (var label = 0; label < Labels.Length; label++)
        {
            Dictionary<Pair, (ulong Labels, long Count)> next = new(sets);
            foreach (var (set, (labels, count)) in sets)
            {
                Pair grown = new(set.One | closures[0][label], closures.Length > 1 ? set.Other | closures[1][label] : 0);
                var with = labels | 1UL << label;
                next[grown] = next.TryGetValue(grown, out var known)
                    ? (ulong.PopCount(known.Labels) <= ulong.PopCount(with) ? known.Labels : with, known.Count + count)
                    : (with, count);
            }

            sets = next;
            if (sets.Count > MostClassSets)
            {
                throw new TooLargeException("data classes", sets.Count, MostClassSets);
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
                    closures.Length > 1 ? [set.Key.One, set.Key.Other] : [set.Key.One], [.. Labels.Where((_, i) => (set.Value.Labels >> i & 1) != 0)], set.Value.Count))
                .OrderBy(static choice => choice.Words.Count).ThenBy(static choice => string.Join(' ', choice.Words), StringComparer.Ordinal),
        ];
    }

    private List<Choice> Single(string[] words, Func<CompiledWords, WordBits> list, RequestFact fact)
    {
        var tests = Tests(fact);
        Dictionary<Signature, Choice> found = [];
        foreach (var word in (string?[])[.. words, null])
        {
            ulong[] bits = [.. _policies.Select(policy => word is null ? WordBits.Unknown : list(policy.Words).Bit(word))];
            Signature signature = new(Outcomes(tests, bits), []);
            found[signature] = found.TryGetValue(signature, out var known)
                ? known with { Count = known.Count + 1 }
                : new(bits, word is null ? [] : [word], 1);
        }

        return [.. found.Values];
    }

    private List<Choice> FeatureSets(string[] features)
    {
        var tests = Tests(RequestFact.Features);
        var papers = _policies.Select(static policy =>
            policy.Model.Agreements.Select(paper => policy.Words.Features.Bits(paper.Features) & ~WordBits.Unknown).Distinct().ToArray()).ToArray();
        Dictionary<Signature, (int Set, Choice Choice)> found = [];
        for (var set = 1; set < 1 << features.Length; set++)
        {
            string[] words = [.. features.Where((_, i) => (set >> i & 1) != 0)];
            ulong[] bits = [.. _policies.Select(policy => policy.Words.Features.Bits(words))];
            List<ulong> outcomes = [.. Outcomes(tests, bits)];
            for (var p = 0; p < _policies.Count; p++)
            {
                outcomes.AddRange(Pack(papers[p].Select(paper => (bits[p] & ~paper) == 0)));
            }

            Signature signature = new([.. outcomes], [.. _policies.Select(policy => Offering(policy, words))]);
            found[signature] = found.TryGetValue(signature, out var known)
                ? known with
                {
                    Choice = (int.PopCount(set) < int.PopCount(known.Set) ? new Choice(bits, words, 0) : known.Choice) with { Count = known.Choice.Count + 1 },
                    Set = int.PopCount(set) < int.PopCount(known.Set) ? set : known.Set,
                }
                : (set, new(bits, words, 1));
        }

        return [.. found.Values.Select(static value => value.Choice)];
    }

    /// <summary>Runs the work of several days side by side, and lets its own exception through as it is.</summary>
    public static void InParallel<T>(IReadOnlyList<T> days, Action<T> run)
    {
        try
        {
            Parallel.ForEach(days, run);
        }
        catch (AggregateException all) when (all.InnerExceptions.All(static one => one is TooLargeException))
        {
            throw new TooLargeException(all.InnerExceptions[0].Message, all);
        }
    }

    internal static DeploymentSet Offering(PolicySnapshot policy, IReadOnlyList<string> features) => DeploymentSet.Where(
        policy.Deployments.Count,
        i => features.All(feature => policy.Features.Contains(feature) && policy.Deployments[i].Features.Contains(feature)));

    private ulong[][] Tests(RequestFact fact) =>
        [.. _rules.Select(rules => rules.SelectMany(static rule => rule.Tests).Where(test => test.Fact == fact).Select(static test => test.Mask).Distinct().ToArray())];

    private static ulong[] Outcomes(ulong[][] tests, ulong[] bits) =>
        [.. tests.SelectMany((masks, p) => Pack(masks.Select(mask => (mask & bits[p]) != 0)))];

    private static IEnumerable<ulong> Pack(IEnumerable<bool> answers) =>
        answers.Chunk(64).Select(static chunk => chunk.Select(static (answer, i) => answer ? 1UL << i : 0).Aggregate(0UL, static (all, bit) => all | bit));

    private string[] Union(Func<PolicySnapshot, IEnumerable<string>> words) =>
        [.. _policies.SelectMany(words).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private static string[] Limited(string dimension, int most, string[] words) => words.Length <= most
        ? words
        : throw new TooLargeException(dimension, words.Length, most);

    private readonly record struct Pair(ulong One, ulong Other);

    /// <summary>What the rules see of a value. Two values with equal signatures are one choice.</summary>
    private sealed class Signature(ulong[] outcomes, DeploymentSet[] sets) : IEquatable<Signature>
    {
        private readonly ulong[] _outcomes = outcomes;
        private readonly DeploymentSet[] _sets = sets;

        public bool Equals(Signature? other) =>
            other is not null && _outcomes.AsSpan().SequenceEqual(other._outcomes) && _sets.AsSpan().SequenceEqual(other._sets);

        public override bool Equals(object? obj) => Equals(obj as Signature);

        public override int GetHashCode()
        {
            HashCode hash = default;
            foreach (var outcome in _outcomes)
            {
                hash.Add(outcome);
            }

            foreach (var set in _sets)
            {
                hash.Add(set);
            }

            return hash.ToHashCode();
        }
    }
}
