using PolicyRouter.Gateway.Pipeline;
using PolicyRouter.Gateway.Wire.Messages;
using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Gateway.HandingOff;

/// <summary>
/// What people get of a request that nobody permitted answered: who asked what, with everything removed that could identify a person. Only <see cref="HandOffDesk"/>
/// makes one. Its body is never written to a file, a log or a database.
/// </summary>
internal sealed class HandOffNote
{
    internal HandOffNote(Guid id, Guid requestId, string policyVersion, HandOff to, byte[] body, int redactions, string hash)
    {
        Id = id;
        RequestId = requestId;
        PolicyVersion = policyVersion;
        To = to;
        Body = body;
        Redactions = redactions;
        Hash = hash;
    }

    /// <summary>The id of the event that will authorise it.</summary>
    public Guid Id { get; }
    public Guid RequestId { get; }
    public string PolicyVersion { get; }
    public HandOff To { get; }

    /// <summary>JSON: <c>{"type":"request.handed_off","timestamp","data":{...}}</c>.</summary>
    public ReadOnlyMemory<byte> Body { get; }
    public int Redactions { get; }

    /// <summary>Keyed hash of <see cref="Body"/>; the receipt names the same.</summary>
    public string Hash { get; }

    /// <param name="redacted">The caller's body, redacted for people.</param>
    public static HandOffNote Write(DecidedRequest decided, Decision decision, HandOff to, RedactedBody redacted, PromptHasher hasher, DateTimeOffset now)
    {
        var id = Guid.CreateVersion7(now);
        var document = decided.Prompt.Document;
        var body = MessageJson.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("type", "request.handed_off");
            writer.WriteString("timestamp", now.UtcDateTime);
            writer.WriteStartObject("data");
            writer.WriteString("request_id", decided.Exchange.RequestId);
            writer.WriteString("app", decided.Caller.App);
            writer.WriteString("tenant", decided.Caller.Tenant);
            writer.WriteString("route", document.Model);
            writer.WriteString("api", document.Api.RecordName);
            writer.WriteStartArray("data_classes");
            foreach (var name in decision.Classes.Final)
            {
                writer.WriteStringValue(name);
            }

            writer.WriteEndArray();
            writer.WriteNumber("redactions", redacted.Redactions);

            // Read strictly when it arrived, and changed only by whole strings since.
            writer.WritePropertyName("request");
            writer.WriteRawValue(redacted.Body.Span, skipInputValidation: true);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }).ToArray();
        return new HandOffNote(id, decided.Exchange.RequestId, decision.PolicyVersion, to, body, redacted.Redactions, hasher.Hash(body));
    }
}
