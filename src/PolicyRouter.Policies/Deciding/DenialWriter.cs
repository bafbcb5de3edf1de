using System.Buffers;
using System.Numerics;

namespace PolicyRouter.Policies.Deciding;

/// <summary>
/// Writes down why deployments are denied: all reasons, in ordinal order. Each reason is known with the deployments it is true of, so that
/// the lists are filled reason by reason and take no memory but their own.
/// </summary>
internal sealed class DenialWriter
{
    private static readonly DenialReason UnknownTenant = new("unknown tenant", [], "The policy has bounds for tenants, and none for this one.");

    private readonly PolicySnapshot _snapshot;
    private readonly CompiledWords _words;
    private readonly DenialReason[] _noPermit;
    private readonly DenialReason[] _notOffered;
    private readonly DeploymentSet[] _offering;

    public DenialWriter(PolicySnapshot snapshot, CompiledWords words, DeploymentSet[] offering)
    {
        _snapshot = snapshot;
        _words = words;
        _offering = offering;
        _noPermit = [.. words.Classes.Words.Select(static c => new DenialReason($"no permit for {c}", [], $"No permit in force lets data of class {c} go to this deployment."))];
        _notOffered = [.. words.Features.Words.Select(NotOffered)];
    }

    /// <param name="plan">What is in force.</param>
    /// <param name="request">The request.</param>
    /// <param name="bits">Its facts.</param>
    /// <param name="permitted">Per class, whom a permit lets it go to.</param>
    /// <param name="forbidding">Forbids that fire and count, in ordinal order.</param>
    /// <param name="denied">Those to write about.</param>
    /// <param name="isStranger">The tenant is unknown, where tenants have bounds.</param>
    /// <param name="duties">Duties of the deployments that nothing else denies.</param>
    public IReadOnlyList<DeniedDeployment> Write(
        DayPlan plan, PolicyRequest request, in RequestBits bits, ReadOnlySpan<DeploymentSet> permitted, ReadOnlySpan<FiredRule> forbidding, DeploymentSet denied,
        bool isStranger, Duties[] duties)
    {
        if (denied.IsEmpty)
        {
            return [];
        }

        var room = forbidding.Length + BitOperations.PopCount(bits.Classes) + request.Features.Count + 1;
        var sources = ArrayPool<Source>.Shared.Rent(room);
        var general = General(request, bits, permitted, denied, isStranger, sources);
        var count = Merge(plan, forbidding, denied, sources, general);
        var written = Fill(plan, sources.AsSpan(0, count), denied, duties, bits.Approvals);
        ArrayPool<Source>.Shared.Return(sources, clearArray: true);
        return written;
    }

    /// <summary>Per deployment the reasons that these forbids give.</summary>
    public IReadOnlyList<DeniedDeployment> WriteForbids(DayPlan plan, ReadOnlySpan<FiredRule> forbids)
    {
        var concerned = DeploymentSet.None;
        foreach (var forbid in forbids)
        {
            concerned |= forbid.Deployments;
        }

        if (concerned.IsEmpty)
        {
            return [];
        }

        var sources = ArrayPool<Source>.Shared.Rent(forbids.Length);
        var count = Merge(plan, forbids, concerned, sources, general: 0);
        var written = Fill(plan, sources.AsSpan(0, count), concerned, duties: [], approvals: 0);
        ArrayPool<Source>.Shared.Return(sources, clearArray: true);
        return written;
    }

    /// <summary>What no rule says: missing features, missing permits, an unknown tenant. In ordinal order, as these words sort.</summary>
    private int General(
        PolicyRequest request, in RequestBits bits, ReadOnlySpan<DeploymentSet> permitted, DeploymentSet denied, bool isStranger, Source[] sources)
    {
        var count = 0;
        for (var rest = bits.Features & ~WordBits.Unknown; rest != 0; rest &= rest - 1)
        {
            var feature = BitOperations.TrailingZeroCount(rest);
            count = Add(sources, count, _notOffered[feature], denied.Except(_offering[feature]));
        }

        if ((bits.Features & WordBits.Unknown) != 0)
        {
            foreach (var feature in request.Features.Where(feature => _words.Features.Bit(feature) == WordBits.Unknown).Distinct(StringComparer.Ordinal))
            {
                count = Add(sources, count, NotOffered(feature), denied);
            }

            sources.AsSpan(0, count).Sort(static (left, right) => string.CompareOrdinal(left.Fixed!.Rule, right.Fixed!.Rule));
        }

        for (var rest = bits.Classes; rest != 0; rest &= rest - 1)
        {
            var label = BitOperations.TrailingZeroCount(rest);
            count = Add(sources, count, _noPermit[label], denied.Except(permitted[label]));
        }

        return isStranger ? Add(sources, count, UnknownTenant, denied) : count;
    }

    private static int Add(Source[] sources, int count, DenialReason reason, DeploymentSet deployments)
    {
        if (!deployments.IsEmpty)
        {
            sources[count++] = new(reason, -1, deployments);
        }

        return count;
    }

    /// <summary>Puts the forbids among the general reasons, from the end, so that each is moved once.</summary>
    private static int Merge(DayPlan plan, ReadOnlySpan<FiredRule> forbids, DeploymentSet denied, Source[] sources, int general)
    {
        var count = general + forbids.Length;
        var (g, f) = (general - 1, forbids.Length - 1);
        for (var to = count - 1; f >= 0; to--)
        {
            sources[to] = g >= 0 && string.CompareOrdinal(sources[g].Fixed!.Rule, plan.Forbids[forbids[f].Index].Rule.Id) > 0
                ? sources[g--]
                : new(null, forbids[f].Index, forbids[f--].Deployments & denied);
        }

        return count;
    }

    private DeniedDeployment[] Fill(DayPlan plan, ReadOnlySpan<Source> sources, DeploymentSet denied, Duties[] duties, ulong approvals)
    {
        Span<int> lengths = stackalloc int[DeploymentSet.Capacity];
        lengths.Clear();
        foreach (ref readonly var source in sources)
        {
            for (var d = source.Deployments.Next(0); d >= 0; d = source.Deployments.Next(d + 1))
            {
                lengths[d]++;
            }
        }

        // Which entry of the result a deployment has; its length becomes the place of its next reason.
        Span<byte> entries = stackalloc byte[DeploymentSet.Capacity];
        var reasons = new DenialReason[denied.Count][];
        var written = new DeniedDeployment[reasons.Length];
        var next = 0;
        for (var d = denied.Next(0); d >= 0; d = denied.Next(d + 1))
        {
            reasons[next] = lengths[d] == 0 ? Unmet(duties[d], approvals) : new DenialReason[lengths[d]];
            written[next] = new(_snapshot.Deployments[d].Id, reasons[next]);
            entries[d] = (byte)next++;
            lengths[d] = 0;
        }

        foreach (ref readonly var source in sources)
        {
            for (var d = source.Deployments.Next(0); d >= 0; d = source.Deployments.Next(d + 1))
            {
                reasons[entries[d]][lengths[d]++] = source.Fixed ?? plan.Reason(source.Forbid, d);
            }
        }

        return written;
    }

    /// <summary>Why duties that bind a deployment deny it: they contradict each other, or ask for an approval that is not held.</summary>
    private DenialReason[] Unmet(Duties duties, ulong approvals)
    {
        var missing = duties.Firing
            .Where(duty => _words.LacksApproval(duty, approvals))
            .GroupBy(static duty => duty.Approval!, StringComparer.Ordinal)
            .Select(static missing => new DenialReason(
                $"approval needed: {missing.Key}", [], $"{string.Join(", ", missing.Select(static d => d.Rule))} asks that {missing.Key} approves this very request first."));
        return [.. missing.Concat(duties.Contradiction is { } contradiction ? [new("contradictory duties", [], contradiction)] : []).OrderBy(static reason => reason.Rule, StringComparer.Ordinal)];
    }

    private static DenialReason NotOffered(string feature) => new($"feature not offered: {feature}", [], $"This deployment does not offer {feature}.");

    /// <summary>A reason and the deployments it is true of; that of a forbid may differ from one to the other.</summary>
    private readonly record struct Source(DenialReason? Fixed, int Forbid, DeploymentSet Deployments);
}
