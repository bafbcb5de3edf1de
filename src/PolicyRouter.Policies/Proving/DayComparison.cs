using System.Numerics;
using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Rules;

namespace PolicyRouter.Policies.Proving;

/// <summary>Compares two policies, or two days of one, in every situation.</summary>
internal sealed class DayComparison(
    Partition partition, (PolicySnapshot Policy, DayPlan Plan)[] sides, string[] deployments, DayInterval day, DateOnly today)
{
    private readonly Side[] _sides = [.. sides.Select(side => new Side(side.Policy, side.Plan, deployments, [.. sides.SelectMany(static each => each.Plan.Requires).Select(static rule => rule.Rule.Duty!)]))];
    private readonly Dictionary<(ChangeKind, int), Group> _groups = [];

    public DayInterval Day => day;

    public IReadOnlyDictionary<(ChangeKind Kind, int Deployment), Group> Groups => _groups;

    /// <param name="stopAtFirst">Asks only whether there is a difference.</param>
    public void Run(bool stopAtFirst)
    {
        Dictionary<SetKey, List<Context>> contexts = [];
        DayPlan[] plans = [.. _sides.Select(static side => side.Plan)];
        foreach (var context in partition.Contexts(plans))
        {
            SetKey key = new([.. _sides.SelectMany((side, i) => side.Masks(context, i))]);
            (contexts.TryGetValue(key, out var alike) ? alike : contexts[key] = []).Add(context);
        }

        partition.Spend((long)contexts.Count * partition.ClassSets.Count);
        var split = _sides[0].Length;
        foreach (var (key, alike) in contexts)
        {
            foreach (var classes in partition.ClassSets)
            {
                Compare(
                    _sides[0].Outcome(key.Sets.AsSpan(0, split), classes.Bits[0]), _sides[1].Outcome(key.Sets.AsSpan(split), classes.Bits[1]), alike, classes);
                if (stopAtFirst && _groups.Count > 0)
                {
                    return;
                }
            }
        }
    }

    private void Compare(Outcome before, Outcome after, List<Context> contexts, Choice classes)
    {
        Add(ChangeKind.NewlyAllowed, after.Allowed.Except(before.Allowed), contexts, classes);
        Add(ChangeKind.NewlyDenied, before.Allowed.Except(after.Allowed), contexts, classes);
        Add(ChangeKind.NewlyAllowedWithOverride, after.Reachable.Except(before.Reachable).Except(after.Allowed), contexts, classes);
        Add(ChangeKind.NewlyDeniedWithOverride, before.Reachable.Except(after.Reachable).Except(before.Allowed), contexts, classes);
        var both = before.Reachable & after.Reachable;
        if (both.IsEmpty)
        {
            return;
        }

        var changed = DeploymentSet.None;
        foreach (var (duty, fires) in before.Duties)
        {
            changed |= Differ(fires, after.Duties.GetValueOrDefault(duty));
        }

        foreach (var (duty, fires) in after.Duties)
        {
            changed |= Differ(fires, before.Duties.GetValueOrDefault(duty));
        }

        changed &= both;
        var weakened = changed.IsEmpty ? changed : changed & Weakened(before, after);
        Add(ChangeKind.DutiesWeakened, weakened, contexts, classes);
        Add(ChangeKind.DutiesChanged, changed.Except(weakened), contexts, classes);
        Add(ChangeKind.OrderChanged, DeploymentSet.Where(deployments.Length, d => both.Contains(d) && before.Preference(d) != after.Preference(d)), contexts, classes);
    }

    private void Add(ChangeKind kind, DeploymentSet changed, List<Context> contexts, Choice classes)
    {
        for (var d = changed.Next(0); d >= 0; d = changed.Next(d + 1))
        {
            var group = _groups.TryGetValue((kind, d), out var known) ? known : _groups[(kind, d)] = new();
            group.Add(day, contexts, classes, d, today);
        }
    }

    /// <summary>Where something that was done or asked for is so no more, whichever rules say it.</summary>
    private DeploymentSet Weakened(Outcome before, Outcome after)
    {
        var still = _sides[1].Acts(after);
        return _sides[0].Acts(before).Aggregate(DeploymentSet.None, (weakened, act) => weakened | act.Value.Except(still.GetValueOrDefault(act.Key)));
    }

    private static DeploymentSet Differ(DeploymentSet one, DeploymentSet other) => one.Except(other) | other.Except(one);

    /// <summary>What changed in one way for one deployment.</summary>
    internal sealed class Group
    {
        public UInt128 States { get; private set; }
        public Found? Simplest { get; private set; }
        public HashSet<string> Classes { get; } = new(StringComparer.Ordinal);
        public HashSet<string> Purposes { get; } = new(StringComparer.Ordinal);
        public HashSet<string> Zones { get; } = new(StringComparer.Ordinal);

        public void Add(DayInterval day, List<Context> contexts, Choice classes, int deployment, DateOnly today)
        {
            Classes.Add(classes.Words.Count == 0 ? "no label" : string.Join(" + ", classes.Words));
            foreach (var context in contexts)
            {
                States += context.Count * (ulong)classes.Count;
                Purposes.Add(context.Purpose.Words is [var purpose] ? purpose : "not stated");
                Zones.Add(context.In.Zones.Words.Count == 0 ? "not stated" : string.Join(" + ", context.In.Zones.Words));
                Found found = new(day, context, classes, deployment);
                if (Simplest is null || found.Weight(today) < Simplest.Weight(today))
                {
                    Simplest = found;
                }
            }
        }
    }

    private sealed record Outcome(DeploymentSet Allowed, DeploymentSet Reachable, Dictionary<string, DeploymentSet> Duties, List<DeploymentSet> Preferred)
    {
        public int Preference(int deployment) => Preferred.Count(set => set.Contains(deployment));
    }

    /// <summary>One of the two policies on that day.</summary>
    private sealed class Side
    {
        private readonly int[]? _places;
        private readonly (int, int)[] _contradictions;
        private readonly CompiledRule[] _rules;
        private readonly DeploymentSet _everyone;

        // Per entry of an outcome's duties: what it stands for, in words that mean the same in both policies.
        private readonly Dictionary<string, string[]> _acts = new(StringComparer.Ordinal);

        /// <param name="policy">The policy.</param>
        /// <param name="plan">Its rules on that day.</param>
        /// <param name="deployments">The joint list.</param>
        /// <param name="duties">Of both policies: the years and days between which a duty can be more or less.</param>
        public Side(PolicySnapshot policy, DayPlan plan, string[] deployments, Duty[] duties)
        {
            Plan = plan;
            foreach (var require in plan.Requires)
            {
                _acts[NameOf(require.Rule)] = [.. ActsOf(require.Rule.Duty!, duties)];
            }

            _rules = [.. plan.Permits, .. plan.Forbids, .. plan.Requires, .. plan.Prefers];
            _everyone = DeploymentSet.First(policy.Deployments.Count);
            _contradictions =
            [
                .. from one in Enumerable.Range(0, _rules.Length)
                   from other in Enumerable.Range(0, _rules.Length)
                   where Duties.Contradict(_rules[one].Firing?.KeepYears, _rules[other].Firing?.RetentionDays)
                   select (one, other),
            ];
            int[] places = [.. policy.Deployments.Select(deployment => Array.IndexOf(deployments, deployment.Id))];
            _places = places.Select(static (place, i) => place == i).All(static same => same) ? null : places;
        }

        public DayPlan Plan { get; }

        /// <summary>Offering, and every rule without and with all approvals held.</summary>
        public int Length => 1 + 2 * _rules.Length;

        public DeploymentSet[] Masks(Context context, int side)
        {
            var sets = new DeploymentSet[Length];
            var (plain, held) = (context.Bits(side, approvals: 0), context.Bits(side, approvals: ~WordBits.Unknown));
            sets[0] = context.In.Offering[side];
            for (var i = 0; i < _rules.Length; i++)
            {
                sets[1 + i] = _rules[i].Fires(plain, context.In.Papers[side]) & _everyone;
                sets[1 + _rules.Length + i] = _rules[i].Fires(held, context.In.Papers[side]) & _everyone;
            }

            return sets;
        }

        public Outcome Outcome(ReadOnlySpan<DeploymentSet> sets, ulong classes)
        {
            var plain = sets.Slice(1, _rules.Length);
            var held = sets[(1 + _rules.Length)..];
            var allowed = sets[0] & Permitted(plain, classes);
            var reachable = sets[0] & Permitted(held, classes);
            Dictionary<string, DeploymentSet> duties = new(StringComparer.Ordinal);
            List<DeploymentSet> preferred = [];
            for (var i = 0; i < _rules.Length; i++)
            {
                var rule = _rules[i].Rule;
                if (rule.Effect is Effect.Permit || !_rules[i].Meets(classes))
                {
                    continue;
                }

                switch (rule)
                {
                    case { Effect: Effect.Forbid, Strength: Strength.Absolute }:
                        allowed = allowed.Except(plain[i]);
                        reachable = reachable.Except(held[i]);
                        break;
                    case { Effect: Effect.Forbid, Strength: Strength.Overridable }:
                        allowed = allowed.Except(plain[i]);
                        // Which rule a token must name matters to those who hold one.
                        duties[$"override {rule.Id}"] = Placed(plain[i]);
                        break;
                    case { Effect: Effect.Forbid }:
                        duties[$"warning {rule.Id}"] = Placed(plain[i]);
                        break;
                    case { Effect: Effect.Require }:
                        duties[NameOf(rule)] = Placed(plain[i]);
                        allowed = rule.Duty?.Approval is null ? allowed : allowed.Except(plain[i]);
                        break;
                    default:
                        preferred.Add(Placed(plain[i] & _rules[i].Prefers));
                        break;
                }
            }

            var unmeetable = Contradictions(plain, classes);
            return new(Placed(allowed.Except(unmeetable)), Placed(reachable.Except(unmeetable)), duties, preferred);
        }

        /// <summary>What the duties of an outcome come to, whichever rules they come from, and where. Advice is none.</summary>
        public Dictionary<string, DeploymentSet> Acts(Outcome outcome)
        {
            Dictionary<string, DeploymentSet> acts = new(StringComparer.Ordinal);
            foreach (var (duty, fires) in outcome.Duties.Where(static duty => !duty.Key.StartsWith("warning ", StringComparison.Ordinal)))
            {
                foreach (var act in _acts.GetValueOrDefault(duty, [duty]))
                {
                    acts[act] = acts.GetValueOrDefault(act) | fires;
                }
            }

            return acts;
        }

        private static string NameOf(Rule require) => $"{require.Id} {require.Duty}";

        /// <summary>More of something contains the less: who keeps a record for six years has kept it for one.</summary>
        private static IEnumerable<string> ActsOf(Duty duty, Duty[] duties) =>
        [
            .. duty.Redact is { } profile ? [$"redact {profile}"] : Array.Empty<string>(),
            .. duty.Approval is { } role ? [$"approval {role}"] : Array.Empty<string>(),
            .. Duty.AuditLevels[..(Array.IndexOf(Duty.AuditLevels, duty.Audit) + 1)].Select(static level => $"audit {level}"),
            .. duties.Select(static other => other.KeepYears).Where(years => years <= duty.KeepYears).Select(static years => $"keep {years}"),
            .. duties.Select(static other => other.RetentionDays).Where(days => days >= duty.RetentionDays).Select(static days => $"delete after {days}"),
        ];

        /// <summary>Where two duties that fire together cannot both be met, which denies.</summary>
        private DeploymentSet Contradictions(ReadOnlySpan<DeploymentSet> fires, ulong classes)
        {
            var contradicted = DeploymentSet.None;
            foreach (var (one, other) in _contradictions)
            {
                if (_rules[one].Meets(classes) && _rules[other].Meets(classes))
                {
                    contradicted |= fires[one] & fires[other];
                }
            }

            return contradicted;
        }

        private DeploymentSet Permitted(ReadOnlySpan<DeploymentSet> fires, ulong classes)
        {
            Span<DeploymentSet> permitted = stackalloc DeploymentSet[WordBits.Capacity + 1];
            permitted.Clear();
            for (var i = 0; i < Plan.Permits.Length; i++)
            {
                for (var covers = fires[i].IsEmpty ? 0 : Plan.Permits[i].Covers & classes; covers != 0; covers &= covers - 1)
                {
                    permitted[BitOperations.TrailingZeroCount(covers)] |= fires[i];
                }
            }

            var all = _everyone;
            for (var rest = classes; rest != 0; rest &= rest - 1)
            {
                all &= permitted[BitOperations.TrailingZeroCount(rest)];
            }

            return all;
        }

        /// <summary>The same deployments by their place in the joint list.</summary>
        private DeploymentSet Placed(DeploymentSet set)
        {
            if (_places is not { } places)
            {
                return set;
            }

            var placed = DeploymentSet.None;
            for (var d = set.Next(0); d >= 0; d = set.Next(d + 1))
            {
                var place = places[d];
                placed |= DeploymentSet.Where(place + 1, i => i == place);
            }

            return placed;
        }
    }
}
