using System.Globalization;
using PolicyRouter.Policies.Cases;
using PolicyRouter.Policies.Facts;
using PolicyRouter.Policies.Rules;

namespace PolicyRouter.Policies.Proving;

/// <summary>
/// What two policies say differently where no decision shows it: guard rails behind other rules, who may sign, what may be lowered, where an endpoint
/// leads, what is redacted, what is sworn. What cannot be told to protect as much as before counts as loosening.
/// </summary>
internal static class WrittenChanges
{
    /// <param name="before">The policy in force.</param>
    /// <param name="after">The policy proposed.</param>
    /// <param name="tenants">Whose rules to look at; null for those of the policy itself, which comes first.</param>
    public static List<WrittenChange> Between(PolicyModel before, PolicyModel after, IEnumerable<string?> tenants) =>
    [
        .. tenants.SelectMany(tenant => Forbids(before.SeenBy(tenant), after.SeenBy(tenant)).Select(change => change with { Tenant = tenant })).DistinctBy(static change => change.Text),
        .. Without(after.Lowerings.Select(Line), before.Lowerings.Select(Line)).Select(static line => new WrittenChange($"{line} is new", Loosens: true)),
        .. Without(before.Lowerings.Select(Line), after.Lowerings.Select(Line)).Select(static line => new WrittenChange($"{line} is gone", Loosens: false)),
        .. Pairs(before.People, after.People, static person => person.Id).SelectMany(static pair => OfPerson(pair.Old, pair.Now)),
        .. Pairs(before.Endpoints, after.Endpoints, static endpoint => endpoint.DeploymentId).SelectMany(static pair => OfEndpoint(pair.Old, pair.Now)),
        .. Pairs(before.Deployments, after.Deployments, static deployment => deployment.Id).SelectMany(static pair => OfDeployment(pair.Old, pair.Now)),
        .. Pairs(before.Routes, after.Routes, static route => route.Model).SelectMany(static pair => OfHandOff((pair.Old ?? pair.Now!).Model, pair.Old?.HandOff, pair.Now?.HandOff)),
        .. OfRedaction(before.Redaction, after.Redaction),
        .. Pairs(before.Suite.Never, after.Suite.Never, static claim => claim.Id).SelectMany(static pair => OfClaim(pair.Old, pair.Now)),
        .. Changed("the legal timezone", before.LegalTimeZone.Id, after.LegalTimeZone.Id, loosens: true),
    ];

    /// <summary>A forbid that is removed, put on trial, made softer or narrower, even where another rule denies the same today.</summary>
    private static IEnumerable<WrittenChange> Forbids(PolicyModel before, PolicyModel after) =>
        from pair in Pairs([.. before.Rules.Where(IsForbid)], [.. after.Rules.Where(IsForbid)], static rule => rule.Id)
        // Without any rule a tenant is denied everything; nothing is looser then.
        where pair.Old is not null && after.Rules.Count > 0
        from change in OfForbid(pair.Old, pair.Now, after)
        select change;

    private static IEnumerable<WrittenChange> OfForbid(Rule old, Rule? now, PolicyModel after)
    {
        if (Hardness(old) != Hardness(now))
        {
            yield return new($"forbid {old.Id} was {Manner(old)} and is {Manner(now)}", Denies(old) && Hardness(now) < Hardness(old));
        }

        if (now is not null && Denies(old) && Denies(now) && Says(old) != Says(now) && PolicyComparison.IsNarrower(now, old, after))
        {
            yield return new($"forbid {old.Id} by itself forbids less than it did", Loosens: true);
        }
    }

    private static bool IsForbid(Rule rule) => rule.Effect is Effect.Forbid;

    private static bool Denies(Rule forbid) => !forbid.Shadow && forbid.Strength is not Strength.Advisory;

    private static int Hardness(Rule? forbid) => forbid switch
    {
        null => 0,
        { Shadow: true } => 1,
        { Strength: Strength.Advisory } => 2,
        { Strength: Strength.Overridable } => 3,
        _ => 4,
    };

    private static string Manner(Rule? forbid) => forbid switch
    {
        null => "gone",
        { Shadow: true } => "on trial",
        { Strength: var strength } => strength.ToString().ToLowerInvariant(),
    };

    private static string Line(Lowering line) => $"{line.Id} after redaction by {line.By}, approved by {line.NeedsApproval},";

    private static IEnumerable<WrittenChange> OfPerson(Person? old, Person? now)
    {
        var id = (old ?? now)!.Id;
        string[] gained = [.. Without(now?.Roles, old?.Roles)];
        string[] lost = [.. Without(old?.Roles, now?.Roles)];
        if (gained.Length > 0)
        {
            yield return new($"{id} may now sign as {English.And(gained)}", Loosens: true);
        }

        if (lost.Length > 0)
        {
            yield return new($"{id} may no longer sign as {English.And(lost)}", Loosens: false);
        }

        if (old is not null && now is not null && !old.PublicKey.Span.SequenceEqual(now.PublicKey.Span))
        {
            yield return new($"{id} signs with another key", Loosens: true);
        }
    }

    private static IEnumerable<WrittenChange> OfEndpoint(Endpoint? old, Endpoint? now)
    {
        if (old is null || now is null)
        {
            return [new($"the endpoint of {(old ?? now)!.DeploymentId} is {(old is null ? $"new: {now!.Url}" : "gone")}", Loosens: old is null)];
        }

        return
        [
            // Where requests go, and as whom.
            .. Part("url", static endpoint => endpoint.Url.AbsoluteUri, loosens: true),
            .. Part("wire", static endpoint => endpoint.Wire.ToString(), loosens: true),
            .. Part("model", static endpoint => endpoint.UpstreamModel, loosens: true),
            .. Part("api version", static endpoint => endpoint.ApiVersion, loosens: true),
            .. Part("inference geo", static endpoint => endpoint.InferenceGeo, loosens: true),
            .. Part("credential", static endpoint => endpoint.Credential, loosens: true),
            .. Part("answers as", static endpoint => Listed(endpoint.AnswersAs), Without(now.AnswersAs, old.AnswersAs).Any()),

            // How they go there.
            .. Part("fails with", static endpoint => Listed(endpoint.FailsWith), loosens: false),
            .. Part("price", static endpoint => endpoint.Price is { } price ? FormattableString.Invariant($"{price.Input} in, {price.Output} out {price.Currency}") : null, loosens: false),
            .. Part("context window", static endpoint => endpoint.ContextWindow?.ToString(CultureInfo.InvariantCulture), loosens: false),
            .. Part("concurrent requests", static endpoint => endpoint.ConcurrentRequests?.ToString(CultureInfo.InvariantCulture), loosens: false),
            .. Part("timeouts", static endpoint => Timeouts(endpoint.Timeouts), loosens: false),
        ];

        IEnumerable<WrittenChange> Part(string name, Func<Endpoint, string?> of, bool loosens) => Changed($"{name} of the endpoint of {now.DeploymentId}", of(old), of(now), loosens);
    }

    private static string Timeouts(EndpointTimeouts timeouts) =>
        FormattableString.Invariant($"{timeouts.Connect:c}, {timeouts.FirstToken:c}, {timeouts.BetweenTokens:c}, {timeouts.Total:c}");

    private static IEnumerable<WrittenChange> OfDeployment(Deployment? old, Deployment? now) => old is null || now is null ? [] : Changed(
        $"{now.Id} on a residency mismatch", Manner(old), Manner(now), loosens: old.SuspendsOnResidencyMismatch);

    private static string Manner(Deployment deployment) => deployment.SuspendsOnResidencyMismatch ? "suspended" : "not suspended";

    /// <summary>The redacted request is posted there, so that it is a destination like any other.</summary>
    private static IEnumerable<WrittenChange> OfHandOff(string route, HandOff? old, HandOff? now) =>
    [
        .. Changed($"the webhook of route {route}", old?.Webhook.AbsoluteUri, now?.Webhook.AbsoluteUri, loosens: now is not null),
        .. Changed($"the credential of the webhook of route {route}", old?.Credential, now?.Credential, loosens: now is not null),
        .. Changed($"the message of route {route}", old?.Message, now?.Message, loosens: false),
    ];

    private static IEnumerable<WrittenChange> OfRedaction(RedactionPolicy before, RedactionPolicy after) =>
    [
        .. Without(before.Always.Select(Entry), after.Always.Select(Entry)).Select(static text => new WrittenChange($"{text} is no longer always redacted", Loosens: true)),
        .. Without(after.Always.Select(Entry), before.Always.Select(Entry)).Select(static text => new WrittenChange($"{text} is now always redacted", Loosens: false)),
        .. Without(after.Never, before.Never).Select(static text => new WrittenChange($"\"{text}\" is now never redacted", Loosens: true)),
        .. Without(before.Never, after.Never).Select(static text => new WrittenChange($"\"{text}\" is no longer never redacted", Loosens: false)),
        .. Pairs(before.Profiles, after.Profiles, static profile => profile.Id).SelectMany(static pair => OfProfile(pair.Old, pair.Now)),
    ];

    private static string Entry(ListedText listed) => $"\"{listed.Text}\" as {listed.Kind}";

    /// <summary>A profile that came or went changes nothing by itself: duties that name it do.</summary>
    private static IEnumerable<WrittenChange> OfProfile(OwnProfile? old, OwnProfile? now) => old is null || now is null ? [] :
    [
        .. Changed($"redaction profile {now.Id}", Says(old), Says(now), loosens: true),
        .. Changed($"the least confidence of redaction profile {now.Id}", old.Least, now.Least, loosens: Rank(now) > Rank(old)),
    ];

    private static string Says(OwnProfile profile) =>
        $"{profile.BasedOn} with {Listed(profile.Replace.Select(static pair => $"{pair.Key} {pair.Value}").Order(StringComparer.Ordinal)) ?? "nothing replaced"}";

    private static int Rank(OwnProfile profile) => RedactionWords.Confidences.TakeWhile(word => word != profile.Least).Count();

    /// <summary>A claim decides nothing, but keeps later changes from loading.</summary>
    private static IEnumerable<WrittenChange> OfClaim(NeverClaim? old, NeverClaim? now) =>
        old is null ? [] : Changed($"never-claim {old.Id}", Says(old), now is null ? null : Says(now), loosens: true);

    private static string Says(NeverClaim claim) => $"\"{Says(claim.WhenAll, claim.UnlessAny)}\"";

    private static string Says(Rule rule) => $"{Says(rule.WhenAll, rule.UnlessAny)} {rule.InForce.From.Iso()} {rule.InForce.Until?.Iso()}";

    private static string Says(IReadOnlyList<Condition> when, IReadOnlyList<Condition> unless) =>
        $"{Lines(when, " and ")}{(unless.Count == 0 ? "" : $" unless {Lines(unless, " or ")}")}";

    private static string Lines(IEnumerable<Condition> lines, string between) => string.Join(between, lines.Select(static line => line.English).Order(StringComparer.Ordinal));

    private static IEnumerable<WrittenChange> Changed(string what, string? old, string? now, bool loosens) =>
        old == now ? [] : [new($"{what} was {old ?? "none"} and is {now ?? "none"}", loosens)];

    private static string? Listed(IEnumerable<string> words) => string.Join(", ", words.Order(StringComparer.Ordinal)) is { Length: > 0 } list ? list : null;

    private static IEnumerable<string> Without(IEnumerable<string>? words, IEnumerable<string>? others) => (words ?? []).Except(others ?? [], StringComparer.Ordinal).Order(StringComparer.Ordinal);

    /// <summary>What has the same id in both, in ordinal order of the ids.</summary>
    private static IEnumerable<(T? Old, T? Now)> Pairs<T>(IReadOnlyList<T> before, IReadOnlyList<T> after, Func<T, string> id)
        where T : class
    {
        var (old, now) = (before.ToDictionary(id, StringComparer.Ordinal), after.ToDictionary(id, StringComparer.Ordinal));
        return old.Keys.Union(now.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(key => (old.GetValueOrDefault(key), now.GetValueOrDefault(key)));
    }
}
