using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Policies.Rules;

/// <summary>One line of <c>when all</c> or <c>unless any</c>: a phrase of the closed list and its words.</summary>
internal abstract record Condition
{
    public abstract Phrase Phrase { get; }

    /// <summary>A clause that can stand after "when" or "unless": <c>the data includes phi</c>.</summary>
    public abstract string English { get; }
}

/// <summary>About the request alone: which of its facts is looked at, and the words that match.</summary>
internal abstract record RequestCondition(IReadOnlyList<string> Words) : Condition
{
    public abstract RequestFact Fact { get; }
}

/// <summary>About the deployment alone. Attributes the registry does not know answer <c>whenUnknown</c>.</summary>
internal abstract record DeploymentCondition : Condition
{
    public abstract bool Holds(Deployment deployment, bool whenUnknown);
}

/// <summary>About papers in force, so about the registry, the day, the features used and the zones together.</summary>
internal abstract record PaperCondition : Condition;

/// <summary>The facts of a request that a condition can look at.</summary>
internal enum RequestFact
{
    Classes,
    Subjects,
    Purpose,
    Features,
    BusinessUnit,
    Approvals,
}
