using System.Globalization;
using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Policies.Rules;

/// <summary><c>retention days at most</c>: the vendor keeps prompts for no longer than this many days.</summary>
internal sealed record RetentionAtMost(int Days) : DeploymentCondition
{
    public static Phrase Definition { get; } = new()
    {
        Name = "retention days at most",
        Value = PhraseValue.Days,
        Description = "The vendor keeps prompts for no longer than this many days after answering. 0 means not at all.",
        Make = static words => new RetentionAtMost(int.Parse(words[0], NumberStyles.None, CultureInfo.InvariantCulture)),
    };

    public override Phrase Phrase => Definition;
    public override string English => string.Create(CultureInfo.InvariantCulture, $"prompts are kept for {Days} days at most");

    public override bool Holds(Deployment deployment, bool whenUnknown) =>
        deployment.RetentionDays is { } days ? days <= Days : whenUnknown;
}
