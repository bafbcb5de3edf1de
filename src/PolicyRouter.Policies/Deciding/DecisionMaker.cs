using System.Collections.Frozen;
using System.Numerics;
using PolicyRouter.Policies.Facts;
using PolicyRouter.Policies.Rules;

namespace PolicyRouter.Policies.Deciding;

/// <summary>Turns the facts of a request into a decision: bits first, verdict by combining masks, reasons last and only for the record.</summary>
internal sealed class DecisionMaker
{
    private static readonly DenialReason UnknownTenant = new("unknown tenant", [], "The policy has bounds for tenants, and none for this one.");
    private readonly PolicySnapshot _snapshot;
    private readonly CompiledWords _words;
    private readonly RoutePlanner _routes;
    private readonly DeploymentSet _all;
    private readonly FrozenDictionary<string, DeploymentSet> _offering;
    private readonly DenialReason[] _noPermit;
    private readonly FrozenDictionary<string, DenialReason> _notOffered;

    public DecisionMaker(PolicySnapshot snapshot, CompiledWords words)
    {
        _snapshot = snapshot;
        _words = words;
        _routes = new(snapshot);
        var deployments = snapshot.Deployments;
        _all = DeploymentSet.First(deployments.Count);
        _offering = words.Features.Words.ToFrozenDictionary(
            static feature => feature,
            feature => DeploymentSet.Where(deployments.Count, i => deployments[i].Features.Contains(feature)),
            StringComparer.Ordinal);
        _noPermit = [.. words.Classes.Words.Select(static c => new DenialReason(
            $"no permit for {c}", [], $"No permit in force lets data of class {c} go to this deployment."))];
        _notOffered = words.Features.Words.ToFrozenDictionary(static feature => feature, NotOffered, StringComparer.Ordinal);
    }

    public Decision Decide(PolicyRequest request, DayPlan plan, bool isStranger)
    {
        // 1. Facts. Every class brings what it "is also"; what nobody knows is unknown, never absent.
        var bits = BitsOf(request);
        var classes = bits.Classes;
        var papers = plan.Papers.For(bits);

        // 2. Permits. Each class needs its own.
        Span<DeploymentSet> permitted = stackalloc DeploymentSet[WordBits.Capacity + 1];
        permitted.Clear();
        foreach (var permit in plan.Permits)
        {
            var covers = permit.Covers & classes;
            var fires = covers == 0 ? DeploymentSet.None : permit.Fires(bits, papers);
            for (; covers != 0 && !fires.IsEmpty; covers &= covers - 1)
            {
                permitted[BitOperations.TrailingZeroCount(covers)] |= fires;
            }
        }

        var allowed = isStranger ? DeploymentSet.None : _all;
        for (var rest = classes; rest != 0; rest &= rest - 1)
        {
            allowed &= permitted[BitOperations.TrailingZeroCount(rest)];
        }

        // 3. Features. A deployment that does not offer one cannot serve the request.
        foreach (var feature in request.Features)
        {
            allowed &= Offering(feature);
        }

        // 4. Forbids. Any one that fires denies, whatever the permits say; advisory ones warn.
        var forbidden = plan.Forbids.Length <= 128 ? stackalloc DeploymentSet[128] : new DeploymentSet[plan.Forbids.Length];
        var warned = DeploymentSet.None;
        var overridden = DeploymentSet.None;
        var breakGlass = Overrides(request, classes);
        for (var i = 0; i < plan.Forbids.Length; i++)
        {
            forbidden[i] = plan.Forbids[i].Fires(bits, papers) & _all;
            if (plan.Forbids[i].Rule.Strength is Strength.Advisory)
            {
                warned |= forbidden[i];
            }
            else if (IsOverridden(plan.Forbids[i].Rule, breakGlass))
            {
                overridden |= forbidden[i];
            }
            else
            {
                allowed = allowed.Except(forbidden[i]);
            }
        }

        // 5. Duties. Those that contradict each other cannot all be met, and an approval that is not held is not: both deny.
        var duties = DutiesOf(plan, bits, papers, allowed, request.Lowered);
        for (var i = allowed.Next(0); i >= 0; i = allowed.Next(i + 1))
        {
            if (duties[i].Contradiction is not null || IsApprovalMissing(duties[i], bits.Approvals))
            {
                allowed = allowed.Except(DeploymentSet.Where(_snapshot.Deployments.Count, d => d == i));
            }
        }

        // 6. Order, and the reasons for the record, which keeps the labels as they were stated.
        var stated = request.Lowered?.Original ?? request;
        var candidates = _routes.CandidatesOf(request.Route);
        var permittedList = _routes.Order(request, plan, bits, papers, allowed & candidates, duties);
        return new()
        {
            PolicyVersion = _snapshot.Version,
            Request = request,
            Classes = new(Sorted(stated.FloorClasses), Sorted(stated.DeclaredClasses), Sorted(stated.DetectedClasses), Words(classes)),
            Subjects = SubjectsOf(request, classes),
            Permitted = permittedList,
            Denied = Denied(request, plan, bits, permitted, forbidden, duties, allowed, breakGlass, isStranger),
            OutsideRoute = Ids(allowed.Except(candidates)),
            Warnings = Reasons(plan, forbidden, warned, static rule => rule.Strength is Strength.Advisory),
            Overridden = Reasons(plan, forbidden, overridden, rule => IsOverridden(rule, breakGlass)),
            BreakGlass = breakGlass,
            Shadow = Shadow(plan, bits, papers),
        };
    }

    public RequestBits BitsOf(PolicyRequest request) => new(
        FinalClasses(request),
        request.Subjects.Count == 0 ? WordBits.Unknown : _words.Zones.Bits(request.Subjects),
        request.Purpose is { } purpose ? _words.Purposes.Bit(purpose) : WordBits.Unknown,
        request.Features.Count == 0 ? WordBits.Unknown : _words.Features.Bits(request.Features),
        request.BusinessUnit is { } unit ? _words.BusinessUnits.Bit(unit) : WordBits.Unknown,
        ApprovalBits(request));

    private ulong FinalClasses(PolicyRequest request)
    {
        var classes = 0UL;
        foreach (var label in request.FloorClasses)
        {
            classes |= _words.Closure(label);
        }

        foreach (var label in request.DeclaredClasses)
        {
            classes |= _words.Closure(label);
        }

        foreach (var label in request.DetectedClasses)
        {
            classes |= _words.Closure(label);
        }

        return classes == 0 ? _words.UnclassifiedBit : classes;
    }

    private Duties[] DutiesOf(DayPlan plan, in RequestBits bits, in PaperMasks papers, DeploymentSet allowed, LoweredLabels? lowered)
    {
        var duties = new Duties[_snapshot.Deployments.Count];
        Array.Fill(duties, lowered is null ? Duties.None : new Duties(lowered.Redactions));
        foreach (var require in plan.Requires)
        {
            var fires = require.Fires(bits, papers) & allowed;
            for (var i = fires.Next(0); i >= 0; i = fires.Next(i + 1))
            {
                duties[i] = new([.. duties[i].Firing, require.Firing!]);
            }
        }

        return duties;
    }

    private List<DeniedDeployment> Denied(
        PolicyRequest request, DayPlan plan, in RequestBits bits, ReadOnlySpan<DeploymentSet> permitted, ReadOnlySpan<DeploymentSet> forbidden,
        Duties[] duties, DeploymentSet allowed, BreakGlass? breakGlass, bool isStranger)
    {
        List<DeniedDeployment> denied = [];
        var rest = _all.Except(allowed);
        for (var d = rest.Next(0); d >= 0; d = rest.Next(d + 1))
        {
            List<DenialReason> reasons = [];
            for (var i = 0; i < plan.Forbids.Length; i++)
            {
                var rule = plan.Forbids[i].Rule;
                if (forbidden[i].Contains(d) && rule.Strength is not Strength.Advisory && !IsOverridden(rule, breakGlass))
                {
                    reasons.Add(plan.Reason(i, d));
                }
            }

            for (var c = bits.Classes; c != 0; c &= c - 1)
            {
                var index = BitOperations.TrailingZeroCount(c);
                if (!permitted[index].Contains(d))
                {
                    reasons.Add(_noPermit[index]);
                }
            }

            foreach (var feature in request.Features.Distinct(StringComparer.Ordinal))
            {
                if (!Offering(feature).Contains(d))
                {
                    reasons.Add(_notOffered.TryGetValue(feature, out var known) ? known : NotOffered(feature));
                }
            }

            if (duties[d].Contradiction is { } contradiction)
            {
                reasons.Add(new("contradictory duties", [], contradiction));
            }

            if (isStranger)
            {
                reasons.Add(UnknownTenant);
            }

            reasons.AddRange(MissingApprovals(duties[d], bits.Approvals));

            reasons.Sort(static (left, right) => string.CompareOrdinal(left.Rule, right.Rule));
            denied.Add(new(_snapshot.Deployments[d].Id, reasons));
        }

        return denied;
    }

    private List<DeniedDeployment> Reasons(DayPlan plan, ReadOnlySpan<DeploymentSet> forbidden, DeploymentSet warned, Func<Rule, bool> which)
    {
        List<DeniedDeployment> warnings = [];
        for (var d = warned.Next(0); d >= 0; d = warned.Next(d + 1))
        {
            List<DenialReason> reasons = [];
            for (var i = 0; i < plan.Forbids.Length; i++)
            {
                if (forbidden[i].Contains(d) && which(plan.Forbids[i].Rule))
                {
                    reasons.Add(plan.Reason(i, d));
                }
            }

            warnings.Add(new(_snapshot.Deployments[d].Id, reasons));
        }

        return warnings;
    }

    private ulong ApprovalBits(PolicyRequest request)
    {
        var bits = 0UL;
        foreach (var approval in request.Approvals)
        {
            bits |= _words.Approvals.Bit(CompiledWords.ApprovalOf(approval.Rule, approval.Role));
        }

        // An approval that no rule asks for helps nothing.
        return bits & ~WordBits.Unknown;
    }

    /// <summary>The token, when it was made for this caller and for every class of the data.</summary>
    private BreakGlass? Overrides(PolicyRequest request, ulong classes) =>
        request.BreakGlass is { } token && token.Caller == request.Caller
            && (classes & ~token.Classes.Aggregate(0UL, (bits, label) => bits | _words.Closure(label))) == 0
            ? token
            : null;

    private static bool IsOverridden(Rule rule, BreakGlass? token) =>
        token is not null && rule.Strength is Strength.Overridable && token.Rules.Contains(rule.Id);

    private bool IsApprovalMissing(Duties duties, ulong approvals) => duties.Approvals.Count > 0 && MissingApprovals(duties, approvals).Any();

    private IEnumerable<DenialReason> MissingApprovals(Duties duties, ulong approvals) => duties.Firing
        .Where(duty => duty.Approval is { } role && (_words.Approvals.Bit(CompiledWords.ApprovalOf(duty.Rule, role)) & approvals) == 0)
        .GroupBy(static duty => duty.Approval!, StringComparer.Ordinal)
        .Select(static missing => new DenialReason(
            $"approval needed: {missing.Key}", [], $"{string.Join(", ", missing.Select(static d => d.Rule))} asks that {missing.Key} approves this very request first."));

    private List<ShadowedRule> Shadow(DayPlan plan, in RequestBits bits, in PaperMasks papers)
    {
        List<ShadowedRule> shadow = [];
        foreach (var rule in plan.Shadows)
        {
            var concerns = rule.Rule.Effect is not Effect.Permit || (rule.Covers & bits.Classes) != 0;
            var fires = concerns ? rule.Fires(bits, papers) & _all : DeploymentSet.None;
            if (!fires.IsEmpty)
            {
                shadow.Add(new(rule.Rule.Id, Ids(fires)));
            }
        }

        return shadow;
    }

    private string[] SubjectsOf(PolicyRequest request, ulong classes) =>
        request.Subjects.Count == 0
            ? (classes & _words.PersonalDataBit) != 0 ? [Deployment.UnknownPlace] : []
            : Sorted(request.Subjects.Select(zone => _words.Zones.Bit(zone) == WordBits.Unknown ? Deployment.UnknownPlace : zone));

    private DeploymentSet Offering(string feature) => _offering.TryGetValue(feature, out var offering) ? offering : DeploymentSet.None;

    private static DenialReason NotOffered(string feature) =>
        new($"feature not offered: {feature}", [], $"This deployment does not offer {feature}.");

    private List<string> Ids(DeploymentSet set)
    {
        List<string> ids = [];
        for (var i = set.Next(0); i >= 0; i = set.Next(i + 1))
        {
            ids.Add(_snapshot.Deployments[i].Id);
        }

        return ids;
    }

    private List<string> Words(ulong classes)
    {
        List<string> words = [];
        for (; classes != 0; classes &= classes - 1)
        {
            words.Add(_words.Classes.Words[BitOperations.TrailingZeroCount(classes)]);
        }

        return words;
    }

    private static string[] Sorted(IEnumerable<string> words) =>
        [.. words.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
}
