using CsCheck;
using PolicyRouter.Policies.Facts;
using PolicyRouter.Policies.Proving;
using PolicyRouter.Policies.Rules;
using PolicyRouter.Policies.Tests.Packs;
using PolicyRouter.Policies.Tests.Properties;

namespace PolicyRouter.Policies.Tests.Proving;

public class ComparisonTests
{
    private static readonly DateOnly Today = new(2026, 11, 2);

    [Fact]
    public void ChangesBetweenGeneratedPolicies_AreCountedAsOneByOne()
    {
        Gen.Select(BruteForce.Small, Gen.Int[0, 100]).Sample(
            (before, which) =>
            {
                var after = Changed(before, which);
                var difference = PolicyComparison.Compare(Generated.Compile(before), Generated.Compile(after), Today);
                Dictionary<(ChangeKind, string), UInt128> counted = [];
                var (old, now) = (Generated.Compile(before), Generated.Compile(after));
                foreach (var request in BruteForce.Requests(before, BruteForce.Days(before, after)))
                {
                    var allowedBefore = old.Decide(request).Permitted.Select(static p => p.Deployment.Id).ToHashSet();
                    var allowedAfter = now.Decide(request).Permitted.Select(static p => p.Deployment.Id).ToHashSet();
                    Count(ChangeKind.NewlyAllowed, allowedAfter.Except(allowedBefore));
                    Count(ChangeKind.NewlyDenied, allowedBefore.Except(allowedAfter));
                }

                Assert.Equal(
                    counted.OrderBy(static c => c.Key.ToString()),
                    difference.Changes.Where(static c => c.Kind is ChangeKind.NewlyAllowed or ChangeKind.NewlyDenied)
                        .Select(static c => KeyValuePair.Create((c.Kind, c.Deployment), c.States)).OrderBy(static c => c.Key.ToString()));


                void Count(ChangeKind kind, IEnumerable<string> deployments)
                {
                    foreach (var deployment in deployments)
                    {
                        counted[(kind, deployment)] = counted.GetValueOrDefault((kind, deployment)) + 1;
                    }
                }
            },
            iter: 8, threads: 1);
    }

    [Fact]
    public void TheSameRulesInAnotherOrder_AreProvedToDecideTheSame() =>
        Gen.Select(Generated.Model, Gen.Int).Sample(
            static (model, seed) =>
            {
                Rule[] rules = [.. model.Rules];
                new Random(seed).Shuffle(rules);
                Assert.True(PolicyComparison.Compare(Generated.Compile(model), Generated.Compile(model with { Rules = rules }), Today).IsNone);
            },
            iter: 10);

    [Fact]
    public void APermitSplitInTwo_IsARefactoring()
    {
        var model = TestFolders.Load(TestFolders.Example).Model;
        var permit = model.Rules.Single(static rule => rule.Id == "P-PUBLIC");
        Rule[] split = [permit with { Id = "P-1", CoversData = ["public"] }, permit with { Id = "P-2", CoversData = ["internal"] }];

        Assert.True(PolicyComparison.AreEquivalent(model, model with { Rules = [.. model.Rules.Where(rule => rule != permit), .. split] }));
    }

    [Fact]
    public void AForbidOnTrial_IsFoundAndTold()
    {
        using ScratchPack pack = new(TestFolders.Example);
        pack.Replace("rules/core.yaml", "  - id: F-TRANSFER\n", "  - id: F-TRANSFER\n    shadow: true\n");

        var difference = PolicyComparison.Compare(TestFolders.Load(TestFolders.Example), pack.Snapshot(), Today);

        Assert.True(difference.Loosens);
        var change = Assert.Single(difference.Changes, static c => c.Kind is ChangeKind.NewlyAllowed && c.Deployment == "openai-zdr");
        Assert.Contains("pii", change.Classes);
        Assert.Contains("may now go to openai-zdr", change.Story, StringComparison.Ordinal);
        Assert.DoesNotContain(difference.Changes, static c => c.Kind is ChangeKind.NewlyDenied);
    }

    [Fact]
    public void AnEndedPaper_IsInTheCalendarWithItsCause_AndWhoRemains()
    {
        var entries = PolicyCalendar.From(TestFolders.Load(TestFolders.Example), Today);

        var entry = Assert.Single(entries, static e => e is { Kind: ChangeKind.NewlyDenied, Deployment: "openai-zdr" });
        Assert.Equal(new(2027, 1, 1), entry.Day);
        Assert.Equal(["BAA-OPENAI-2026 ended 2026-12-31"], entry.Causes);
        Assert.Equal(["local-llama", "azure-eastus"], entry.Remaining);
    }

    private static PolicyModel Changed(PolicyModel model, int which) => (which % 4) switch
    {
        0 => model with { Rules = [.. model.Rules.Where((_, i) => i != which % model.Rules.Count)] },
        1 => model with { Deployments = [.. model.Deployments.Skip(1), model.Deployments[0] with { Id = "new" }] },
        2 => model with { Rules = [.. model.Rules.Select((rule, i) => i == which % model.Rules.Count ? rule with { UnlessAny = [] } : rule)] },
        _ => model with { Deployments = [.. model.Deployments.Select(static d => d with { TrainingOnOurData = "never", Hosting = "own-premises" })] },
    };
}
