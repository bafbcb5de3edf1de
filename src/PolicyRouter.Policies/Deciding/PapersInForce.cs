using System.Numerics;
using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Policies.Deciding;

/// <summary>The papers and adequacy findings that hold between two date edges.</summary>
internal sealed class PapersInForce
{
    private readonly CompiledWords _words;
    private readonly Paper[] _baas;
    private readonly Paper[] _dpas;
    private readonly Paper[] _transferPapers;

    // Per zone of people and zone of machines, the papers under which data may go from one to the other; null where none is needed.
    private readonly Paper[]?[,] _ways;
    private readonly DeploymentSet[] _places;
    private readonly DeploymentSet _allKnown;

    public PapersInForce(PolicyModel model, CompiledWords words, IReadOnlyList<Deployment> deployments, DateOnly day)
    {
        _words = words;
        Paper[] papers = [.. model.Agreements.Where(agreement => agreement.HoldsOn(day)).Select(agreement => new Paper(agreement, words, deployments))];
        _baas = OfType("baa");
        _dpas = OfType("dpa");
        _transferPapers = OfType("transfer");
        _places = [.. words.Zones.Words.Select(zone => DeploymentSet.Where(deployments.Count, i => deployments[i].Places().Contains(zone)))];
        _allKnown = DeploymentSet.All.Except(DeploymentSet.Where(
            deployments.Count, i => !deployments[i].Places().Any() || deployments[i].Places().Any(p => words.Zones.Bit(p) == WordBits.Unknown)));
        HashSet<(int From, int To)> adequate = [.. model.Adequacies.Where(adequacy => adequacy.InForce.Contains(day)).Select(a => (Index(a.From), Index(a.To)))];
        _ways = new Paper[]?[_places.Length, _places.Length];
        for (var from = 0; from < _places.Length; from++)
        {
            for (var to = 0; to < _places.Length; to++)
            {
                _ways[from, to] = from == to || _places[to].IsEmpty || adequate.Contains((from, to)) ? null : [.. _transferPapers.Where(paper => paper.Covers(from, to))];
            }
        }

        Paper[] OfType(string type) => [.. papers.Where(paper => paper.Type == type)];
    }

    /// <param name="request">The facts.</param>
    /// <param name="kinds">Those that are asked for; the others come out empty.</param>
    public PaperMasks For(in RequestBits request, PaperKinds kinds = PaperKinds.All) => new(
        (kinds & PaperKinds.Baa) != 0 ? Covered(_baas, request.Features) : DeploymentSet.None,
        (kinds & PaperKinds.Dpa) != 0 ? Covered(_dpas, request.Features) : DeploymentSet.None,
        (kinds & PaperKinds.TransferPaper) != 0 ? Covered(_transferPapers, request.Features) : DeploymentSet.None,
        (kinds & PaperKinds.EveryTransfer) != 0 ? EveryTransfer(request) : DeploymentSet.None);

    private static DeploymentSet Covered(Paper[] papers, ulong features)
    {
        var covered = DeploymentSet.None;
        foreach (var paper in papers)
        {
            if ((features & ~paper.Features) == 0)
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

        var covered = _allKnown;
        for (var rest = request.Subjects; rest != 0; rest &= rest - 1)
        {
            var from = BitOperations.TrailingZeroCount(rest);
            for (var to = 0; to < _places.Length; to++)
            {
                if (_ways[from, to] is { } papers)
                {
                    covered = covered.Except(_places[to].Except(Reached(papers, request.Features)));
                }
            }
        }

        return covered;
    }

    private static DeploymentSet Reached(Paper[] papers, ulong features)
    {
        var reached = DeploymentSet.None;
        foreach (var paper in papers)
        {
            if ((features & ~paper.Features) == 0)
            {
                reached |= paper.Reaches;
            }
        }

        return reached;
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
