using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Policies.Rules;

/// <summary><c>training on our data is</c>.</summary>
internal sealed record TrainingIs(string Training) : DeploymentCondition
{
    public static IReadOnlyList<string> Known { get; } = ["always", "never", "opt-in", "opt-out"];

    public static Phrase Definition { get; } = new()
    {
        Name = "training on our data is",
        Value = PhraseValue.Word,
        Noun = "answer",
        Known = Known,
        Description = "Whether the vendor trains models on our prompts: never, only if we opt in, unless we opt out, or always.",
        Make = static words => new TrainingIs(words[0]),
    };

    public override Phrase Phrase => Definition;
    public override string English => $"training on our data is {Training}";

    public override bool Holds(Deployment deployment, bool whenUnknown) =>
        deployment.TrainingOnOurData is { } training ? training == Training : whenUnknown;
}
