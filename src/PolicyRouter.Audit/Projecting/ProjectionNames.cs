namespace PolicyRouter.Audit.Projecting;

/// <summary>The projections that follow the log. Marten adds <c>:All</c> to each for its row in <c>mt_event_progression</c>.</summary>
public static class ProjectionNames
{
    /// <summary>Requests, tokens and cost by day.</summary>
    public const string Usage = "daily-usage";

    /// <summary>Authorised sends by day, deployment and data class.</summary>
    public const string Disclosures = "disclosures";

    public static readonly IReadOnlyList<string> All = [Usage, Disclosures];
}
