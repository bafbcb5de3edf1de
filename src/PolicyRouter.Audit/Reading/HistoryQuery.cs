using PolicyRouter.Audit.Reading.Searching;

namespace PolicyRouter.Audit.Reading;

/// <summary>Filters of a history query; all of them must hold. Times are UTC, from inclusive, to exclusive.</summary>
public sealed record HistoryQuery
{
    public DateTimeOffset? From { get; init; }
    public DateTimeOffset? To { get; init; }
    public string? Class { get; init; }
    public string? App { get; init; }
    public string? Tenant { get; init; }
    public string? Route { get; init; }

    /// <summary>Requests for which a send to this deployment was authorised.</summary>
    public string? Deployment { get; init; }

    /// <summary><c>permit</c>, <c>deny</c>, <c>dry-run</c>, or an end: <c>completed</c>, <c>failed</c>, ...</summary>
    public string? Outcome { get; init; }
    public string? Rule { get; init; }
    public string? Policy { get; init; }

    /// <summary>What a person typed; its terms hold besides the other filters.</summary>
    public Search? Search { get; init; }

    /// <summary>Opaque, from a page: what is older than its last request.</summary>
    public string? Cursor { get; init; }

    /// <summary>Opaque, from a page: what is newer than its first request. Not together with <see cref="Cursor"/>.</summary>
    public string? NewerThan { get; init; }

    /// <summary>1 to 500.</summary>
    public int Limit { get; init; } = 50;
}
