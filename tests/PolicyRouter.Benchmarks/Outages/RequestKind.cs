namespace PolicyRouter.Benchmarks.Outages;

/// <summary>A kind of request: what it asks for, and whose data of what class it carries.</summary>
internal sealed record RequestKind(string Route, string DataClass, string? Subjects, string Purpose)
{
    /// <summary>One for each route of the replay's pack.</summary>
    public static IReadOnlyList<RequestKind> All { get; } =
    [
        new("ward-notes", "phi", "us", "treatment"),
        new("chart-questions", "phi", "us", "treatment"),
        new("triage", "phi", "us", "healthcare-operations"),
        new("discharge-letters", "phi", "us", "treatment"),
        new("payments", "npi", "us", "payment"),
        new("eu-support", "pii", "eea", "customer-service"),
        new("eu-files", "pii", "eea", "customer-service"),
        new("press", "public", null, "marketing"),
    ];
}
