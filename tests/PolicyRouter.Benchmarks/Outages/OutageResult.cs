namespace PolicyRouter.Benchmarks.Outages;

/// <summary>What a replay says about a contender.</summary>
internal sealed class OutageResult
{
    private readonly IReadOnlyList<ReplayedRequest> _requests;
    private readonly List<TimeSpan> _added;

    public OutageResult(IReadOnlyList<ReplayedRequest> requests, OutagePack pack)
    {
        _requests = requests;
        Answerable = [.. requests.Where(static request => request.HadPermittedLive)];
        var lawful = RequestKind.All.ToDictionary(static kind => kind, pack.Lawful);
        Forbidden = requests.Sum(request => request.Sends.Count(deployment => !lawful[request.Kind].Contains(deployment)));
        _added = [.. Answerable.Where(static request => request.End is AnswerEnd.Answered).Select(static request => request.Took).Order()];
    }

    public int Requests => _requests.Count;

    /// <summary>Requests that somebody permitted would have answered when they were asked.</summary>
    public IReadOnlyList<ReplayedRequest> Answerable { get; }

    public IReadOnlyList<ReplayedRequest> Missed => [.. Answerable.Where(static request => request.End is not AnswerEnd.Answered)];

    /// <summary>Sends to a destination that the law forbids for that request.</summary>
    public int Forbidden { get; }

    public int Sends => _requests.Sum(static request => request.Sends.Count);

    /// <summary>Requests asked while a whole region was lost.</summary>
    public IReadOnlyList<ReplayedRequest> InRegionLoss => [.. _requests.Where(static request => request.Phase.IsRegionLoss)];

    /// <summary>Simulated time that the answered ones took; a healthy provider takes none.</summary>
    public TimeSpan MeanAdded => TimeSpan.FromTicks((long)_added.Average(static added => added.Ticks));

    /// <inheritdoc cref="MeanAdded"/>
    public TimeSpan AddedAt(double share) => _added[(int)Math.Min(_added.Count - 1, share * _added.Count)];
}
