using PolicyRouter.Audit.Events;

namespace PolicyRouter.WebConsole.Tests;

/// <summary>Events as the gateway would record them, of now.</summary>
internal static class Record
{
    public static readonly Guid Permitted = Guid.Parse("019a0000-0000-7000-8000-000000000001");
    public static readonly Guid Refused = Guid.Parse("019a0000-0000-7000-8000-000000000002");

    public static RequestDecided Permit(Guid? id = null, string app = "<script>alert(1)</script>", string tenant = "default", TimeSpan? age = null) => new()
    {
        Id = id ?? Guid.CreateVersion7(),
        At = TimeProvider.System.GetUtcNow() - (age ?? TimeSpan.Zero),
        Outcome = "permit",
        RefusalCode = null,
        App = app,
        Tenant = tenant,
        PolicyVersion = "sha256:" + new string('a', 64),
        Day = "2026-04-28",
        Route = "clinical-chat",
        Wire = "openai-chat",
        Streaming = false,
        FloorClasses = [],
        DeclaredClasses = ["phi"],
        DetectedClasses = ["pii"],
        FinalClasses = ["internal", "phi", "pii"],
        Subjects = ["us"],
        Purpose = "treatment",
        Features = ["chat"],
        FindingCounts = new Dictionary<string, int> { ["us-ssn"] = 1 },
        Plan = ["claude-anthropic"],
        PlanReason = "listed",
        Denied = [new DeniedCandidate("openai-gpt4o-direct", ["F-HIPAA-BAA"])],
        Duties = [new RecordedDuty("claude-anthropic", "D-PHI-MINIMUM", "hipaa-direct-identifiers")],
        AuthorizedDeployment = "claude-anthropic",
        Redactions = 2,
        PromptBytes = 100,
        PromptHash = "hmac-sha256:k:00",
        SentHash = "hmac-sha256:k:01",
        Node = "node",
    };

    public static RequestDecided Deny(Guid? id = null, string app = "billing", string tenant = "default") => Permit(id, app, tenant) with
    {
        Outcome = "deny", RefusalCode = "no_permitted_provider", Plan = [], Duties = [], AuthorizedDeployment = null, Redactions = 0, SentHash = null,
    };

    public static RequestCompleted End(Guid request, string outcome = "completed") => new()
    {
        Id = Guid.CreateVersion7(),
        At = TimeProvider.System.GetUtcNow(),
        RequestId = request,
        Outcome = outcome,
        Deployment = "claude-anthropic",
        Attempts = 2,
        Failures = ["claude-anthropic status_529"],
        HttpStatus = 200,
        InputTokens = 1_310,
        OutputTokens = 95,
        DurationMs = 2_812,
        FirstByteMs = 240,
        ResponseModel = "claude-sonnet-5",
        CostMicros = 12_500,
        Currency = "USD",
    };
}
