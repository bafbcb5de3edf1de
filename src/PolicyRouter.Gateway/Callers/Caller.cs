using System.Security.Claims;

namespace PolicyRouter.Gateway.Callers;

/// <summary>Who asks, as a validated token says it. Nothing in the request can change it.</summary>
public sealed record Caller
{
    /// <summary>The app that our own probes are recorded as. No token may carry it.</summary>
    public const string ProbeApp = "policyrouter-probe";

    /// <summary><c>sub</c>: the app or person.</summary>
    public required string App { get; init; }

    /// <summary><c>tenant</c>; empty when the token has none.</summary>
    public string Tenant { get; init; } = "";

    /// <summary><c>business_unit</c>: the part of the organisation it belongs to; empty when the token has none.</summary>
    public string BusinessUnit { get; init; } = "";

    /// <summary><c>roles</c>: <c>app</c>, <c>auditor</c>, <c>legal</c>, <c>operator</c>.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary><c>data_class_floor</c>: every request of this caller has at least these classes.</summary>
    public IReadOnlyList<string> FloorClasses { get; init; } = [];

    /// <summary><c>purposes</c>: the only ones this caller may name; empty when the token lists none.</summary>
    public IReadOnlyList<string> Purposes { get; init; } = [];

    /// <summary><c>data_subjects</c>: zones that are added to what a request says.</summary>
    public IReadOnlyList<string> DataSubjects { get; init; } = [];

    /// <summary><c>priority</c>: <c>low</c>, <c>normal</c> or <c>high</c>; normal when the token says nothing, or something else.</summary>
    public CallerPriority Priority { get; init; } = CallerPriority.Normal;

    /// <summary>The caller of an authenticated request.</summary>
    /// <exception cref="InvalidOperationException">The principal was not made by our token check: a bug.</exception>
    public static Caller Of(ClaimsPrincipal user)
    {
        ArgumentNullException.ThrowIfNull(user);
        return TryOf(user) ?? throw new InvalidOperationException("The request has no validated caller.");
    }

    /// <summary>The caller, or null for a request that is not authenticated.</summary>
    internal static Caller? TryOf(ClaimsPrincipal user) => (user.Identity as CallerIdentity)?.Caller;
}
