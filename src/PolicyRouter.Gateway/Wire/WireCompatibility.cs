using System.Diagnostics.CodeAnalysis;
using PolicyRouter.Gateway.Providers.Adapters;
using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Gateway.Wire;

/// <summary>
/// Whether a request can be carried to an endpoint without changing what it means. Where it cannot, the deployment is left out: no
/// request is changed silently.
/// </summary>
internal static class WireCompatibility
{
    /// <param name="missing">What is not offered, in fixed words that hold nothing of the request.</param>
    public static bool CanCarry(PromptDocument document, Endpoint endpoint, [NotNullWhen(false)] out string? missing)
    {
        if (RouteOf(document.Api, endpoint, out _) is not { } route)
        {
            missing = document.Api.Name;
            return false;
        }

        missing = ProviderAdapter.For(endpoint.Wire).Lacks(endpoint, document);

        // The translation itself is the test, so that the two cannot disagree.
        return missing is null && (route.Translate is null || route.Translate(document.Raw, out missing) is not null);
    }

    /// <summary>How an endpoint carries an API of callers, by the first of its own APIs that can; null when none can.</summary>
    public static WireRoute? RouteOf(CallerApi api, Endpoint endpoint, out ProviderApi carrier)
    {
        foreach (var offered in ProviderAdapter.For(endpoint.Wire).Apis(endpoint))
        {
            if (api.RouteOn(offered) is { } route)
            {
                carrier = offered;
                return route;
            }
        }

        carrier = default;
        return null;
    }
}
