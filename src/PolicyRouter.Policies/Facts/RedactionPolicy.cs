namespace PolicyRouter.Policies.Facts;

/// <summary>What <c>redaction.yaml</c> says: profiles of the policy's own, and texts that are always or never removed.</summary>
/// <param name="Profiles">Profiles that duties may name beside those every build has.</param>
/// <param name="Always">Texts that are removed wherever they stand.</param>
/// <param name="Never">Texts that are nobody's, whatever a detector says.</param>
public sealed record RedactionPolicy(IReadOnlyList<OwnProfile> Profiles, IReadOnlyList<ListedText> Always, IReadOnlyList<string> Never)
{
    public static RedactionPolicy None { get; } = new([], [], []);
}

/// <summary>A profile that changes another one.</summary>
/// <param name="Id">Its name.</param>
/// <param name="BasedOn">The profile that every build has and this one changes.</param>
/// <param name="Least">The least confidence of a finding, a word of <see cref="RedactionWords.Confidences"/>.</param>
/// <param name="Replace">What stands in the place of a kind: words of <see cref="RedactionWords.Kinds"/> to words of <see cref="RedactionWords.Methods"/>.</param>
public sealed record OwnProfile(string Id, string BasedOn, string Least, IReadOnlyDictionary<string, string> Replace);

/// <summary>A text that is always removed, and as which kind.</summary>
public sealed record ListedText(string Text, string Kind);

/// <summary>The words of <c>redaction.yaml</c>. The detectors and methods behind them are the host's; a test keeps both in step.</summary>
public static class RedactionWords
{
    /// <summary>Leaves a kind as it is.</summary>
    public const string Keep = "keep";

    public static IReadOnlyList<string> Kinds { get; } =
    [
        "age", "bank-account", "card-security-code", "date", "date-of-birth", "email", "health-plan-number", "iban", "ip-address", "locality", "medical-record-number",
        "organization", "other-identifier", "payment-card", "person-name", "phone", "secret", "street-address", "url", "us-bank-routing", "us-ssn",
    ];

    public static IReadOnlyList<string> Methods { get; } = ["erase", "generalise", Keep, "mask", "placeholder", "pseudonym", "shift"];

    public static IReadOnlyList<string> Confidences { get; } = ["low", "medium", "high"];
}
