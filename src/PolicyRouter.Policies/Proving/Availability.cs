using System.Globalization;
using PolicyRouter.Policies.Cases;
using PolicyRouter.Policies.Deciding;

namespace PolicyRouter.Policies.Proving;

/// <summary>Checks that a request stays answerable, on every date from the claim's day on, after the loss of any one failure domain.</summary>
internal static class Availability
{
    public static ClaimProof Check(PolicySnapshot policy, AlwaysClaim claim)
    {
        var failures = 0UL;
        Counterexample? first = null;
        foreach (var day in DayInterval.Between(policy.Edges).Where(day => day.Last is not { } last || last >= claim.Today))
        {
            var request = claim.Given with { Day = day.Near(claim.Today) };
            string[] permitted = [.. Reachable(policy, request)];
            foreach (var domain in Domains(policy, permitted))
            {
                string[] left = [.. permitted.Where(id => !policy.Endpoints[id].FailsWith.Contains(domain))];
                if (left.Length == 0)
                {
                    failures++;
                    first ??= Against(claim, request, permitted, domain);
                }
            }

            if (permitted.Length == 0)
            {
                failures++;
                first ??= Against(claim, request, permitted, domain: null);
            }
        }

        return new(claim.Id, claim.Claim, failures == 0, failures, first);
    }

    /// <summary>Permitted deployments that have an endpoint: the others cannot answer.</summary>
    public static IEnumerable<string> Reachable(PolicySnapshot policy, PolicyRequest request) =>
        policy.Decide(request).Permitted.Where(static permitted => permitted.Endpoint is not null).Select(static permitted => permitted.Deployment.Id);

    public static IEnumerable<string> Domains(PolicySnapshot policy, IEnumerable<string> deployments) =>
        deployments.SelectMany(id => policy.Endpoints[id].FailsWith).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

    private static Counterexample Against(AlwaysClaim claim, PolicyRequest request, string[] permitted, string? domain)
    {
        var what = CounterexampleText.Request(request);
        var sentence = domain is null
            ? string.Create(CultureInfo.InvariantCulture, $"{what} has no permitted deployment to go to at all{Route(request)}.")
            : string.Create(CultureInfo.InvariantCulture, $"When {domain} is lost, {what} can go nowhere{Route(request)}: everything permitted ({Rules.English.And(permitted)}) fails with it.");
        return new(request, null, char.ToUpperInvariant(sentence[0]) + sentence[1..], CounterexampleText.Case(claim.Claim, request, $"permitted: [{string.Join(", ", permitted)}]"));
    }

    private static string Route(PolicyRequest request) => request.Route is { } route ? $" on route {route}" : "";
}
