using System.Buffers;
using System.Numerics;
using PolicyRouter.Policies.Facts;
using PolicyRouter.Policies.Rules;

namespace PolicyRouter.Policies.Deciding;

/// <summary>Turns the facts of a request into a decision: bits first, verdict by combining masks, reasons last and only for the record.</summary>
internal sealed class DecisionMaker
{
    private readonly PolicySnapshot _snapshot;
    private readonly CompiledWords _words;
    private readonly RoutePlanner _routes;
    private readonly DenialWriter _denials;
    private readonly DeploymentSet _all;
    private readonly DeploymentSet[] _offering;

    public DecisionMaker(PolicySnapshot snapshot, CompiledWords words)
    {
        _snapshot = snapshot;
        _words = words;
        _routes = new(snapshot);
        var deployments = snapshot.Deployments;
        _all = DeploymentSet.First(deployments.Count);
        _offering = [.. words.Features.Words.Select(feature => DeploymentSet.Where(deployments.Count, i => deployments[i].Features.Contains(feature)))];
        _denials = new(snapshot, words, _offering);
    }

    public Decision Decide(PolicyRequest request, DayPlan plan, bool isStranger)
    {
        // 1. Facts. Every class brings what it "is also"; what nobody knows is unknown, never absent.
        var bits = BitsOf(request);
        var classes = bits.Classes;
        var papers = plan.Papers.For(bits, plan.PaperKinds);
        var candidates = _routes.CandidatesOf(request.Route);

        // 2. Permits. Each class needs its own.
        Span<DeploymentSet> permitted = stackalloc DeploymentSet[WordBits.Capacity + 1];
        var allowed = Permitted(plan, bits, papers, permitted);
        allowed = isStranger ? DeploymentSet.None : allowed;

        // 3. Features. A deployment that does not offer one cannot serve the request.
        allowed &= Offering(request, bits);

        // 4. Forbids. Any one that fires denies, whatever the permits say; advisory ones warn.
        var scratch = ArrayPool<FiredRule>.Shared.Rent(plan.MostFiring);
        var breakGlass = Overrides(request, classes);
        var forbidding = Forbidding(plan, scratch.AsSpan(0, plan.ForbidsByClass.Fire(bits, papers, _all, scratch)), breakGlass, out var warnings, out var overridden);
        foreach (ref readonly var forbid in forbidding)
        {
            allowed = allowed.Except(forbid.Deployments);
        }

        // 5. Duties. Those that contradict each other cannot all be met, and an approval that is not held is not: both deny.
        var duties = ArrayPool<Duties>.Shared.Rent(_snapshot.Deployments.Count);
        allowed = Bind(plan, bits, papers, allowed, request.Lowered, duties);

        // 6. Order, and the reasons for the record, which keeps the labels as they were stated.
        var stated = request.Lowered?.Original ?? request;
        Decision decision = new()
        {
            PolicyVersion = _snapshot.Version,
            Request = request,
            Classes = new(WordLists.Sorted(stated.FloorClasses), WordLists.Sorted(stated.DeclaredClasses), WordLists.Sorted(stated.DetectedClasses), Words(classes)),
            Subjects = SubjectsOf(request, classes),
            Denied = _denials.Write(plan, request, bits, permitted, forbidding, _all.Except(allowed), isStranger, duties),
            Permitted = _routes.Order(request, plan, bits, papers, allowed & candidates, duties),
            OutsideRoute = Ids(allowed.Except(candidates)),
            Warnings = warnings,
            Overridden = overridden,
            BreakGlass = breakGlass,
            Shadow = (IReadOnlyList<ShadowedRule>?)Shadow(plan, bits, papers) ?? [],
        };
        ArrayPool<FiredRule>.Shared.Return(scratch);
        ArrayPool<Duties>.Shared.Return(duties, clearArray: true);
        return decision;
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
        var classes = _words.Closure(request.FloorClasses) | _words.Closure(request.DeclaredClasses) | _words.Closure(request.DetectedClasses);
        return classes == 0 ? _words.UnclassifiedBit : classes;
    }

    /// <summary>Whom permits let have each class, and whom all of them.</summary>
    private DeploymentSet Permitted(DayPlan plan, in RequestBits bits, in PaperMasks papers, Span<DeploymentSet> permitted)
    {
        permitted.Clear();
        foreach (var permit in plan.Permits)
        {
            var covers = permit.Covers & bits.Classes;
            var fires = covers == 0 ? DeploymentSet.None : permit.Fires(bits, papers);
            for (; covers != 0 && !fires.IsEmpty; covers &= covers - 1)
            {
                permitted[BitOperations.TrailingZeroCount(covers)] |= fires;
            }
        }

        var allowed = _all;
        for (var rest = bits.Classes; rest != 0; rest &= rest - 1)
        {
            allowed &= permitted[BitOperations.TrailingZeroCount(rest)];
        }

        return allowed;
    }

    /// <summary>Whoever offers every feature that the request states. One that the policy does not know nobody offers.</summary>
    private DeploymentSet Offering(PolicyRequest request, in RequestBits bits)
    {
        if (request.Features.Count > 0 && (bits.Features & WordBits.Unknown) != 0)
        {
            return DeploymentSet.None;
        }

        var offering = _all;
        for (var rest = bits.Features & ~WordBits.Unknown; rest != 0; rest &= rest - 1)
        {
            offering &= _offering[BitOperations.TrailingZeroCount(rest)];
        }

        return offering;
    }

    /// <summary>Those of the firing forbids that count, moved to the front. The advisory ones warn; a break-glass token switches others off.</summary>
    private Span<FiredRule> Forbidding(
        DayPlan plan, Span<FiredRule> fired, BreakGlass? breakGlass, out IReadOnlyList<DeniedDeployment> warnings, out IReadOnlyList<DeniedDeployment> overridden)
    {
        var kept = 0;
        List<FiredRule>? advisory = null;
        List<FiredRule>? off = null;
        foreach (var rule in fired)
        {
            var forbid = plan.Forbids[rule.Index].Rule;
            if (forbid.Strength is Strength.Advisory)
            {
                (advisory ??= []).Add(rule);
            }
            else if (IsOverridden(forbid, breakGlass))
            {
                (off ??= []).Add(rule);
            }
            else
            {
                fired[kept++] = rule;
            }
        }

        warnings = advisory is null ? [] : _denials.WriteForbids(plan, [.. advisory]);
        overridden = off is null ? [] : _denials.WriteForbids(plan, [.. off]);
        return fired[..kept];
    }

    /// <summary>Whoever is still allowed once each duty can be met.</summary>
    private DeploymentSet Bind(DayPlan plan, in RequestBits bits, in PaperMasks papers, DeploymentSet allowed, LoweredLabels? lowered, Duties[] duties)
    {
        if (allowed.IsEmpty)
        {
            return allowed;
        }

        var scratch = ArrayPool<FiredRule>.Shared.Rent(plan.MostFiring);
        DutyBinder.Bind(plan, scratch.AsSpan(0, plan.RequiresByClass.Fire(bits, papers, allowed, scratch)), allowed, lowered, duties);
        ArrayPool<FiredRule>.Shared.Return(scratch);
        for (var d = allowed.Next(0); d >= 0; d = allowed.Next(d + 1))
        {
            if (DutyBinder.AreUnmet(duties[d], _words, bits.Approvals))
            {
                allowed = allowed.Except(DeploymentSet.Only(d));
            }
        }

        return allowed;
    }

    private ulong ApprovalBits(PolicyRequest request)
    {
        if (request.Approvals.Count == 0)
        {
            return 0;
        }

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
        request.BreakGlass is { } token && token.Caller == request.Caller && (classes & ~_words.Closure(token.Classes)) == 0 ? token : null;

    private static bool IsOverridden(Rule rule, BreakGlass? token) =>
        token is not null && rule.Strength is Strength.Overridable && token.Rules.Contains(rule.Id);

    private List<ShadowedRule>? Shadow(DayPlan plan, in RequestBits bits, in PaperMasks papers)
    {
        if (plan.Shadows.Length == 0)
        {
            return null;
        }

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

    private string[] SubjectsOf(PolicyRequest request, ulong classes)
    {
        if (request.Subjects.Count == 0)
        {
            return (classes & _words.PersonalDataBit) != 0 ? [Deployment.UnknownPlace] : [];
        }

        return (_words.Zones.Bits(request.Subjects) & WordBits.Unknown) == 0
            ? WordLists.Sorted(request.Subjects)
            : WordLists.Sorted([.. request.Subjects.Select(zone => _words.Zones.Bit(zone) == WordBits.Unknown ? Deployment.UnknownPlace : zone)]);
    }

    private string[] Ids(DeploymentSet set)
    {
        if (set.IsEmpty)
        {
            return [];
        }

        var ids = new string[set.Count];
        var next = 0;
        for (var i = set.Next(0); i >= 0; i = set.Next(i + 1))
        {
            ids[next++] = _snapshot.Deployments[i].Id;
        }

        return ids;
    }

    private string[] Words(ulong classes)
    {
        var words = new string[BitOperations.PopCount(classes)];
        for (var next = 0; classes != 0; classes &= classes - 1)
        {
            words[next++] = _words.Classes.Words[BitOperations.TrailingZeroCount(classes)];
        }

        return words;
    }
}
