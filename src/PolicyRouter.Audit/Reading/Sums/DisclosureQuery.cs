namespace PolicyRouter.Audit.Reading.Sums;

/// <summary>Which sums of authorised sends; all filters must hold. Days are UTC.</summary>
/// <param name="From">The first day.</param>
/// <param name="To">The day after the last.</param>
public sealed record DisclosureQuery(DateOnly From, DateOnly To)
{
    public string? Tenant { get; init; }
    public string? App { get; init; }

    /// <summary>Sends to any of these; null asks for all.</summary>
    public IReadOnlyList<string>? Deployments { get; init; }

    /// <summary>Sends with this data class.</summary>
    public string? Class { get; init; }

    /// <summary>Opaque, from a page: what comes after its last row.</summary>
    public string? Cursor { get; init; }

    /// <summary>1 to 500.</summary>
    public int Limit { get; init; } = 500;
}
