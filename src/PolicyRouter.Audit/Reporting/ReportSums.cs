namespace PolicyRouter.Audit.Reporting;

/// <summary>Answers and failures per interval of the period.</summary>
internal sealed class IntervalSums
{
    private readonly IntervalFigures[] _intervals = new IntervalFigures[ReportPeriod.MostIntervals];

    public void Answered(int interval) => _intervals[interval] = _intervals[interval] with { Answered = _intervals[interval].Answered + 1 };

    public void Failed(int interval) => _intervals[interval] = _intervals[interval] with { Failed = _intervals[interval].Failed + 1 };

    public IReadOnlyList<IntervalFigures> Figures(ReportPeriod period) => _intervals[..period.Intervals];
}

/// <summary>A route while it is summed up.</summary>
internal sealed class RouteSums
{
    public FateCounts Requests { get; } = new();
    public BoundedTable<string, FateCounts> Classes { get; } = new(Tally.MostNames, Tally.Others);
    public IntervalSums Intervals { get; } = new();
}

/// <summary>A deployment while it is summed up.</summary>
internal sealed class DeploymentSums
{
    private readonly BoundedTable<string, FailureSums> _failures = new(Tally.MostNames, Tally.Others);
    private readonly IntervalSums _intervals = new();
    private long _answers;

    public void Answered(int interval)
    {
        _answers++;
        _intervals.Answered(interval);
    }

    public void Failed(AttemptFailure failure, DateTimeOffset at, int interval)
    {
        _failures.Of(failure.Code).Add(at);
        if (failure.IsProviders)
        {
            _intervals.Failed(interval);
        }
    }

    public DeploymentFigures Figures(string deployment, ReportPeriod period) => new(
        deployment,
        _answers,
        [
            .. _failures.Rows.Select(static row => new FailureFigures(
                row.Key, row.Value.Count, AttemptFailure.IsProvidersFailure(row.Key), row.Value.First, row.Value.Last))
                .OrderByDescending(static row => row.Count).ThenBy(static row => row.Code, StringComparer.Ordinal),
        ],
        _intervals.Figures(period));
}

/// <summary>How often, first and last.</summary>
internal sealed class FailureSums
{
    public long Count { get; private set; }
    public DateTimeOffset First { get; private set; } = DateTimeOffset.MaxValue;
    public DateTimeOffset Last { get; private set; } = DateTimeOffset.MinValue;

    public void Add(DateTimeOffset at)
    {
        Count++;
        First = at < First ? at : First;
        Last = at > Last ? at : Last;
    }
}

/// <summary>Tokens and cost while they are summed up. Decimals, since a sum of any recorded numbers fits.</summary>
internal sealed class UsageSums
{
    private long _requests;
    private long _estimated;
    private decimal _input;
    private decimal _output;
    private decimal _cost;
    private decimal _estimatedCost;

    public void Add(Events.RequestCompleted end)
    {
        _requests++;
        _input += end.InputTokens ?? 0;
        _output += end.OutputTokens ?? 0;
        _cost += end.CostMicros ?? 0;
        if (end.AreTokensEstimated)
        {
            _estimated++;
            _estimatedCost += end.CostMicros ?? 0;
        }
    }

    public UsageFigures Figures((string Deployment, string? Currency) key) =>
        new(key.Deployment, key.Currency, _requests, _estimated, _input, _output, _cost, _estimatedCost);
}
