namespace PolicyRouter.Audit.Reading.Sums;

/// <summary>Which sums of usage; all filters must hold. Days are UTC.</summary>
/// <param name="From">The first day.</param>
/// <param name="To">The day after the last.</param>
public sealed record UsageQuery(DateOnly From, DateOnly To)
{
    public string? Tenant { get; init; }
    public string? App { get; init; }
    public string? Route { get; init; }

    /// <summary>The deployment that answered.</summary>
    public string? Deployment { get; init; }

    /// <summary>Opaque, from a page: what comes after its last row.</summary>
    public string? Cursor { get; init; }

    /// <summary>1 to 500.</summary>
    public int Limit { get; init; } = 500;
}
