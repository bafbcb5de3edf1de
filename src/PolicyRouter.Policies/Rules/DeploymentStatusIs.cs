using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Policies.Rules;

/// <summary><c>deployment status is</c>.</summary>
internal sealed record DeploymentStatusIs(string Status) : DeploymentCondition
{
    public const string Approved = "approved";

    /// <summary>Out of use at once, for the time being.</summary>
    public const string Suspended = "suspended";

    public static IReadOnlyList<string> Known { get; } = [Approved, "pending", "retired", Suspended];

    public static Phrase Definition { get; } = new()
    {
        Name = "deployment status is",
        Value = PhraseValue.Word,
        Noun = "deployment status",
        Known = Known,
        Description = "The registry gives the deployment this status. Only approved ones match a permit.",
        Make = static words => new DeploymentStatusIs(words[0]),
    };

    public override Phrase Phrase => Definition;
    public override string English => $"the deployment is {Status}";

    public override bool Holds(Deployment deployment, bool whenUnknown) =>
        deployment.Status == Status || (deployment.Status == "unknown" && whenUnknown);
}
