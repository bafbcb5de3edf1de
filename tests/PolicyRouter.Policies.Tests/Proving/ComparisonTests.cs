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

    [Theory]
    [InlineData("rules/gdpr.yaml", "is not used for service or marketing\n", "is not used for service or marketing\n    shadow: true\n", "forbid F-GDPR-HEALTH was absolute and is on trial")]
    [InlineData("rules/hipaa.yaml", "marketing\n    effect: forbid\n    strength: absolute\n", "marketing\n    effect: forbid\n    strength: overridable\n", "forbid F-PHI-MARKETING was absolute and is overridable")]
    [InlineData("rules/hipaa.yaml", "      - purpose is one of: [marketing]\n", "      - purpose is one of: [marketing]\n    unless any:\n      - hosting is one of: [own-premises, vendor]\n", "forbid F-PHI-MARKETING by itself forbids less than it did")]
    [InlineData("data-classes.yaml", "purposes:", "lowering:\n  - {from: phi, to: internal, by: redact hipaa-safe-harbor-18, needs approval: privacy-office, citation: x}\npurposes:", "lowering phi to internal after redaction by hipaa-safe-harbor-18, approved by privacy-office, is new")]
    [InlineData("registry.yaml", "agreements:", "people:\n  - {id: mallory, name: M, roles: [break-glass], public key: MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==}\nagreements:", "mallory may now sign as break-glass")]
    [InlineData("registry.yaml", "America/New_York", "America/Los_Angeles", "the legal timezone was America/New_York and is America/Los_Angeles")]
    [InlineData("endpoints.yaml", "url: https://api.anthropic.com", "url: https://evil.example", "url of the endpoint of claude-anthropic was https://api.anthropic.com/ and is https://evil.example/")]
    [InlineData("endpoints.yaml", "vault:anthropic-key", "vault:another-key", "credential of the endpoint of claude-anthropic was vault:anthropic-key and is vault:another-key")]
    [InlineData("redaction.yaml", "  - Mayo Clinic", "  - Mayo Clinic\n  - Jane Smith", "\"Jane Smith\" is now never redacted")]
    public void WhatNoDecisionShows_IsToldAndLoosens(string file, string old, string replacement, string expected)
    {
        using ScratchPack pack = new(TestFolders.Shipped);
        pack.Replace(file, old, replacement);

        var difference = PolicyComparison.Compare(TestFolders.Load(TestFolders.Shipped), pack.Snapshot(), Today);

        Assert.Empty(difference.Changes);
        Assert.Contains(expected, difference.Written.Where(static change => change.Loosens).Select(static change => change.Text));
        Assert.True(difference.Loosens);
        Assert.False(difference.IsNone);
    }

    [Theory]
    [InlineData("rules/gdpr.yaml", "is not used for service or marketing\n", "is not used for service or marketing\n    shadow: true\n", "forbid F-GDPR-HEALTH was on trial and is absolute")]
    [InlineData("data-classes.yaml", "purposes:", "lowering:\n  - {from: phi, to: internal, by: redact hipaa-safe-harbor-18, needs approval: privacy-office, citation: x}\npurposes:", "lowering phi to internal after redaction by hipaa-safe-harbor-18, approved by privacy-office, is gone")]
    [InlineData("redaction.yaml", "  - Mayo Clinic", "  - Mayo Clinic\n  - Jane Smith", "\"Jane Smith\" is no longer never redacted")]
    public void TheWayBack_IsToldAndLoosensNothing(string file, string old, string replacement, string expected)
    {
        using ScratchPack pack = new(TestFolders.Shipped);
        pack.Replace(file, old, replacement);

        var difference = PolicyComparison.Compare(pack.Snapshot(), TestFolders.Load(TestFolders.Shipped), Today);

        Assert.Equal(new(expected, Loosens: false), Assert.Single(difference.Written));
        Assert.False(difference.Loosens);
        Assert.False(difference.IsNone);
    }

    [Theory]
    [InlineData("duty: {redact: hipaa-direct-identifiers}", "duty: {redact: secrets}", true)]
    [InlineData("duty: {audit: full, keep years: 6}", "duty: {audit: standard, keep years: 6}", true)]
    [InlineData("duty: {audit: full, keep years: 6}", "duty: {audit: full, keep years: 5}", true)]
    [InlineData("duty: {audit: full, keep years: 6}", "duty: {audit: full, keep years: 7}", false)]
    [InlineData("duty: {audit: full, keep years: 6}", "duty: {audit: full, keep years: 6, retention days: 3000}", false)]
    public void ADutyThatAsksForLess_Loosens_AndOneThatAsksForMoreDoesNot(string old, string replacement, bool loosens)
    {
        using ScratchPack pack = new(TestFolders.Example);
        pack.Replace("rules/core.yaml", old, replacement);

        var difference = PolicyComparison.Compare(TestFolders.Load(TestFolders.Example), pack.Snapshot(), Today);

        Assert.NotEmpty(difference.Changes);
        Assert.All(difference.Changes, change => Assert.Equal(loosens ? ChangeKind.DutiesWeakened : ChangeKind.DutiesChanged, change.Kind));
        Assert.Equal(loosens, difference.Loosens);
    }

    [Fact]
    public void AForbidWrittenInOtherWords_IsTheSame()
    {
        using ScratchPack pack = new(TestFolders.Example);
        pack.Replace("rules/core.yaml", "unless any: [{retention days at most: 0}]", "unless any: [{retention days at most: 1}]");

        Assert.True(PolicyComparison.Compare(TestFolders.Load(TestFolders.Example), pack.Snapshot(), Today).IsNone);
    }

    [Fact]
    public void TheSameDutyUnderAnotherId_LoosensNothing()
    {
        using ScratchPack pack = new(TestFolders.Example);
        pack.Replace("rules/core.yaml", "D-PHI-AUDIT", "D-PHI-RECORD").Replace("tests/core.tests.yaml", "D-PHI-AUDIT", "D-PHI-RECORD");

        var difference = PolicyComparison.Compare(TestFolders.Load(TestFolders.Example), pack.Snapshot(), Today);

        Assert.NotEmpty(difference.Changes);
        Assert.False(difference.Loosens);
    }

    [Fact]
    public void ATenantsBoundThatIsTakenAway_IsToldForThatTenantAlone()
    {
        using ScratchPack before = new(TestFolders.Example);
        using ScratchPack after = new(TestFolders.Example);
        before.Write("tenants/north.yaml", Bounds("own-premises")).Write("tenants/south.yaml", Bounds("own-premises", "T-SOUTH"));
        after.Write("tenants/north.yaml", Bounds("own-premises, vendor")).Write("tenants/south.yaml", Bounds("own-premises", "T-SOUTH"));

        var difference = PolicyComparison.Compare(before.Snapshot(), after.Snapshot(), Today);

        Assert.True(difference.Loosens);
        Assert.All(difference.Changes, static change => Assert.Equal(["north"], change.Tenants));
        var allowed = Assert.Single(difference.Changes, static change => change.Kind is ChangeKind.NewlyAllowed && change.Deployment == "azure-eastus");
        Assert.Contains("tenant: north", allowed.TestCase, StringComparison.Ordinal);
        Assert.Contains("azure-eastus", after.Snapshot().Decide(allowed.Request).Permitted.Select(static one => one.Deployment.Id));
        Assert.DoesNotContain("azure-eastus", before.Snapshot().Decide(allowed.Request).Permitted.Select(static one => one.Deployment.Id));
    }

    [Fact]
    public void TheLastTenantFileThatGoes_LetsEveryTenantIn_AndTheFirstShutsThemOut()
    {
        using ScratchPack bound = new(TestFolders.Example);
        bound.Write("tenants/north.yaml", Bounds("own-premises"));
        var (with, without) = (bound.Snapshot(), TestFolders.Load(TestFolders.Example));

        var gone = PolicyComparison.Compare(with, without, Today);
        var come = PolicyComparison.Compare(without, with, Today);

        Assert.Equal(["another-tenant", "north"], gone.Changes.Where(static change => change.Kind is ChangeKind.NewlyAllowed).SelectMany(static change => change.Tenants).Distinct().Order());
        Assert.Contains(new("forbid T-NORTH was absolute and is gone", Loosens: true, Tenant: "north"), gone.Written);
        Assert.True(gone.Loosens);
        Assert.False(come.Loosens);
        Assert.All(come.Changes, static change => Assert.Contains(change.Kind, (ChangeKind[])[ChangeKind.NewlyDenied, ChangeKind.NewlyDeniedWithOverride]));
    }

    [Fact]
    public void AChangeForEverybody_IsToldOnce()
    {
        using ScratchPack before = new(TestFolders.Example);
        before.Write("tenants/north.yaml", Bounds("own-premises, vendor"));
        using ScratchPack after = new(before.Folder);
        after.Replace("rules/core.yaml", "covers data: [public, internal]", "covers data: [public]");

        var difference = PolicyComparison.Compare(before.Snapshot(), after.Snapshot(), Today);

        Assert.All(difference.Changes, static change => Assert.Equal(["", "north"], change.Tenants));
        Assert.Equal(difference.Changes.Count, difference.Changes.Select(static change => (change.Kind, change.Deployment)).Distinct().Count());
    }

    [Fact]
    public void TheSamePackWithTenants_IsTheSame()
    {
        using ScratchPack pack = new(TestFolders.Example);
        pack.Write("tenants/north.yaml", Bounds("own-premises"));

        Assert.True(PolicyComparison.Compare(pack.Snapshot(), pack.Snapshot(), Today).IsNone);
    }

    [Fact]
    public void AnOathThatIsTakenBack_Loosens()
    {
        using ScratchPack pack = new(TestFolders.Shipped);
        pack.Replace("tests/hipaa.tests.yaml", "id: N-1,", "id: N-OTHER,");

        var difference = PolicyComparison.Compare(TestFolders.Load(TestFolders.Shipped), pack.Snapshot(), Today);

        Assert.StartsWith("never-claim N-1 was \"", Assert.Single(difference.Written).Text, StringComparison.Ordinal);
        Assert.True(difference.Loosens);
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

    private static string Bounds(string hosting, string id = "T-NORTH") => $$"""
        format: policyrouter/tenant/v1
        rules:
          - {id: {{id}}, title: t, effect: forbid, owner: o, in force: {from: 2026-01-01, until: further notice}, when all: [{data includes any of: [phi]}], unless any: [{hosting is one of: [{{hosting}}]}], reason: r, citation: c}

        """;

    private static PolicyModel Changed(PolicyModel model, int which) => (which % 4) switch
    {
        0 => model with { Rules = [.. model.Rules.Where((_, i) => i != which % model.Rules.Count)] },
        1 => model with { Deployments = [.. model.Deployments.Skip(1), model.Deployments[0] with { Id = "new" }] },
        2 => model with { Rules = [.. model.Rules.Select((rule, i) => i == which % model.Rules.Count ? rule with { UnlessAny = [] } : rule)] },
        _ => model with { Deployments = [.. model.Deployments.Select(static d => d with { TrainingOnOurData = "never", Hosting = "own-premises" })] },
    };
}
