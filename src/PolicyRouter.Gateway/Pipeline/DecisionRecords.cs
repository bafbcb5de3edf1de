using PolicyRouter.Audit.Events;
using PolicyRouter.Gateway.Callers;
using PolicyRouter.Gateway.Resilience;
using PolicyRouter.Gateway.Wire;
using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Gateway.Pipeline;

/// <summary>A deployment that the rules permit but this request cannot go to: what its wire or endpoint lacks.</summary>
internal sealed record Unsuitable(string DeploymentId, string Reason);

/// <summary>Everything step 6 needs to know about a request, permitted or refused.</summary>
/// <param name="RetryOf">The request that a client library sent again as this one; null for none.</param>
/// <param name="Purpose">A purpose of the policy; null for none, and for one the policy does not know: that is the caller's free text.</param>
internal sealed record DecidedRequest(
    ChatExchange Exchange,
    Caller Caller,
    ScannedPrompt Prompt,
    ReadOnlyMemory<byte> Body,
    Decision Decision,
    string? Purpose,
    IReadOnlyList<Unsuitable> Unsuitable,
    AttemptPlan Plan,
    Guid? RetryOf)
{
    /// <summary>Prompt and decision, as they are asked again before a further send.</summary>
    public DecisionInForce InForce => new(Prompt, Decision);
}

/// <summary>Turns decisions and their ends into events: ids, names, counts and keyed hashes.</summary>
internal sealed class DecisionRecords(PromptHasher hasher, TimeProvider time, NodeName node)
{
    /// <summary>Every use of a break-glass token is reviewed within this time.</summary>
    public static readonly TimeSpan BreakGlassReview = TimeSpan.FromHours(72);

    public RequestDecided Permitted(DecidedRequest decided, RedactedPrompt first) =>
        Record(decided, "permit", refusalCode: null) with
        {
            AuthorizedDeployment = first.Target.Deployment.Id,
            Redactions = first.Redactions,
            SentHash = first.Hash,
        };

    public RequestDecided Refused(DecidedRequest decided, string code) => Record(decided, "deny", code);

    public RequestDecided DryRun(DecidedRequest decided) => Record(decided, "dry-run", refusalCode: null);

    public RequestCompleted Completed(
        ChatExchange exchange, string outcome, AttemptsResult attempts, int? status, AnswerFacts? facts, TimeSpan? firstByte, ScannedPrompt prompt)
    {
        var isCounted = facts is null or { InputTokens: not null, OutputTokens: not null };
        long? input = facts is null ? null : facts.InputTokens ?? prompt.Tokens;
        long? output = facts is null ? null : facts.OutputTokens ?? facts.CountedTokens;
        var price = attempts.Answer is null ? null : attempts.Target?.Endpoint?.Price;
        return new RequestCompleted
        {
            Id = Guid.CreateVersion7(time.GetUtcNow()),
            At = time.GetUtcNow(),
            RequestId = exchange.RequestId,
            Outcome = outcome,
            Deployment = attempts.Answer is null ? null : attempts.Target?.Deployment.Id,
            Attempts = attempts.Attempts,
            Failures = [.. attempts.Failures.Select(static failed => $"{failed.DeploymentId} {failed.Failure.Code}")],
            HttpStatus = status,
            InputTokens = input,
            OutputTokens = output,
            AreTokensEstimated = !isCounted,
            CostMicros = price is null || input is null || output is null ? null : CostOf(input.Value, output.Value, price),
            Currency = price?.Currency,
            RanIn = ProviderWords.Place(facts?.RanIn, prompt),
            DurationMs = (long)exchange.Elapsed.TotalMilliseconds,
            FirstByteMs = firstByte is { } first ? (long)first.TotalMilliseconds : null,
            ResponseModel = ProviderWords.Model(facts?.ResponseModel, attempts.Target?.Endpoint is { } endpoint ? AnswerChecks.Expected(endpoint) : [], prompt),
        };
    }

    /// <summary>A price per million tokens is one per token in millionths.</summary>
    private static long CostOf(long input, long output, TokenPrice price) =>
        (long)Math.Round((input * price.Input) + (output * price.Output), MidpointRounding.AwayFromZero);

    private RequestDecided Record(DecidedRequest decided, string outcome, string? refusalCode)
    {
        // Not when the request began: its body may have taken minutes to arrive, and the log is checked for times that do not fit.
        var now = time.GetUtcNow();
        var decision = decided.Decision;
        var document = decided.Prompt.Document;
        return new RequestDecided
        {
            Id = decided.Exchange.RequestId,
            At = now,
            Outcome = outcome,
            RefusalCode = refusalCode,
            App = decided.Caller.App,
            Tenant = decided.Caller.Tenant,
            PolicyVersion = decision.PolicyVersion,
            Day = decision.Request.Day.ToString("O", System.Globalization.CultureInfo.InvariantCulture),
            Route = document.Model,
            Wire = document.Api.RecordName,
            Streaming = document.IsStreaming,
            FloorClasses = decision.Classes.Floor,
            DeclaredClasses = decision.Classes.Declared,
            DetectedClasses = decision.Classes.Detected,
            FinalClasses = decision.Classes.Final,
            Subjects = decision.Subjects,
            Purpose = decided.Purpose,
            Features = [.. decision.Request.Features],
            FindingCounts = decided.Prompt.Counts,
            Plan = [.. decided.Plan.Targets.Select(static target => target.Deployment.Id)],
            PlanReason = decided.Plan.Reason,
            Avoided = decided.Plan.Avoided,
            Denied = [.. Candidates(decision.Denied)],
            Unsuitable = [.. decided.Unsuitable.Select(static unsuitable => new DeniedCandidate(unsuitable.DeploymentId, [unsuitable.Reason]))],
            Duties =
            [
                .. decided.Plan.Targets.SelectMany(static target => target.Duties.Firing.Select(
                    duty => new RecordedDuty(target.Deployment.Id, duty.Rule, duty.Redact))),
            ],
            AuthorizedDeployment = null,
            Redactions = 0,
            PromptBytes = decided.Body.Length,
            PromptHash = hasher.Hash(decided.Body.Span),
            SentHash = null,
            Node = node.Value,
            BusinessUnit = decided.Caller.BusinessUnit is { Length: > 0 } unit ? unit : null,
            Advisory = [.. Candidates(decision.Warnings)],
            Overridden = [.. Candidates(decision.Overridden)],
            Shadow = [.. ByDeployment(decision.Shadow)],
            RetryOf = decided.RetryOf,
            BreakGlass = decision.BreakGlass is { } token
                ? new(token.Ticket, token.Rules, token.SignedBy, token.Expires, now + BreakGlassReview)
                : null,
            Approvals =
            [
                .. decision.Request.Approvals.Select(static approval => new RecordedApproval(approval.TokenId, approval.Rule, approval.Role, approval.Person)),
            ],
        };
    }

    private static IEnumerable<DeniedCandidate> Candidates(IReadOnlyList<DeniedDeployment> deployments) =>
        deployments.Select(static denied => new DeniedCandidate(denied.DeploymentId, [.. denied.Reasons.Select(static reason => reason.Rule)]));

    private static IEnumerable<DeniedCandidate> ByDeployment(IReadOnlyList<ShadowedRule> shadow) => shadow
        .SelectMany(static rule => rule.Deployments.Select(deployment => (deployment, rule.Rule)))
        .GroupBy(static pair => pair.deployment, static pair => pair.Rule, StringComparer.Ordinal)
        .OrderBy(static group => group.Key, StringComparer.Ordinal)
        .Select(static group => new DeniedCandidate(group.Key, [.. group.Order(StringComparer.Ordinal)]));
}

/// <summary>This process's name in events: host name and process id.</summary>
public sealed record NodeName(string Value);
