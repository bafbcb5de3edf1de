using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Facts;
using PolicyRouter.Policies.Rules;

namespace PolicyRouter.Policies.Proving;

/// <summary>One thing that will change by itself.</summary>
/// <param name="Causes">What begins or ends: papers, rules, adequacy findings, evidence.</param>
/// <param name="Remaining">For something newly denied: who may still receive the simplest such request.</param>
public sealed record CalendarEntry(DateOnly Day, ChangeKind? Kind, string? Deployment, IReadOnlyList<string> Classes, IReadOnlyList<string> Causes, IReadOnlyList<string> Remaining, string Sentence);

/// <summary>Decision changes that come by themselves as papers, rules, findings and evidence start and end, and reviews that fall due.</summary>
public static class PolicyCalendar
{
    /// <exception cref="TooLargeException">Some dimension is too large to enumerate; the message names it.</exception>
    public static IReadOnlyList<CalendarEntry> From(PolicySnapshot policy, DateOnly today)
    {
        ArgumentNullException.ThrowIfNull(policy);
        Partition partition = new([policy, policy]);
        string[] deployments = [.. policy.Deployments.Select(static deployment => deployment.Id)];
        List<CalendarEntry> entries = [];
        foreach (var day in partition.Days.Where(day => day.First is { } first && first > today))
        {
            var first = day.First!.Value;
            DayComparison comparison = new(
                partition, [(policy, policy.PlanFor(first.AddDays(-1))), (policy, policy.PlanFor(first))], deployments, new(first, first), first);
            comparison.Run(stopAtFirst: false);
            entries.AddRange(comparison.Groups.OrderBy(static group => group.Key.Kind).ThenBy(static group => group.Key.Deployment)
                .Select(group => Entry(policy, first, group.Key.Kind, deployments[group.Key.Deployment], group.Value, Causes(policy.Model, first, deployments[group.Key.Deployment]))));
            if (comparison.Groups.Count == 0)
            {
                var causes = Causes(policy.Model, first, null);
                entries.Add(new(first, null, null, [], causes, [], $"On {first.Iso()} no decision changes, though {English.And(causes)}."));
            }
        }

        return [.. entries.Concat(Reviews(policy.Model, today)).OrderBy(static entry => entry.Day)];
    }

    private static CalendarEntry Entry(PolicySnapshot policy, DateOnly day, ChangeKind kind, string deployment, DayComparison.Group group, IReadOnlyList<string> causes)
    {
        var classes = PolicyComparison.Smallest(group.Classes);
        string[] remaining = [.. policy.Decide(group.Simplest!.Request(day)).Permitted.Select(static permitted => permitted.Deployment.Id)];
        var what = kind switch
        {
            ChangeKind.NewlyDenied => "stops taking",
            ChangeKind.NewlyAllowed => "starts taking",
            ChangeKind.NewlyDeniedWithOverride => "can no longer be opened by override for",
            ChangeKind.NewlyAllowedWithOverride => "can be opened by override for",
            ChangeKind.DutiesWeakened => "loses a duty for",
            ChangeKind.DutiesChanged => "gets other duties for",
            _ => "changes its place in the order for",
        };
        var sentence = $"On {day.Iso()} {deployment} {what} {English.And(classes)} ({string.Join("; ", causes)}).";
        if (kind is ChangeKind.NewlyDenied)
        {
            sentence += remaining.Length == 0 ? " Nobody remains for the simplest such request." : $" Remaining: {string.Join(", ", remaining)}.";
        }

        return new(day, kind, deployment, classes, causes, kind is ChangeKind.NewlyDenied ? remaining : [], sentence);
    }

    private static List<string> Causes(PolicyModel model, DateOnly day, string? deployment)
    {
        var provider = model.Deployments.FirstOrDefault(d => d.Id == deployment)?.Provider;
        var before = day.AddDays(-1);
        return
        [
            .. model.Agreements.Where(paper => (provider is null || paper.With == provider) && paper.HoldsOn(day) != paper.HoldsOn(before)).Select(paper => Cause(paper.Id, paper.HoldsOn(day), day)),
            .. model.Rules.Where(rule => rule.InForce.Contains(day) != rule.InForce.Contains(before)).Select(rule => Cause(rule.Id, rule.InForce.Contains(day), day)),
            .. model.Adequacies.Where(a => a.InForce.Contains(day) != a.InForce.Contains(before)).Select(a => Cause($"adequacy {a.From} to {a.To}", a.InForce.Contains(day), day)),
            .. model.Deployments.Where(d => (deployment is null || d.Id == deployment) && d.Evidence is { } evidence && evidence.HoldsOn(day) != evidence.HoldsOn(before))
                .Select(d => d.Evidence!.HoldsOn(day) ? $"evidence for {d.Id} begins {day.Iso()}" : $"evidence for {d.Id} is older than {Evidence.ValidDays} days"),
        ];
    }

    private static string Cause(string what, bool begins, DateOnly day) => begins ? $"{what} begins {day.Iso()}" : $"{what} ended {(day.AddDays(-1)).Iso()}";

    private static IEnumerable<CalendarEntry> Reviews(PolicyModel model, DateOnly today) => model.Agreements
        .Where(paper => paper.ReviewBy is { } review && review >= today)
        .Select(static paper => new CalendarEntry(
            paper.ReviewBy!.Value, null, null, [], [paper.Id], [], $"By {paper.ReviewBy.Value.Iso()} {paper.Id} with {paper.With} is to be reviewed."));
}
