namespace PolicyRouter.Audit.Reading.Searching;

/// <summary>What the values of a key are.</summary>
internal enum SearchKind
{
    Text,

    /// <summary>Texts of which one must match.</summary>
    List,
    Id,
    Number,
    Duration,
}

/// <summary>One name that a search may use, and the columns of <c>audit_request</c> that it asks.</summary>
/// <param name="Column">An SQL expression of our own; never anything a person typed.</param>
/// <param name="About">What it finds, in a few words.</param>
internal sealed record SearchKey(string Name, SearchKind Kind, string Column, string About)
{
    public static IReadOnlyList<SearchKey> All { get; } =
    [
        new("answered", SearchKind.Text, "answered_by", "the deployment that answered"),
        new("app", SearchKind.Text, "app", "the app that asked"),
        new("attempts", SearchKind.Number, "attempts", "how many sends were authorised"),
        new("class", SearchKind.List, "classes", "a data class that the decision went by"),
        new("deployment", SearchKind.List, "deployments", "a deployment that a send was authorised to"),
        new("id", SearchKind.Id, "id", "the request with this id"),
        new("latency", SearchKind.Duration, "duration_ms", "from the decision to the end"),
        new("model", SearchKind.Text, "model", "the model that the provider names"),
        new("outcome", SearchKind.Text, "outcome", "permit, deny, dry-run, or how it ended"),
        new("policy", SearchKind.Text, "policy", "the policy version"),
        new("redactions", SearchKind.Number, "redactions", "how many values were replaced"),
        new("refusal", SearchKind.Text, "refusal", "the code of a refusal"),
        new("route", SearchKind.Text, "route", "what was asked for in model"),
        new("rule", SearchKind.List, "rules", "a rule that denied something or laid a duty on it"),
        new("status", SearchKind.Number, "http_status", "the HTTP status of the answer"),
        new("tenant", SearchKind.Text, "tenant", "the tenant of the app"),
        new("tokens", SearchKind.Number, "(coalesce(input_tokens, 0) + coalesce(output_tokens, 0))", "tokens in and out"),
    ];

    /// <summary>Where an outcome stands: some are decisions, the others ends of permitted requests, of which the usual one is in no index.</summary>
    public static string OutcomeColumn(string? outcome) => outcome switch
    {
        "permit" or "deny" or "dry-run" => "outcome",
        "completed" => "end_outcome",
        _ => "unusual_end",
    };

    public static SearchKey? Named(string name) => All.FirstOrDefault(key => key.Name == name);

    /// <summary>The known name with the fewest changed letters; null when more than half of it would have to change.</summary>
    public static string? Nearest(string name)
    {
        // Nobody misspells a name of forty letters; comparing longer ones only costs time.
        if (name.Length is 0 or > 40)
        {
            return null;
        }

        var (nearest, changes) = All.Select(key => (key.Name, Changes: Changes(name.ToLowerInvariant(), key.Name))).MinBy(static pair => pair.Changes);
        return changes <= Math.Max(1, nearest.Length / 2) ? nearest : null;
    }

    private static int Changes(string typed, string known)
    {
        var row = Enumerable.Range(0, known.Length + 1).ToArray();
        for (var i = 1; i <= typed.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= known.Length; j++)
            {
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (typed[i - 1] == known[j - 1] ? 0 : 1)));
            }
        }

        return row[^1];
    }
}
