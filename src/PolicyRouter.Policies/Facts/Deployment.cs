namespace PolicyRouter.Policies.Facts;

/// <summary>
/// One endpoint + model + configuration that could receive a prompt: a line of <c>registry.yaml</c>. Never "a provider":
/// one provider has many deployments, under different papers.
/// </summary>
public sealed record Deployment
{
    public required string Id { get; init; }
    public required string Provider { get; init; }
    public required string Service { get; init; }
    public required string Model { get; init; }

    /// <summary><c>own-premises</c> or <c>vendor</c>; null when the registry says <c>unknown</c>.</summary>
    public required string? Hosting { get; init; }

    /// <summary>What it can do, in the words of the contract: <c>chat</c>, <c>embeddings</c>, <c>tools</c>, <c>vision</c>, ...</summary>
    public required IReadOnlyList<string> Features { get; init; }

    /// <summary>Zones; <c>unknown</c> is a legal member and is never good news.</summary>
    public required IReadOnlyList<string> ProcessingRegions { get; init; }
    public required IReadOnlyList<string> StorageRegions { get; init; }

    /// <summary>Days the vendor keeps prompts; null when unknown.</summary>
    public required int? RetentionDays { get; init; }

    /// <summary><c>never</c>, <c>opt-out</c>, ...; null when unknown.</summary>
    public required string? TrainingOnOurData { get; init; }

    /// <summary><c>never</c>, <c>flagged</c> or <c>always</c>: whether people at the provider may read prompts; null when unknown.</summary>
    public string? ProviderReviewsContent { get; init; }

    /// <summary>True when it is suspended as soon as its provider says that it ran a request elsewhere than in <see cref="ProcessingRegions"/>.</summary>
    public bool SuspendsOnResidencyMismatch { get; init; }

    /// <summary>Who checked these facts, when and where; null when nobody says.</summary>
    public Evidence? Evidence { get; init; }

    /// <summary><c>approved</c>, <c>suspended</c>, ...; only <c>approved</c> matches a permit.</summary>
    public required string Status { get; init; }

    internal const string UnknownPlace = "unknown";

    /// <summary>
    /// What may be relied on that day. Once the evidence is older than 180 days, and before it was gathered, the facts it stands for count as
    /// unknown: hosting, places, retention, training and review.
    /// </summary>
    internal Deployment AsOf(DateOnly day) => Evidence is { } evidence && !evidence.HoldsOn(day)
        ? this with
        {
            Hosting = null,
            ProcessingRegions = [UnknownPlace],
            StorageRegions = [UnknownPlace],
            RetentionDays = null,
            TrainingOnOurData = null,
            ProviderReviewsContent = null,
        }
        : this;

    /// <summary>Every place it processes or stores in, each once.</summary>
    internal IEnumerable<string> Places() => ProcessingRegions.Union(StorageRegions, StringComparer.Ordinal);
}
