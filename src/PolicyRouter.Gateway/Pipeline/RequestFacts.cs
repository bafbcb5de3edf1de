using Microsoft.AspNetCore.Http;
using PolicyRouter.Gateway.Callers;
using PolicyRouter.Gateway.Wire;
using PolicyRouter.Policies.Deciding;

namespace PolicyRouter.Gateway.Pipeline;

/// <summary>
/// What the caller's token, the headers and the metadata object say about a request, joined. Classes and zones only add up;
/// nothing a request says about itself takes anything away.
/// </summary>
/// <param name="Error">What is wrong with them; null when nothing is.</param>
internal sealed record RequestFacts(
    IReadOnlyList<string> DeclaredClasses, IReadOnlyList<string> Subjects, string? Purpose, bool IsDryRun, GatewayError? Error)
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
        return new RequestFacts(classes, subjects, purpose, dryRun == "true", Fault());

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
