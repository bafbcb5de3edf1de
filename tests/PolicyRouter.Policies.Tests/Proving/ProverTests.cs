using CsCheck;
using PolicyRouter.Policies.Cases;
using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Facts;
using PolicyRouter.Policies.Proving;
using PolicyRouter.Policies.Rules;
using PolicyRouter.Policies.Tests.Packs;
using PolicyRouter.Policies.Tests.Points;
using PolicyRouter.Policies.Tests.Properties;
using PolicyRouter.Policies.Tests.Reference;

namespace PolicyRouter.Policies.Tests.Proving;

public class ProverTests
{
    private static readonly DateOnly Today = new(2026, 11, 2);

    private static readonly Gen<NeverClaim> Claim = Gen.Select(
        Gen.OneOf<string>(Generated.Classes), Gen.OneOf<Condition>(
            Gen.Const((Condition)new HostingIs(["vendor"])), Gen.Const((Condition)new SubjectsLiveIn(["eea"])), Gen.Const((Condition)new ProcessingIncludesUnknownPlace()),
            Gen.Const((Condition)new FeatureUsed(["vision"])), Gen.Const((Condition)new PurposeIs(["marketing"]))),
        Gen.OneOf<Condition>(
            Gen.Const((Condition)new AgreementInForce("baa")), Gen.Const((Condition)new TrainingIs("never")), Gen.Const((Condition)new EveryTransferIsCovered()),
            Gen.Const((Condition)new BusinessUnitIs(["lab"]))),
        static (label, when, unless) => new NeverClaim("N-1", "claim", [new DataIncludes([label]), when], [unless], new("x", 1, 1)));

    [Fact]
    public void TheExamplePack_IsProvedOverExactlyAllItsStates()
    {
        var proof = Prover.Prove(TestFolders.Load(TestFolders.Example), Today);

        Assert.Equal((UInt128)298_647_552, proof.States);
        Assert.Equal(["N-1", "N-2", "N-3", "N-4", "N-5"], proof.Claims.Select(static claim => claim.Id));
        Assert.True(proof.Holds);
        Assert.Equal(["card-number", "card-secret", "npi", "sud-part2", "unclassified"], proof.Analysis!.UnreachableClasses);
        Assert.Empty(proof.Analysis.NeverFire);
        Assert.Equal(
            ["F-CARD-SECRET", "F-PHI-RETENTION", "F-SUD"],
            proof.Analysis.SoleBlocker.Where(static one => one.Value == 0).Select(static one => one.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void ViolationsOfGeneratedClaims_AreCountedAsOneByOne()
    {
        Gen.Select(BruteForce.Small, Claim).Sample(
            (model, claim) =>
            {
                model = model with { Suite = new([], [claim], []) };
                var proof = Prover.Prove(Generated.Compile(model), Today);

                // The worst case the claim is about: all approvals held, and no overridable forbid in force.
                var worst = model with
                {
                    Rules = [.. model.Rules.Where(static r => r is not { Effect: Effect.Forbid, Strength: not Strength.Absolute })],
                };
                ReferenceEvaluator reference = new(worst);
                var asForbid = new ReferenceEvaluator(worst with { Rules = [AsForbid(claim)] });
                Approval[] approvals = [.. CompiledWords.ApprovalsAskedFor(worst).Select(static name => Approval.Supposed(name.Split(' ')[0], name.Split(' ')[1]))];
                UInt128 violations = 0;
                UInt128 states = 0;
                foreach (var request in BruteForce.Requests(model, BruteForce.Days(model)).Select(request => request with { Approvals = approvals }))
                {
                    foreach (var deployment in model.Deployments)
                    {
                        states++;
                        violations += reference.Judge(request, deployment).Allowed && asForbid.Judge(request, deployment).Reasons.Contains("N-1") ? 1u : 0u;
                    }
                }

                Assert.Equal(states, proof.States);
                Assert.Equal(violations, proof.Claims[0].Violations);
                Assert.Equal(violations == 0, proof.Claims[0].Holds);
                Assert.Equal(violations == 0, proof.Claims[0].Counterexample is null);
            },
            iter: 8, threads: 1);
    }

    [Fact]
    public void ARuleThatIsGone_IsToldInOneSentence_AndAsACase()
    {
        using ScratchPack pack = new(TestFolders.Example);
        pack.Replace("rules/core.yaml", "  - id: F-HIPAA-BAA\n", "  - id: F-HIPAA-BAA\n    shadow: true\n");

        var claim = Prover.Prove(pack.Snapshot(), Today).Claims.Single(static claim => claim.Id == "N-1");

        Assert.False(claim.Holds);
        Assert.Contains("would be sent to", claim.Counterexample!.Sentence, StringComparison.Ordinal);
        Assert.Contains("P-PERSONAL, P-PHI-TPO and P-PUBLIC permit it", claim.Counterexample.Sentence, StringComparison.Ordinal);
        Assert.Contains("    given: {data: [phi], subjects: [", claim.Counterexample.TestCase, StringComparison.Ordinal);
        var decision = pack.Snapshot().Decide(claim.Counterexample.Request);
        Assert.DoesNotContain("F-HIPAA-BAA", decision.Denied.SelectMany(static d => d.Reasons).Select(static r => r.Rule));
    }

    [Fact]
    public void ACounterexampleCase_CanBePasted_FailsNow_AndPassesOnceTheRuleIsBack()
    {
        using ScratchPack pack = new(TestFolders.Example);
        pack.Replace("rules/core.yaml", "  - id: F-HIPAA-BAA\n", "  - id: F-HIPAA-BAA\n    shadow: true\n");
        var text = Prover.Prove(pack.Snapshot(), Today).Claims.Single(static claim => claim.Id == "N-1").Counterexample!.TestCase;

        pack.Write("tests/more.tests.yaml", $"format: policyrouter/tests/v1\ntoday: 2026-11-02\ncases:\n{text}");

        Assert.False(Passes());
        pack.Replace("rules/core.yaml", "  - id: F-HIPAA-BAA\n    shadow: true\n", "  - id: F-HIPAA-BAA\n");
        Assert.True(Passes());

        bool Passes()
        {
            var policy = pack.Snapshot();
            return CaseRunner.Passes(policy, policy.Model.Suite.Cases.Single(static one => one.Name == "PHI reaches a vendor without a BAA in force"));
        }
    }

    [Fact]
    public void TooManyZones_AreNamedAndNothingIsClaimed()
    {
        var model = TestFolders.Load(TestFolders.Example).Model;
        var proof = Prover.Prove(new(model with { Zones = [.. Enumerable.Range(0, 20).Select(static i => $"z{i}")] }, "sha256:0"), Today);

        Assert.StartsWith("zones: 20", proof.TooLarge, StringComparison.Ordinal);
        Assert.False(proof.Holds);
        Assert.Empty(proof.Claims);
    }

    [Fact]
    public void VerdictsOnTheSmallestSetsOfClasses_AreThoseOfCountingEverything() =>
        Gen.Select(Generated.Model, Claim.List[1, 3]).Sample(
            static (model, claims) =>
            {
                var policy = Generated.Compile(model with { Suite = new([], [.. claims.Select(static (claim, i) => claim with { Id = $"N-{i}" })], []) });

                var counted = Prover.Counting(policy, Today, []);
                var smallest = Prover.OnSmallestSets(policy, Today, []);

                Assert.Equal(counted.Claims.Select(static c => (c.Id, c.Holds)), smallest.Claims.Select(static c => (c.Id, c.Holds)));
                Assert.All(counted.Claims.Zip(smallest.Claims), static pair => Assert.True(pair.First.Violations >= pair.Second.Violations));
                Assert.Equal(counted.States, smallest.States);
                var (one, other) = (counted.Analysis!, smallest.Analysis!);
                Assert.Equal(one.NeverFire, other.NeverFire);
                Assert.Equal(one.RemovablePermits, other.RemovablePermits);
                Assert.Equal(one.SubsumedPermits, other.SubsumedPermits);
                Assert.Equal(one.ContradictoryDuties, other.ContradictoryDuties);
                Assert.Equal(one.UnreachableClasses, other.UnreachableClasses);
                Assert.Equal(one.UnreachableDeployments, other.UnreachableDeployments);
                Assert.Equal(Alone(one), Alone(other));
            },
            iter: 60);

    [Fact]
    public void APolicyOfALargeBank_IsProved()
    {
        var model = LargePolicy.Of(deployments: 60, rules: 200, classes: 12, purposes: 10);
        // What no rule of the policy says can be disproved; what one says for certain must hold.
        var guarded = model with
        {
            Rules = [.. model.Rules, AsForbid(new("F-GUARD", "", [new DataIncludes(["class-5"]), new HostingIs(["vendor"])], [], new("x", 1, 1))) with { InForce = new(DateOnly.MinValue, null) }],
            Suite = new(
                [],
                [
                    new("N-1", "class-5 leaves the house", [new DataIncludes(["class-5"]), new HostingIs(["vendor"])], [], new("x", 1, 1)),
                    new("N-2", "class-3 leaves the house", [new DataIncludes(["class-3"]), new HostingIs(["vendor"])], [], new("x", 1, 1)),
                ],
                []),
        };

        var proof = Prover.Prove(new(guarded, "sha256:0"), Today);

        Assert.Null(proof.TooLarge);
        Assert.False(proof.IsCounted);
        Assert.Equal([true, false], proof.Claims.Select(static claim => claim.Holds));
        Assert.NotNull(proof.Claims[1].Counterexample);
    }

    [Fact]
    public void APolicyTooLargeToEnumerate_SaysSo_AndClaimsNothing()
    {
        var model = LargePolicy.Of(deployments: 200, rules: 1_500, classes: 12, purposes: 50) with
        {
            Suite = new([], [new("N-1", "class-5 leaves the house", [new DataIncludes(["class-5"]), new HostingIs(["vendor"])], [], new("x", 1, 1))], []),
        };

        var proof = Prover.Prove(new(model, "sha256:0"), Today);

        Assert.NotNull(proof.TooLarge);
        Assert.False(proof.Holds);
        Assert.Empty(proof.Claims);
    }

    [Fact]
    public void APermitThatAnotherContains_IsNamed()
    {
        var proof = Prover.Prove(Example.WithRules("""
              - {id: P-TREATMENT, title: t, effect: permit, covers data: [phi], when all: [{purpose is one of: [treatment]}, {deployment status is: approved}], reason: r, citation: c}
              - {id: P-PUBLIC-AGAIN, title: t, effect: permit, covers data: [public, internal], when all: [{deployment status is: approved}], reason: r, citation: c}
              - {id: P-MARKETING, title: t, effect: permit, covers data: [phi], when all: [{purpose is one of: [treatment, marketing]}, {deployment status is: approved}], reason: r, citation: c}

            """), Today);

        Assert.Equal(
            [new SubsumedPermit("P-PUBLIC-AGAIN", "P-PUBLIC"), new SubsumedPermit("P-TREATMENT", "P-MARKETING")], proof.Analysis!.SubsumedPermits);
    }

    [Fact]
    public void DutiesThatContradict_AreNamed_AndWhatTheyDenyIsNoCounterexample()
    {
        const string short30 = "  - {id: D-SHORT, title: t, effect: require, duty: {retention days: 30}, when all: [{data includes any of: [phi]}], reason: r, citation: c}\n";
        var policy = Example.WithRules(short30);
        var claim = new NeverClaim("N-9", "phi goes anywhere", [new DataIncludes(["phi"])], [], new("x", 1, 1));

        var proof = Prover.Prove(new(policy.Model with { Suite = new([], [claim], []) }, "sha256:0"), Today);

        Assert.Equal(["D-PHI-AUDIT and D-SHORT"], proof.Analysis!.ContradictoryDuties);
        Assert.True(proof.Holds);
    }

    private static IEnumerable<string> Alone(PolicyAnalysis analysis) =>
        analysis.SoleBlocker.Where(static one => one.Value > 0).Select(static one => one.Key).Order(StringComparer.Ordinal);

    private static Rule AsForbid(NeverClaim claim) => new()
    {
        Id = claim.Id,
        Title = "",
        Effect = Effect.Forbid,
        Owner = "",
        InForce = new(DateOnly.MinValue, null),
        Reason = "",
        Citation = [],
        WhenAll = claim.WhenAll,
        UnlessAny = claim.UnlessAny,
    };
}
