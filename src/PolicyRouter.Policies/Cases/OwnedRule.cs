using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Facts;
using PolicyRouter.Policies.Rules;

namespace PolicyRouter.Policies.Cases;

/// <summary>A rule and the tenant whose requests alone it decides; null for the rules of the policy.</summary>
internal sealed record OwnedRule(Rule Rule, string? Tenant)
{
    /// <summary>Every rule of the policy and of its tenants, in the order of their ids.</summary>
    public static IReadOnlyList<OwnedRule> AllOf(PolicyModel model) =>
        [
            .. model.Rules.Select(static rule => new OwnedRule(rule, null))
                .Concat(model.Tenants.SelectMany(static tenant => tenant.Rules.Select(rule => new OwnedRule(rule, tenant.Name))))
                .OrderBy(static owned => owned.Rule.Id, StringComparer.Ordinal),
        ];

    /// <summary>The cases that this rule can decide.</summary>
    public IEnumerable<PolicyRequest> Questions(PolicySuite suite) =>
        suite.Cases.Select(static policyCase => policyCase.Request).Where(request => Tenant is null || request.Tenant == Tenant);

    /// <summary>The same policy with other rules in place of this one.</summary>
    public PolicyModel Replaced(PolicyModel model, params IEnumerable<Rule> by) => Tenant is null
        ? model with { Rules = Replaced(model.Rules, by) }
        : model with { Tenants = [.. model.Tenants.Select(tenant => tenant.Name == Tenant ? tenant with { Rules = Replaced(tenant.Rules, by) } : tenant)] };

    private Rule[] Replaced(IReadOnlyList<Rule> rules, IEnumerable<Rule> by) => [.. rules.SelectMany(other => ReferenceEquals(other, Rule) ? by : [other])];
}
