using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Policies.Rules;

/// <summary><c>provider reviews content is</c>: whether people at the provider may read prompts.</summary>
internal sealed record ProviderReviewsContent(string Review) : DeploymentCondition
{
    public static IReadOnlyList<string> Known { get; } = ["always", "flagged", "never"];

    public static Phrase Definition { get; } = new()
    {
        Name = "provider reviews content is",
        Value = PhraseValue.Word,
        Noun = "answer",
        Known = Known,
        Description = "Whether people at the provider may read prompts: never, only what was flagged as abuse, or always. Not stated in the registry counts as unknown.",
        Make = static words => new ProviderReviewsContent(words[0]),
    };

    public override Phrase Phrase => Definition;
    public override string English => $"people at the provider review content: {Review}";

    public override bool Holds(Deployment deployment, bool whenUnknown) =>
        deployment.ProviderReviewsContent is { } review ? review == Review : whenUnknown;
}
