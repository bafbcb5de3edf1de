using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Proving;
using PolicyRouter.Policies.Rules;

namespace PolicyRouter.Policies.Printing;

/// <summary>One rule as printed.</summary>
/// <param name="Heading">Id and title.</param>
/// <param name="Facts">Reason, citations, owner and dates.</param>
public sealed record PrintedRule(string Heading, string Sentence, IReadOnlyList<string> Facts)
{
    /// <summary>The rule's id; for a permit that a tenant narrows, the permit's.</summary>
    public required string Id { get; init; }
}

/// <summary>Rules under one heading.</summary>
/// <param name="Tenant">The tenant they bind; null for the rules that bind everybody.</param>
public sealed record PrintedSection(string Heading, IReadOnlyList<PrintedRule> Rules, string? Tenant = null);

/// <summary>For one data class, who may receive it: one cell per deployment, in ordinal order of their ids.</summary>
public sealed record MatrixRow(string Class, IReadOnlyList<string> Cells);

/// <summary>Everything legal signs: the rules in numbered English, papers, who may go where, what was sworn, and what will change by itself.</summary>
public sealed record PolicyDocument
{
    public required string Version { get; init; }
    public required DateOnly Day { get; init; }

    /// <summary>Permits, forbids, duties and preferences, in this order.</summary>
    public required IReadOnlyList<PrintedSection> Sections { get; init; }
    public required IReadOnlyList<string> Papers { get; init; }
    public required IReadOnlyList<string> Deployments { get; init; }

    /// <summary>One row per data class.</summary>
    public required IReadOnlyList<MatrixRow> Matrix { get; init; }
    public required IReadOnlyList<string> Claims { get; init; }
    public required IReadOnlyList<string> Calendar { get; init; }

    public static PolicyDocument Of(PolicySnapshot policy, DateOnly day)
    {
        var model = policy.Model;
        return new()
        {
            Version = policy.Version,
            Day = day,
            Sections = SectionsOf(policy),
            Papers =
            [
                .. model.Agreements.OrderBy(static paper => paper.Id, StringComparer.Ordinal).Select(static paper =>
                    $"{paper.Id}: {paper.Type} with {paper.With}, {RuleText.InForce(paper.InForce)}, signed {RuleText.Iso(paper.SignedOn)}; covers {English.And(paper.Services)} for {English.And(paper.Features)}{(paper.Regions is { } regions ? $" in {English.And(regions)}" : "")}."),
                .. model.Adequacies.Select(static a => $"Adequacy: {a.From} may send to {a.To}, {RuleText.InForce(a.InForce)} ({a.Citation})."),
                .. model.Lowerings.Select(static l => $"Lowering: {l.From} counts as {l.To} once redacted by {l.By}, found clean and approved by {l.NeedsApproval} ({l.Citation})."),
            ],
            Deployments = [.. policy.Deployments.Select(static deployment => deployment.Id)],
            Matrix = MatrixOf(policy, day),
            Claims =
            [
                .. model.Suite.Never.Select(static claim => $"{claim.Id}: never: {claim.Claim} (not when {English.And([.. claim.WhenAll.Select(static c => c.English)])}{(claim.UnlessAny.Count == 0 ? "" : $", unless {English.Or([.. claim.UnlessAny.Select(static c => c.English)])}")})."),
                .. model.Suite.Always.Select(static claim => $"{claim.Id}: always: {claim.Claim}."),
            ],
            Calendar = Changes(policy, day),
        };
    }

    /// <summary>The rules in English, those of tenants behind the others.</summary>
    public static IReadOnlyList<PrintedSection> SectionsOf(PolicySnapshot policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        var model = policy.Model;
        return
        [
            Section("What may be sent", Effect.Permit), Section("What may not be sent, whatever else permits it", Effect.Forbid),
            Section("What must be done", Effect.Require), Section("What is preferred", Effect.Prefer),
            .. model.Tenants.OrderBy(static t => t.Name, StringComparer.Ordinal).Select(static tenant => new PrintedSection(
                $"Bounds that tenant {tenant.Name} sets itself",
                [.. tenant.Rules.Select(Printed), .. tenant.Narrowed.Select(static narrowed => new PrintedRule(
                    narrowed.Key, $"This permit holds only when also {English.And([.. narrowed.Value.Select(static c => c.English)])}.", []) { Id = narrowed.Key })],
                tenant.Name)),
        ];

        PrintedSection Section(string heading, Effect effect) =>
            new(heading, [.. model.Rules.Where(rule => rule.Effect == effect).OrderBy(static rule => rule.Id, StringComparer.Ordinal).Select(Printed)]);
    }

    /// <summary>Who may go where on a day: for which purposes a chat about data of one class alone may go to each deployment.</summary>
    public static IReadOnlyList<MatrixRow> MatrixOf(PolicySnapshot policy, DateOnly day)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return [.. policy.Classes.Order(StringComparer.Ordinal).Select(label => new MatrixRow(label, Cells(policy, day, label)))];
    }

    private static PrintedRule Printed(Rule rule) => new(
        $"{rule.Id}: {rule.Title}", RuleText.Sentence(rule),
        [$"Because: {rule.Reason}", $"Law or policy: {string.Join("; ", rule.Citation)}", $"Owner: {rule.Owner}. In force {RuleText.InForce(rule.InForce)}."]) { Id = rule.Id };

    /// <summary>For which purposes a chat about this class may go there, for people of at least one zone and with no override.</summary>
    private static List<string> Cells(PolicySnapshot policy, DateOnly day, string label)
    {
        Dictionary<string, (HashSet<string> Purposes, HashSet<string> Zones, bool Redacted)> allowed = new(StringComparer.Ordinal);
        foreach (var purpose in policy.Purposes)
        {
            foreach (var zone in policy.Zones)
            {
                PolicyRequest request = new() { Day = day, DeclaredClasses = [label], Purpose = purpose, Subjects = [zone], Features = ["chat"] };
                foreach (var permitted in policy.Decide(request).Permitted)
                {
                    var cell = allowed.GetValueOrDefault(permitted.Deployment.Id, ([], [], false));
                    cell.Purposes.Add(purpose);
                    cell.Zones.Add(zone);
                    allowed[permitted.Deployment.Id] = cell with { Redacted = cell.Redacted || permitted.Duties.RedactionProfiles.Count > 0 };
                }
            }
        }

        return [.. policy.Deployments.Select(deployment => allowed.TryGetValue(deployment.Id, out var cell) ? Cell(cell.Purposes, cell.Zones, cell.Redacted) : "no")];

        string Cell(HashSet<string> purposes, HashSet<string> zones, bool redacted) =>
            (purposes.Count == policy.Purposes.Count ? "any purpose" : English.Or([.. purposes.Order(StringComparer.Ordinal)]))
            + (zones.Count == policy.Zones.Count ? "" : $", people in {English.Or([.. zones.Order(StringComparer.Ordinal)])}") + (redacted ? ", redacted" : "");
    }

    private static IReadOnlyList<string> Changes(PolicySnapshot policy, DateOnly day)
    {
        try
        {
            return [.. PolicyCalendar.From(policy, day).Select(static entry => entry.Sentence)];
        }
        catch (TooLargeException tooLarge)
        {
            return [$"Not enumerated: too large ({tooLarge.Message})."];
        }
    }
}
