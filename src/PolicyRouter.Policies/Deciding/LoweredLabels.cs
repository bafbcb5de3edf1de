namespace PolicyRouter.Policies.Deciding;

/// <summary>
/// Proof that labels of a request were lowered by lines of the policy: made by <see cref="PolicySnapshot.Lower"/> only. Its redaction is a duty towards
/// every deployment, for the labels are true of the redacted text and of nothing else.
/// </summary>
public sealed record LoweredLabels
{
    internal LoweredLabels(PolicyRequest original, IReadOnlyList<FiringDuty> redactions)
    {
        Original = original;
        Redactions = redactions;
    }

    /// <summary>The request before.</summary>
    public PolicyRequest Original { get; }

    /// <summary>One per line, named <c>lowering FROM to TO</c>.</summary>
    internal IReadOnlyList<FiringDuty> Redactions { get; }
}

/// <summary>A line of <c>lowering</c> whose approval a request holds.</summary>
/// <param name="Name"><c>lowering FROM to TO</c>, which is what its approval names.</param>
/// <param name="From">The class it lowers.</param>
/// <param name="Profile">The redaction that has to be done, and verified, first.</param>
public sealed record HeldLowering(string Name, string From, string Profile);
