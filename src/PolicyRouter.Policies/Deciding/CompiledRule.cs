using PolicyRouter.Policies.Facts;
using PolicyRouter.Policies.Rules;

namespace PolicyRouter.Policies.Deciding;

/// <summary>
/// A rule with its deployment conditions already answered for every deployment. What is left for a request: a few bit tests,
/// and the masks of the papers it names.
/// </summary>
internal sealed class CompiledRule
{
    private readonly RequestTest[] _when;
    private readonly RequestTest[] _unless;
    private readonly PaperKinds[] _paperWhen;
    private readonly PaperKinds[] _paperUnless;
    private readonly DeploymentSet _deployments;

    public CompiledRule(Rule rule, CompiledWords words, IReadOnlyList<Deployment> deployments)
    {
        Rule = rule;
        Covers = words.Classes.Bits(rule.CoversData) & ~WordBits.Unknown;
        Prefers = DeploymentSet.Where(deployments.Count, i => rule.Prefer.All(c => c.Holds(deployments[i], whenUnknown: false)));
        Firing = rule.Duty is { } duty ? new(rule.Id, duty.Redact, duty.Audit, duty.KeepYears, duty.Approval, duty.RetentionDays) : null;
        PaperTypes = [.. rule.UnlessAny.Concat(rule.WhenAll).OfType<AgreementInForce>().Select(static c => c.Type).Distinct(StringComparer.Ordinal)];
        _when = Compile(rule.Id, rule.WhenAll, rule.WhenUnknown, words);
        _unless = Compile(rule.Id, rule.UnlessAny, rule.UnlessUnknown, words);
        ClassTests = [.. _when.Where(static test => test.Fact is RequestFact.Classes).Select(static test => test.Mask)];
        _paperWhen = [.. rule.WhenAll.OfType<PaperCondition>().Select(PaperMasks.KindOf)];
        _paperUnless = [.. rule.UnlessAny.OfType<PaperCondition>().Select(PaperMasks.KindOf)];
        Papers = _paperWhen.Concat(_paperUnless).Aggregate(PaperKinds.None, static (kinds, kind) => kinds | kind);
        _deployments = DeploymentSet.Where(deployments.Count, i => HoldsOf(deployments[i]));

        bool HoldsOf(Deployment deployment) =>
            rule.WhenAll.OfType<DeploymentCondition>().All(c => c.Holds(deployment, rule.WhenUnknown))
            && !rule.UnlessAny.OfType<DeploymentCondition>().Any(c => c.Holds(deployment, rule.UnlessUnknown))
            && (rule.Effect is not Effect.Permit || deployment.Status == DeploymentStatusIs.Approved);
    }

    public Rule Rule { get; }

    /// <summary>Classes a permit speaks for.</summary>
    public ulong Covers { get; }

    /// <summary>Deployments a <c>prefer</c> rule prefers.</summary>
    public DeploymentSet Prefers { get; }

    /// <summary>Every test of a fact of the request, wherever it stands.</summary>
    public IEnumerable<RequestTest> Tests => _when.Concat(_unless);

    /// <summary>What <c>when all</c> asks of the classes: one mask per line, each of which must meet the request's.</summary>
    public ulong[] ClassTests { get; }

    /// <summary>The duty as decisions show it; null unless the rule is a <c>require</c>.</summary>
    public FiringDuty? Firing { get; }

    /// <summary>What the rule asks of papers.</summary>
    public PaperKinds Papers { get; }

    /// <summary>Types of paper the rule asks for, to tell which one has ended when it fires.</summary>
    public IReadOnlyList<string> PaperTypes { get; }

    /// <summary>True when these final classes meet every line about classes.</summary>
    public bool Meets(ulong classes)
    {
        foreach (var mask in ClassTests)
        {
            if ((mask & classes) == 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>True when the rule can make a difference to data of these final classes.</summary>
    public bool Concerns(ulong classes) => Meets(classes) && (Rule.Effect is not Effect.Permit || (Covers & classes) != 0);

    /// <summary>The deployments for which the rule fires, its dates apart.</summary>
    public DeploymentSet Fires(in RequestBits request, in PaperMasks papers)
    {
        foreach (var test in _when)
        {
            if (!test.Holds(request))
            {
                return DeploymentSet.None;
            }
        }

        foreach (var test in _unless)
        {
            if (test.Holds(request))
            {
                return DeploymentSet.None;
            }
        }

        var fires = _deployments;
        foreach (var paper in _paperWhen)
        {
            fires &= papers.Of(paper);
        }

        foreach (var paper in _paperUnless)
        {
            fires = fires.Except(papers.Of(paper));
        }

        return fires;
    }

    private static RequestTest[] Compile(string rule, IReadOnlyList<Condition> conditions, bool whenUnknown, CompiledWords words) =>
        [.. conditions.OfType<RequestCondition>().Select(condition => new RequestTest(condition.Fact, words.Mask(rule, condition, whenUnknown)))];
}
