using PolicyRouter.Policies.Rules;

namespace PolicyRouter.Policies.Facts;

/// <summary>The bounds one tenant sets itself: a file of <c>tenants/</c>. It can only narrow what the policy allows.</summary>
/// <param name="Rules">Forbids and requires of this tenant alone.</param>
/// <param name="Narrowed">Per permit of the policy: conditions that must hold besides its own.</param>
internal sealed record Tenant(string Name, IReadOnlyList<Rule> Rules, IReadOnlyDictionary<string, IReadOnlyList<Condition>> Narrowed)
{
    /// <summary>The rules that decide this tenant's requests.</summary>
    public IReadOnlyList<Rule> Apply(IReadOnlyList<Rule> policy) =>
        [.. policy.Select(rule => Narrowed.TryGetValue(rule.Id, out var further) ? rule with { WhenAll = [.. rule.WhenAll, .. further] } : rule), .. Rules];
}
