using PolicyRouter.Policies.Facts;
using PolicyRouter.Policies.Rules;

namespace PolicyRouter.Policies.Cases;

/// <summary>
/// Makes every mutant of a policy: each rule deleted, each date moved, each <c>all</c> and <c>any</c> read as the other. Advisory rules
/// and those on trial are left alone: they only warn, which no case can expect.
/// </summary>
internal static class Mutations
{
    public static IEnumerable<Mutant> Of(PolicyModel model)
    {
        OwnedRule[] rules = [.. OwnedRule.AllOf(model).Where(static owned => owned.Rule is { Strength: not Strength.Advisory, Shadow: false })];
        return
        [
            .. rules.Select(owned => new Mutant("rule deleted", $"deleting rule {owned.Rule.Id}", null, owned.Replaced(model))),
            .. DateMutations.Of(model, rules),
            .. rules.SelectMany(owned => Flipped(model, owned)),
        ];
    }

    private static IEnumerable<Mutant> Flipped(PolicyModel model, OwnedRule owned)
    {
        var rule = owned.Rule;
        if (rule.WhenAll.Count > 1)
        {
            yield return new(
                "all and any flipped", $"reading \"when all\" of {rule.Id} as any", "in which only some of its conditions hold", owned.Replaced(model, AnyOfWhen(rule)));
        }

        if (rule.UnlessAny.Count > 1)
        {
            yield return new(
                "all and any flipped", $"reading \"unless any\" of {rule.Id} as all", "in which only some of its exceptions hold", owned.Replaced(model, AllOfUnless(rule)));
        }
    }

    /// <summary>One copy of the rule per condition.</summary>
    private static IEnumerable<Rule> AnyOfWhen(Rule rule) => rule.WhenAll.Select((condition, i) => rule with
    {
        WhenAll = [condition],
        UnlessAny = [.. rule.UnlessAny, .. Earlier(rule, rule.WhenAll, i)],
    });

    /// <summary>One copy of the rule per exception: the rule fires when some exception does not hold.</summary>
    private static IEnumerable<Rule> AllOfUnless(Rule rule) => rule.UnlessAny.Select((exception, i) => rule with
    {
        WhenAll = [.. rule.WhenAll, .. Earlier(rule, rule.UnlessAny, i)],
        UnlessAny = [exception],
    });

    /// <summary>
    /// Preferences are counted, so that no two copies of one may fire together: each leaves to the earlier ones what is theirs.
    /// Of the other effects it does not matter how many copies fire, and an unknown fact would be answered differently.
    /// </summary>
    private static IEnumerable<Condition> Earlier(Rule rule, IReadOnlyList<Condition> conditions, int count) =>
        rule.Effect is Effect.Prefer ? conditions.Take(count) : [];
}
