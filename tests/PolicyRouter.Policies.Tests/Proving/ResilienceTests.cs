using CsCheck;
using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Proving;
using PolicyRouter.Policies.Tests.Packs;

namespace PolicyRouter.Policies.Tests.Proving;

/// <summary>What is left when a cloud, a region, an identity plane or a lab is lost.</summary>
public class ResilienceTests
{
    private static readonly DateOnly Today = new(2026, 11, 2);
    private static readonly string[] Domains = ["cloud-a", "cloud-b", "region-1", "identity", "lab"];

    [Fact]
    public void AClassThatMayGoOneWayOnly_HangsOnEverythingThatWayHangsOn()
    {
        var flow = Flow(TestFolders.Load(TestFolders.Shipped), "clinical-chat", "sud-part2");

        Assert.Equal(["local-llama"], flow.Permitted);
        Assert.True(flow.HasOneRoute);
        Assert.Equal(1, flow.IndependentDomains);
        Assert.Equal(["own-datacentre"], flow.SinglePointsOfFailure);
    }

    [Fact]
    public void AClassThatMayGoSeveralWays_SaysWhoIsLeftWithoutEachDomain()
    {
        var flow = Flow(TestFolders.Load(TestFolders.Shipped), "clinical-chat", "phi");

        Assert.Empty(flow.SinglePointsOfFailure);
        Assert.Equal(["claude-aws-us", "azure-gpt4o-eastus", "local-llama"], flow.LeftAfter["lab/anthropic"]);
        Assert.Equal(["claude-anthropic", "claude-aws-us", "local-llama"], flow.LeftAfter["entra-id"]);
        Assert.Equal(3, flow.IndependentDomains);
    }

    [Fact]
    public void AClassThatNobodyMayReceive_HangsOnNothing()
    {
        var flow = Flow(TestFolders.Load(TestFolders.Shipped), "clinical-chat", "card-secret");

        Assert.Empty(flow.Permitted);
        Assert.Empty(flow.LeftAfter);
        Assert.Equal(0, flow.IndependentDomains);
    }

    [Fact]
    public void ADeploymentThatIsSuspended_IsNoWay()
    {
        using ScratchPack pack = new(TestFolders.Shipped);
        pack.Write("registry.yaml", pack.Read("registry.yaml").Replace("hosting: own-premises", "hosting: own-premises # ours", StringComparison.Ordinal)
            .Replace("training on our data: never\n    status: approved", "training on our data: never\n    status: suspended", StringComparison.Ordinal));

        Assert.DoesNotContain(PolicyResilience.Of(pack.Snapshot(), Today), static flow => flow.Label == "phi" && flow.Permitted.Count > 0);
    }

    /// <summary>Whatever fails together with whatever: who is left, and how many domains must fail, are what trying every set of them shows.</summary>
    [Fact]
    public void WhoIsLeft_AndHowManyDomainsMustFail_AreWhatTryingEverySetShows() => Gen.Shuffle(Domains, 1, 3).Array[7].Sample(
        failsWith =>
        {
            using ScratchPack pack = new(TestFolders.Shipped);
            var endpoints = pack.Read("endpoints.yaml").Split('\n');
            var next = 0;
            pack.Write("endpoints.yaml", string.Join('\n', endpoints.Select(line =>
                line.StartsWith("    fails with:", StringComparison.Ordinal) ? $"    fails with: [{string.Join(", ", failsWith[next++])}]" : line)));
            var snapshot = pack.Snapshot();

            foreach (var flow in PolicyResilience.Of(snapshot, Today).Where(static flow => flow.Permitted.Count > 0))
            {
                var lost = Enumerable.Range(1, (1 << Domains.Length) - 1)
                    .Select(set => Domains.Where((_, i) => (set >> i & 1) != 0).ToHashSet())
                    .Where(set => flow.Permitted.All(id => snapshot.Endpoints[id].FailsWith.Any(set.Contains)))
                    .Min(static set => set.Count);
                Assert.Equal(Math.Min(3, lost), flow.IndependentDomains);
                Assert.All(flow.LeftAfter, left => Assert.Equal(flow.Permitted.Where(id => !snapshot.Endpoints[id].FailsWith.Contains(left.Key)), left.Value));
                Assert.Equal(lost == 1, flow.SinglePointsOfFailure.Count > 0);
            }
        },
        iter: 10, threads: 1);

    private static FlowResilience Flow(PolicySnapshot snapshot, string route, string label) =>
        PolicyResilience.Of(snapshot, Today).Single(flow => flow.Route == route && flow.Label == label);
}
