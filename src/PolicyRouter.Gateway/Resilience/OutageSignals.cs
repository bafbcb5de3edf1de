using PolicyRouter.Gateway.Providers;

namespace PolicyRouter.Gateway.Resilience;

/// <summary>Which failures say something about the provider, and which about the request.</summary>
internal static class OutageSignals
{
    /// <summary>
    /// True for failures that count against the deployment. 401 and 403 do: the outage of 28 April 2026 was one of
    /// authentication. A 4xx about the request itself does not; see <see cref="CallerErrors"/> for when it does after all.
    /// </summary>
    public static bool IsOutage(ProviderFailure failure) => failure.Kind switch
    {
        FailureKind.Status => failure.IsResidencyMismatch || failure.Status is 401 or 403 or 404 or 408 or 424 or 429 or >= 500,
        FailureKind.NotCarried or FailureKind.Suspended or FailureKind.AtCapacity => false,
        _ => true,
    };

    /// <summary>True when the provider says that the request itself is wrong: another target would say the same.</summary>
    public static bool IsCallersFault(ProviderFailure failure) =>
        failure is { Kind: FailureKind.Status, Status: 400 or 413 or 415 or 422, IsResidencyMismatch: false };

    /// <summary>True when the credential may have been rotated under us: worth reading it again, once.</summary>
    public static bool IsAboutCredential(ProviderFailure failure) => failure is { Kind: FailureKind.Status, Status: 401 or 403 };

    /// <summary>
    /// What a reply says about the failure domains of its target. What concerns one model (400, 404, 429, an answer in no known form) says that its domain
    /// is there; what is ours (a secret that cannot be read, an address that is not allowed) says nothing.
    /// </summary>
    public static DomainVerdict OfDomain(ProviderReply reply) => reply is not ProviderReply.Failed { Failure: var failure }
        ? DomainVerdict.Answered
        : failure.Kind switch
        {
            FailureKind.Status when failure.IsResidencyMismatch => DomainVerdict.Answered,
            FailureKind.Status when failure.Status is 401 or 403 => DomainVerdict.FailedAtTheDoor,
            FailureKind.Status when failure.Status is 408 or >= 500 => DomainVerdict.Failed,
            FailureKind.Status or FailureKind.Malformed => DomainVerdict.Answered,
            FailureKind.ConnectFailed or FailureKind.ConnectTimeout => DomainVerdict.FailedAtTheDoor,
            FailureKind.FirstTokenTimeout or FailureKind.BetweenTokensTimeout or FailureKind.TotalTimeout or FailureKind.Cut or FailureKind.StreamError => DomainVerdict.Failed,
            _ => DomainVerdict.None,
        };
}
