namespace PolicyRouter.Policies.Replaying;

/// <summary>How a recorded request fares under another policy. Ids, all in ordinal order.</summary>
/// <param name="IsRouteGone">The policy has no such route, deployment or <c>auto</c> any more.</param>
/// <param name="NewlyAllowed">Deployments that might not receive it and now may.</param>
/// <param name="NewlyDenied">Deployments that might receive it and now may not.</param>
/// <param name="DutiesChanged">Deployments that may receive it still, under other rules or redactions.</param>
/// <param name="IsAnswerable">Somebody may receive it.</param>
public sealed record ReplayedRequest(
    bool IsRouteGone,
    IReadOnlyList<string> NewlyAllowed,
    IReadOnlyList<ReplayedDenial> NewlyDenied,
    IReadOnlyList<string> DutiesChanged,
    bool IsAnswerable)
{
    public bool IsChanged => IsRouteGone || NewlyAllowed.Count > 0 || NewlyDenied.Count > 0 || DutiesChanged.Count > 0;
}

/// <summary>A deployment that may no longer receive a request, with the rule ids and fixed words that say why; none when the route is gone.</summary>
public sealed record ReplayedDenial(string Deployment, IReadOnlyList<string> Rules);
