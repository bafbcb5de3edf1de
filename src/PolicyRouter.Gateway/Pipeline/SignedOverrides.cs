using Microsoft.AspNetCore.Http;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Gateway.Callers;
using PolicyRouter.Gateway.Wire;
using PolicyRouter.Policies.Deciding;

namespace PolicyRouter.Gateway.Pipeline;

/// <summary>What people have signed for one request: a break-glass token in <c>X-Break-Glass</c>, approvals in <c>X-Approval</c>, one per line.</summary>
/// <param name="BreakGlass">Checked; null without one.</param>
/// <param name="Approvals">Checked, for this very request.</param>
/// <param name="Error">Why one of them does not hold; null when all do. Ignoring one would hide that it had no effect.</param>
internal sealed record SignedOverrides(BreakGlass? BreakGlass, IReadOnlyList<Approval> Approvals, GatewayError? Error)
{
    private const int MostApprovals = 8;

    /// <summary>Checks them against the policy in force.</summary>
    /// <param name="requestHash">What an approval has to name.</param>
    public static SignedOverrides Read(IHeaderDictionary headers, Caller caller, PolicySnapshot snapshot, string requestHash, DateTimeOffset now)
    {
        BreakGlass? breakGlass = null;
        if (headers["X-Break-Glass"] is { Count: > 0 } tokens
            && (tokens is [{ } token] ? snapshot.CheckBreakGlass(token, caller.App, now, out breakGlass) : "a request carries one") is { } fault)
        {
            return new(null, [], GatewayError.BreakGlassInvalid(fault));
        }

        var presented = headers["X-Approval"];
        if (presented.Count > MostApprovals)
        {
            return new(null, [], GatewayError.ApprovalRequired($"A request carries at most {MostApprovals} approvals."));
        }

        List<Approval> approvals = [];
        foreach (var statement in presented)
        {
            if (snapshot.CheckApproval(statement ?? "", requestHash, now, out var held) is { } why)
            {
                return new(null, [], GatewayError.ApprovalRequired($"An approval that came with the request does not hold: {why}."));
            }

            approvals.AddRange(held);
        }

        return new(breakGlass, approvals, null);
    }

    /// <summary>Why a token that holds does not help here: it was made for other classes. Null when it helps, or there is none.</summary>
    public GatewayError? ErrorFor(Decision decision) =>
        BreakGlass is not null && decision.BreakGlass is null ? GatewayError.BreakGlassInvalid("it does not name every class of the data") : null;

    /// <summary>Uses up the approvals, for each counts once.</summary>
    /// <exception cref="AuditUnavailableException">It is not known whether they were used.</exception>
    public async Task<GatewayError?> UseUpAsync(AuditLog audit, ChatExchange exchange) =>
        Approvals.Count == 0
        || await audit.TryUseApprovalsAsync([.. Approvals.Select(static approval => $"{approval.Person} {approval.TokenId}")], exchange.RequestId, exchange.CallerLeft)
            ? null
            : GatewayError.ApprovalRequired("An approval that came with the request has been used before.");

    /// <summary>
    /// The question as it is to be asked before a further attempt: what has expired no longer counts, and under another policy than the one it was
    /// checked against, nothing that was signed does.
    /// </summary>
    public static PolicyRequest StillHeld(Decision decision, PolicySnapshot snapshot, DateTimeOffset now)
    {
        var request = decision.Request;
        var isSamePolicy = snapshot.Version == decision.PolicyVersion;
        var breakGlass = isSamePolicy && request.BreakGlass?.Expires > now ? request.BreakGlass : null;
        var isHeld = isSamePolicy && request.Approvals.All(approval => approval.Expires > now);
        return request.Day == snapshot.DayOf(now) && breakGlass == request.BreakGlass && (isHeld || request.Approvals.Count == 0)
            ? request
            : (isHeld ? request : request.Lowered?.Original ?? request) with
            {
                Day = snapshot.DayOf(now),
                BreakGlass = breakGlass,
                Approvals = isHeld ? request.Approvals : [],
            };
    }
}
