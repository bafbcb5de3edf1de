using CsCheck;
using PolicyRouter.Audit.Events;

namespace PolicyRouter.Audit.Tests;

/// <summary>Events of every type with any content that the types allow.</summary>
internal static class AnyEvent
{
    // Any UTF-16 text, halves of surrogate pairs and control characters included.
    private static readonly Gen<string> Text = Gen.Char.Array[0, 12].Select(static characters => new string(characters));
    private static readonly Gen<string?> MaybeText = Gen.OneOf(Gen.Const((string?)null), Text.Select(static text => (string?)text));
    private static readonly Gen<string[]> Texts = Text.Array[0, 4];
    private static readonly Gen<DateTimeOffset> Time =
        Gen.Long[0, 4_102_444_800_000].Select(static ms => DateTimeOffset.FromUnixTimeMilliseconds(ms));

    private static readonly Gen<AuditEvent> Decided = Gen.Select(Gen.Guid, Time, MaybeText, Texts, Gen.Bool, Gen.Int, Gen.Long, Text)
        .Select(static (id, at, maybe, list, flag, number, large, text) => (AuditEvent)(Sample.Permit(id, at, text) with
        {
            RefusalCode = maybe,
            App = text,
            FinalClasses = list,
            Plan = list,
            Streaming = flag,
            Redactions = number,
            PromptBytes = large,
            Purpose = maybe,
            SentHash = maybe,
            FindingCounts = list.Distinct().Where(static name => !name.Any(char.IsSurrogate)).ToDictionary(static name => name, _ => number),
            Denied = [.. list.Select(name => new DeniedCandidate(name, list))],
            Duties = [.. list.Select(name => new RecordedDuty(name, text, maybe))],
            BusinessUnit = maybe,
            Avoided = list,
            Advisory = flag ? [.. list.Select(name => new DeniedCandidate(name, list))] : [],
            Overridden = flag ? [] : [.. list.Select(name => new DeniedCandidate(name, list))],
            Shadow = [.. list.Select(name => new DeniedCandidate(name, list))],
            BreakGlass = flag ? new(text, list, list, at, at.AddHours(72)) : null,
            Approvals = [.. list.Select(name => new RecordedApproval(name, text, text, name))],
        }));

    private static readonly Gen<AuditEvent> Ended = Gen.Select(Gen.Guid, Time, MaybeText, Texts, Gen.Int, Gen.Long)
        .Select(static (id, at, maybe, list, number, large) => (AuditEvent)(Sample.End(id) with
        {
            At = at,
            Deployment = maybe,
            Failures = list,
            HttpStatus = maybe is null ? null : number,
            InputTokens = maybe is null ? large : null,
            FirstByteMs = large,
            DurationMs = large,
            ResponseModel = maybe,
            RanIn = maybe,
            AreTokensEstimated = number % 2 == 0,
            CostMicros = maybe is null ? null : large,
            Currency = maybe,
        }));

    private static readonly Gen<AuditEvent> Others = Gen.Select(Gen.Guid, Time, MaybeText, Texts, Gen.Int, Text)
        .SelectMany(static (id, at, maybe, list, number, text) => Gen.OneOf(
            Gen.Const<AuditEvent>(Sample.Attempt(id, number, text) with { At = at, AfterFailure = text }),
            Gen.Const<AuditEvent>(new PolicyActivated { Id = id, At = at, PolicyVersion = text, PreviousVersion = maybe, Node = text, SignedBy = maybe }),
            Gen.Const<AuditEvent>(new PolicyRejected { Id = id, At = at, PolicyVersionInForce = maybe, Problems = list, Node = text }),
            Gen.Const<AuditEvent>(new HistoryRead { Id = id, At = at, Reader = text, Query = text, Rows = number }),
            Gen.Const<AuditEvent>(new HistoryExported { Id = id, At = at, Reader = text, Format = text, Query = text }),
            Gen.Const<AuditEvent>(new DeploymentSuspended { Id = id, At = at, Deployment = text, By = text, Reason = text, Node = text }),
            Gen.Const<AuditEvent>(new DeploymentResumed { Id = id, At = at, Deployment = text, By = text, Reason = text, Node = text }),
            Gen.Const<AuditEvent>(new ResidencyMismatch { Id = id, At = at, RequestId = id, Deployment = text, PolicyVersion = text, Claimed = list, Reported = text }),
            Gen.Const<AuditEvent>(Sample.HandOff(id) with { At = at, PolicyVersion = text, Route = text, Webhook = text, AfterFailure = text, Redactions = number }),
            Gen.Const<AuditEvent>(new HandOffDelivered { Id = id, At = at, RequestId = id, HandOff = id, Posts = number, HttpStatus = number }),
            Gen.Const<AuditEvent>(new HandOffDeadLettered { Id = id, At = at, RequestId = id, HandOff = id, Posts = number, Failure = text }),
            Gen.Const<AuditEvent>(new RetentionExecuted
            {
                Id = id, At = at, Shard = text, Epoch = number, Count = number, Root = text, File = text, FileSha256 = text, Before = at, By = text,
            }),
            Gen.Const<AuditEvent>(Sample.HoldPlaced(text) with { Id = id, At = at, Reason = text, By = text, From = maybe is null ? null : at, To = number % 2 == 0 ? at : null, Apps = list }),
            Gen.Const<AuditEvent>(Sample.HoldLifted(text) with { Id = id, At = at, Reason = text, By = text }),
            Gen.Const<AuditEvent>(new ErasureExecuted
            {
                Id = id, At = at, KeyId = text, Hashes = number, First = maybe is null ? null : at, Last = maybe is null ? null : at, Reason = text, By = text,
            }),
            Gen.Const<AuditEvent>(new KeyRotated { Id = id, At = at, Purpose = text, KeyId = text, PreviousKeyId = maybe, Node = text }),
            Gen.Const<AuditEvent>(new RollbackFound
            {
                Id = id, At = at, Shard = text, Epoch = number, DatabaseSize = number, DatabaseRoot = maybe, CheckpointSize = number, CheckpointRoot = text, Node = text,
            }),
            Gen.Const<AuditEvent>(new ModelMismatch { Id = id, At = at, RequestId = id, Deployment = text, PolicyVersion = text, Expected = list, Reported = text })));

    public static readonly Gen<AuditEvent> Generator = Gen.OneOf(Decided, Ended, Others);
}
