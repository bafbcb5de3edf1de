using CsCheck;
using PolicyRouter.Policies.Cases;
using PolicyRouter.Policies.Rules;
using PolicyRouter.Policies.Tests.Properties;

namespace PolicyRouter.Policies.Tests.Cases;

public class CoverageTests
{
    [Fact]
    public void WithoutCases_NothingIsCovered()
    {
        var coverage = SmallPack.Report().Coverage;

        Assert.Equal(["D-AUDIT", "F-BAA", "P-ALL", "W-OWN"], coverage.Rules.Select(static rule => rule.Id));
        Assert.DoesNotContain(coverage.Rules, static rule => rule.Covered);
        Assert.DoesNotContain(coverage.Arms, static arm => arm.Covered);
        Assert.DoesNotContain(coverage.Edges, static edge => edge.TestedBefore || edge.TestedOn);
    }

    [Fact]
    public void ARuleThatNoCaseFires_IsNamed()
    {
        var coverage = SmallPack.Report(SmallPack.Case("in force", "permitted: [own, cloud]")).Coverage;

        Assert.Equal(["F-BAA"], coverage.Rules.Where(static rule => !rule.Covered).Select(static rule => rule.Id));
    }

    [Fact]
    public void ADutyOfADeniedDeployment_CountsAsFired()
    {
        using var pack = SmallPack.Create(SmallPack.Case("nothing goes", "permitted: []"));
        pack.Replace("rules/core.yaml", "covers data: [public, phi]", "covers data: [public]");

        var coverage = SuiteRunner.Run(pack.Snapshot(), mutations: false).Coverage;

        Assert.True(coverage.Rules.Single(static rule => rule.Id == "D-AUDIT").Covered);
        Assert.False(coverage.Rules.Single(static rule => rule.Id == "P-ALL").Covered);
    }

    [Fact]
    public void AnException_IsCoveredOnlyByACaseInWhichItKeepsItsRuleFromFiring()
    {
        var after = SmallPack.Case("after the BAA", "permitted: [own]", today: "2027-01-01");
        var marketing = SmallPack.Case("the rule does not ask", "permitted: [own, cloud]", purpose: "marketing");

        var coverage = SmallPack.Report(after, marketing).Coverage;

        Assert.Equal(
            [("F-BAA", 1, "agreement in force", false), ("F-BAA", 2, "hosting is one of", true)],
            coverage.Arms.Select(static arm => (arm.Rule, arm.Number, arm.Phrase, arm.Covered)));
    }

    [Fact]
    public void ADateEdge_NeedsTheDayAndTheDayBefore()
    {
        var last = SmallPack.Case("last day", "permitted: [own, cloud]", today: "2026-12-31");
        var after = SmallPack.Case("day after", "permitted: [own]", today: "2027-01-01");
        var first = SmallPack.Case("first day", "permitted: [own, cloud]", today: "2026-03-01");

        var edges = SmallPack.Report(last, after, first).Coverage.Edges;

        Assert.Equal(
            [(new(2020, 1, 1), false, false), (new(2026, 3, 1), false, true), (new(2027, 1, 1), true, true)],
            edges.Select(static edge => (edge.Day, edge.TestedBefore, edge.TestedOn)));
        Assert.Equal("BAA has ended", Assert.Single(edges[2].Changes));
        Assert.Equal("BAA begins", Assert.Single(edges[1].Changes));
    }

    [Fact]
    public void ARuleOnTrial_IsCoveredByACaseThatWouldFireIt()
    {
        using var pack = SmallPack.Create(SmallPack.Case("after the BAA", "permitted: [own, cloud]", today: "2027-01-01"));
        pack.Replace("rules/core.yaml", "effect: forbid", "effect: forbid, shadow: true");

        Assert.True(SuiteRunner.Run(pack.Snapshot(), mutations: false).Coverage.Rules.Single(static rule => rule.Id == "F-BAA").Covered);
    }

    [Fact]
    public void ATermination_IsADateEdge_AndTheEndBehindItIsNone()
    {
        using var pack = SmallPack.Create();
        pack.Replace("registry.yaml", "review by:", "terminated on: 2026-09-01, review by:");

        var edges = SuiteRunner.Run(pack.Snapshot(), mutations: false).Coverage.Edges;

        Assert.Equal([new(2020, 1, 1), new(2026, 3, 1), new(2026, 9, 1)], edges.Select(static edge => edge.Day));
    }

    [Fact]
    public void ForEveryPolicyAndRequest_AForbidIsFoundToFire_ExactlyWhereTheDecisionNamesIt() =>
        Gen.Select(Generated.Model, Generated.Request).Sample(
            (model, request) =>
            {
                var decision = Generated.Compile(model).Decide(request with { BreakGlass = null });
                return model.Rules.Where(static rule => rule is { Effect: Effect.Forbid, Strength: not Strength.Advisory, Shadow: false }).All(rule =>
                    new Probe(model, rule).Fires(request).SetEquals(
                        decision.Denied.Where(d => d.Reasons.Any(reason => reason.Rule == rule.Id)).Select(static d => d.DeploymentId)));
            },
            iter: 500);

    [Fact]
    public void ForEveryPolicyAndRequest_ADutyOfAPermittedDeployment_IsFoundToFire_ExactlyWhereTheDecisionNamesIt() =>
        Gen.Select(Generated.Model, Generated.Request).Sample(
            (model, request) =>
            {
                var decision = Generated.Compile(model).Decide(request);
                return model.Rules.Where(static rule => rule is { Effect: Effect.Require, Shadow: false }).All(rule =>
                {
                    var fires = new Probe(model, rule).Fires(request);
                    return decision.Permitted.All(p => fires.Contains(p.Deployment.Id) == p.Duties.Firing.Any(duty => duty.Rule == rule.Id));
                });
            },
            iter: 500);
}
