using System.Numerics;
using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Rules;

namespace PolicyRouter.Policies.Proving;

/// <summary>One request with its choices, for which something was found.</summary>
internal sealed record Found(DayInterval Day, Choice Features, Choice Zones, Choice Purpose, Choice BusinessUnit, Choice Classes, int Deployment)
{
    /// <summary>Fewer is simpler: labels first, then whatever has to be unknown or unusual.</summary>
    public int Weight(DateOnly today) =>
        (Day.Contains(today) ? 0 : 20) + 10 * Classes.Words.Count + (Classes.Words.Count == 0 ? 25 : 0) + 4 * Zones.Words.Count + (Zones.Words.Count == 0 ? 9 : 0)
        + (Zones.Words.Contains(Facts.Deployment.UnknownPlace) ? 5 : 0) + 3 * Features.Words.Count + (Purpose.Words.Count == 0 ? 6 : 0) + (BusinessUnit.Words.Count == 0 ? 1 : 0);

    public PolicyRequest Request(DateOnly today) => new()
    {
        Day = Day.Near(today),
        DeclaredClasses = Classes.Words,
        Subjects = Zones.Words,
        Purpose = Purpose.Words is [var purpose] ? purpose : null,
        BusinessUnit = BusinessUnit.Words is [var unit] ? unit : null,
        Features = Features.Words,
    };
}

/// <summary>Enumerates every situation of one interval of days under one policy, with every approval held.</summary>
internal sealed class DaySweep
{
    private readonly Partition _partition;
    private readonly DayPlan _plan;
    private readonly DayInterval _day;
    private readonly CompiledRule[] _forbids;
    private readonly CompiledRule[] _claims;
    private readonly DeploymentSet _everyone;
    private readonly DateOnly _today;
    private readonly bool[] _blocks;

    public DaySweep(Partition partition, PolicySnapshot policy, DayInterval day, IReadOnlyList<Rule> claims, DateOnly today)
    {
        _partition = partition;
        _day = day;
        _today = today;
        _plan = policy.PlanFor(day.Near(today));
        _forbids = _plan.Forbids;
        _claims = [.. claims.Select(claim => new CompiledRule(claim, policy.Words, _plan.Deployments))];
        _everyone = DeploymentSet.First(policy.Deployments.Count);
        _blocks = [.. _forbids.Select(static forbid => forbid.Rule.Strength is not Strength.Advisory)];
        Policy = policy;
        Violations = new UInt128[claims.Count];
        Against = new Found?[claims.Count];
        SoleBlocker = new UInt128[_forbids.Length];
        NeededPermits = new bool[_plan.Permits.Length];
    }

    private PolicySnapshot Policy { get; }
    public long Situations { get; private set; }
    public UInt128[] Violations { get; }
    public Found?[] Against { get; }
    public UInt128[] SoleBlocker { get; }
    public bool[] NeededPermits { get; }
    public HashSet<string> Fired { get; } = new(StringComparer.Ordinal);
    public ulong ReachedClasses { get; private set; }
    public DeploymentSet ReachedDeployments { get; private set; }

    public IEnumerable<(string Rule, UInt128 Count)> SoleBlockers() => _forbids.Where((_, i) => _blocks[i]).Select(forbid => (forbid.Rule.Id, SoleBlocker[Array.IndexOf(_forbids, forbid)]));

    public IEnumerable<string> Needed() => _plan.Permits.Where((_, i) => NeededPermits[i]).Select(static permit => permit.Rule.Id);

    public void Run()
    {
        // Contexts that look alike to every rule are evaluated once, with their weights added.
        Dictionary<SetKey, Context> contexts = [];
        foreach (var features in _partition.Features)
        {
            var offering = Partition.Offering(Policy, features.Words);
            foreach (var zones in _partition.Zones([_plan], features))
            {
                _partition.Spend((long)_partition.Purposes.Count * _partition.BusinessUnits.Count);
                var papers = _plan.Papers.For(new(0, zones.Bits[0], 0, features.Bits[0], 0, 0));
                foreach (var purpose in _partition.Purposes)
                {
                    foreach (var unit in _partition.BusinessUnits)
                    {
                        RequestBits bits = new(ulong.MaxValue, zones.Bits[0], purpose.Bits[0], features.Bits[0], unit.Bits[0], ~WordBits.Unknown);
                        var masks = MasksOf(bits, papers, offering);
                        var weight = (UInt128)features.Count * (ulong)zones.Count * (ulong)purpose.Count * (ulong)unit.Count;
                        Found found = new(_day, features, zones, purpose, unit, _partition.ClassSets[0], -1);
                        contexts[masks] = contexts.TryGetValue(masks, out var known)
                            ? new(known.Weight + weight, found.Weight(_today) < known.Simplest.Weight(_today) ? found : known.Simplest)
                            : new(weight, found);
                    }
                }
            }
        }

        _partition.Spend((long)contexts.Count * _partition.ClassSets.Count);
        foreach (var (masks, context) in contexts)
        {
            foreach (var classes in _partition.ClassSets)
            {
                Evaluate(masks, context, classes);
            }
        }

        Situations = (long)contexts.Count * _partition.ClassSets.Count * Policy.Deployments.Count;
    }

    /// <summary>Where each rule fires when the classes ask for it: offering first, then permits, forbids, claims and duties.</summary>
    private SetKey MasksOf(in RequestBits bits, in PaperMasks papers, DeploymentSet offering)
    {
        var sets = new DeploymentSet[1 + _plan.Permits.Length + _forbids.Length + _claims.Length];
        var next = 0;
        sets[next++] = offering;
        foreach (var rule in _plan.Permits)
        {
            sets[next++] = Noted(rule, rule.Fires(bits, papers) & _everyone);
        }

        foreach (var rule in _forbids)
        {
            sets[next++] = Noted(rule, rule.Fires(bits, papers) & _everyone);
        }

        foreach (var claim in _claims)
        {
            sets[next++] = claim.Fires(bits, papers) & _everyone;
        }

        foreach (var rule in _plan.Requires.Concat(_plan.Prefers))
        {
            Noted(rule, rule.Fires(bits, papers) & _everyone);
        }

        return new(sets);
    }

    private DeploymentSet Noted(CompiledRule rule, DeploymentSet fires)
    {
        if (!fires.IsEmpty)
        {
            Fired.Add(rule.Rule.Id);
        }

        return fires;
    }

    private void Evaluate(SetKey masks, Context context, Choice classes)
    {
        var sets = masks.Sets;
        var final = classes.Bits[0];
        Span<DeploymentSet> once = stackalloc DeploymentSet[WordBits.Capacity + 1];
        Span<DeploymentSet> twice = stackalloc DeploymentSet[WordBits.Capacity + 1];
        once.Clear();
        twice.Clear();
        for (var i = 0; i < _plan.Permits.Length; i++)
        {
            var fires = sets[1 + i];
            for (var covers = fires.IsEmpty ? 0 : _plan.Permits[i].Covers & final; covers != 0; covers &= covers - 1)
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

        var blocked = DeploymentSet.None;
        var blockedTwice = DeploymentSet.None;
        var blockedAbsolutely = DeploymentSet.None;
        var start = 1 + _plan.Permits.Length;
        for (var i = 0; i < _forbids.Length; i++)
        {
            if (_blocks[i] && !sets[start + i].IsEmpty && Meets(_forbids[i], final))
            {
                var fires = sets[start + i];
                blockedTwice |= blocked & fires;
                blocked |= fires;
                blockedAbsolutely |= _forbids[i].Rule.Strength is Strength.Absolute ? fires : DeploymentSet.None;
            }
        }

        var weight = context.Weight * (ulong)classes.Count;
        var sole = permitted & blocked.Except(blockedTwice);
        for (var i = 0; i < _forbids.Length && !sole.IsEmpty; i++)
        {
            if (_blocks[i] && Meets(_forbids[i], final))
            {
                SoleBlocker[i] += weight * (ulong)(sole & sets[start + i]).Count;
            }
        }

        var allowed = permitted.Except(blocked);
        if (!allowed.IsEmpty)
        {
            ReachedDeployments |= allowed;
            ReachedClasses |= final;
            Need(sets, final, allowed, once, twice);
        }

        // Never, whatever overrides are held: overridable forbids do not count here.
        Check(sets.AsSpan(start + _forbids.Length), permitted.Except(blockedAbsolutely), context, classes, weight);
    }

    private void Need(DeploymentSet[] sets, ulong final, DeploymentSet allowed, ReadOnlySpan<DeploymentSet> once, ReadOnlySpan<DeploymentSet> twice)
    {
        for (var i = 0; i < _plan.Permits.Length; i++)
        {
            for (var covers = NeededPermits[i] ? 0 : _plan.Permits[i].Covers & final; covers != 0; covers &= covers - 1)
            {
                var label = BitOperations.TrailingZeroCount(covers);
                NeededPermits[i] |= !(allowed & sets[1 + i] & once[label].Except(twice[label])).IsEmpty;
            }
        }
    }

    private void Check(ReadOnlySpan<DeploymentSet> claims, DeploymentSet allowed, Context context, Choice classes, UInt128 weight)
    {
        for (var i = 0; i < claims.Length; i++)
        {
            var against = claims[i] & allowed;
            if (against.IsEmpty || !Meets(_claims[i], classes.Bits[0]))
            {
                continue;
            }

            Violations[i] += weight * (ulong)against.Count;
            var found = context.Simplest with { Classes = classes, Deployment = against.Next(0) };
            if (Against[i] is not { } simplest || found.Weight(_today) < simplest.Weight(_today))
            {
                Against[i] = found;
            }
        }
    }

    private static bool Meets(CompiledRule rule, ulong classes)
    {
        foreach (var mask in rule.ClassTests)
        {
            if ((mask & classes) == 0)
            {
                return false;
            }
        }

        return true;
    }

    private sealed record Context(UInt128 Weight, Found Simplest);
}
