namespace PolicyRouter.Audit.Reporting;

/// <summary>
/// Finds incidents in ended requests. They may be added in the order of their decisions: each is held back until no request can come that ended earlier,
/// which takes as much memory as there were requests in flight at once.
/// </summary>
internal sealed class IncidentTracker(int most = IncidentTracker.MostIncidents)
{
    public const int MostIncidents = 200;

    private readonly PriorityQueue<EndedRequest, (DateTimeOffset At, Guid Id)> _waiting = new();
    private readonly Dictionary<string, Dictionary<string, FailureRun>> _runs = new(StringComparer.Ordinal);

    // The one with the fewest failures is the first to go.
    private readonly PriorityQueue<FailureRun, (long Failures, DateTimeOffset Began, string Deployment, string Code)> _closed = new();

    /// <summary>Incidents for which there was no room.</summary>
    public long LeftOut { get; private set; }

    /// <summary>Requests decided before this time have all been added: what ended before it is in order.</summary>
    public void Reached(DateTimeOffset decided)
    {
        while (_waiting.TryPeek(out var next, out var order) && order.At < decided)
        {
            _waiting.Dequeue();
            Follow(next);
        }
    }

    public void Add(EndedRequest request) => _waiting.Enqueue(request, (request.End.At, request.Decided.Id));

    /// <summary>The incidents in the order of their begin. Nothing can be added afterwards.</summary>
    public IReadOnlyList<Incident> End(DateTimeOffset periodEnd)
    {
        Reached(DateTimeOffset.MaxValue);
        foreach (var run in _runs.Values.SelectMany(static byCode => byCode.Values))
        {
            Close(run);
        }

        _runs.Clear();
        return
        [
            .. _closed.UnorderedItems.Select(item => item.Element.ToIncident(periodEnd))
                .OrderBy(static incident => incident.Began)
                .ThenBy(static incident => incident.Deployment, StringComparer.Ordinal)
                .ThenBy(static incident => incident.Code, StringComparer.Ordinal),
        ];
    }

    private void Follow(EndedRequest request)
    {
        var at = request.End.At;
        HashSet<FailureRun> touched = [];
        foreach (var failure in request.Failures)
        {
            var run = RunOf(failure, at);
            run.Failed(at);
            if (touched.Add(run))
            {
                run.Affects(request, failure.Deployment, isKeptAway: false);
            }
        }

        foreach (var deployment in request.KeptAwayFrom)
        {
            // Of several at once, the one that is newest in the deployment's failures is why it is avoided.
            if (OpenRuns(deployment, at).MaxBy(static run => run.LastFailure) is { } why && !touched.Any(run => run.Deployment == deployment))
            {
                why.Affects(request, deployment, isKeptAway: true);
            }
        }

        if (request.Answering is { } answering && _runs.TryGetValue(answering, out var runs))
        {
            foreach (var (code, run) in runs.ToList())
            {
                if (!run.Answered(at))
                {
                    runs.Remove(code);
                }
            }
        }
    }

    private FailureRun RunOf(AttemptFailure failure, DateTimeOffset at)
    {
        if (!_runs.TryGetValue(failure.Deployment, out var runs))
        {
            _runs.Add(failure.Deployment, runs = new(StringComparer.Ordinal));
        }

        if (runs.TryGetValue(failure.Code, out var run) && run.IsOverAt(at))
        {
            Close(run);
            run = null;
        }

        return runs[failure.Code] = run ?? new FailureRun(failure.Deployment, failure.Code, at);
    }

    private IEnumerable<FailureRun> OpenRuns(string deployment, DateTimeOffset at) =>
        _runs.TryGetValue(deployment, out var runs) ? runs.Values.Where(run => !run.IsOverAt(at)) : [];

    private void Close(FailureRun run)
    {
        if (!run.IsIncident)
        {
            return;
        }

        _closed.Enqueue(run, (run.Failures, run.Began, run.Deployment, run.Code));
        if (_closed.Count > most)
        {
            _closed.Dequeue();
            LeftOut++;
        }
    }
}
