using Microsoft.AspNetCore.Http;
using PolicyRouter.Gateway.Callers;
using PolicyRouter.Gateway.Wire;
using PolicyRouter.Policies.Deciding;
using PolicyRouter.Redaction.Replacement;

namespace PolicyRouter.Gateway.Pipeline;

/// <summary>
/// What the caller's token, the headers and the metadata object say about a request, joined. Classes and zones only add up;
/// nothing a request says about itself takes anything away.
/// </summary>
/// <param name="Error">What is wrong with them; null when nothing is.</param>
internal sealed record RequestFacts(
    IReadOnlyList<string> DeclaredClasses, IReadOnlyList<string> Subjects, string? Purpose, string? Session, bool IsDryRun, GatewayError? Error)
{
    /// <summary>Joins the facts and checks them against what the policy knows and the token allows.</summary>
    public static RequestFacts From(IHeaderDictionary headers, DeclaredMetadata metadata, Caller caller, PolicySnapshot snapshot)
    {
        var classes = Union(Values(headers, "X-Data-Class"), metadata.DataClasses);
        var subjects = Union(Union(Values(headers, "X-Data-Subjects"), metadata.DataSubjects), caller.DataSubjects);
        var purposes = Union(Values(headers, "X-Purpose"), metadata.Purpose is { } named ? [named] : []);

        // A token that allows exactly one purpose states it; one that allows several leaves the choice to the request.
        var purpose = purposes.Count > 0 ? purposes[0] : caller.Purposes.Count == 1 ? caller.Purposes[0] : null;
        var dryRun = headers["X-Dry-Run"].ToString();
        var sessions = Union([.. headers["X-Session-Id"].OfType<string>().Where(static id => id.Length > 0)], metadata.Session is { } session ? [session] : []);
        return new RequestFacts(classes, subjects, purpose, sessions.FirstOrDefault(), dryRun == "true", Fault());

        GatewayError? Fault()
        {
            if (classes.Exists(name => !snapshot.Classes.Contains(name)))
            {
                return GatewayError.DataClassUnknown(snapshot.Classes);
            }

            if (subjects.Exists(zone => zone != Unknown && !snapshot.Zones.Contains(zone)))
            {
                return GatewayError.InvalidRequest(
                    $"X-Data-Subjects names a zone the policy does not know. Known: {string.Join(", ", snapshot.Zones.Order(StringComparer.Ordinal))}.",
                    "X-Data-Subjects");
            }

            if (purposes.Count > 1)
            {
                return GatewayError.InvalidRequest("A request has one purpose.", "X-Purpose");
            }

            if (sessions.Count > 1 || sessions.Exists(static id => id.Length > LongestSession || id.Any(char.IsControl)))
            {
                return GatewayError.InvalidRequest($"A request has one session id of {LongestSession} characters at most.", "X-Session-Id");
            }

            if (dryRun is not ("" or "false" or "true"))
            {
                return GatewayError.InvalidRequest("X-Dry-Run is true or false.", "X-Dry-Run");
            }

            return purpose is not null
                && (!snapshot.Purposes.Contains(purpose)
                    || (caller.Purposes.Count > 0 && !caller.Purposes.Contains(purpose, StringComparer.Ordinal)))
                ? GatewayError.PurposeNotAllowed()
                : null;
        }
    }

    private const string Unknown = "unknown";
    private const int LongestSession = 256;

    /// <summary>What placeholders, pseudonyms and shifted dates come from: the same in all requests of a session, which belongs to one app of one tenant.</summary>
    public ReplacementSources ReplacementsFor(Caller caller, RedactionKey key, TimeProvider time) =>
        new(key, Session is { } session ? key.Conversation(string.Join('\n', caller.Tenant, caller.App, session)) : null, time);

    private static List<string> Values(IHeaderDictionary headers, string name)
    {
        List<string> values = [];
        foreach (var line in headers[name])
        {
            foreach (var part in (line ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                values.Add(part);
            }
        }

        return values;
    }

    private static List<string> Union(IReadOnlyList<string> one, IReadOnlyList<string> other) =>
        [.. one.Union(other, StringComparer.Ordinal).Order(StringComparer.Ordinal)];
}
