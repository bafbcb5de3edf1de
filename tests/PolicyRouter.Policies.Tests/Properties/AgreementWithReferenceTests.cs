using CsCheck;
using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Facts;
using PolicyRouter.Policies.Tests.Packs;
using PolicyRouter.Policies.Tests.Proving;
using PolicyRouter.Policies.Tests.Reference;
using PolicyRouter.Testing;

namespace PolicyRouter.Policies.Tests.Properties;

public class AgreementWithReferenceTests
{
    /// <summary>How many policies are made up: 25,000, or as many as <c>POLICYROUTER_GENERATED_POLICIES</c> says, for whoever asks the same over and over (mutations of the engine, see CONTRIBUTING.md).</summary>
    private static readonly int Policies = Campaign.Length("POLICYROUTER_GENERATED_POLICIES", 25_000);

    /// <summary>Generated policies with 40 requests each: a million questions, each about every deployment.</summary>
    [Fact]
    public void GeneratedPoliciesAndRequests_AreDecidedAsTheReferenceSays()
    {
        var allowed = 0;
        var denied = 0;
        Gen.Select(Generated.WithTenants, Generated.Request.Array[40]).Sample(
            (model, requests) =>
            {
                var snapshot = Generated.Compile(model);
                ReferenceEvaluator reference = new(model);
                foreach (var request in requests)
                {
                    var decision = AssertSame(reference, snapshot, request);
                    Interlocked.Add(ref allowed, decision.Permitted.Count);
                    Interlocked.Add(ref denied, decision.Denied.Count);
                }
            },
            iter: Policies,
            print: static pair => pair.ToString()!);

        // The comparison says something only while both answers occur often.
        Assert.True(allowed > Policies * 2 / 5 && denied > Policies * 2 / 5, $"{allowed} allowed, {denied} denied");
    }

    [Fact]
    public void RequestsToTheShippedPack_AreDecidedAsTheReferenceSays()
    {
        var snapshot = TestFolders.Load(TestFolders.Shipped);
        ReferenceEvaluator reference = new(snapshot.Model);
        var days = Gen.OneOf(
            new DateOnly(2025, 12, 31), new(2026, 1, 1), new(2026, 11, 2), new(2029, 12, 31), new(2030, 1, 1), new(2040, 6, 1));
        Generated.Requests([.. snapshot.Classes, "bogus"], [.. snapshot.Zones, "mars"], [.. snapshot.Purposes, "fun"], [.. snapshot.Features, "teleport"], days)
            .Sample(request => AssertSame(reference, snapshot, request), iter: Policies * 2 / 5);
    }

    /// <summary>More rules of a class, and more deployments, than one word of a bit set has bits.</summary>
    [Fact]
    public void RequestsToALargePolicy_AreDecidedAsTheReferenceSays()
    {
        var model = LargePolicy.Of(deployments: 200, rules: 300, classes: 40, purposes: 20);
        var snapshot = Generated.Compile(model);
        ReferenceEvaluator reference = new(model);
        var permitted = 0;
        Generated.Requests([.. snapshot.Classes], [.. snapshot.Zones], [.. snapshot.Purposes], [.. snapshot.Features], Gen.Int[0, 500].Select(new DateOnly(2026, 1, 1).AddDays))
            .Sample(request => Interlocked.Add(ref permitted, AssertSame(reference, snapshot, request).Permitted.Count), iter: Math.Max(20, Policies / 500));
        Assert.True(permitted > 0, "Nobody may receive anything: the comparison says nothing.");
    }

    private static Decision AssertSame(ReferenceEvaluator reference, PolicySnapshot snapshot, PolicyRequest request)
    {
        var decision = snapshot.Decide(request);
        Assert.Equal(reference.FinalClasses(request).Order(StringComparer.Ordinal), decision.Classes.Final);
        Assert.All(decision.Denied.SelectMany(static denied => denied.Reasons), static reason => Assert.EndsWith(".", reason.Reason, StringComparison.Ordinal));
        foreach (var deployment in snapshot.Deployments)
        {
            var expected = reference.Judge(request, deployment);
            var permitted = decision.Permitted.FirstOrDefault(p => p.Deployment.Id == deployment.Id);
            var denied = decision.Denied.FirstOrDefault(d => d.DeploymentId == deployment.Id);
            Assert.Equal(expected.Allowed, permitted is not null);
            Assert.Equal(expected.Allowed, denied is null);
            Assert.Equal(expected.Reasons, denied?.Reasons.Select(static r => r.Rule) ?? []);
            Assert.Equal(expected.Duties, permitted?.Duties.Firing.Select(static d => d.Rule) ?? []);
            Assert.Equal(
                expected.Warnings,
                decision.Warnings.FirstOrDefault(w => w.DeploymentId == deployment.Id)?.Reasons.Select(static r => r.Rule) ?? []);
            if (permitted is not null)
            {
                Assert.Equal(expected.Preference, permitted.Preference);
            }
        }

        return decision;
    }
}
