namespace PolicyRouter.Policies.Deciding;

/// <summary>One reason a deployment may not receive a request.</summary>
/// <param name="Rule">A rule id, or the fixed words <c>no permit for CLASS</c>, <c>feature not offered: FEATURE</c>, ...</param>
/// <param name="Citation">Laws or company policies the rule names; empty for the fixed words.</param>
/// <param name="Reason">One sentence for people. Never content.</param>
public sealed record DenialReason(string Rule, IReadOnlyList<string> Citation, string Reason);

/// <summary>A deployment that may not receive the request, with every reason, sorted.</summary>
public sealed record DeniedDeployment(string DeploymentId, IReadOnlyList<DenialReason> Reasons);

/// <summary>A rule in shadow mode that would have fired for these deployments.</summary>
public sealed record ShadowedRule(string Rule, IReadOnlyList<string> Deployments);

/// <summary>The final classes and where they came from.</summary>
public sealed record ClassProvenance(
    IReadOnlyList<string> Floor,
    IReadOnlyList<string> Declared,
    IReadOnlyList<string> Detected,
    IReadOnlyList<string> Final);

/// <summary>The answer to one <see cref="PolicyRequest"/>: who may receive it, in order, and why the others may not.</summary>
public sealed record Decision
{
    public required string PolicyVersion { get; init; }
    public required PolicyRequest Request { get; init; }
    public required ClassProvenance Classes { get; init; }

    /// <summary>Zones used by the rules: the request's, or <c>unknown</c>.</summary>
    public required IReadOnlyList<string> Subjects { get; init; }

    /// <summary>Deployments that may receive it, in the order of the route and the <c>prefer</c> rules.</summary>
    public required IReadOnlyList<PermittedDeployment> Permitted { get; init; }
    public required IReadOnlyList<DeniedDeployment> Denied { get; init; }

    /// <summary>Ids that the rules allow but the route does not offer. They receive nothing.</summary>
    public required IReadOnlyList<string> OutsideRoute { get; init; }

    /// <summary>Advisory forbids that fired, per deployment: they warn and never block.</summary>
    public required IReadOnlyList<DeniedDeployment> Warnings { get; init; }

    /// <summary>Overridable forbids that a break-glass token switched off, per deployment.</summary>
    public IReadOnlyList<DeniedDeployment> Overridden { get; init; } = [];

    /// <summary>The break-glass token that was taken into account: made for this caller and for every class of the data; else null.</summary>
    public BreakGlass? BreakGlass { get; init; }

    /// <summary>Rules on trial that would have fired, and for which deployments. They have no effect.</summary>
    public IReadOnlyList<ShadowedRule> Shadow { get; init; } = [];

    public bool IsPermitted => Permitted.Count > 0;
}
