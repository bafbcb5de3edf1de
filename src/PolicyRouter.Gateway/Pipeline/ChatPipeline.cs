using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Gateway.Admission;
using PolicyRouter.Gateway.Callers;
using PolicyRouter.Gateway.HandingOff;
using PolicyRouter.Gateway.Hosting;
using PolicyRouter.Gateway.Providers;
using PolicyRouter.Gateway.Resilience;
using PolicyRouter.Gateway.Snapshots;
using PolicyRouter.Gateway.Wire;
using PolicyRouter.Gateway.Wire.Messages;
using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Facts;
using PolicyRouter.Redaction.Replacement;

namespace PolicyRouter.Gateway.Pipeline;

/// <summary>One chat request from credentials to answer.</summary>
/// <remarks>
/// The order is the security property, so it is one method and not a set of middlewares:
/// <list type="number">
/// <item>identify: credentials become a <see cref="Caller"/>;</item>
/// <item>read: the bounded body becomes a <see cref="PromptDocument"/>;</item>
/// <item>classify: every text position is scanned; what is found can only raise the class;</item>
/// <item>decide: the engine says who may receive it; the planner orders them;</item>
/// <item>redact: the first target's duties are done;</item>
/// <item>record: the decision, permitted or refused, becomes durable;</item>
/// <item>send: attempt by attempt, steps 5 and 6 again for each; then the answer is relayed and its outcome recorded.</item>
/// </list>
/// Steps 5 and 6 of further attempts are in <see cref="FailoverExecutor"/>.
/// </remarks>
internal sealed class ChatPipeline(
    PolicySource policies,
    AttemptPlanner planner,
    PromptRedactor redactor,
    DecisionRecords records,
    AnswerChecks checks,
    RequestTelemetry telemetry,
    ClientRetries retries,
    PromptHasher hasher,
    RedactionKey redactionKey,
    AuditLog audit,
    FailoverExecutor executor,
    HandOffDesk handOffs,
    AdmissionDesk admission,
    HealthBoard board,
    ChatLimits limits,
    TimeProvider time,
    ILogger<ChatPipeline> logger)
{
    /// <exception cref="BrokenAnswerException">A streamed answer broke after its first byte; the server ends the connection.</exception>
    public async Task HandleAsync(HttpContext http, CallerApi api)
    {
        var exchange = new ChatExchange(DataPlaneHeaders.RequestIdOf(http), time, http.RequestAborted);
        var reply = new ChatReply(http, api, exchange);
        try
        {
            await HandleAsync(http, api, exchange, reply);
        }
        catch (OperationCanceledException) when (exchange.CallerLeft.IsCancellationRequested)
        {
            logger.CallerLeft(exchange.RequestId);
        }
        catch (AuditUnavailableException)
        {
            logger.Refused(exchange.RequestId, "audit_unavailable");
            await reply.RefuseAsync(GatewayError.AuditUnavailable());
        }
        catch (Exception error) when (!http.Response.HasStarted && error is not BadHttpRequestException)
        {
            // The endpoint is the edge: whatever went wrong in a step, nothing (further) was sent, and the caller learns no detail.
            logger.StepFailed(exchange.RequestId, error.GetType().Name, exchange.Step);
            await reply.RefuseAsync(GatewayError.Internal());
        }
    }

    private async Task HandleAsync(HttpContext http, CallerApi api, ChatExchange exchange, ChatReply reply)
    {
        // 1. Identify. The framework has validated the token; here it becomes a caller.
        if (policies.Active is not { } current)
        {
            await reply.RefuseAsync(GatewayError.PolicyUnavailable());
            return;
        }

        reply.Snapshot = current;
        var caller = Caller.Of(http.User);

        // 2. Read.
        exchange.Step = "read";
        using var body = await BoundedBody.ReadAsync(
            http.Request.BodyReader, http.Request.ContentLength, limits.MaxBodyBytes, exchange.CallerLeft);
        if (body is null)
        {
            await reply.RefuseAsync(GatewayError.RequestTooLarge(limits.MaxBodyBytes));
            return;
        }

        if (!BetaFeatures.TryRead(api.HasBetas ? http.Request.Headers[BetaFeatures.Header] : default, out var betas, out var beta))
        {
            await reply.RefuseAsync(beta);
            return;
        }

        var read = PromptDocument.Read(body.Memory, api, betas);
        if (read is not PromptReadResult.Ok { Document: var document })
        {
            await reply.RefuseAsync(((PromptReadResult.Invalid)read).Error);
            return;
        }

        // A body may take as long to arrive as its sender likes: the policy and the day are those of its end, not of its beginning.
        var snapshot = policies.Active ?? current;
        reply.Snapshot = snapshot;
        if (!snapshot.Offers(document.Model))
        {
            await reply.RefuseAsync(GatewayError.ModelNotFound());
            return;
        }

        var facts = RequestFacts.From(http.Request.Headers, document.Metadata, caller, snapshot);
        if (facts.Error is { IsRecorded: false } malformed)
        {
            await reply.RefuseAsync(malformed);
            return;
        }

        var requestHash = hasher.HashRequest(caller, facts, body.Memory.Span);
        using var retry = retries.Begin(caller, http.Request.Headers, requestHash, exchange.RequestId);
        if (retry.IsFirstRunning)
        {
            await reply.RefuseAsync(GatewayError.RetryInFlight());
            return;
        }

        var overrides = SignedOverrides.Read(http.Request.Headers, caller, snapshot, requestHash, time.GetUtcNow());

        // 3. Classify. What is found adds to what the token and the request say; nothing takes away.
        exchange.Step = "classify";
        var prompt = ScannedPrompt.Scan(document, RedactionSetup.Of(snapshot));

        // The app's own limit on tokens; nothing is decided yet, so nothing is recorded.
        using var tokens = admission.TakeTokens(caller, () => prompt.Tokens + (document.LongestAnswer ?? 0));
        if (tokens.Error is { } limited)
        {
            await reply.RefuseAsync(limited);
            return;
        }

        exchange.Tokens = tokens;

        // 4. Decide: who may receive it, then in which order.
        exchange.Step = "decide";
        var asked = new PolicyRequest
        {
            Day = snapshot.DayOf(time.GetUtcNow()),
            FloorClasses = caller.FloorClasses,
            DeclaredClasses = facts.DeclaredClasses,
            DetectedClasses = prompt.DetectedClasses,
            Subjects = facts.Subjects,
            Purpose = facts.Purpose,
            Features = document.Features,
            Route = document.Model,
            Caller = caller.App,
            Tenant = caller.Tenant,
            BusinessUnit = caller.BusinessUnit is { Length: > 0 } unit ? unit : null,
            Approvals = overrides.Approvals,
            BreakGlass = overrides.BreakGlass,
        };
        var decision = snapshot.Decide(LabelLowering.Apply(snapshot, asked, prompt));
        reply.Decision = decision;
        var (suitable, unsuitable) = Suitable(decision, prompt, audit.Suspended);
        var order = snapshot.Routes.TryGetValue(document.Model, out var route) ? route.Order : RouteOrder.Balanced;
        var plan = planner.Plan(suitable, order, limits.RequestDeadline - exchange.Elapsed);
        var decided = new DecidedRequest(exchange, caller, prompt, body.Memory, decision, KnownPurpose(facts.Purpose, snapshot), unsuitable, plan, retry.Of);
        var fault = facts.Error ?? overrides.Error ?? overrides.ErrorFor(decision) ?? (policies.IsStale ? Refusals.WhenStale(decision) : null);
        if (facts.IsDryRun && fault is null)
        {
            _ = await audit.AppendAsync(records.DryRun(decided), exchange.CallerLeft);
            await reply.DecisionAsync(decision);
            return;
        }

        var refusal = fault
            ?? (plan.Targets.Count == 0 ? Refusals.Of(decision, unsuitable, snapshot, requestHash) : null)
            ?? await overrides.UseUpAsync(audit, exchange);
        if (refusal is not null)
        {
            exchange.Step = "record";
            _ = await audit.AppendAsync(records.Refused(decided, refusal.Code), exchange.CallerLeft);
            Announce(decided);
            telemetry.Decided(decided, refusal.Code);
            logger.Refused(exchange.RequestId, refusal.Code);
            await reply.RefuseAsync(refusal);
            return;
        }

        // 5. Redact, for the first target: duties bind to the destination.
        exchange.Step = "redact";
        using var placeholders = new PlaceholderTable(facts.ReplacementsFor(caller, redactionKey, time));
        var redacted = redactor.Redact(exchange.RequestId, prompt, plan.Targets[0], placeholders);

        // 6. Record. Once this returns, the decision survives a crash.
        exchange.Step = "record";
        var receipt = await audit.AppendAsync(records.Permitted(decided, redacted), exchange.CallerLeft);
        Announce(decided);
        telemetry.Decided(decided, code: null);

        // 7. Send, attempt by attempt; relay the answer; record how it ended.
        exchange.Step = "send";
        await SendAsync(http, exchange, reply, decided, redacted, receipt, placeholders);
    }

    private async Task SendAsync(
        HttpContext http, ChatExchange exchange, ChatReply reply, DecidedRequest decided, RedactedPrompt redacted, AuditReceipt receipt,
        PlaceholderTable placeholders)
    {
        var outcome = "failed";
        using var span = RequestTelemetry.Start(decided);
        AttemptsMade made = new();
        AttemptsResult? attempts = null;
        AnswerFacts? facts = null;
        TimeSpan? firstByte = null;
        try
        {
            var remaining = limits.RequestDeadline - exchange.Elapsed;
            using var timeout = new CancellationTokenSource(remaining > TimeSpan.Zero ? remaining : TimeSpan.Zero, time);
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, exchange.CallerLeft);
            attempts = await executor.RunAsync(
                exchange, decided.InForce, decided.Plan, redacted, receipt, placeholders, made, deadline.Token);
            reply.Attempts = attempts;
            switch (attempts.Answer)
            {
                case ProviderReply.Whole whole:
                    facts = whole.Facts;
                    firstByte = exchange.Elapsed;
                    await reply.AnswerAsync(whole, placeholders);
                    outcome = "completed";
                    break;

                case ProviderReply.Streaming { Stream: var stream }:
                    await using (stream)
                    {
                        facts = stream.Facts;
                        firstByte = exchange.Elapsed;
                        stream.Paced = telemetry.PaceOf(decided, attempts);
                        var relayed = await reply.StreamAsync(stream, decided.Prompt.Document, placeholders);
                        outcome = relayed.Failure is null ? "completed" : "incomplete";
                        if (relayed.Failure is { } broken)
                        {
                            logger.StreamBroke(exchange.RequestId, attempts.Target!.Deployment.Id, broken.Code);
                            await board.ReportAsync(attempts.Target, HealthBoard.CallerKey(decided.Decision.Request), broken);
                            throw new BrokenAnswerException(broken.Code);
                        }
                    }

                    break;

                default:
                    if (await handOffs.TryAsync(decided, attempts, placeholders) is { } handedOff)
                    {
                        outcome = "handed-off";
                        await reply.HandedOffAsync(handedOff.Message, decided.Prompt.Document, time);
                        break;
                    }

                    await reply.RefuseAsync(Refusals.Exhausted(attempts));
                    break;
            }
        }
        catch (OperationCanceledException) when (HasLeft(http, exchange))
        {
            outcome = "cancelled";
            throw;
        }
        finally
        {
            // Not awaited: the log keeps it until it is committed, and closes it as unknown if this process dies first.
            var ended = attempts ?? made.Ended(redacted.Redactions);
            var completed = records.Completed(
                exchange, outcome, ended, http.Response.HasStarted ? http.Response.StatusCode : null, facts, firstByte, decided.Prompt);

            // What was sent and not answered counts as sent: leaving early would be a way around the limit.
            exchange.Tokens?.Settle((completed.InputTokens ?? (ended.Attempts > 0 ? decided.Prompt.Tokens : 0)) + (completed.OutputTokens ?? 0));
            audit.AppendOutcome(completed);
            telemetry.Ended(span, decided, ended, completed, facts);
            checks.Check(exchange.RequestId, ended, facts, decided, reply.Snapshot!);
        }
    }

    private static string? KnownPurpose(string? purpose, PolicySnapshot snapshot) =>
        purpose is not null && snapshot.Purposes.Contains(purpose) ? purpose : null;

    // Once an answer has begun only the caller's leaving cancels it; the connection may know before the token does.
    private static bool HasLeft(HttpContext http, ChatExchange exchange) =>
        exchange.CallerLeft.IsCancellationRequested || http.Response.HasStarted;

    /// <summary>Leaves out targets that this request cannot go to unchanged, with the reason.</summary>
    private static (List<PermittedDeployment> Suitable, List<Unsuitable> Unsuitable) Suitable(
        Decision decision, ScannedPrompt prompt, IReadOnlySet<string> suspended)
    {
        List<PermittedDeployment> suitable = [];
        List<Unsuitable> unsuitable = [];
        foreach (var target in decision.Permitted)
        {
            if (Suitability.Lack(prompt, target, suspended) is { } lack)
            {
                unsuitable.Add(new Unsuitable(target.Deployment.Id, lack));
            }
            else
            {
                suitable.Add(target);
            }
        }

        return (suitable, unsuitable);
    }

    /// <summary>Every use of a break-glass token raises an alert, whatever came of it.</summary>
    private void Announce(DecidedRequest decided)
    {
        if (decided.Decision.BreakGlass is { } token)
        {
            logger.BreakGlassUsed(
                decided.Exchange.RequestId, decided.Caller.App, token.Ticket, string.Join(", ", token.SignedBy), string.Join(", ", token.Rules),
                decided.Exchange.At + DecisionRecords.BreakGlassReview);
        }
    }
}
