using PolicyRouter.Policies.Facts;
using PolicyRouter.Policies.Rules;

namespace PolicyRouter.Policies.Deciding;

/// <summary>The rules and papers in force between two date edges, with the reasons that any day in between gives.</summary>
internal sealed class DayPlan
{
    private readonly PolicyModel _model;
    private readonly IReadOnlyList<Deployment> _deployments;
    private readonly DateOnly _day;
    private readonly DenialReason?[][] _reasons;

    public DayPlan(PolicyModel model, CompiledWords words, IReadOnlyList<Rule> rules, IReadOnlyList<Deployment> deployments, DateOnly day)
    {
        _model = model;
        _deployments = deployments = [.. deployments.Select(deployment => deployment.AsOf(day))];
        _day = day;
        CompiledRule[] all = [.. rules.Where(rule => rule.InForce.Contains(day)).Select(rule => new CompiledRule(rule, words, deployments))];
        CompiledRule[] inForce = [.. all.Where(static rule => !rule.Rule.Shadow)];
        Shadows = [.. all.Where(static rule => rule.Rule.Shadow)];
        Permits = [.. inForce.Where(static rule => rule.Rule.Effect is Effect.Permit)];
        Forbids = [.. inForce.Where(static rule => rule.Rule.Effect is Effect.Forbid)];
        Requires = [.. inForce.Where(static rule => rule.Rule.Effect is Effect.Require)];
        Prefers = [.. inForce.Where(static rule => rule.Rule.Effect is Effect.Prefer)];
        Papers = new(model, words, deployments, day);
        PaperKinds = all.Aggregate(PaperKinds.None, static (kinds, rule) => kinds | rule.Papers);
        ForbidsByClass = new(Forbids);
        RequiresByClass = new(Requires);
        PrefersByClass = new(Prefers);
        MostFiring = Math.Max(Forbids.Length, Math.Max(Requires.Length, Prefers.Length));
        _reasons = [.. Forbids.Select(rule => new DenialReason?[rule.PaperTypes.Count == 0 ? 1 : deployments.Count])];
    }

    /// <summary>In ordinal id order, with what may be relied on that day.</summary>
    public IReadOnlyList<Deployment> Deployments => _deployments;

    public CompiledRule[] Permits { get; }

    /// <summary>All strengths, in ordinal id order.</summary>
    public CompiledRule[] Forbids { get; }
    public CompiledRule[] Requires { get; }
    public CompiledRule[] Prefers { get; }

    /// <summary>Rules on trial, of every effect.</summary>
    public CompiledRule[] Shadows { get; }
    public PapersInForce Papers { get; }

    /// <summary>What the rules ask of papers.</summary>
    public PaperKinds PaperKinds { get; }
    public RulesByClass ForbidsByClass { get; }
    public RulesByClass RequiresByClass { get; }
    public RulesByClass PrefersByClass { get; }

    /// <summary>How many rules of one effect can fire at once.</summary>
    public int MostFiring { get; }

    /// <summary>Why this forbid denies this deployment. Made once per plan; two threads may make it twice, and equal.</summary>
    public DenialReason Reason(int forbid, int deployment)
    {
        var cache = _reasons[forbid];
        var slot = cache.Length == 1 ? 0 : deployment;
        return cache[slot] ??= Describe(Forbids[forbid], _deployments[deployment]);
    }

    /// <summary>The rule's own reason, and the papers that would have answered it on another day.</summary>
    private DenialReason Describe(CompiledRule rule, Deployment deployment)
    {
        var notes = _model.Agreements
            .Where(paper => rule.PaperTypes.Contains(paper.Type) && !paper.HoldsOn(_day) && paper.Reaches(deployment))
            .OrderBy(static paper => paper.Id, StringComparer.Ordinal)
            .Select(Missing);
        return new(rule.Rule.Id, rule.Rule.Citation, string.Join(' ', notes.Prepend(rule.Rule.Reason)));
    }

    private string Missing(Agreement paper) => paper switch
    {
        { TerminatedOn: { } terminated } when _day >= terminated => $"{paper.Id} was terminated on {terminated.Iso()}.",
        { InForce.Until: { } until } when _day > until => $"{paper.Id} ended {until.Iso()}.",
        _ => $"{paper.Id} starts {(paper.InForce.From > paper.SignedOn ? paper.InForce.From : paper.SignedOn).Iso()}.",
    };
}
