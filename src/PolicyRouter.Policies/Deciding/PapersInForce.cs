using System.Numerics;
using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Policies.Deciding;

/// <summary>The papers and adequacy findings that hold between two date edges.</summary>
internal sealed class PapersInForce
{
    private readonly Paper[] _papers;
    private readonly CompiledWords _words;
    private readonly DeploymentSet[] _places;
    private readonly DeploymentSet _somewhereUnknown;
    private readonly HashSet<(int From, int To)> _adequate;

    public PapersInForce(PolicyModel model, CompiledWords words, IReadOnlyList<Deployment> deployments, DateOnly day)
    {
        _words = words;
        _papers = [.. model.Agreements.Where(agreement => agreement.HoldsOn(day)).Select(agreement => new Paper(agreement, words, deployments))];
        _places = [.. words.Zones.Words.Select(zone => DeploymentSet.Where(deployments.Count, i => deployments[i].Places().Contains(zone)))];
        _somewhereUnknown = DeploymentSet.Where(
            deployments.Count, i => !deployments[i].Places().Any() || deployments[i].Places().Any(p => words.Zones.Bit(p) == WordBits.Unknown));
        _adequate = [.. model.Adequacies.Where(adequacy => adequacy.InForce.Contains(day)).Select(a => (Index(a.From), Index(a.To)))];
    }

    public PaperMasks For(in RequestBits request) => new(
        OfType("baa", request.Features), OfType("dpa", request.Features), OfType("transfer", request.Features), EveryTransfer(request));

    private DeploymentSet OfType(string type, ulong features)
    {
        var covered = DeploymentSet.None;
        foreach (var paper in _papers)
        {
            if (paper.Type == type && (features & ~paper.Features) == 0)
            {
                covered |= paper.CoversPlacesOf;
            }
        }

        return covered;
    }

    /// <summary>For every zone people live in and every place of the deployment: the same, adequate, or on one covering paper.</summary>
    private DeploymentSet EveryTransfer(in RequestBits request)
    {
        if ((request.Subjects & WordBits.Unknown) != 0)
        {
            return DeploymentSet.None;
        }

        var covered = DeploymentSet.All.Except(_somewhereUnknown);
        for (var rest = request.Subjects; rest != 0; rest &= rest - 1)
        {
            var from = BitOperations.TrailingZeroCount(rest);
            for (var to = 0; to < _places.Length; to++)
            {
                if (to != from && !_places[to].IsEmpty && !_adequate.Contains((from, to)))
                {
                    covered = covered.Except(_places[to].Except(OnPaper(from, to, request.Features)));
                }
            }
        }

        return covered;
    }

    private DeploymentSet OnPaper(int from, int to, ulong features)
    {
        var covered = DeploymentSet.None;
        foreach (var paper in _papers)
        {
            if (paper.Type == "transfer" && (features & ~paper.Features) == 0 && paper.Covers(from, to))
            {
                covered |= paper.Reaches;
            }
        }

        return covered;
    }

    private int Index(string zone) => BitOperations.TrailingZeroCount(_words.Zones.Bit(zone));

    private sealed class Paper
    {
        private readonly HashSet<(int From, int To)> _transfers;

        public Paper(Agreement agreement, CompiledWords words, IReadOnlyList<Deployment> deployments)
        {
            Type = agreement.Type;
            Features = words.Features.Bits(agreement.Features) & ~WordBits.Unknown;
            CoversPlacesOf = DeploymentSet.Where(
                deployments.Count, i => agreement.Reaches(deployments[i]) && agreement.CoversPlacesOf(deployments[i]));
            // A transfer paper that names regions reaches only deployments wholly inside them.
            Reaches = agreement.Regions is null
                ? DeploymentSet.Where(deployments.Count, i => agreement.Reaches(deployments[i]))
                : CoversPlacesOf;
            _transfers = [.. agreement.Transfers.Select(t =>
                (BitOperations.TrailingZeroCount(words.Zones.Bit(t.From)), BitOperations.TrailingZeroCount(words.Zones.Bit(t.To))))];
        }

        public string Type { get; }
        public ulong Features { get; }

        /// <summary>Right party, service and model, and every <c>only if</c>.</summary>
        public DeploymentSet Reaches { get; }

        /// <summary>The same, and every place named.</summary>
        public DeploymentSet CoversPlacesOf { get; }

        public bool Covers(int from, int to) => _transfers.Contains((from, to));
    }
}
