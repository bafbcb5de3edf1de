using System.Numerics;
using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Rules;

namespace PolicyRouter.Policies.Proving;

/// <summary>Enumerates every situation of one interval of days under one policy, with every approval held.</summary>
internal sealed class DaySweep
{
    private readonly Partition _partition;
    private readonly DayPlan _plan;
    private readonly DayInterval _day;
    private readonly DateOnly _today;
    private readonly CompiledRule[] _permits;
    private readonly Blocker[] _blockers;
    private readonly CompiledRule[] _claims;
    private readonly CompiledRule[] _others;
    private readonly int _claimsStart;
    private readonly DeploymentSet _everyone;
    private readonly bool[,] _isContained;
    private readonly HashSet<CompiledRule> _fired = [];

    // Per blocker, one bit for each other one that denies something that it denies too. More than 64 are not told apart.
    private readonly ulong[] _beside;

    public DaySweep(Partition partition, PolicySnapshot policy, DayInterval day, IReadOnlyList<Rule> claims, DateOnly today)
    {
        _partition = partition;
        _day = day;
        _today = today;
        _plan = policy.PlanFor(day.Near(today));
        _permits = Concerned(_plan.Permits);
        _blockers = [.. Concerned(_plan.Forbids).Where(static forbid => forbid.Rule.Strength is not Strength.Advisory).Select(Blocker.Of), .. Blocker.Contradictions(Concerned(_plan.Requires))];
        _claims = [.. claims.Select(claim => new CompiledRule(claim, policy.Words, _plan.Deployments))];
        _others = Concerned([.. _plan.Forbids.Where(static forbid => forbid.Rule.Strength is Strength.Advisory), .. _plan.Requires, .. _plan.Prefers]);
        _claimsStart = 1 + _permits.Length + _blockers.Length;
        _everyone = DeploymentSet.First(policy.Deployments.Count);
        Deployments = policy.Deployments.Count;
        Violations = new UInt128[claims.Count];
        Against = new Found?[claims.Count];
        SoleBlocker = new UInt128[_blockers.Length];
        _beside = new ulong[_blockers.Length];
        NeededPermits = new bool[_permits.Length];
        _isContained = new bool[_permits.Length, _permits.Length];
        for (var i = 0; i < _permits.Length; i++)
        {
            for (var j = 0; j < _permits.Length; j++)
            {
                _isContained[i, j] = i != j && (_permits[i].Covers & ~_permits[j].Covers) == 0;
            }
        }

        CompiledRule[] Concerned(IReadOnlyList<CompiledRule> rules) => [.. rules.Where(rule => partition.ClassSets.Any(set => rule.Concerns(set.Bits[0])))];
    }

    private int Deployments { get; }
    private UInt128[] SoleBlocker { get; }
    private bool[] NeededPermits { get; }

    public long Situations { get; private set; }
    public UInt128[] Violations { get; }
    public Found?[] Against { get; }

    /// <summary>Rules that fire somewhere.</summary>
    public IEnumerable<string> Fired => _fired.Select(static rule => rule.Rule.Id);

    /// <summary>Pairs of duties that contradict each other where the request would otherwise be allowed.</summary>
    public HashSet<string> Contradictions { get; } = new(StringComparer.Ordinal);
    public ulong ReachedClasses { get; private set; }
    public DeploymentSet ReachedDeployments { get; private set; }

    /// <summary>Per forbid in force: in how many states nothing else denies.</summary>
    public IEnumerable<(string Rule, UInt128 Count)> SoleBlockers() =>
        _blockers.Select((blocker, i) => (blocker, count: SoleBlocker[i])).Where(static pair => pair.blocker.IsForbid).Select(static pair => (pair.blocker.Name, pair.count));

    /// <summary>Per forbid in force: what else denies something that it denies.</summary>
    public IEnumerable<(string Rule, IReadOnlyList<string> Others)> Beside() => _blockers.Select((blocker, i) =>
        (blocker.Name, (IReadOnlyList<string>)[.. _blockers.Where((_, j) => j < 64 && (_beside[i] >> j & 1) != 0).Select(static other => other.Name)]));

    /// <summary>Permits without which some decision would be another.</summary>
    public IEnumerable<string> Needed() => _permits.Where((_, i) => NeededPermits[i]).Select(static permit => permit.Rule.Id);

    /// <summary>Every permit in force, with those that permit whatever it does.</summary>
    public IEnumerable<(string Permit, IReadOnlyList<string> ContainedIn)> Contained() => _permits.Select((permit, i) =>
        (permit.Rule.Id, (IReadOnlyList<string>)[.. _permits.Where((_, j) => _isContained[i, j]).Select(static other => other.Rule.Id)]));

    public void Run()
    {
        var situations = _partition.ClassSets.Count == 1 ? EvaluateEach(_partition.ClassSets[0]) : EvaluateAlike();
        Situations = situations * Deployments;
    }

    /// <summary>Contexts that look alike to every rule are evaluated once, with their weights added: worth its price where there are many sets of classes.</summary>
    private long EvaluateAlike()
    {
        Dictionary<SetKey, (UInt128 Count, Context Simplest)> contexts = [];
        foreach (var context in _partition.Contexts([_plan]))
        {
            var sets = new DeploymentSet[_claimsStart + _claims.Length];
            Fill(sets, context);
            SetKey key = new(sets);
            contexts[key] = contexts.TryGetValue(key, out var known)
                ? (known.Count + context.Count, context.Weight < known.Simplest.Weight ? context : known.Simplest)
                : (context.Count, context);
        }

        _partition.Spend((long)contexts.Count * _partition.ClassSets.Count);
        foreach (var (key, (count, simplest)) in contexts)
        {
            foreach (var classes in _partition.ClassSets)
            {
                Evaluate(key.Sets, simplest, count, classes);
            }
        }

        return (long)contexts.Count * _partition.ClassSets.Count;
    }

    private long EvaluateEach(Choice classes)
    {
        var sets = new DeploymentSet[_claimsStart + _claims.Length];
        var situations = 0L;
        foreach (var context in _partition.Contexts([_plan]))
        {
            Fill(sets, context);
            Evaluate(sets, context, context.Count, classes);
            situations++;
        }

        return situations;
    }

    /// <summary>Where each rule fires when the classes ask for it: offering first, then permits, blockers and claims.</summary>
    private void Fill(DeploymentSet[] sets, Context context)
    {
        var bits = context.Bits(0, approvals: ~WordBits.Unknown);
        var papers = context.In.Papers[0];
        var next = 0;
        sets[next++] = context.In.Offering[0];
        foreach (var rule in _permits)
        {
            sets[next++] = Noted(rule, rule.Fires(bits, papers) & _everyone);
        }

        foreach (var blocker in _blockers)
        {
            var fires = _everyone;
            foreach (var rule in blocker.Rules)
            {
                fires &= Noted(rule, rule.Fires(bits, papers) & _everyone);
            }

            sets[next++] = fires;
        }

        foreach (var claim in _claims)
        {
            sets[next++] = claim.Fires(bits, papers) & _everyone;
        }

        foreach (var rule in _others)
        {
            Noted(rule, rule.Fires(bits, papers) & _everyone);
        }

        CompareContained(sets);
    }

    private DeploymentSet Noted(CompiledRule rule, DeploymentSet fires)
    {
        if (!fires.IsEmpty)
        {
            _fired.Add(rule);
        }

        return fires;
    }

    private void CompareContained(DeploymentSet[] sets)
    {
        for (var i = 0; i < _permits.Length; i++)
        {
            for (var j = 0; j < _permits.Length; j++)
            {
                _isContained[i, j] = _isContained[i, j] && sets[1 + i].Except(sets[1 + j]).IsEmpty;
            }
        }
    }

    private void Evaluate(DeploymentSet[] sets, Context simplest, UInt128 count, Choice classes)
    {
        var final = classes.Bits[0];
        Span<DeploymentSet> once = stackalloc DeploymentSet[WordBits.Capacity + 1];
        Span<DeploymentSet> twice = stackalloc DeploymentSet[WordBits.Capacity + 1];
        once.Clear();
        twice.Clear();
        for (var i = 0; i < _permits.Length; i++)
        {
            var fires = sets[1 + i];
            for (var covers = fires.IsEmpty ? 0 : _permits[i].Covers & final; covers != 0; covers &= covers - 1)
            {
                var label = BitOperations.TrailingZeroCount(covers);
                twice[label] |= once[label] & fires;
                once[label] |= fires;
            }
        }

        var permitted = sets[0];
        for (var rest = final; rest != 0 && !permitted.IsEmpty; rest &= rest - 1)
        {
            permitted &= once[BitOperations.TrailingZeroCount(rest)];
        }

        if (permitted.IsEmpty)
        {
            return;
        }

        var weight = count * (ulong)classes.Count;
        var (blocked, blockedAbsolutely) = Block(sets.AsSpan(1 + _permits.Length, _blockers.Length), permitted, final, weight);
        var allowed = permitted.Except(blocked);
        if (!allowed.IsEmpty)
        {
            ReachedDeployments |= allowed;
            ReachedClasses |= final;
            Need(sets, final, allowed, once, twice);
        }

        // Never, whatever overrides are held: overridable forbids do not count here.
        Check(sets.AsSpan(_claimsStart), permitted.Except(blockedAbsolutely), allowed, simplest, classes, weight);
    }

    private (DeploymentSet Blocked, DeploymentSet Absolutely) Block(ReadOnlySpan<DeploymentSet> fires, DeploymentSet permitted, ulong final, UInt128 weight)
    {
        var blocked = DeploymentSet.None;
        var twice = DeploymentSet.None;
        var absolutely = DeploymentSet.None;
        var forbidden = DeploymentSet.None;
        var firing = 0UL;
        for (var i = 0; i < fires.Length; i++)
        {
            if (!fires[i].IsEmpty && _blockers[i].Meets(final))
            {
                firing |= i < 64 ? 1UL << i : 0;
                // Forbids come first: what is left to contradictory duties would be allowed without them, or is by another pair.
                if (!_blockers[i].IsForbid && !(permitted & fires[i].Except(forbidden)).IsEmpty)
                {
                    Contradictions.Add(_blockers[i].Name);
                }

                forbidden |= _blockers[i].IsForbid ? fires[i] : DeploymentSet.None;
                twice |= blocked & fires[i];
                blocked |= fires[i];
                absolutely |= _blockers[i].IsAbsolute ? fires[i] : DeploymentSet.None;
            }
        }

        NoteBeside(fires, permitted, firing);
        var sole = permitted & blocked.Except(twice);
        for (var i = 0; i < fires.Length && !sole.IsEmpty; i++)
        {
            var alone = sole & fires[i];
            if (!alone.IsEmpty && _blockers[i].Meets(final))
            {
                SoleBlocker[i] += weight * (ulong)alone.Count;
            }
        }

        return (blocked, absolutely);
    }

    private void NoteBeside(ReadOnlySpan<DeploymentSet> fires, DeploymentSet permitted, ulong firing)
    {
        for (var rest = firing; rest != 0; rest &= rest - 1)
        {
            var i = BitOperations.TrailingZeroCount(rest);
            for (var others = firing & ~_beside[i] & ~(1UL << i); others != 0; others &= others - 1)
            {
                var j = BitOperations.TrailingZeroCount(others);
                _beside[i] |= (permitted & fires[i] & fires[j]).IsEmpty ? 0 : 1UL << j;
            }
        }
    }

    private void Need(DeploymentSet[] sets, ulong final, DeploymentSet allowed, ReadOnlySpan<DeploymentSet> once, ReadOnlySpan<DeploymentSet> twice)
    {
        for (var i = 0; i < _permits.Length; i++)
        {
            for (var covers = NeededPermits[i] ? 0 : _permits[i].Covers & final; covers != 0; covers &= covers - 1)
            {
                var label = BitOperations.TrailingZeroCount(covers);
                NeededPermits[i] |= !(allowed & sets[1 + i] & once[label].Except(twice[label])).IsEmpty;
            }
        }
    }

    private void Check(ReadOnlySpan<DeploymentSet> claims, DeploymentSet reachable, DeploymentSet allowed, Context context, Choice classes, UInt128 weight)
    {
        for (var i = 0; i < claims.Length; i++)
        {
            var against = claims[i] & reachable;
            if (against.IsEmpty || !_claims[i].Meets(classes.Bits[0]))
            {
                continue;
            }

            Violations[i] += weight * (ulong)against.Count;
            var freely = against & allowed;
            Found found = new(_day, context, classes, (freely.IsEmpty ? against : freely).Next(0)) { NeedsOverride = freely.IsEmpty };
            if (Against[i] is not { } simplest || found.Weight(_today) < simplest.Weight(_today))
            {
                Against[i] = found;
            }
        }
    }
}
