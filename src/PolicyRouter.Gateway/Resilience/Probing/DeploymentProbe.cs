using PolicyRouter.Audit.Appending;
using PolicyRouter.Gateway.Callers;
using PolicyRouter.Gateway.Pipeline;
using PolicyRouter.Gateway.Providers;
using PolicyRouter.Gateway.Wire;
using PolicyRouter.Policies.Deciding;
using PolicyRouter.Redaction.Replacement;

namespace PolicyRouter.Gateway.Resilience.Probing;

/// <summary>
/// One probe of one deployment. It is a request like any other, of an app of our own with public data: the policy in force decides about it, it is recorded
/// durably before it is sent, and only the three proofs together send it. What the policy does not permit is not probed.
/// </summary>
internal sealed class DeploymentProbe(
    DecisionRecords records, PromptRedactor redactor, AuditLog audit, ProviderSender sender, HealthBoard board, AnswerChecks checks, RedactionKey redactionKey, TimeProvider time)
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    // It has no permissions of its own: what may have public data may be probed.
    private static readonly Caller Prober = new() { App = Caller.ProbeApp, FloorClasses = [ProbePrompt.DataClass] };

    /// <returns>What became of it, in a fixed word: <c>answered</c>, <c>failed</c>, <c>not_permitted</c>, <c>not_sent</c>.</returns>
    /// <exception cref="AuditUnavailableException">It could not be recorded, so nothing was sent.</exception>
    public async Task<string> RunAsync(PolicySnapshot snapshot, string deploymentId, CancellationToken stopping)
    {
        ChatExchange exchange = new(Guid.CreateVersion7(time.GetUtcNow()), time, stopping);
        if (Decide(snapshot, deploymentId, exchange) is not { } decided)
        {
            return "not_permitted";
        }

        var target = decided.Plan.Targets[0];
        using PlaceholderTable placeholders = new(new ReplacementSources(redactionKey, Conversation: null, time));
        var redacted = redactor.Redact(exchange.RequestId, decided.Prompt, target, placeholders);
        var receipt = await audit.AppendAsync(records.Permitted(decided, redacted), stopping);

        // From here on there is a record that wants an end.
        AttemptsMade made = new();
        var outcome = "failed";
        ProviderReply? reply = null;
        try
        {
            if (receipt.IsSuspended)
            {
                made.Failed(target, new ProviderFailure(FailureKind.Suspended));
                return "not_sent";
            }

            var outbound = OutboundRequest.Create(target, redacted, receipt);
            using CancellationTokenSource timeout = new(Longest, time);
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stopping);
            made.Began();
            var attempted = await board.AttemptAsync(
                target, HealthBoard.CallerKey(decided.Decision.Request), isLastResort: false, token => sender.SendAsync(outbound, most: null, token), deadline.Token);
            reply = attempted?.Reply;
            switch (reply)
            {
                case null:
                    made.WasNotSent();
                    return "not_sent";
                case ProviderReply.Failed { Failure: var failure }:
                    made.Failed(target, failure);
                    return "failed";
                case ProviderReply.Streaming { Stream: var stream }:
                    outcome = "incomplete";
                    await using (stream)
                    {
                        // Its facts are noted as it goes by; its words are of no interest.
                        await foreach (var chunk in stream.ChunksAsync(deadline.Token))
                        {
                            continue;
                        }
                    }

                    break;
            }

            outcome = "completed";
            return "answered";
        }
        catch (ProviderStreamException broken)
        {
            made.Failed(target, broken.Failure);
            await board.ReportAsync(target, HealthBoard.CallerKey(decided.Decision.Request), broken.Failure);
            return "failed";
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            made.Failed(target, new ProviderFailure(FailureKind.TotalTimeout));
            return "failed";
        }
        finally
        {
            var facts = reply is ProviderReply.Streaming { Stream.Facts: var streamed } ? streamed : null;
            var result = made.Ended(redacted.Redactions) with { Answer = outcome == "failed" ? null : reply, Target = target };
            audit.AppendOutcome(records.Completed(exchange, stopping.IsCancellationRequested && outcome != "completed" ? "cancelled" : outcome, result, null, facts, facts?.FirstToken, decided.Prompt));
            checks.Check(exchange.RequestId, result, facts, decided, snapshot);
        }
    }

    /// <summary>Steps 2 to 4 of a request; null when the policy, or the deployment's wire, does not have it.</summary>
    private DecidedRequest? Decide(PolicySnapshot snapshot, string deploymentId, ChatExchange exchange)
    {
        var body = ProbePrompt.BodyFor(deploymentId);
        if (!snapshot.Classes.Contains(ProbePrompt.DataClass) || PromptDocument.Read(body, CallerApi.ChatCompletions) is not PromptReadResult.Ok { Document: var document })
        {
            return null;
        }

        var prompt = ScannedPrompt.Scan(document, RedactionSetup.Of(snapshot));
        var decision = snapshot.Decide(new PolicyRequest
        {
            Day = snapshot.DayOf(time.GetUtcNow()),
            FloorClasses = Prober.FloorClasses,
            DetectedClasses = prompt.DetectedClasses,
            Features = document.Features,
            Route = document.Model,
            Caller = Prober.App,
        });
        return decision.Permitted.FirstOrDefault(permitted => permitted.Deployment.Id == deploymentId) is { } target
            && Suitability.Lack(prompt, target, audit.Suspended) is null
            ? new DecidedRequest(exchange, Prober, prompt, body, decision, Purpose: null, Unsuitable: [], new AttemptPlan([target], "probe"), RetryOf: null)
            : null;
    }
}
