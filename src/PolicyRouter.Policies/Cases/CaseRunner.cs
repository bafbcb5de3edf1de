using PolicyRouter.Policies.Deciding;

namespace PolicyRouter.Policies.Cases;

/// <summary>Asks the engine what a case asks, and compares. What a case names is compared exactly, the rest not at all.</summary>
internal static class CaseRunner
{
    public static IReadOnlyList<CaseResult> RunAll(PolicySnapshot snapshot, IEnumerable<PolicyCase> cases) =>
        [.. cases.Select(policyCase => Run(snapshot, policyCase))];

    public static CaseResult Run(PolicySnapshot snapshot, PolicyCase policyCase) =>
        new(policyCase.Name, policyCase.At.File, policyCase.At.Line, Failures(policyCase, snapshot.Decide(policyCase.Request)));

    public static bool Passes(PolicySnapshot snapshot, PolicyCase policyCase) =>
        Failures(policyCase, snapshot.Decide(policyCase.Request)).Count == 0;

    private static List<CaseFailure> Failures(PolicyCase policyCase, Decision decision)
    {
        List<CaseFailure> failures = [];
        string[] permitted = [.. decision.Permitted.Select(static p => p.Deployment.Id)];
        if (policyCase.Permitted is { } expected && !expected.SequenceEqual(permitted, StringComparer.Ordinal))
        {
            failures.Add(Failure("permitted", expected, permitted, id => $"{id} ({WhyNot(decision, id)})"));
        }

        foreach (var (deployment, reasons) in policyCase.Denied)
        {
            var got = ReasonsAgainst(decision, deployment);
            if (!reasons.SequenceEqual(got, StringComparer.Ordinal))
            {
                var failure = Failure($"denied {deployment}", reasons, got, static reason => reason);
                failures.Add(got.Length > 0 ? failure : failure with { Difference = $"{deployment} is {WhyNot(decision, deployment)}" });
            }
        }

        foreach (var (deployment, duties) in policyCase.Duties)
        {
            var target = decision.Permitted.FirstOrDefault(p => p.Deployment.Id == deployment);
            string[] got = target is null ? [] : Distinct(target.Duties.Firing.Select(static duty => duty.Rule));
            if (target is null || !duties.SequenceEqual(got, StringComparer.Ordinal))
            {
                var failure = Failure($"duties {deployment}", duties, got, static duty => duty);
                failures.Add(target is not null ? failure : failure with { Difference = $"{deployment} is {WhyNot(decision, deployment)}" });
            }
        }

        return failures;
    }

    private static CaseFailure Failure(string about, IReadOnlyList<string> expected, string[] got, Func<string, string> missing)
    {
        string[] lacking = [.. expected.Except(got, StringComparer.Ordinal).Select(missing)];
        string[] excess = [.. got.Except(expected, StringComparer.Ordinal)];
        List<string> clauses = [];
        if (lacking.Length > 0)
        {
            clauses.Add($"missing: {string.Join(", ", lacking)}");
        }

        if (excess.Length > 0)
        {
            clauses.Add($"not expected: {string.Join(", ", excess)}");
        }

        return new(about, expected, got, clauses.Count > 0 ? string.Join("; ", clauses) : "the same, in another order");
    }

    private static string[] ReasonsAgainst(Decision decision, string deployment) =>
        Distinct(decision.Denied.FirstOrDefault(d => d.DeploymentId == deployment)?.Reasons.Select(static reason => reason.Rule) ?? []);

    private static string WhyNot(Decision decision, string deployment)
    {
        var reasons = ReasonsAgainst(decision, deployment);
        return reasons.Length > 0 ? $"denied by {string.Join(", ", reasons)}"
            : decision.OutsideRoute.Contains(deployment) ? $"not offered by the route {decision.Request.Route}, though no rule denies it"
            : "permitted";
    }

    private static string[] Distinct(IEnumerable<string> ids) => [.. ids.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
}
