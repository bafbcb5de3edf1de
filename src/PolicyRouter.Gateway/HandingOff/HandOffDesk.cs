using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Events;
using PolicyRouter.Gateway.Pipeline;
using PolicyRouter.Gateway.Snapshots;
using PolicyRouter.Policies.Facts;
using PolicyRouter.Redaction.Replacement;

namespace PolicyRouter.Gateway.HandingOff;

/// <summary>
/// Hands requests to people when their route says so and nobody permitted answered. Never one that the policy refuses: the webhook is no way around a denial
/// (<c>docs/decisions/0013-hand-off.md</c>).
/// </summary>
internal sealed class HandOffDesk(
    PolicySource policies, PromptHasher hasher, AuditLog audit, HandOffDelivery delivery, HandOffMetrics metrics, NodeName node, TimeProvider time)
{
    /// <summary>Redacts the request for people, records that it may be posted, and sees to it that it is.</summary>
    /// <returns>What the caller is to be told; null when it cannot be handed off, and is to be refused.</returns>
    /// <exception cref="AuditUnavailableException">It could not be recorded. Nothing is posted.</exception>
    public async Task<HandOff?> TryAsync(DecidedRequest decided, AttemptsResult attempts, PlaceholderTable placeholders)
    {
        if (attempts.IsCallersFault || attempts.IsAuditUnavailable || !HandOffAnswer.CanAnswer(decided.Prompt.Document)
            || StillPermitted(decided) is not var (now, to)
            || PromptRedactor.RedactForPeople(now.Prompt, now.Decision.Permitted, placeholders) is not { } redacted)
        {
            return null;
        }

        var note = HandOffNote.Write(decided, now.Decision, to, redacted, hasher, time.GetUtcNow());
        if (delivery.TryReserve(note.Body.Length) is not { } room)
        {
            // Promising an answer that is then forgotten would be worse than an error.
            metrics.Refused();
            return null;
        }

        try
        {
            // Not the caller's token: once this has begun, the request is looked after whether he waits or not. The log has a deadline of its own.
            var receipt = await audit.AppendAsync(
                new HandOffAuthorized
                {
                    Id = note.Id,
                    At = time.GetUtcNow(),
                    RequestId = note.RequestId,
                    PolicyVersion = note.PolicyVersion,
                    Route = decided.Prompt.Document.Model,
                    Webhook = to.Webhook.GetLeftPart(UriPartial.Authority),
                    AfterFailure = attempts.IsDeadlineExceeded ? "deadline_exceeded" : attempts.Failures is [.., var last] ? last.Failure.Code : "breaker_open",
                    Redactions = note.Redactions,
                    SentHash = note.Hash,
                    Node = node.Value,
                },
                CancellationToken.None);
            delivery.Deliver(OutboundHandOff.Create(note, receipt), room);
            return to;
        }
        catch
        {
            room.Dispose();
            throw;
        }
    }

    /// <summary>The decision as it is now, and the hand-off of the route; null when the policy no longer permits anybody, or its route no longer hands off.</summary>
    private (DecisionInForce Now, HandOff To)? StillPermitted(DecidedRequest decided)
    {
        var route = decided.Prompt.Document.Model;
        if (policies.Active is not { } snapshot || !snapshot.Routes.TryGetValue(route, out var offered) || offered.HandOff is not { } handOff)
        {
            return null;
        }

        var now = decided.InForce.Under(snapshot, time.GetUtcNow());
        return now.Decision.IsPermitted ? (now, handOff) : null;
    }
}
