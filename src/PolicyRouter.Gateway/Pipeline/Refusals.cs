using PolicyRouter.Gateway.Resilience;
using PolicyRouter.Gateway.Wire;
using PolicyRouter.Policies.Deciding;

namespace PolicyRouter.Gateway.Pipeline;

/// <summary>Chooses the error of a request that gets no answer: from rule ids, citations and fixed words, never from content.</summary>
internal static class Refusals
{
    private static readonly Chance Chance = new(Random.Shared);

    /// <summary>Why a request that was asked correctly goes to nobody.</summary>
    /// <param name="unsuitable">Targets that the rules permit and the request cannot go to.</param>
    public static GatewayError Of(Decision decision, List<Unsuitable> unsuitable, PolicySnapshot snapshot, string requestHash)
    {
        if (unsuitable.Exists(static other => other.Reason == PromptRedactor.Uninspectable))
        {
            return GatewayError.ContentUninspectable();
        }

        if (unsuitable.Exists(static other => other.Reason == Suitability.Suspended))
        {
            // The rules permit it, and an operator has said not now.
            return GatewayError.PermittedProvidersUnavailable(RetryPause.After(TimeSpan.Zero, Chance));
        }

        if (snapshot.ApprovalsThatWouldHelp(decision.Request) is { Count: > 0 } needed)
        {
            return GatewayError.ApprovalRequired($"Approval needed: {Approvals(needed, ", ")}. It names the request {requestHash}.");
        }

        var explanation = Explanation(decision, unsuitable);
        return GatewayError.NoPermittedProvider(snapshot.LoweringsThatWouldHelp(decision.Request) is { Count: > 0 } lowerings
            ? $"{explanation}. What could help is an approval of {Approvals(lowerings, " or ")} that names the request {requestHash}."
            : explanation);
    }

    private static string Approvals(IReadOnlyList<NeededApproval> approvals, string separator) =>
        string.Join(separator, approvals.Select(static approval => $"{approval.Rule} by {approval.Role}"));

    /// <summary>Rule ids and citations, each once. Never content.</summary>
    private static string Explanation(Decision decision, List<Unsuitable> unsuitable)
    {
        var rules = decision.Denied
            .SelectMany(static denied => denied.Reasons)
            .Select(static reason => reason.Citation.Count == 0 ? reason.Rule : $"{reason.Rule} ({string.Join("; ", reason.Citation)})")
            .Concat(unsuitable.Select(static other => other.Reason))
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal);
        return string.Join(", ", rules);
    }

    /// <summary>A policy that nobody has confirmed for too long still speaks for data that no law restricts.</summary>
    public static GatewayError? WhenStale(Decision decision) =>
        decision.Classes.Final.All(static label => label is "public" or "internal") ? null : GatewayError.PolicyStale();

    /// <summary>Why none of the permitted targets gave an answer.</summary>
    public static GatewayError Exhausted(AttemptsResult attempts) => attempts switch
    {
        { IsAuditUnavailable: true } => GatewayError.AuditUnavailable(),
        { IsDeadlineExceeded: true } => GatewayError.DeadlineExceeded(),
        { IsCallersFault: true } => GatewayError.InvalidRequest(
            "The provider refused the request as invalid. Check parameters such as max_tokens, tools and response_format.", null),
        _ => GatewayError.PermittedProvidersUnavailable(attempts.RetryAfter),
    };
}
