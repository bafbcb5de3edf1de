using PolicyRouter.Policies.Deciding;

namespace PolicyRouter.Policies.Proving;

/// <summary>What was proved about one policy, for every request on every date.</summary>
/// <param name="States">Requests times deployments: everything that was looked at, counted exactly.</param>
/// <param name="Situations">How many of them had to be evaluated, because the rules can tell them apart.</param>
/// <param name="TooLarge">The dimension that is too large to enumerate; null when everything was proved or disproved.</param>
public sealed record PolicyProof(UInt128 States, long Situations, IReadOnlyList<ClaimProof> Claims, PolicyAnalysis? Analysis, string? TooLarge)
{
    /// <summary>True when every state was counted; false when the policy is so large that the verdicts come from the smallest sets of classes alone.</summary>
    public bool IsCounted { get; init; }

    public bool Holds => TooLarge is null && Claims.All(static claim => claim.Holds);
}

/// <summary>One claim, and the simplest request against it.</summary>
/// <param name="Violations">States that contradict a never-claim, or at least so many when not everything was counted; for an availability claim: intervals of days times failure domains.</param>
/// <param name="Counterexample">Null when the claim holds.</param>
public sealed record ClaimProof(string Id, string Claim, bool Holds, UInt128 Violations, Counterexample? Counterexample);

/// <summary>A request that shows a claim to be false.</summary>
/// <param name="Sentence">One English sentence.</param>
/// <param name="TestCase">The same as a case, to be pasted into a file of <c>tests/</c>.</param>
public sealed record Counterexample(PolicyRequest Request, string? Deployment, string Sentence, string TestCase);

/// <summary>What the enumeration tells about the rules themselves.</summary>
/// <param name="NeverFire">Rules that fire for no request, deployment and date.</param>
/// <param name="RemovablePermits">Permits whose removal would change no decision.</param>
/// <param name="SubsumedPermits">Permits that permit nothing another one does not.</param>
/// <param name="ContradictoryDuties">Pairs of duties that cannot both be met for some request that is otherwise allowed: <c>D-A and D-B</c>.</param>
/// <param name="SoleBlocker">Per forbid that blocks: in how many states it is the only rule that does. Zero is a guard rail, and meant to be redundant.</param>
/// <param name="Beside">Per forbid: what else denies something that it denies, where a permit would let it go; empty when no permit would.</param>
/// <param name="UnreachableClasses">Data classes that no deployment may ever receive.</param>
/// <param name="UnreachableDeployments">Deployments that no request reaches.</param>
public sealed record PolicyAnalysis(
    IReadOnlyList<string> NeverFire,
    IReadOnlyList<string> RemovablePermits,
    IReadOnlyList<SubsumedPermit> SubsumedPermits,
    IReadOnlyList<string> ContradictoryDuties,
    IReadOnlyDictionary<string, UInt128> SoleBlocker,
    IReadOnlyDictionary<string, IReadOnlyList<string>> Beside,
    IReadOnlyList<string> UnreachableClasses,
    IReadOnlyList<string> UnreachableDeployments);

/// <summary>A permit that another one contains: whatever it permits, that one does too.</summary>
public sealed record SubsumedPermit(string Permit, string By);
