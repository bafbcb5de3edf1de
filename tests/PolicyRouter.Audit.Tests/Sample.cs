using PolicyRouter.Audit.Events;

namespace PolicyRouter.Audit.Tests;

/// <summary>Events as the gateway would record them.</summary>
internal static class Sample
{
    public static readonly DateTimeOffset Noon = new(2026, 4, 28, 12, 0, 0, TimeSpan.Zero);

    public static RequestDecided Permit(Guid? id = null, DateTimeOffset? at = null, string deployment = "azure-eastus") => new()
    {
        Id = id ?? Guid.CreateVersion7(),
        At = at ?? Noon,
        Outcome = "permit",
        RefusalCode = null,
        App = "discharge-letters",
        Tenant = "st-mary",
        PolicyVersion = "sha256:4f1c",
        Day = "2026-04-28",
        Route = "clinical-chat",
        Wire = "openai-chat",
        Streaming = true,
        FloorClasses = ["phi"],
        DeclaredClasses = ["phi"],
        DetectedClasses = ["pii"],
        FinalClasses = ["internal", "phi", "pii"],
        Subjects = ["us"],
        Purpose = "treatment",
        Features = ["chat"],
        FindingCounts = new Dictionary<string, int> { ["us-ssn"] = 1, ["person-name"] = 2 },
        Plan = [deployment, "claude-bedrock-us"],
        PlanReason = "listed",
        Denied = [new DeniedCandidate("openai-direct", ["F-HIPAA-BAA"])],
        Duties = [new RecordedDuty(deployment, "D-PHI-MINIMUM", "hipaa-direct-identifiers")],
        AuthorizedDeployment = deployment,
        Redactions = 3,
        PromptBytes = 1_482,
        PromptHash = "hmac-sha256:k1:aa",
        SentHash = "hmac-sha256:k1:bb",
        Node = "node-1",
    };

    public static RequestDecided Deny(DateTimeOffset? at = null) => Permit(at: at) with
    {
        Outcome = "deny",
        RefusalCode = "no_permitted_provider",
        Plan = [],
        Duties = [],
        AuthorizedDeployment = null,
        Redactions = 0,
        SentHash = null,
    };

    public static AttemptAuthorized Attempt(Guid request, int number, string deployment) => new()
    {
        Id = Guid.CreateVersion7(),
        At = Noon,
        RequestId = request,
        Attempt = number,
        AuthorizedDeployment = deployment,
        PolicyVersion = "sha256:4f1c",
        AfterFailure = "status_529",
        Redactions = 5,
        SentHash = "hmac-sha256:k1:cc",
    };

    public static DeploymentSuspended Suspended(string deployment) => new()
    {
        Id = Guid.CreateVersion7(), At = Noon, Deployment = deployment, By = "operator-1", Reason = "Ticket 1", Node = "node-1",
    };

    public static DeploymentResumed Resumed(string deployment) => new()
    {
        Id = Guid.CreateVersion7(), At = Noon, Deployment = deployment, By = "operator-1", Reason = "Ticket 1 closed", Node = "node-1",
    };

    public static LegalHoldPlaced HoldPlaced(string name, DateTimeOffset? from = null, DateTimeOffset? to = null, params string[] apps) => new()
    {
        Id = Guid.CreateVersion7(), At = Noon, Hold = name, Reason = "Case 2026-117", By = "legal-1", From = from, To = to, Apps = apps,
    };

    public static LegalHoldLifted HoldLifted(string name) => new() { Id = Guid.CreateVersion7(), At = Noon, Hold = name, Reason = "Case closed", By = "legal-1" };

    public static HandOffAuthorized HandOff(Guid request) => new()
    {
        Id = Guid.CreateVersion7(),
        At = Noon,
        RequestId = request,
        PolicyVersion = "sha256:4f1c",
        Route = "support-chat",
        Webhook = "https://crm.example.com",
        AfterFailure = "status_529",
        Redactions = 5,
        SentHash = "hmac-sha256:k1:dd",
        Node = "node-1",
    };

    public static RequestCompleted End(Guid request, string outcome = "completed", string? deployment = "azure-eastus") => new()
    {
        Id = Guid.CreateVersion7(),
        At = Noon,
        RequestId = request,
        Outcome = outcome,
        Deployment = deployment,
        Attempts = 1,
        Failures = [],
        HttpStatus = 200,
        InputTokens = 310,
        OutputTokens = 95,
        DurationMs = 812,
        FirstByteMs = 240,
        ResponseModel = "gpt-5.2",
    };
}
