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
    private const int MostZones = 12;
    private const int MostFeatures = 16;

    private readonly IReadOnlyList<PolicySnapshot> _policies;
    private readonly CompiledRule[][] _rules;
    private readonly string[] _zones;
    private readonly ulong[][] _zoneTests;
    private readonly WorkBudget _budget;
    private readonly long _rulesPerSituation;

    /// <param name="policies">One, or two to be compared.</param>
    /// <param name="claims">Further rules whose distinctions count, per policy.</param>
    /// <param name="classSets">The only sets of final classes to ask about, whose rules alone count then; null for all sets.</param>
    /// <param name="budget">What may be spent; a budget of its own unless given.</param>
    /// <exception cref="TooLargeException">Some dimension has too many values; the message names it.</exception>
    public Partition(
        IReadOnlyList<PolicySnapshot> policies, Func<PolicySnapshot, IEnumerable<Rule>>? claims = null, IReadOnlyList<Choice>? classSets = null, WorkBudget? budget = null)
    {
        _policies = policies;
        _budget = budget ?? new();
        _rules =
        [
            .. policies.Select(policy => policy.Model.Rules.Where(static rule => !rule.Shadow).Concat(claims?.Invoke(policy) ?? [])
                .Select(rule => new CompiledRule(rule, policy.Words, policy.Deployments))
                .Where(rule => classSets is null || classSets.Any(set => rule.Concerns(set.Bits[0]))).ToArray()),
        ];
        _rulesPerSituation = 1 + _rules.Sum(static rules => rules.Length);
        Days = DayInterval.Between(policies.SelectMany(static policy => policy.Edges));
        Labels = LabelsOf(policies);
        ClassSets = classSets ?? Proving.ClassSets.All(policies, Labels);
        Purposes = Single(Union(static policy => policy.Words.Purposes.Words), static words => words.Purposes, RequestFact.Purpose);
        string[] units = Union(static policy => policy.Words.BusinessUnits.Words);
        BusinessUnits = Single(units, static words => words.BusinessUnits, RequestFact.BusinessUnit);
        _zoneTests = Tests(RequestFact.Subjects);
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

    public static string[] LabelsOf(IReadOnlyList<PolicySnapshot> policies) =>
        [.. policies.SelectMany(static policy => policy.Words.Classes.Words).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>Counts work before it is done: every rule is evaluated in every situation.</summary>
    /// <exception cref="TooLargeException">All days together need more than can be enumerated; names the dimension with the most choices.</exception>
    public void Spend(long situations)
    {
        if (!_budget.TrySpend(Evaluations(situations)))
        {
            throw TooLarge();
        }
    }

    /// <summary>Says so at once when this and what else is planned on the budget cannot be enumerated, before any of it is.</summary>
    /// <exception cref="TooLargeException">It cannot.</exception>
    public void RequireAffordable(long contexts, WorkBudget budget)
    {
        if (!budget.TryPlan(Evaluations(contexts)))
        {
            throw TooLarge();
        }
    }

    private long Evaluations(long situations) => situations * _rulesPerSituation;

    private TooLargeException TooLarge()
    {
        var (dimension, count) = new[]
        {
            ("data classes", ClassSets.Count), ("purposes", Purposes.Count), ("business units", BusinessUnits.Count), ("features", Features.Count), ("dates", Days.Count),
        }.MaxBy(static choices => choices.Item2);
        return new($"{dimension}: {count} distinct values, which with the other dimensions make more than {WorkBudget.MostEvaluations} evaluations of rules");
    }

    /// <summary>How many contexts all days have if they are like this one.</summary>
    public long EstimatedContexts(DayPlan[] plans) =>
        Features.Sum(features => (long)Zones(plans, features).Count) * Purposes.Count * BusinessUnits.Count * Days.Count;

    /// <summary>Everything about a request but its classes, as far as the rules and papers of that day tell it apart.</summary>
    /// <param name="plans">Per policy: the plan of the day.</param>
    /// <exception cref="TooLargeException">There is too much of it.</exception>
    public IEnumerable<Context> Contexts(DayPlan[] plans)
    {
        foreach (var features in Features)
        {
            DeploymentSet[] offering = [.. _policies.Select(policy => Offering(policy, features.Words))];
            foreach (var zones in Zones(plans, features))
            {
                Spend((long)Purposes.Count * BusinessUnits.Count);
                PaperMasks[] papers = [.. plans.Select((plan, p) => plan.Papers.For(new(0, zones.Bits[p], 0, features.Bits[p], 0, 0)))];
                Surroundings surroundings = new(features, zones, papers, offering);
                foreach (var purpose in Purposes)
                {
                    foreach (var unit in BusinessUnits)
                    {
                        yield return new(surroundings, purpose, unit);
                    }
                }
            }
        }
    }

    /// <summary>Sets of zones, as far as rules and the transfers of that day and those features tell them apart.</summary>
    private List<Choice> Zones(DayPlan[] plans, Choice features)
    {
        var unknown = _zones.Length;
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

            Signature signature = new(Outcomes(_zoneTests, joined), covered);
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

    private static DeploymentSet Offering(PolicySnapshot policy, IReadOnlyList<string> features) => DeploymentSet.Where(
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
}
