using System.Text.Json;
using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Facts;
using PolicyRouter.Policies.Rules;

namespace PolicyRouter.Policies.Authorizing;

/// <summary>Checks what people have signed against the policy in force. Every fault means no: there is no partial override.</summary>
internal static class OverrideCheck
{
    public const string BreakGlassFormat = "policyrouter/break-glass/v1";
    public const string ApprovalFormat = "policyrouter/approval/v1";
    private const string BreakGlassRole = "break-glass";
    private const int LongestReference = 64;

    /// <summary>The longest an approval may hold.</summary>
    public static readonly TimeSpan LongestApproval = TimeSpan.FromDays(30);

    /// <returns>The fault in one sentence, without content; null when the token holds.</returns>
    public static string? BreakGlass(PolicyModel model, string token, string caller, DateTimeOffset now, out BreakGlass? checkedToken)
    {
        checkedToken = null;
        if (SignedStatement.Read(token, model.People) is not { } statement)
        {
            return "the token is malformed, changed, or signed by somebody the registry does not know";
        }

        string[] signers = [.. statement.SignedBy.Where(static person => person.Roles.Contains(BreakGlassRole)).Select(static person => person.Id).Distinct(StringComparer.Ordinal)];
        if (signers.Length < 2)
        {
            return "two different people with the role break-glass must sign it";
        }

        if (Claims.Read(statement.Payload, BreakGlassFormat) is not { Rules.Length: > 0, Classes.Length: > 0 } claims || !IsReference(claims.Ticket))
        {
            return "it must name rules, classes, a ticket (a reference of at most 64 letters, digits and -._/#), a caller and its times";
        }

        var fault = Times(claims, now, Deciding.BreakGlass.Longest);
        if (fault is not null)
        {
            return fault;
        }

        if (claims.Caller != caller)
        {
            return "it was made for another caller";
        }

        if (claims.Rules.Any(id => !model.Rules.Any(rule => rule.Id == id && rule is { Effect: Effect.Forbid, Strength: Strength.Overridable })))
        {
            return "it names a rule that is not an overridable forbid";
        }

        checkedToken = new(claims.Rules, claims.Caller, claims.Classes, claims.Ticket, claims.Expires, signers);
        return null;
    }

    /// <returns>The fault in one sentence, without content; null when the approval holds.</returns>
    public static string? Approval(PolicyModel model, string token, string requestHash, DateTimeOffset now, out IReadOnlyList<Approval> approvals)
    {
        approvals = [];
        if (SignedStatement.Read(token, model.People) is not { SignedBy: [var person] } statement)
        {
            return "the approval is malformed, changed, or not signed by exactly one person of the registry";
        }

        if (Claims.Read(statement.Payload, ApprovalFormat) is not { Rules: [var rule] } claims || !IsReference(claims.Id))
        {
            return "it must name one rule, its own id (at most 64 letters, digits and -._/#), the request and its times";
        }

        var fault = Times(claims, now, LongestApproval);
        if (fault is not null)
        {
            return fault;
        }

        if (claims.RequestHash != requestHash)
        {
            return "it approves another request";
        }

        approvals = [.. person.Roles.Select(role => new Approval(rule, role, person.Id, claims.Expires, claims.Id))];
        return null;
    }

    // Tickets and ids are recorded and logged: they are references and hold no free text.
    private static bool IsReference(string text) =>
        text.Length is > 0 and <= LongestReference && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' or '/' or '#');

    private static string? Times(Claims claims, DateTimeOffset now, TimeSpan longest) => claims switch
    {
        _ when claims.Expires - claims.IssuedAt > longest => "it holds for too long",
        _ when claims.Expires <= now => "it has expired",
        _ when claims.IssuedAt > now.AddMinutes(1) => "it is not valid yet",
        _ => null,
    };

    private sealed record Claims(string[] Rules, string[] Classes, string Caller, string Ticket, string RequestHash, string Id, DateTimeOffset IssuedAt, DateTimeOffset Expires)
    {
        public static Claims? Read(JsonElement payload, string format)
        {
            if (payload.ValueKind is not JsonValueKind.Object || Text(payload, "format") != format
                || Seconds(payload, "iat") is not { } issued || Seconds(payload, "exp") is not { } expires)
            {
                return null;
            }

            return new(
                Texts(payload, "rules"), Texts(payload, "classes"), Text(payload, "sub"), Text(payload, "ticket"), Text(payload, "request"), Text(payload, "jti"), issued, expires);
        }

        private static string Text(JsonElement payload, string name) =>
            payload.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString()! : "";

        private static string[] Texts(JsonElement payload, string name) =>
            payload.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.Array && value.EnumerateArray().All(static item => item.ValueKind is JsonValueKind.String)
                ? [.. value.EnumerateArray().Select(static item => item.GetString()!)]
                : [];

        /// <summary>Seconds since 1970 (RFC 7519 NumericDate), within the years that a date can hold.</summary>
        private static DateTimeOffset? Seconds(JsonElement payload, string name) =>
            payload.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.Number && value.TryGetInt64(out var seconds) && seconds is > 0 and < 253_402_300_799
                ? DateTimeOffset.FromUnixTimeSeconds(seconds)
                : null;
    }
}
