using Microsoft.Extensions.Logging;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Events;
using PolicyRouter.Gateway.Admission;
using PolicyRouter.Gateway.Providers;
using PolicyRouter.Gateway.Resilience;
using PolicyRouter.Gateway.Snapshots;
using PolicyRouter.Policies.Deciding;
using PolicyRouter.Redaction.Replacement;

namespace PolicyRouter.Gateway.Pipeline;

/// <summary>An attempt that gave no answer.</summary>
internal sealed record FailedAttempt(string DeploymentId, ProviderFailure Failure);

/// <summary>How the attempts of one request ended.</summary>
internal sealed record AttemptsResult
{
    /// <summary>The answer, whole or streaming; null when there is none.</summary>
    public ProviderReply? Answer { get; init; }

    /// <summary>Who gave the answer, or refused the request as invalid.</summary>
    public PermittedDeployment? Target { get; init; }

    /// <summary>What the last attempt was made under; null when every attempt was made under the first decision.</summary>
    public Decision? DecidedAgain { get; init; }

    /// <summary>Attempts that were sent.</summary>
    public required int Attempts { get; init; }
    public required IReadOnlyList<FailedAttempt> Failures { get; init; }

    /// <summary>Findings replaced in the body of the last attempt.</summary>
    public required int Redactions { get; init; }

    /// <summary>True when a provider said that the request itself is invalid.</summary>
    public bool IsCallersFault { get; init; }

    /// <summary>True when the request's deadline passed.</summary>
    public bool IsDeadlineExceeded { get; init; }

    /// <summary>True when a further attempt could not be recorded, and so was not made.</summary>
    public bool IsAuditUnavailable { get; init; }

    /// <summary>How long to stay away when there is no answer: until a target may be tried again, with jitter.</summary>
    public TimeSpan RetryAfter { get; init; }
}

/// <summary>
/// Step 7 of a request: tries the permitted targets one after another. The only owner of retries. Each attempt after the
/// first is redacted for its target and durably recorded before it is sent, exactly like the first.
/// </summary>
internal sealed class FailoverExecutor(
    HealthBoard board,
    AttemptPlanner planner,
    PromptRedactor redactor,
    AuditLog audit,
    ProviderSender sender,
    DeploymentPlaces places,
    ProviderCredentials credentials,
    PolicySource policies,
    ChatLimits limits,
    Chance chance,
    TimeProvider time,
    ILogger<FailoverExecutor> logger)
{
    /// <summary>Sends at most, whatever the number of permitted targets.</summary>
    private const int AttemptBudget = 5;

    private static readonly Attempted Suspended = new(new ProviderReply.Failed(new ProviderFailure(FailureKind.Suspended)), CountsAgainst: false);

    // Whoever was sent away together must not come back together.
    private const double PauseJitter = 0.1;

    public async Task<AttemptsResult> RunAsync(
        ChatExchange exchange,
        DecisionInForce decided,
        AttemptPlan plan,
        RedactedPrompt firstPrompt,
        AuditReceipt firstReceipt,
        PlaceholderTable placeholders,
        AttemptsMade made,
        CancellationToken deadline)
    {
        List<PermittedDeployment> failed = [];
        HashSet<string> repeated = new(StringComparer.Ordinal);
        List<PermittedDeployment> left = [.. plan.Targets];
        var caller = HealthBoard.CallerKey(decided.Decision.Request);
        var inForce = decided;
        var isLastResort = plan.IsLastResort;
        var target = plan.Targets[0];
        var redacted = firstPrompt;
        var receipt = firstReceipt;
        (PermittedDeployment Target, ProviderFailure Failure)? refused = null;
        try
        {
            return await AttemptAllAsync();
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !exchange.CallerLeft.IsCancellationRequested)
        {
            // Wherever it struck: at a provider, in a pause, while a secret was read again or a further attempt recorded.
            return Ended() with { IsDeadlineExceeded = true };
        }

        async Task<AttemptsResult> AttemptAllAsync()
        {
            while (true)
            {
                var attempted = receipt.IsSuspended ? Suspended : await SendAsync();
                var reply = attempted?.Reply;
                isLastResort = false;
                if (reply is ProviderReply.Whole or ProviderReply.Streaming)
                {
                    if (refused is { } overruled)
                    {
                        await board.OverruledAsync(overruled.Target, caller, overruled.Failure);
                    }

                    return made.Ended(redacted.Redactions) with { Answer = reply, Target = target, DecidedAgain = DecidedAgain() };
                }

                if (reply is ProviderReply.Failed { Failure: var failure })
                {
                    logger.AttemptFailed(exchange.RequestId, target.Deployment.Id, failure.Code);
                    made.Failed(target, failure);
                    if (OutageSignals.IsCallersFault(failure) && !attempted!.CountsAgainst)
                    {
                        var isFirst = refused is null;
                        refused ??= (target, failure);
                        if (!isFirst || !MayAskAnother())
                        {
                            return Ended();
                        }
                    }
                }

                if (made.Count >= AttemptBudget)
                {
                    return Ended();
                }

                // Choose the next: never outside what the engine permits now.
                left.RemoveAll(other => other.Deployment.Id != target.Deployment.Id && !board.MayTry(other));
                var again = await SameTargetAgainAsync(target, reply as ProviderReply.Failed, left, repeated, Remaining(), deadline);

                // Only now: while we paused, the policy may have been changed and the breaker opened.
                if (policies.Active is not { } snapshot)
                {
                    return Ended();
                }

                var now = inForce.Under(snapshot, time.GetUtcNow());
                if (!ReferenceEquals(now.Decision, inForce.Decision))
                {
                    logger.DecidedAgain(exchange.RequestId, snapshot.Version);
                    inForce = now;
                    left = StillPermitted(left, now, snapshot);
                }

                left.RemoveAll(other => !board.MayTry(other));
                var same = again ? left.Find(other => other.Deployment.Id == target.Deployment.Id) : null;
                if (same is null)
                {
                    left.RemoveAll(other => other.Deployment.Id == target.Deployment.Id);
                    failed.Add(target);
                }

                if ((same ?? planner.Next(left, failed, Remaining())) is not { } next)
                {
                    return Ended();
                }

                // Steps 5 and 6 again: duties bind to the destination, and every send has its own record.
                target = next;
                redacted = redactor.Redact(exchange.RequestId, inForce.Prompt, target, placeholders);
                try
                {
                    receipt = await audit.AppendAsync(
                        new AttemptAuthorized
                        {
                            Id = Guid.CreateVersion7(time.GetUtcNow()),
                            At = time.GetUtcNow(),
                            RequestId = exchange.RequestId,
                            Attempt = made.Count + 1,
                            AuthorizedDeployment = target.Deployment.Id,
                            PolicyVersion = target.PolicyVersion,
                            AfterFailure = made.Failures is [.., var last] ? last.Failure.Code : "breaker_open",
                            Redactions = redacted.Redactions,
                            SentHash = redacted.Hash,
                        },
                        deadline);
                }
                catch (AuditUnavailableException)
                {
                    return Ended() with { IsAuditUnavailable = true };
                }
            }
        }

        async Task<Attempted?> SendAsync()
        {
            // Nothing but the three proofs together makes an outbound request.
            var outbound = OutboundRequest.Create(target, redacted, receipt);
            var most = MostOfAWholeAnswer();
            var waiting = time.GetTimestamp();
            made.Began();
            try
            {
                var attempted = await places.AttemptAsync(
                    outbound.Endpoint, () => board.AttemptAsync(target, caller, isLastResort, token => sender.SendAsync(outbound, most, token), deadline));
                if (attempted is null or { Reply: ProviderReply.Failed { Failure.Kind: FailureKind.AtCapacity } })
                {
                    made.WasNotSent();
                }
                else if (!repeated.Contains(target.Deployment.Id))
                {
                    board.Budget(target.Deployment.Provider).NoteRequest();
                }

                return attempted;
            }
            catch (OperationCanceledException) when (deadline.IsCancellationRequested && !exchange.CallerLeft.IsCancellationRequested)
            {
                made.Failed(target, new ProviderFailure(FailureKind.TotalTimeout));
                throw;
            }
            finally
            {
                exchange.AddProviderTime(time.GetElapsedTime(waiting));
            }
        }

        // A whole answer shows no first word; one that never comes must leave time for the next target.
        TimeSpan? MostOfAWholeAnswer() => left.Exists(other => other.Deployment.Id != target.Deployment.Id && board.MayTry(other)) ? Remaining() / 2 : null;

        // Who has been answered lately knows how to ask: one other target is asked as well before it is told that its request is wrong.
        bool MayAskAnother() => board.KnowsHowToAsk(caller)
            && left.Exists(other => other.Deployment.Id != target.Deployment.Id && board.MayTry(other))
            && board.TrySpendRetry(target.Deployment.Provider);

        AttemptsResult Ended() => made.Ended(redacted.Redactions) with
        {
            Target = refused?.Target, IsCallersFault = refused is not null, RetryAfter = RetryAfter(plan.Targets, made.Failures), DecidedAgain = DecidedAgain(),
        };

        Decision? DecidedAgain() => ReferenceEquals(inForce.Decision, decided.Decision) ? null : inForce.Decision;

        TimeSpan Remaining() => limits.RequestDeadline - exchange.Elapsed;
    }

    /// <summary>When the first of the targets may be tried again, by its breakers and by what it asked for; later by chance, so that not all come back at once.</summary>
    private TimeSpan RetryAfter(IReadOnlyList<PermittedDeployment> targets, IReadOnlyList<FailedAttempt> failures) => RetryPause.After(
        targets.Min(target => failures
            .Where(failed => failed.DeploymentId == target.Deployment.Id)
            .Select(static failed => failed.Failure.RetryAfter ?? TimeSpan.Zero)
            .Append(board.UntilTrial(target))
            .Max()),
        chance);

    /// <summary>What is left of the plan under another decision: only what that permits stays, and by its duties.</summary>
    private List<PermittedDeployment> StillPermitted(List<PermittedDeployment> left, DecisionInForce now, PolicySnapshot snapshot) =>
        now.Decision.Request.Route is { } route && !snapshot.Offers(route)
            ? []
            : [.. left
                .Select(target => now.Decision.Permitted.FirstOrDefault(permitted => permitted.Deployment.Id == target.Deployment.Id))
                .OfType<PermittedDeployment>()
                .Where(target => Suitability.Lack(now.Prompt, target, audit.Suspended) is null)];

    /// <summary>
    /// The same target gets one second attempt, if its provider's retry budget has one left: after its credential turns out to have been rotated, or, when
    /// nobody else is left, after the pause it asked for, if that leaves as much time again for the answer.
    /// </summary>
    private async Task<bool> SameTargetAgainAsync(
        PermittedDeployment target, ProviderReply.Failed? reply, List<PermittedDeployment> left, HashSet<string> repeated, TimeSpan remaining, CancellationToken deadline)
    {
        if (reply is null)
        {
            return false;
        }

        var credential = board.Of(target.Deployment.Id).Credential;
        if (OutageSignals.IsAboutCredential(reply.Failure) && target.Endpoint is { } endpoint)
        {
            if (repeated.Contains(target.Deployment.Id))
            {
                credential.RefusedAgain();
                return false;
            }

            try
            {
                // Not cancelled with this request: others wait for the same answer.
                return await credential.HasChangedAsync(() => credentials.HasChangedAsync(endpoint, CancellationToken.None).AsTask())
                    .WaitAsync(endpoint.Timeouts.FirstToken, time, deadline) && MaySpend();
            }
            catch (TimeoutException)
            {
                // Its source hangs; other targets have keys of their own.
                return false;
            }
        }

        if (left.Count == 1 && reply.Failure is { Kind: FailureKind.Status, RetryAfter: { } pause } && pause <= remaining / 2
            && !repeated.Contains(target.Deployment.Id) && MaySpend())
        {
            await Task.Delay(chance.Between(pause, pause + (pause * PauseJitter)), time, deadline);
            return true;
        }

        return false;

        bool MaySpend()
        {
            var isAllowed = board.TrySpendRetry(target.Deployment.Provider);
            if (isAllowed)
            {
                repeated.Add(target.Deployment.Id);
            }

            return isAllowed;
        }
    }
}
