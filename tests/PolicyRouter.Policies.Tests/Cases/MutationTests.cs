using System.Collections.Concurrent;
using CsCheck;
using PolicyRouter.Policies.Cases;
using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Proving;
using PolicyRouter.Policies.Tests.Properties;

namespace PolicyRouter.Policies.Tests.Cases;

public class MutationTests
{
    private static readonly string[] Thorough =
    [
        SmallPack.Case("in force", "permitted: [own, cloud], duties: {cloud: [D-AUDIT]}"),
        SmallPack.Case("before the BAA", "permitted: [own]", today: "2026-02-28"),
        SmallPack.Case("first day of the BAA", "permitted: [own, cloud]", today: "2026-03-01"),
        SmallPack.Case("last day of the BAA", "permitted: [own, cloud]", today: "2026-12-31"),
        SmallPack.Case("after the BAA", "permitted: [own], denied: {cloud: [F-BAA]}", today: "2027-01-01"),
        SmallPack.Case("after the BAA for another purpose", "permitted: [own, cloud]", today: "2027-01-01", purpose: "marketing"),
        SmallPack.Case("first day of the rules", "permitted: [own], duties: {own: [D-AUDIT]}", today: "2020-01-01"),
        SmallPack.Case("before the rules", "permitted: [], denied: {cloud: [no permit for phi]}", today: "2019-12-31"),
    ];

    [Fact]
    public void WithoutCases_EveryMutantSurvives_ButThoseThatChangeNothing()
    {
        var report = SmallPack.Report().Mutations!;

        Assert.Equal(0, report.Killed);
        Assert.Equal(["rule deleted", "date moved", "all and any flipped"], report.Mutants.Select(static mutant => mutant.Kind).Distinct());
        Assert.Equal(
            ["moving the signature of BAA from 2026-02-01 to 2026-01-31", "moving the signature of BAA from 2026-02-01 to 2026-02-02"],
            report.Mutants.Where(static mutant => mutant.Fate is MutantFate.Equivalent).Select(static mutant => mutant.Change));
    }

    [Fact]
    public void EveryKindOfMutant_IsMade()
    {
        string[] expected =
        [
            "deleting rule D-AUDIT", "deleting rule F-BAA", "deleting rule P-ALL", "deleting rule W-OWN",
            .. from rule in new[] { "D-AUDIT", "F-BAA", "P-ALL", "W-OWN" }
            from day in new[] { "2019-12-31", "2020-01-02" }
            select $"moving the first day of rule {rule} from 2020-01-01 to {day}",
            "moving the first day of BAA from 2026-03-01 to 2026-02-28", "moving the first day of BAA from 2026-03-01 to 2026-03-02",
            "moving the last day of BAA from 2026-12-31 to 2026-12-30", "moving the last day of BAA from 2026-12-31 to 2027-01-01",
            "moving the signature of BAA from 2026-02-01 to 2026-01-31", "moving the signature of BAA from 2026-02-01 to 2026-02-02",
            "reading \"when all\" of F-BAA as any", "reading \"unless any\" of F-BAA as all",
        ];

        Assert.Equal(expected, SmallPack.Report().Mutations!.Mutants.Select(static mutant => mutant.Change));
    }

    [Theory]
    [InlineData("deleting rule F-BAA", "after the BAA")]
    [InlineData("deleting rule P-ALL", "in force")]
    [InlineData("deleting rule D-AUDIT", "in force")]
    [InlineData("deleting rule W-OWN", "in force")]
    [InlineData("moving the first day of BAA from 2026-03-01 to 2026-02-28", "before the BAA")]
    [InlineData("moving the first day of BAA from 2026-03-01 to 2026-03-02", "first day of the BAA")]
    [InlineData("moving the last day of BAA from 2026-12-31 to 2026-12-30", "last day of the BAA")]
    [InlineData("moving the last day of BAA from 2026-12-31 to 2027-01-01", "after the BAA")]
    [InlineData("moving the first day of rule F-BAA from 2020-01-01 to 2020-01-02", "first day of the rules")]
    [InlineData("moving the first day of rule F-BAA from 2020-01-01 to 2019-12-31", "before the rules")]
    [InlineData("reading \"when all\" of F-BAA as any", "after the BAA for another purpose")]
    [InlineData("reading \"unless any\" of F-BAA as all", "in force")]
    public void AMutant_IsKilledByTheCaseThatTellsItApart_AndSurvivesWithoutIt(string change, string killer)
    {
        var alone = Thorough.Single(line => line.StartsWith($"name: {killer},", StringComparison.Ordinal));

        var elsewhere = SmallPack.Case("elsewhere", "denied: {own: [no permit for unclassified]}", data: "[bogus]", purpose: "marketing");

        Assert.Equal(killer, MutantOf(SmallPack.Report(alone), change).KilledBy);
        Assert.Equal(MutantFate.Survived, MutantOf(SmallPack.Report(elsewhere), change).Fate);
    }

    [Fact]
    public void ThoroughCases_LeaveOnlyMutantsOnDaysWithoutAPermit()
    {
        var report = SmallPack.Report(Thorough);

        Assert.Equal(0, report.Failed);
        Assert.True(report.Coverage.IsComplete);
        Assert.Equal(
            [
                "moving the first day of rule D-AUDIT from 2020-01-01 to 2019-12-31",
                "moving the first day of rule W-OWN from 2020-01-01 to 2019-12-31",
                "moving the first day of rule W-OWN from 2020-01-01 to 2020-01-02",
            ],
            report.Mutations!.Mutants.Where(static mutant => mutant.Fate is MutantFate.Survived).Select(static mutant => mutant.Change));
        Assert.False(report.HoldsEverything);
    }

    [Fact]
    public void ASurvivor_SaysOnWhichDayACaseWouldNotice()
    {
        var report = SmallPack.Report();

        Assert.Equal("on 2026-12-31", MutantOf(report, "moving the last day of BAA from 2026-12-31 to 2026-12-30").Hint);
        Assert.Equal("on 2027-01-01", MutantOf(report, "moving the last day of BAA from 2026-12-31 to 2027-01-01").Hint);
        Assert.Equal("on 2026-02-28", MutantOf(report, "moving the first day of BAA from 2026-03-01 to 2026-02-28").Hint);
        Assert.Equal("on 2026-03-01", MutantOf(report, "moving the first day of BAA from 2026-03-01 to 2026-03-02").Hint);
    }

    [Fact]
    public void ACaseThatFailsAnyway_KillsNothing()
    {
        var report = SmallPack.Report(SmallPack.Case("wrong", "permitted: [cloud, own]"));

        Assert.Equal(1, report.Failed);
        Assert.Equal(0, report.Mutations!.Killed);
    }

    [Theory]
    [InlineData(true, MutantFate.Equivalent)]
    [InlineData(false, MutantFate.Survived)]
    [InlineData(null, MutantFate.Survived)]
    public void ASurvivor_IsEquivalentOnlyWhenThatIsProved(bool? proof, MutantFate fate)
    {
        using var pack = SmallPack.Create(Thorough);
        ConcurrentBag<string> asked = [];
        var snapshot = pack.Snapshot();

        var report = MutationRunner.Run(snapshot, (policy, mutant) =>
        {
            Assert.Same(snapshot.Model, policy);
            asked.Add(string.Join(' ', mutant.Rules.Where(rule => !policy.Rules.Contains(rule)).Select(static rule => rule.Id)));
            return proof;
        });

        Assert.Equal(["D-AUDIT", "W-OWN", "W-OWN"], asked.Order(StringComparer.Ordinal));
        Assert.Equal(fate, MutantOf(report, "moving the first day of rule W-OWN from 2020-01-01 to 2020-01-02").Fate);
    }

    [Fact]
    public void TheProver_LeavesOnlyTheSurvivorThatSomeRequestWouldTellApart()
    {
        using var pack = SmallPack.Create(Thorough);

        var report = SuiteRunner.Run(pack.Snapshot(), mutations: true).Mutations!;

        var survivor = Assert.Single(report.Mutants, static mutant => mutant.Fate is MutantFate.Survived);
        Assert.Equal("moving the first day of rule W-OWN from 2020-01-01 to 2020-01-02", survivor.Change);
    }

    [Fact]
    public void ARuleOfATenant_HasMutantsAndCoverage_ThatOnlyItsOwnCasesReach()
    {
        const string Tenant = """
            format: policyrouter/tenant/v1
            defaults: {owner: o, in force: {from: 2020-01-01, until: further notice}}
            rules:
              - {id: F-CLINIC, title: t, effect: forbid, when all: [{data includes any of: [phi]}], unless any: [{hosting is one of: [own-premises]}], reason: r, citation: c}

            """;
        const string Deleting = "deleting rule F-CLINIC";
        var others = SmallPack.Case("others", "permitted: [own, cloud]");
        var theirs = "name: theirs, given: {data: [phi], subjects: [us], purpose: treatment, features: [chat], tenant: clinic}, permitted: [own]";
        using var without = SmallPack.Create(others);
        using var with = SmallPack.Create(others, theirs);

        var unnoticed = SuiteRunner.Run(without.Write("tenants/clinic.yaml", Tenant).Snapshot(), mutations: true);
        var noticed = SuiteRunner.Run(with.Write("tenants/clinic.yaml", Tenant).Snapshot(), mutations: true);

        Assert.Equal(MutantFate.Survived, MutantOf(unnoticed, Deleting).Fate);
        Assert.False(unnoticed.Coverage.Rules.Single(static rule => rule.Id == "F-CLINIC").Covered);
        Assert.Equal("theirs", MutantOf(noticed, Deleting).KilledBy);
        Assert.True(noticed.Coverage.Rules.Single(static rule => rule.Id == "F-CLINIC").Covered);
        Assert.True(noticed.Coverage.Arms.Single(static arm => arm.Rule == "F-CLINIC").Covered);
    }

    [Theory]
    [InlineData("strength: advisory")]
    [InlineData("shadow: true")]
    public void ARuleThatOnlyWarns_HasNoMutants(string how)
    {
        using var pack = SmallPack.Create();
        pack.Replace("rules/core.yaml", "effect: forbid", $"effect: forbid, {how}");

        Assert.DoesNotContain(
            SuiteRunner.Run(pack.Snapshot(), mutations: true).Mutations!.Mutants, static mutant => mutant.Change.Contains("F-BAA", StringComparison.Ordinal));
    }

    [Fact]
    public void ATerminationAndAnAdequacyFinding_AreMovedToo()
    {
        using var pack = SmallPack.Create();
        pack.Replace("registry.yaml", "review by:", "terminated on: 2026-09-01, review by:")
            .Replace("data-classes.yaml", "zones: [us]", "zones: [us, eea]\nadequacy: [{from: eea, to: us, in force: {from: 2023-07-10, until: 2030-01-01}, citation: c}]");

        var moved = SuiteRunner.Run(pack.Snapshot(), mutations: true, equivalent: null).Mutations!.Mutants;

        Assert.Contains(moved, static mutant => mutant is { Change: "moving the termination of BAA from 2026-09-01 to 2026-08-31", Hint: "on 2026-08-31", Fate: MutantFate.Survived });
        Assert.Contains(moved, static mutant => mutant is { Change: "moving the termination of BAA from 2026-09-01 to 2026-09-02", Hint: "on 2026-09-01" });
        Assert.Contains(moved, static mutant => mutant is { Change: "moving the last day of adequacy eea to us from 2030-01-01 to 2030-01-02", Hint: "on 2030-01-02" });
        Assert.Contains(moved, static mutant => mutant is { Change: "moving the last day of BAA from 2026-12-31 to 2027-01-01", Fate: MutantFate.Equivalent });
    }

    [Fact]
    public void OnADayOnWhichAMutantHoldsTheSame_ItDecidesTheSame() =>
        Gen.Select(Generated.Model, Generated.Request).Sample(
            (model, request) =>
            {
                var expected = Told(Generated.Compile(model).Decide(request));
                return Mutations.Of(model).Where(mutant => SameDay.Holds(model, mutant.Model, request.Day)).All(mutant =>
                    Told(Generated.Compile(mutant.Model).Decide(request)).SequenceEqual(expected, StringComparer.Ordinal));
            },
            iter: 100);

    private static IEnumerable<string> Told(Decision decision) =>
        [
            .. decision.Permitted.Select(static p => $"{p.Deployment.Id} {p.Preference} {string.Join(' ', p.Duties.Firing.Select(static duty => duty.Rule))}"),
            .. decision.Denied.Select(static d => $"{d.DeploymentId} {string.Join(' ', d.Reasons.Select(static reason => reason.Rule))}"),
        ];

    private static MutantResult MutantOf(SuiteReport report, string change) => MutantOf(report.Mutations!, change);

    private static MutantResult MutantOf(MutationReport report, string change) => report.Mutants.Single(mutant => mutant.Change == change);
}
