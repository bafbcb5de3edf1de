using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Policies.Rules;

/// <summary>
/// <c>processing stays within</c>: every place the deployment processes or stores in is one of these zones. A known place outside settles
/// it; without one, an unknown place, or none at all, is unknown.
/// </summary>
internal sealed record ProcessingStaysWithin(IReadOnlyList<string> Words) : DeploymentCondition
{
    public static Phrase Definition { get; } = new()
    {
        Name = "processing stays within",
        Value = PhraseValue.Words,
        Noun = "zone",
        Source = WordSource.Zones,
        Description = "Every place where the deployment processes or stores is one of these zones. An unknown place never helps and always restricts.",
        Make = static words => new ProcessingStaysWithin(words),
    };

    public override Phrase Phrase => Definition;
    public override string English => $"processing and storage stay within {Rules.English.And(Words)}";

    public override bool Holds(Deployment deployment, bool whenUnknown)
    {
        string[] places = [.. deployment.Places()];
        if (places.Any(place => place != Deployment.UnknownPlace && !Words.Contains(place)))
        {
            return false;
        }

        return places.Length > 0 && !places.Contains(Deployment.UnknownPlace) || whenUnknown;
    }
}
