using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Facts;
using PolicyRouter.Policies.Rules;

namespace PolicyRouter.Policies.Proving;

/// <summary>Compares two policies decision by decision, for every request of every tenant on every date, and tells what else they say differently.</summary>
public static class PolicyComparison
{
    /// <param name="before">The policy in force.</param>
    /// <param name="after">The policy proposed.</param>
    /// <param name="today">Stories are told of days as near to it as can be.</param>
    public static PolicyDifference Compare(PolicySnapshot before, PolicySnapshot after, DateOnly today)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        string?[] tenants = [null, .. Tenants(before.Model, after.Model)];
        var written = WrittenChanges.Between(before.Model, after.Model, tenants);
        try
        {
            (UInt128 States, List<PolicyChange> Changes)[] compared = [.. tenants.Select(tenant => Compare(before, after, tenant, today))];
            return new(
                compared.Aggregate(UInt128.Zero, static (sum, one) => sum + one.States), Merged(compared.SelectMany(static one => one.Changes)), Routes(before, after), null)
            {
                Written = written,
            };
        }
        catch (TooLargeException tooLarge)
        {
            return new(0, [], Routes(before, after), tooLarge.Message) { Written = written };
        }
    }

    /// <summary>Each tenant that either policy has a file for; and one that neither has, when only one of them lets it in.</summary>
    private static List<string> Tenants(PolicyModel before, PolicyModel after)
    {
        List<string> names = [.. All(before.Tenants.Concat(after.Tenants).Select(static tenant => tenant.Name))];
        var another = "another-tenant";
        while (names.Contains(another))
        {
            another = $"yet-{another}";
        }

        return (before.Tenants.Count == 0) == (after.Tenants.Count == 0) ? names : [.. names, another];
    }

    private static (UInt128 States, List<PolicyChange> Changes) Compare(PolicySnapshot before, PolicySnapshot after, string? tenant, DateOnly today)
    {
        PolicySnapshot[] seen = [SeenBy(before, tenant), SeenBy(after, tenant)];
        var deployments = Deployments(before, after);
        Partition partition = new(seen);
        DayComparison[] days = [.. partition.Days.Select(day => Between(partition, seen, deployments, day, today))];
        Partition.InParallel(days, static day => day.Run(stopAtFirst: false));
        return (partition.Requests * (ulong)deployments.Length, Changes(days, deployments, after, tenant, today));
    }

    private static PolicySnapshot SeenBy(PolicySnapshot policy, string? tenant) =>
        policy.Model.Tenants.Count == 0 ? policy : new(policy.Model.SeenBy(tenant), policy.Version);

    /// <summary>What is the same for several tenants is told once.</summary>
    private static List<PolicyChange> Merged(IEnumerable<PolicyChange> changes) =>
    [
        .. changes.GroupBy(static change => (change.Kind, change.Deployment, change.States, string.Join('\n', [.. change.Classes, "", .. change.Purposes, "", .. change.Zones, "", .. change.Days])))
            .Select(static same => same.First() with { Tenants = [.. same.SelectMany(static change => change.Tenants)] })
            .OrderBy(static change => change.Kind).ThenBy(static change => change.Deployment, StringComparer.Ordinal),
    ];

    /// <summary>True when both decide the same, always; null when that is too large to prove.</summary>
    internal static bool? AreEquivalent(PolicyModel one, PolicyModel other)
    {
        const string Version = "sha256:none";
        PolicySnapshot[] policies = [new(one, Version), new(other, Version)];
        var deployments = Deployments(policies[0], policies[1]);
        try
        {
            Partition partition = new(policies);
            return partition.Days.Where(day => !SameDay.Holds(one, other, day.Near(DateOnly.MinValue))).All(day =>
            {
                var comparison = Between(partition, policies, deployments, day, DateOnly.MinValue);
                comparison.Run(stopAtFirst: true);
                return comparison.Groups.Count == 0;
            });
        }
        catch (TooLargeException)
        {
            return null;
        }
    }

    /// <summary>True when one forbid, were it the only one, would let through what another one would not, or when that is too large to tell.</summary>
    internal static bool IsNarrower(Rule forbid, Rule than, PolicyModel policy)
    {
        const string Version = "sha256:none";
        PolicySnapshot[] alone = [.. new[] { than, forbid }.Select(rule => new PolicySnapshot(policy with { Rules = [Anything(policy), rule with { Strength = Strength.Absolute }] }, Version))];
        var deployments = Deployments(alone[0], alone[1]);
        try
        {
            Partition partition = new(alone);
            return partition.Days.Any(day =>
            {
                var comparison = Between(partition, alone, deployments, day, DateOnly.MinValue);
                comparison.Run(stopAtFirst: false);
                return comparison.Groups.Keys.Any(static group => group.Kind is ChangeKind.NewlyAllowed or ChangeKind.NewlyAllowedWithOverride);
            });
        }
        catch (TooLargeException)
        {
            return true;
        }
    }

    private static Rule Anything(PolicyModel policy) => new()
    {
        Id = "anything",
        Title = "",
        Effect = Effect.Permit,
        Owner = "",
        InForce = new(DateOnly.MinValue, null),
        Reason = "",
        Citation = [],
        WhenAll = [],
        UnlessAny = [],
        CoversData = [.. policy.Classes.Select(static one => one.Id), CompiledWords.Unclassified],
    };

    private static DayComparison Between(Partition partition, PolicySnapshot[] policies, string[] deployments, DayInterval day, DateOnly today) =>
        new(partition, [.. policies.Select(policy => (policy, policy.PlanFor(day.Near(today))))], deployments, day, today);

    private static string[] Deployments(PolicySnapshot before, PolicySnapshot after) =>
        [.. before.Deployments.Concat(after.Deployments).Select(static d => d.Id).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private static List<PolicyChange> Changes(DayComparison[] days, string[] deployments, PolicySnapshot after, string? tenant, DateOnly today) =>
    [
        .. days.SelectMany(static day => day.Groups.Select(group => (day.Day, group.Key, group.Value))).GroupBy(static part => part.Key)
            .OrderBy(static change => change.Key.Kind).ThenBy(static change => change.Key.Deployment)
            .Select(change => Change(change.Key.Kind, deployments[change.Key.Deployment], [.. change.Select(static part => (part.Day, part.Value))], after, tenant, today)),
    ];

    private static PolicyChange Change(
        ChangeKind kind, string deployment, List<(DayInterval Day, DayComparison.Group Group)> parts, PolicySnapshot after, string? tenant, DateOnly today)
    {
        var request = parts.Select(static part => part.Group.Simplest!).MinBy(found => found.Weight(today))!.Request(today) with { Tenant = tenant };
        var what = kind switch
        {
            ChangeKind.NewlyAllowed => $"may now go to {deployment}",
            ChangeKind.NewlyAllowedWithOverride => $"may now go to {deployment} with an approval or under break-glass",
            ChangeKind.NewlyDenied => $"may no longer go to {deployment}",
            ChangeKind.NewlyDeniedWithOverride => $"may no longer go to {deployment}, whatever is approved or overridden",
            ChangeKind.DutiesWeakened => $"may still go to {deployment}, while less is done or asked for",
            ChangeKind.DutiesChanged => $"may still go to {deployment}, under other duties, warnings or overrides",
            _ => $"may still go to {deployment}, in another place of the order",
        };
        var sentence = CounterexampleText.Request(request);
        return new(
            kind, deployment, parts.Aggregate(UInt128.Zero, static (sum, part) => sum + part.Group.States),
            Smallest(parts.SelectMany(static part => part.Group.Classes)), All(parts.SelectMany(static part => part.Group.Purposes)),
            Smallest(parts.SelectMany(static part => part.Group.Zones)), Joined([.. parts.Select(static part => part.Day).OrderBy(static d => d.First ?? DateOnly.MinValue)]), request,
            $"{char.ToUpperInvariant(sentence[0])}{sentence[1..]} {what}.",
            CounterexampleText.Case($"Who may receive what {what}", request, CounterexampleText.Permitted(after, request)))
        {
            Tenants = [tenant ?? ""],
        };
    }

    private static List<string> All(IEnumerable<string> words) => [.. words.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>Sets that contain another one of the list say nothing new.</summary>
    internal static List<string> Smallest(IEnumerable<string> sets)
    {
        List<(string Text, HashSet<string> Words)> all = [.. All(sets).Select(static text => (text, text.Split(" + ").ToHashSet(StringComparer.Ordinal)))];
        return [.. all.Where(set => !all.Exists(other => other.Words.Count < set.Words.Count && other.Words.IsSubsetOf(set.Words))).Select(static set => set.Text)];
    }

    private static List<string> Joined(List<DayInterval> days)
    {
        List<DayInterval> joined = [];
        foreach (var day in days)
        {
            if (joined.Count > 0 && joined[^1].Last is { } last && day.First == last.AddDays(1))
            {
                joined[^1] = joined[^1] with { Last = day.Last };
            }
            else
            {
                joined.Add(day);
            }
        }

        return [.. joined.Select(static day => $"{Iso(day.First)}..{Iso(day.Last)}")];
    }

    private static string Iso(DateOnly? day) => day?.Iso() ?? "";

    private static List<string> Routes(PolicySnapshot before, PolicySnapshot after)
    {
        List<string> changes = [];
        foreach (var name in before.Routes.Keys.Union(after.Routes.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            var (old, now) = (before.Routes.GetValueOrDefault(name), after.Routes.GetValueOrDefault(name));
            if (old is null || now is null)
            {
                changes.Add(old is null ? $"route {name} is new" : $"route {name} is gone");
            }
            else if (old.Order != now.Order || !Candidates(old).SequenceEqual(Candidates(now), StringComparer.Ordinal))
            {
                changes.Add($"route {name} was {old.Order} of {English.And(Candidates(old))} and is {now.Order} of {English.And(Candidates(now))}");
            }
        }

        return changes;
    }

    private static IReadOnlyList<string> Candidates(Route route) => route.Candidates ?? ["any deployment"];
}
