using System.Globalization;
using System.Text.Json;

namespace PolicyRouter.Audit.Events;

/// <summary>Stored events back as records.</summary>
public static class CanonicalJsonReader
{
    /// <exception cref="FormatException">These bytes are no event of a type we know.</exception>
    public static AuditEvent Read(ReadOnlyMemory<byte> canonicalJson)
    {
        try
        {
            using var document = JsonDocument.Parse(canonicalJson);
            return Read(document.RootElement);
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            // Without the inner exception: its message may quote the bytes.
            throw new FormatException("The stored bytes are not a complete event.");
        }
    }

    private static AuditEvent Read(JsonElement stored) => Text(stored, "type") switch
    {
        EventTypes.RequestDecided => Decided(stored),
        EventTypes.AttemptAuthorized => new AttemptAuthorized
        {
            Id = Id(stored, "id"),
            At = Time(stored, "at"),
            RequestId = Id(stored, "requestId"),
            Attempt = stored.GetProperty("attempt").GetInt32(),
            AuthorizedDeployment = Text(stored, "authorizedDeployment"),
            PolicyVersion = Text(stored, "policyVersion"),
            AfterFailure = Text(stored, "afterFailure"),
            Redactions = stored.GetProperty("redactions").GetInt32(),
            SentHash = Text(stored, "sentHash"),
        },
        EventTypes.RequestCompleted => new RequestCompleted
        {
            Id = Id(stored, "id"),
            At = Time(stored, "at"),
            RequestId = Id(stored, "requestId"),
            Outcome = Text(stored, "outcome"),
            Deployment = TextOrNull(stored, "deployment"),
            Attempts = stored.GetProperty("attempts").GetInt32(),
            Failures = List(stored, "failures"),
            HttpStatus = (int?)Number(stored, "httpStatus"),
            InputTokens = Number(stored, "inputTokens"),
            OutputTokens = Number(stored, "outputTokens"),
            DurationMs = stored.GetProperty("durationMs").GetInt64(),
            FirstByteMs = Number(stored, "firstByteMs"),
            ResponseModel = TextOrNull(stored, "responseModel"),
            RanIn = TextOrNull(stored, "ranIn"),
            AreTokensEstimated = TextOrNull(stored, "tokensEstimated") == "true",
            CostMicros = Number(stored, "costMicros"),
            Currency = TextOrNull(stored, "currency"),
        },
        EventTypes.DeploymentSuspended => new DeploymentSuspended
        {
            Id = Id(stored, "id"),
            At = Time(stored, "at"),
            Deployment = Text(stored, "deployment"),
            By = Text(stored, "by"),
            Reason = Text(stored, "reason"),
            Node = Text(stored, "node"),
        },
        EventTypes.DeploymentResumed => new DeploymentResumed
        {
            Id = Id(stored, "id"),
            At = Time(stored, "at"),
            Deployment = Text(stored, "deployment"),
            By = Text(stored, "by"),
            Reason = Text(stored, "reason"),
            Node = Text(stored, "node"),
        },
        EventTypes.ResidencyMismatch => new ResidencyMismatch
        {
            Id = Id(stored, "id"),
            At = Time(stored, "at"),
            RequestId = Id(stored, "requestId"),
            Deployment = Text(stored, "deployment"),
            PolicyVersion = Text(stored, "policyVersion"),
            Claimed = List(stored, "claimed"),
            Reported = Text(stored, "reported"),
        },
        EventTypes.ModelMismatch => new ModelMismatch
        {
            Id = Id(stored, "id"),
            At = Time(stored, "at"),
            RequestId = Id(stored, "requestId"),
            Deployment = Text(stored, "deployment"),
            PolicyVersion = Text(stored, "policyVersion"),
            Expected = List(stored, "expected"),
            Reported = Text(stored, "reported"),
        },
        EventTypes.HandOffAuthorized => new HandOffAuthorized
        {
            Id = Id(stored, "id"),
            At = Time(stored, "at"),
            RequestId = Id(stored, "requestId"),
            PolicyVersion = Text(stored, "policyVersion"),
            Route = Text(stored, "route"),
            Webhook = Text(stored, "webhook"),
            AfterFailure = Text(stored, "afterFailure"),
            Redactions = stored.GetProperty("redactions").GetInt32(),
            SentHash = Text(stored, "sentHash"),
            Node = Text(stored, "node"),
        },
        EventTypes.HandOffDelivered => new HandOffDelivered
        {
            Id = Id(stored, "id"),
            At = Time(stored, "at"),
            RequestId = Id(stored, "requestId"),
            HandOff = Id(stored, "handOff"),
            Posts = stored.GetProperty("posts").GetInt32(),
            HttpStatus = stored.GetProperty("httpStatus").GetInt32(),
        },
        EventTypes.HandOffDeadLettered => new HandOffDeadLettered
        {
            Id = Id(stored, "id"),
            At = Time(stored, "at"),
            RequestId = Id(stored, "requestId"),
            HandOff = Id(stored, "handOff"),
            Posts = stored.GetProperty("posts").GetInt32(),
            Failure = Text(stored, "failure"),
        },
        EventTypes.PolicyActivated => new PolicyActivated
        {
            Id = Id(stored, "id"),
            At = Time(stored, "at"),
            PolicyVersion = Text(stored, "policyVersion"),
            PreviousVersion = TextOrNull(stored, "previousVersion"),
            Node = Text(stored, "node"),
            SignedBy = TextOrNull(stored, "signedBy"),
        },
        EventTypes.PolicyRejected => new PolicyRejected
        {
            Id = Id(stored, "id"),
            At = Time(stored, "at"),
            PolicyVersionInForce = TextOrNull(stored, "policyVersionInForce"),
            Problems = List(stored, "problems"),
            Node = Text(stored, "node"),
        },
        EventTypes.HistoryRead => new HistoryRead
        {
            Id = Id(stored, "id"),
            At = Time(stored, "at"),
            Reader = Text(stored, "reader"),
            Query = Text(stored, "query"),
            Rows = stored.GetProperty("rows").GetInt32(),
        },
        EventTypes.HistoryExported => new HistoryExported
        {
            Id = Id(stored, "id"),
            At = Time(stored, "at"),
            Reader = Text(stored, "reader"),
            Format = Text(stored, "format"),
            Query = Text(stored, "query"),
        },
        EventTypes.RetentionExecuted => new RetentionExecuted
        {
            Id = Id(stored, "id"),
            At = Time(stored, "at"),
            Shard = Text(stored, "shard"),
            Epoch = stored.GetProperty("epoch").GetInt64(),
            Count = stored.GetProperty("count").GetInt64(),
            Root = Text(stored, "root"),
            File = Text(stored, "file"),
            FileSha256 = Text(stored, "fileSha256"),
            Before = Time(stored, "before"),
            By = Text(stored, "by"),
        },
        EventTypes.LegalHoldPlaced => new LegalHoldPlaced
        {
            Id = Id(stored, "id"),
            At = Time(stored, "at"),
            Hold = Text(stored, "hold"),
            Reason = Text(stored, "reason"),
            By = Text(stored, "by"),
            From = TimeOrNull(stored, "from"),
            To = TimeOrNull(stored, "to"),
            Apps = List(stored, "apps"),
        },
        EventTypes.LegalHoldLifted => new LegalHoldLifted
        {
            Id = Id(stored, "id"),
            At = Time(stored, "at"),
            Hold = Text(stored, "hold"),
            Reason = Text(stored, "reason"),
            By = Text(stored, "by"),
        },
        EventTypes.ErasureExecuted => new ErasureExecuted
        {
            Id = Id(stored, "id"),
            At = Time(stored, "at"),
            KeyId = Text(stored, "keyId"),
            Hashes = stored.GetProperty("hashes").GetInt64(),
            First = TimeOrNull(stored, "first"),
            Last = TimeOrNull(stored, "last"),
            Reason = Text(stored, "reason"),
            By = Text(stored, "by"),
        },
        EventTypes.KeyRotated => new KeyRotated
        {
            Id = Id(stored, "id"),
            At = Time(stored, "at"),
            Purpose = Text(stored, "purpose"),
            KeyId = Text(stored, "keyId"),
            PreviousKeyId = TextOrNull(stored, "previousKeyId"),
            Node = Text(stored, "node"),
        },
        EventTypes.RollbackFound => new RollbackFound
        {
            Id = Id(stored, "id"),
            At = Time(stored, "at"),
            Shard = Text(stored, "shard"),
            Epoch = stored.GetProperty("epoch").GetInt64(),
            DatabaseSize = stored.GetProperty("databaseSize").GetInt64(),
            DatabaseRoot = TextOrNull(stored, "databaseRoot"),
            CheckpointSize = stored.GetProperty("checkpointSize").GetInt64(),
            CheckpointRoot = Text(stored, "checkpointRoot"),
            Node = Text(stored, "node"),
        },
        _ => throw new FormatException("The stored bytes are an event of an unknown type."),
    };

    private static RequestDecided Decided(JsonElement stored) => new()
    {
        Id = Id(stored, "id"),
        At = Time(stored, "at"),
        Outcome = Text(stored, "outcome"),
        RefusalCode = TextOrNull(stored, "refusalCode"),
        App = Text(stored, "app"),
        Tenant = Text(stored, "tenant"),
        PolicyVersion = Text(stored, "policyVersion"),
        Day = Text(stored, "day"),
        Route = Text(stored, "route"),
        Wire = Text(stored, "wire"),
        Streaming = Text(stored, "streaming") == "true",
        FloorClasses = List(stored, "floorClasses"),
        DeclaredClasses = List(stored, "declaredClasses"),
        DetectedClasses = List(stored, "detectedClasses"),
        FinalClasses = List(stored, "finalClasses"),
        Subjects = List(stored, "subjects"),
        Purpose = TextOrNull(stored, "purpose"),
        Features = List(stored, "features"),
        FindingCounts = stored.GetProperty("findingCounts").EnumerateObject()
            .ToDictionary(static pair => pair.Name, static pair => pair.Value.GetInt32(), StringComparer.Ordinal),
        Plan = List(stored, "plan"),
        PlanReason = Text(stored, "planReason"),
        Avoided = stored.TryGetProperty("avoided", out _) ? List(stored, "avoided") : [],
        Advisory = Candidates(stored, "advisory"),
        Approvals = !stored.TryGetProperty("approvals", out var approvals) ? [] :
        [
            .. approvals.EnumerateArray().Select(static approval => new RecordedApproval(
                Text(approval, "id"), Text(approval, "rule"), Text(approval, "role"), Text(approval, "person"))),
        ],
        BreakGlass = stored.TryGetProperty("breakGlass", out var token)
            ? new(Text(token, "ticket"), List(token, "rules"), List(token, "signedBy"), Time(token, "expires"), Time(token, "reviewBy"))
            : null,
        BusinessUnit = TextOrNull(stored, "businessUnit"),
        RetryOf = stored.TryGetProperty("retryOf", out var first) ? first.GetGuid() : null,
        Overridden = Candidates(stored, "overridden"),
        Shadow = Candidates(stored, "shadow"),
        Unsuitable = Candidates(stored, "unsuitable"),
        Denied = stored.TryGetProperty("denied", out _) ? Candidates(stored, "denied") : throw new KeyNotFoundException(),
        Duties =
        [
            .. stored.GetProperty("duties").EnumerateArray()
                .Select(static duty => new RecordedDuty(Text(duty, "deployment"), Text(duty, "rule"), TextOrNull(duty, "redact"))),
        ],
        AuthorizedDeployment = TextOrNull(stored, "authorizedDeployment"),
        Redactions = stored.GetProperty("redactions").GetInt32(),
        PromptBytes = stored.GetProperty("promptBytes").GetInt64(),
        PromptHash = Text(stored, "promptHash"),
        SentHash = TextOrNull(stored, "sentHash"),
        Node = Text(stored, "node"),
    };

    private static IReadOnlyList<DeniedCandidate> Candidates(JsonElement stored, string name) => !stored.TryGetProperty(name, out var candidates) ? [] :
    [
        .. candidates.EnumerateArray().Select(static candidate => new DeniedCandidate(Text(candidate, "deployment"), List(candidate, "rules"))),
    ];

    private static string Text(JsonElement stored, string name) => stored.GetProperty(name).GetString() ?? throw new KeyNotFoundException();

    private static string? TextOrNull(JsonElement stored, string name) =>
        stored.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static long? Number(JsonElement stored, string name) => stored.TryGetProperty(name, out var value) ? value.GetInt64() : null;

    private static Guid Id(JsonElement stored, string name) => stored.GetProperty(name).GetGuid();

    private static IReadOnlyList<string> List(JsonElement stored, string name) =>
        [.. stored.GetProperty(name).EnumerateArray().Select(static value => value.GetString() ?? "")];

    private static DateTimeOffset? TimeOrNull(JsonElement stored, string name) => stored.TryGetProperty(name, out _) ? Time(stored, name) : null;

    private static DateTimeOffset Time(JsonElement stored, string name) => DateTimeOffset.ParseExact(
        Text(stored, name), CanonicalJson.TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}
