using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace PolicyRouter.Audit.Events;

/// <summary>
/// The bytes of an event: JSON with its properties in ordinal order, strings and integers only, what is null left out, times in
/// ISO 8601 UTC with milliseconds, no white space. These bytes are what is stored and hashed; they are never made a second time.
/// </summary>
public static class CanonicalJson
{
    /// <summary>Largest event in bytes. Tiles of a transparency log hold entries up to 65,535 bytes (C2SP tlog-tiles).</summary>
    public const int MaxBytes = 32 * 1024;

    [ThreadStatic]
    private static (ArrayBufferWriter<byte> Buffer, Utf8JsonWriter Writer)? _writing;

    internal const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    /// <summary>The event as canonical JSON.</summary>
    /// <exception cref="ArgumentException">It is larger than <see cref="MaxBytes"/>.</exception>
    public static byte[] Write(AuditEvent entry)
    {
        // Of this thread; an event that threw half-way leaves something behind.
        var (buffer, writer) = _writing ??= New();
        buffer.ResetWrittenCount();
        writer.Reset(buffer);
        writer.WriteStartObject();
        WriteProperties(writer, entry);
        writer.WriteEndObject();
        writer.Flush();
        if (buffer.Capacity > 2 * MaxBytes)
        {
            _writing = null;
        }

        return buffer.WrittenCount <= MaxBytes
            ? buffer.WrittenSpan.ToArray()
            : throw new ArgumentException(
                $"The {TypeName(entry)} event has {buffer.WrittenCount} bytes; the log takes {MaxBytes} at most.", nameof(entry));
    }

    private static (ArrayBufferWriter<byte> Buffer, Utf8JsonWriter Writer) New()
    {
        ArrayBufferWriter<byte> buffer = new(2_048);
        return (buffer, new Utf8JsonWriter(buffer));
    }

    /// <summary>Name of the event's type in the log: <c>request_decided</c>, ...</summary>
    public static string TypeName(AuditEvent entry) => entry switch
    {
        RequestDecided => EventTypes.RequestDecided,
        AttemptAuthorized => EventTypes.AttemptAuthorized,
        RequestCompleted => EventTypes.RequestCompleted,
        PolicyActivated => EventTypes.PolicyActivated,
        PolicyRejected => EventTypes.PolicyRejected,
        HistoryRead => EventTypes.HistoryRead,
        HistoryExported => EventTypes.HistoryExported,
        DeploymentSuspended => EventTypes.DeploymentSuspended,
        DeploymentResumed => EventTypes.DeploymentResumed,
        ResidencyMismatch => EventTypes.ResidencyMismatch,
        ModelMismatch => EventTypes.ModelMismatch,
        HandOffAuthorized => EventTypes.HandOffAuthorized,
        HandOffDelivered => EventTypes.HandOffDelivered,
        HandOffDeadLettered => EventTypes.HandOffDeadLettered,
        RetentionExecuted => EventTypes.RetentionExecuted,
        LegalHoldPlaced => EventTypes.LegalHoldPlaced,
        LegalHoldLifted => EventTypes.LegalHoldLifted,
        ErasureExecuted => EventTypes.ErasureExecuted,
        KeyRotated => EventTypes.KeyRotated,
        RollbackFound => EventTypes.RollbackFound,
        _ => throw new ArgumentException($"{entry.GetType().Name} has no place in the log.", nameof(entry)),
    };

    private static void WriteProperties(Utf8JsonWriter writer, AuditEvent entry)
    {
        switch (entry)
        {
            case RequestDecided decided:
                Write(writer, decided);
                break;
            case AttemptAuthorized attempt:
                Write(writer, attempt);
                break;
            case RequestCompleted completed:
                Write(writer, completed);
                break;
            case PolicyActivated activated:
                Time(writer, "at", activated.At);
                Id(writer, "id", activated.Id);
                Text(writer, "node", activated.Node);
                Text(writer, "policyVersion", activated.PolicyVersion);
                Text(writer, "previousVersion", activated.PreviousVersion);
                Text(writer, "signedBy", activated.SignedBy);
                Text(writer, "type", EventTypes.PolicyActivated);
                break;
            case PolicyRejected rejected:
                Time(writer, "at", rejected.At);
                Id(writer, "id", rejected.Id);
                Text(writer, "node", rejected.Node);
                Text(writer, "policyVersionInForce", rejected.PolicyVersionInForce);
                List(writer, "problems", rejected.Problems);
                Text(writer, "type", EventTypes.PolicyRejected);
                break;
            case HistoryRead read:
                Time(writer, "at", read.At);
                Id(writer, "id", read.Id);
                Text(writer, "query", read.Query);
                Text(writer, "reader", read.Reader);
                writer.WriteNumber("rows", read.Rows);
                Text(writer, "type", EventTypes.HistoryRead);
                break;
            case HistoryExported exported:
                Time(writer, "at", exported.At);
                Text(writer, "format", exported.Format);
                Id(writer, "id", exported.Id);
                Text(writer, "query", exported.Query);
                Text(writer, "reader", exported.Reader);
                Text(writer, "type", EventTypes.HistoryExported);
                break;
            case DeploymentSuspended suspended:
                Switch(writer, suspended, suspended.Deployment, suspended.By, suspended.Reason, suspended.Node);
                break;
            case DeploymentResumed resumed:
                Switch(writer, resumed, resumed.Deployment, resumed.By, resumed.Reason, resumed.Node);
                break;
            case ResidencyMismatch residency:
                Time(writer, "at", residency.At);
                List(writer, "claimed", residency.Claimed);
                Text(writer, "deployment", residency.Deployment);
                Id(writer, "id", residency.Id);
                Text(writer, "policyVersion", residency.PolicyVersion);
                Text(writer, "reported", residency.Reported);
                Id(writer, "requestId", residency.RequestId);
                Text(writer, "type", EventTypes.ResidencyMismatch);
                break;
            case ModelMismatch model:
                Time(writer, "at", model.At);
                Text(writer, "deployment", model.Deployment);
                List(writer, "expected", model.Expected);
                Id(writer, "id", model.Id);
                Text(writer, "policyVersion", model.PolicyVersion);
                Text(writer, "reported", model.Reported);
                Id(writer, "requestId", model.RequestId);
                Text(writer, "type", EventTypes.ModelMismatch);
                break;
            case HandOffAuthorized handOff:
                Text(writer, "afterFailure", handOff.AfterFailure);
                Time(writer, "at", handOff.At);
                Id(writer, "id", handOff.Id);
                Text(writer, "node", handOff.Node);
                Text(writer, "policyVersion", handOff.PolicyVersion);
                writer.WriteNumber("redactions", handOff.Redactions);
                Id(writer, "requestId", handOff.RequestId);
                Text(writer, "route", handOff.Route);
                Text(writer, "sentHash", handOff.SentHash);
                Text(writer, "type", EventTypes.HandOffAuthorized);
                Text(writer, "webhook", handOff.Webhook);
                break;
            case HandOffDelivered delivered:
                Time(writer, "at", delivered.At);
                Id(writer, "handOff", delivered.HandOff);
                writer.WriteNumber("httpStatus", delivered.HttpStatus);
                Id(writer, "id", delivered.Id);
                writer.WriteNumber("posts", delivered.Posts);
                Id(writer, "requestId", delivered.RequestId);
                Text(writer, "type", EventTypes.HandOffDelivered);
                break;
            case HandOffDeadLettered dead:
                Time(writer, "at", dead.At);
                Text(writer, "failure", dead.Failure);
                Id(writer, "handOff", dead.HandOff);
                Id(writer, "id", dead.Id);
                writer.WriteNumber("posts", dead.Posts);
                Id(writer, "requestId", dead.RequestId);
                Text(writer, "type", EventTypes.HandOffDeadLettered);
                break;
            case RetentionExecuted retired:
                Time(writer, "at", retired.At);
                Time(writer, "before", retired.Before);
                Text(writer, "by", retired.By);
                writer.WriteNumber("count", retired.Count);
                writer.WriteNumber("epoch", retired.Epoch);
                Text(writer, "file", retired.File);
                Text(writer, "fileSha256", retired.FileSha256);
                Id(writer, "id", retired.Id);
                Text(writer, "root", retired.Root);
                Text(writer, "shard", retired.Shard);
                Text(writer, "type", EventTypes.RetentionExecuted);
                break;
            case LegalHoldPlaced placed:
                List(writer, "apps", placed.Apps);
                Time(writer, "at", placed.At);
                Text(writer, "by", placed.By);
                TimeOrNone(writer, "from", placed.From);
                Text(writer, "hold", placed.Hold);
                Id(writer, "id", placed.Id);
                Text(writer, "reason", placed.Reason);
                TimeOrNone(writer, "to", placed.To);
                Text(writer, "type", EventTypes.LegalHoldPlaced);
                break;
            case LegalHoldLifted lifted:
                Time(writer, "at", lifted.At);
                Text(writer, "by", lifted.By);
                Text(writer, "hold", lifted.Hold);
                Id(writer, "id", lifted.Id);
                Text(writer, "reason", lifted.Reason);
                Text(writer, "type", EventTypes.LegalHoldLifted);
                break;
            case ErasureExecuted erased:
                Time(writer, "at", erased.At);
                Text(writer, "by", erased.By);
                TimeOrNone(writer, "first", erased.First);
                writer.WriteNumber("hashes", erased.Hashes);
                Id(writer, "id", erased.Id);
                Text(writer, "keyId", erased.KeyId);
                TimeOrNone(writer, "last", erased.Last);
                Text(writer, "reason", erased.Reason);
                Text(writer, "type", EventTypes.ErasureExecuted);
                break;
            case KeyRotated rotated:
                Time(writer, "at", rotated.At);
                Id(writer, "id", rotated.Id);
                Text(writer, "keyId", rotated.KeyId);
                Text(writer, "node", rotated.Node);
                Text(writer, "previousKeyId", rotated.PreviousKeyId);
                Text(writer, "purpose", rotated.Purpose);
                Text(writer, "type", EventTypes.KeyRotated);
                break;
            case RollbackFound found:
                Time(writer, "at", found.At);
                Text(writer, "checkpointRoot", found.CheckpointRoot);
                writer.WriteNumber("checkpointSize", found.CheckpointSize);
                Text(writer, "databaseRoot", found.DatabaseRoot);
                writer.WriteNumber("databaseSize", found.DatabaseSize);
                writer.WriteNumber("epoch", found.Epoch);
                Id(writer, "id", found.Id);
                Text(writer, "node", found.Node);
                Text(writer, "shard", found.Shard);
                Text(writer, "type", EventTypes.RollbackFound);
                break;
            default:
                _ = TypeName(entry);
                break;
        }
    }

    private static void Switch(Utf8JsonWriter writer, AuditEvent entry, string deployment, string by, string reason, string node)
    {
        Time(writer, "at", entry.At);
        Text(writer, "by", by);
        Text(writer, "deployment", deployment);
        Id(writer, "id", entry.Id);
        Text(writer, "node", node);
        Text(writer, "reason", reason);
        Text(writer, "type", TypeName(entry));
    }

    private static void Write(Utf8JsonWriter writer, RequestDecided decided)
    {
        Candidates(writer, "advisory", decided.Advisory, always: false);
        Text(writer, "app", decided.App);
        Approvals(writer, decided.Approvals);
        Time(writer, "at", decided.At);
        Text(writer, "authorizedDeployment", decided.AuthorizedDeployment);
        if (decided.Avoided.Count > 0)
        {
            List(writer, "avoided", decided.Avoided);
        }

        BreakGlass(writer, decided.BreakGlass);
        Text(writer, "businessUnit", decided.BusinessUnit);
        Text(writer, "day", decided.Day);
        List(writer, "declaredClasses", decided.DeclaredClasses);
        Candidates(writer, "denied", decided.Denied, always: true);
        List(writer, "detectedClasses", decided.DetectedClasses);
        writer.WriteStartArray("duties");
        foreach (var duty in decided.Duties)
        {
            writer.WriteStartObject();
            Text(writer, "deployment", duty.Deployment);
            Text(writer, "redact", duty.Redact);
            Text(writer, "rule", duty.Rule);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        List(writer, "features", decided.Features);
        List(writer, "finalClasses", decided.FinalClasses);
        writer.WriteStartObject("findingCounts");
        foreach (var (type, count) in decided.FindingCounts.OrderBy(static pair => pair.Key, StringComparer.Ordinal))
        {
            writer.WriteNumber(type, count);
        }

        writer.WriteEndObject();
        List(writer, "floorClasses", decided.FloorClasses);
        Id(writer, "id", decided.Id);
        Text(writer, "node", decided.Node);
        Text(writer, "outcome", decided.Outcome);
        Candidates(writer, "overridden", decided.Overridden, always: false);
        List(writer, "plan", decided.Plan);
        Text(writer, "planReason", decided.PlanReason);
        Text(writer, "policyVersion", decided.PolicyVersion);
        writer.WriteNumber("promptBytes", decided.PromptBytes);
        Text(writer, "promptHash", decided.PromptHash);
        Text(writer, "purpose", decided.Purpose);
        writer.WriteNumber("redactions", decided.Redactions);
        Text(writer, "refusalCode", decided.RefusalCode);
        if (decided.RetryOf is { } first)
        {
            Id(writer, "retryOf", first);
        }

        Text(writer, "route", decided.Route);
        Text(writer, "sentHash", decided.SentHash);
        Candidates(writer, "shadow", decided.Shadow, always: false);
        Text(writer, "streaming", decided.Streaming ? "true" : "false");
        List(writer, "subjects", decided.Subjects);
        Text(writer, "tenant", decided.Tenant);
        Text(writer, "type", EventTypes.RequestDecided);
        Candidates(writer, "unsuitable", decided.Unsuitable, always: false);
        Text(writer, "wire", decided.Wire);
    }

    private static void Write(Utf8JsonWriter writer, AttemptAuthorized attempt)
    {
        Text(writer, "afterFailure", attempt.AfterFailure);
        Time(writer, "at", attempt.At);
        writer.WriteNumber("attempt", attempt.Attempt);
        Text(writer, "authorizedDeployment", attempt.AuthorizedDeployment);
        Id(writer, "id", attempt.Id);
        Text(writer, "policyVersion", attempt.PolicyVersion);
        writer.WriteNumber("redactions", attempt.Redactions);
        Id(writer, "requestId", attempt.RequestId);
        Text(writer, "sentHash", attempt.SentHash);
        Text(writer, "type", EventTypes.AttemptAuthorized);
    }

    private static void Write(Utf8JsonWriter writer, RequestCompleted completed)
    {
        Time(writer, "at", completed.At);
        writer.WriteNumber("attempts", completed.Attempts);
        Number(writer, "costMicros", completed.CostMicros);
        Text(writer, "currency", completed.Currency);
        Text(writer, "deployment", completed.Deployment);
        writer.WriteNumber("durationMs", completed.DurationMs);
        List(writer, "failures", completed.Failures);
        Number(writer, "firstByteMs", completed.FirstByteMs);
        Number(writer, "httpStatus", completed.HttpStatus);
        Id(writer, "id", completed.Id);
        Number(writer, "inputTokens", completed.InputTokens);
        Text(writer, "outcome", completed.Outcome);
        Number(writer, "outputTokens", completed.OutputTokens);
        Text(writer, "ranIn", completed.RanIn);
        Id(writer, "requestId", completed.RequestId);
        Text(writer, "responseModel", completed.ResponseModel);
        if (completed.AreTokensEstimated)
        {
            Text(writer, "tokensEstimated", "true");
        }

        Text(writer, "type", EventTypes.RequestCompleted);
    }

    private static void Candidates(Utf8JsonWriter writer, string name, IReadOnlyList<DeniedCandidate> candidates, bool always)
    {
        if (candidates.Count == 0 && !always)
        {
            return;
        }

        writer.WriteStartArray(name);
        foreach (var candidate in candidates)
        {
            writer.WriteStartObject();
            Text(writer, "deployment", candidate.Deployment);
            List(writer, "rules", candidate.Rules);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void Approvals(Utf8JsonWriter writer, IReadOnlyList<RecordedApproval> approvals)
    {
        if (approvals.Count == 0)
        {
            return;
        }

        writer.WriteStartArray("approvals");
        foreach (var approval in approvals)
        {
            writer.WriteStartObject();
            Text(writer, "id", approval.Id);
            Text(writer, "person", approval.Person);
            Text(writer, "role", approval.Role);
            Text(writer, "rule", approval.Rule);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void BreakGlass(Utf8JsonWriter writer, RecordedBreakGlass? breakGlass)
    {
        if (breakGlass is null)
        {
            return;
        }

        writer.WriteStartObject("breakGlass");
        Time(writer, "expires", breakGlass.Expires);
        Time(writer, "reviewBy", breakGlass.ReviewBy);
        List(writer, "rules", breakGlass.Rules);
        List(writer, "signedBy", breakGlass.SignedBy);
        Text(writer, "ticket", breakGlass.Ticket);
        writer.WriteEndObject();
    }

    private static void Text(Utf8JsonWriter writer, string name, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(name, value);
        }
    }

    private static void Number(Utf8JsonWriter writer, string name, long? value)
    {
        if (value is { } number)
        {
            writer.WriteNumber(name, number);
        }
    }

    private static void Id(Utf8JsonWriter writer, string name, Guid value) => writer.WriteString(name, value);

    private static void TimeOrNone(Utf8JsonWriter writer, string name, DateTimeOffset? time)
    {
        if (time is { } known)
        {
            Time(writer, name, known);
        }
    }

    private static void Time(Utf8JsonWriter writer, string name, DateTimeOffset value)
    {
        Span<char> text = stackalloc char[24];
        value.UtcDateTime.TryFormat(text, out var written, TimeFormat, CultureInfo.InvariantCulture);
        writer.WriteString(name, text[..written]);
    }

    private static void List(Utf8JsonWriter writer, string name, IReadOnlyList<string> values)
    {
        writer.WriteStartArray(name);
        foreach (var value in values)
        {
            writer.WriteStringValue(value);
        }

        writer.WriteEndArray();
    }
}
