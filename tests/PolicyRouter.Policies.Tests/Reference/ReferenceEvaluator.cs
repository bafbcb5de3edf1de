using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Facts;
using PolicyRouter.Policies.Rules;

namespace PolicyRouter.Policies.Tests.Reference;

/// <summary>The verdict on one deployment, as names.</summary>
internal sealed record ReferenceVerdict(bool Allowed, IReadOnlyList<string> Reasons, IReadOnlyList<string> Duties, IReadOnlyList<string> Warnings, int Preference);

/// <summary>
/// The semantics of docs/policy-language.md, written as it reads: sets of words, one deployment at a time, nothing compiled, nothing
/// kept. Slow and obvious; the engine must agree with it.
/// </summary>
internal sealed class ReferenceEvaluator(PolicyModel model)
{
    private sealed record Facts(HashSet<string> Classes, HashSet<string> Zones, string? Purpose, string? BusinessUnit, HashSet<string> Features, HashSet<string> Approvals, DateOnly Day);

    /// <summary>Point 2: declared and detected, closed under "is also"; unknown labels and no label at all are unclassified.</summary>
    public HashSet<string> FinalClasses(PolicyRequest request)
    {
        HashSet<string> known = [.. model.Classes.Select(static c => c.Id), "unclassified"];
        Queue<string> open = new(request.FloorClasses.Concat(request.DeclaredClasses).Concat(request.DetectedClasses));
        HashSet<string> closed = [];
        while (open.TryDequeue(out var label))
        {
            label = known.Contains(label) ? label : "unclassified";
            if (closed.Add(label))
            {
                foreach (var parent in model.Classes.Where(c => c.Id == label).SelectMany(static c => c.IsAlso))
                {
                    open.Enqueue(parent);
                }
            }
        }

        return closed.Count == 0 ? ["unclassified"] : closed;
    }

    public ReferenceVerdict Judge(PolicyRequest request, Deployment deployment)
    {
        Facts facts = new(
            FinalClasses(request),
            request.Subjects.Count == 0 ? ["unknown"] : [.. request.Subjects.Select(z => model.Zones.Contains(z) ? z : "unknown")],
            request.Purpose is { } purpose && model.Purposes.Contains(purpose) ? purpose : null,
            request.BusinessUnit is { } unit && model.BusinessUnits.Contains(unit) ? unit : null,
            request.Features.Count == 0 ? ["unknown"] : [.. request.Features.Select(f => model.Features.Contains(f) ? f : "unknown")],
            [.. request.Approvals.Select(static approval => $"{approval.Rule}/{approval.Role}")],
            request.Day);
        deployment = AsKnown(deployment, request.Day);
        var isOverride = request.BreakGlass is { } token && token.Caller == request.Caller
            && facts.Classes.IsSubsetOf(token.Classes.SelectMany(label => FinalClasses(new() { Day = request.Day, DeclaredClasses = [label] })));

        // Rules on trial have no effect.
        List<Rule> rules = [.. RulesFor(request.Tenant).Where(static rule => !rule.Shadow)];
        List<string> reasons = IsStranger(request.Tenant) ? ["unknown tenant"] : [];
        List<string> warnings = [];
        foreach (var forbid in rules.Where(rule => rule.Effect is Effect.Forbid && Fires(rule, deployment, facts)))
        {
            var isOff = isOverride && forbid.Strength is Strength.Overridable && request.BreakGlass!.Rules.Contains(forbid.Id);
            (forbid.Strength is Strength.Advisory ? warnings : isOff ? [] : reasons).Add(forbid.Id);
        }

        foreach (var label in facts.Classes)
        {
            if (!rules.Any(rule => rule.Effect is Effect.Permit && rule.CoversData.Contains(label) && deployment.Status == "approved"
                && Fires(rule, deployment, facts)))
            {
                reasons.Add($"no permit for {label}");
            }
        }

        foreach (var feature in request.Features.Where(f => !deployment.Features.Contains(f) || !model.Features.Contains(f)).Distinct())
        {
            reasons.Add($"feature not offered: {feature}");
        }

        List<Rule> duties = [.. rules.Where(rule => rule.Effect is Effect.Require && Fires(rule, deployment, facts))];
        List<string> unmet = [.. duties.Where(d => d.Duty!.Approval is { } role && !facts.Approvals.Contains($"{d.Id}/{role}"))
            .Select(static d => $"approval needed: {d.Duty!.Approval}").Distinct()];
        if (reasons.Count > 0)
        {
            unmet = [];
        }

        if (reasons.Count == 0 && duties.Max(static d => d.Duty!.KeepYears) is { } years && duties.Min(static d => d.Duty!.RetentionDays) is { } days
            && days < Math.Ceiling(years * 365.25m))
        {
            reasons.Add("contradictory duties");
        }

        reasons.AddRange(unmet);

        var preference = rules.Count(rule =>
            rule.Effect is Effect.Prefer && Fires(rule, deployment, facts) && rule.Prefer.All(c => Holds(rule.Id, c, deployment, facts, false)));
        return new(
            reasons.Count == 0, [.. reasons.Order(StringComparer.Ordinal)],
            reasons.Count == 0 ? [.. duties.Select(static d => d.Id).Order(StringComparer.Ordinal)] : [],
            [.. warnings.Order(StringComparer.Ordinal)], preference);
    }

    /// <summary>Point 28: the tenant's own forbids and duties besides those of the policy, and its conditions on the policy's permits.</summary>
    private IEnumerable<Rule> RulesFor(string? tenant) => model.Tenants.FirstOrDefault(one => one.Name == tenant) is { } bounds
        ? model.Rules.Select(rule => bounds.Narrowed.TryGetValue(rule.Id, out var further) ? rule with { WhenAll = [.. rule.WhenAll, .. further] } : rule).Concat(bounds.Rules)
        : model.Rules;

    /// <summary>Where tenants have bounds, one without any gets nothing.</summary>
    private bool IsStranger(string? tenant) => tenant is { Length: > 0 } && model.Tenants.Count > 0 && model.Tenants.All(one => one.Name != tenant);

    /// <summary>Points 5 and 6: in force, every "when all", no "unless any"; the unknown never helps.</summary>
    private bool Fires(Rule rule, Deployment deployment, Facts facts)
    {
        var whenUnknown = rule.Effect is Effect.Forbid or Effect.Require;
        var unlessUnknown = rule.Effect is Effect.Permit;
        return rule.InForce.From <= facts.Day && (rule.InForce.Until ?? DateOnly.MaxValue) >= facts.Day
            && rule.WhenAll.All(c => Holds(rule.Id, c, deployment, facts, whenUnknown))
            && !rule.UnlessAny.Any(c => Holds(rule.Id, c, deployment, facts, unlessUnknown));
    }

    private bool Holds(string rule, Condition condition, Deployment d, Facts facts, bool unknown) => condition switch
    {
        DataIncludes data => facts.Classes.Contains("unclassified") || data.Words.Any(facts.Classes.Contains),
        SubjectsLiveIn zones => facts.Zones.Contains("unknown") || zones.Words.Any(facts.Zones.Contains),
        PurposeIs purposes => facts.Purpose is { } purpose ? purposes.Words.Contains(purpose) : unknown,
        BusinessUnitIs units => facts.BusinessUnit is { } unit ? units.Words.Contains(unit) : unknown,
        FeatureUsed used => facts.Features.Contains("unknown") || used.Words.Any(facts.Features.Contains),
        ApprovalHeld held => facts.Approvals.Contains($"{rule}/{held.Role}"),
        ProviderReviewsContent reviews => d.ProviderReviewsContent is null ? unknown : d.ProviderReviewsContent == reviews.Review,
        ProcessingStaysWithin zones when Places(d).Any(place => place != "unknown" && !zones.Words.Contains(place)) => false,
        ProcessingStaysWithin => Places(d).Contains("unknown") ? unknown : true,
        ProcessingIncludesUnknownPlace => Places(d).Contains("unknown"),
        DeploymentStatusIs status => d.Status == "unknown" ? unknown : d.Status == status.Status,
        HostingIs hosting => d.Hosting is null ? unknown : hosting.Words.Contains(d.Hosting),
        TrainingIs training => d.TrainingOnOurData is null ? unknown : d.TrainingOnOurData == training.Training,
        RetentionAtMost retention => d.RetentionDays is null ? unknown : d.RetentionDays <= retention.Days,
        AgreementInForce agreement => model.Agreements.Any(paper => paper.Type == agreement.Type && InForce(paper, d, facts) && EveryPlaceNamed(paper, d)),
        EveryTransferIsCovered => facts.Zones.All(zone => Places(d).All(place => Covered(zone, place, d, facts))),
        _ => throw new InvalidOperationException(condition.Phrase.Name),
    };

    /// <summary>Point 8, places apart.</summary>
    private bool InForce(Agreement paper, Deployment d, Facts facts) =>
        paper.With == d.Provider
        && paper.SignedOn <= facts.Day
        && (paper.TerminatedOn is null || paper.TerminatedOn > facts.Day)
        && paper.InForce.From <= facts.Day && (paper.InForce.Until is null || paper.InForce.Until >= facts.Day)
        && paper.Services.Contains(d.Service)
        && (paper.Models is null || paper.Models.Contains(d.Model))
        && facts.Features.All(paper.Features.Contains)
        && paper.OnlyIf.All(c => Holds(paper.Id, c, d, facts, false));

    private static bool EveryPlaceNamed(Agreement paper, Deployment d) =>
        Places(d).All(place => place != "unknown" && (paper.Regions is null ? paper.Transfers.Any(t => t.To == place) : paper.Regions.Contains(place)));

    /// <summary>Point 11: the same zone, adequacy in force, or one covering transfer paper.</summary>
    private bool Covered(string zone, string place, Deployment d, Facts facts) =>
        zone != "unknown" && place != "unknown"
        && (zone == place
            || model.Adequacies.Any(a => a.From == zone && a.To == place && a.InForce.From <= facts.Day && (a.InForce.Until ?? DateOnly.MaxValue) >= facts.Day)
            || model.Agreements.Any(paper => paper.Type == "transfer" && InForce(paper, d, facts)
                && paper.Transfers.Any(t => t.From == zone && t.To == place) && (paper.Regions is null || EveryPlaceNamed(paper, d))));

    /// <summary>Evidence older than 180 days, or not gathered yet, is no evidence.</summary>
    private static Deployment AsKnown(Deployment d, DateOnly day) =>
        d.Evidence is { } evidence && (day < evidence.CheckedOn || day.DayNumber - evidence.CheckedOn.DayNumber > 180)
            ? d with { Hosting = null, ProcessingRegions = ["unknown"], StorageRegions = ["unknown"], RetentionDays = null, TrainingOnOurData = null, ProviderReviewsContent = null }
            : d;

    private static HashSet<string> Places(Deployment d) => [.. d.ProcessingRegions, .. d.StorageRegions];
}
