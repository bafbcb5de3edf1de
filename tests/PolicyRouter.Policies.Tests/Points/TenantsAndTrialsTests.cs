using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Tests.Packs;

namespace PolicyRouter.Policies.Tests.Points;

/// <summary>Points 21 and 28 of the semantics, and facts that have grown old: shadow mode, tenants, evidence.</summary>
public class TenantsAndTrialsTests
{
    private static readonly PolicyRequest Note = Example.Ask(["phi"]);

    [Fact]
    public void Point21_AForbidInShadowMode_IsReportedAndHasNoEffect()
    {
        var decision = Example.WithRules("""
              - {id: F-TRIAL, title: t, effect: forbid, shadow: true, when all: [{data includes any of: [phi]}], unless any: [{hosting is one of: [own-premises]}], reason: r, citation: c}

            """).Decide(Note);

        Assert.Equal(Example.Snapshot.Decide(Note).Allowed(), decision.Allowed());
        var shadow = Assert.Single(decision.Shadow);
        Assert.Equal("F-TRIAL", shadow.Rule);
        Assert.Equal(["azure-eastus", "azure-global", "fastcloud-free", "mistral-eu", "openai-zdr"], shadow.Deployments);
    }

    [Fact]
    public void Point21_APermitInShadowMode_GrantsNothing()
    {
        var decision = Example.WithRules("""
              - {id: P-TRIAL, title: t, effect: permit, shadow: true, covers data: [phi], when all: [{purpose is one of: [marketing]}], reason: r, citation: c}

            """).Decide(Note with { Purpose = "marketing" });

        Assert.Empty(decision.Permitted);
        Assert.Equal("P-TRIAL", Assert.Single(decision.Shadow).Rule);
    }

    [Fact]
    public void Point21_ADutyInShadowMode_IsNotDone() =>
        Assert.DoesNotContain("D-TRIAL", Example.WithRules("""
              - {id: D-TRIAL, title: t, effect: require, shadow: true, duty: {redact: secrets}, when all: [{data includes any of: [phi]}], reason: r, citation: c}

            """).Decide(Note).DutiesOf("local-llama").Firing.Select(static duty => duty.Rule));

    [Fact]
    public void Point28_ATenant_MayForbidAndRequire_AndOnlyItsOwnRequestsAreBound()
    {
        using var pack = Tenants("""
            rules:
              - {id: T-OWN, title: t, effect: forbid, owner: o, in force: {from: 2026-01-01, until: further notice}, when all: [{data includes any of: [phi]}], unless any: [{hosting is one of: [own-premises]}], reason: r, citation: c}
              - {id: T-AUDIT, title: t, effect: require, owner: o, in force: {from: 2026-01-01, until: further notice}, duty: {redact: secrets}, when all: [{data includes any of: [phi]}], reason: r, citation: c}

            """);
        var snapshot = pack.Snapshot();

        var own = snapshot.Decide(Note with { Tenant = "north" });

        Assert.Equal(["local-llama"], own.Allowed());
        Assert.Contains("T-AUDIT", own.DutiesOf("local-llama").Firing.Select(static duty => duty.Rule));
        Assert.Equal(["local-llama", "azure-eastus", "openai-zdr"], snapshot.Decide(Note).Allowed());
    }

    [Fact]
    public void Point28_ATenant_MayNarrowAPermit()
    {
        using var pack = Tenants("""
            narrow permits:
              - {permit: P-PHI-TPO, when all: [{purpose is one of: [treatment]}]}

            """);
        var snapshot = pack.Snapshot();

        Assert.NotEmpty(snapshot.Decide(Note with { Tenant = "north" }).Permitted);
        Assert.Equal(["no permit for phi"], snapshot.Decide(Note with { Tenant = "north", Purpose = "payment" }).Against("local-llama"));
        Assert.NotEmpty(snapshot.Decide(Note with { Purpose = "payment" }).Permitted);
    }

    [Theory]
    [InlineData("rules:\n  - {id: T-1, title: t, effect: permit, owner: o, in force: {from: 2026-01-01, until: further notice}, covers data: [phi], when all: [{deployment status is: approved}], reason: r, citation: c}\n")]
    [InlineData("rules:\n  - {id: T-1, title: t, effect: prefer, owner: o, in force: {from: 2026-01-01, until: further notice}, prefer: [{hosting is one of: [vendor]}], when all: [{data includes any of: [phi]}], reason: r, citation: c}\n")]
    [InlineData("rules:\n  - {id: F-HIPAA-BAA, title: t, effect: forbid, strength: advisory, owner: o, in force: {from: 2026-01-01, until: further notice}, when all: [{data includes any of: [phi]}], reason: r, citation: c}\n")]
    [InlineData("narrow permits:\n  - {permit: F-HIPAA-BAA, when all: [{purpose is one of: [treatment]}]}\n")]
    [InlineData("narrow permits:\n  - {permit: P-PHI-TPO, unless any: [{purpose is one of: [treatment]}]}\n")]
    public void Point28_ATenantFileThatWouldGrant_IsRefused(string content)
    {
        using var pack = Tenants(content);

        Assert.All(pack.Errors(), static error => Assert.Equal("policies/tenants/north.yaml", error.File));
        Assert.NotEmpty(pack.Errors());
    }

    [Fact]
    public void Point28_ATenantWithoutAFile_IsDeniedEverything_OnceThereAreTenants()
    {
        using var pack = Tenants("");

        Assert.Empty(pack.Snapshot().Decide(Example.Ask(["public"]) with { Tenant = "south" }).Permitted);
        Assert.Equal(["unknown tenant"], pack.Snapshot().Decide(Example.Ask(["public"]) with { Tenant = "south" }).Against("local-llama"));
        Assert.NotEmpty(pack.Snapshot().Decide(Example.Ask(["public"]) with { Tenant = "" }).Permitted);
        Assert.NotEmpty(Example.Snapshot.Decide(Example.Ask(["public"]) with { Tenant = "south" }).Permitted);
    }

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, true)]
    [InlineData(180, true)]
    [InlineData(181, false)]
    public void Evidence_HoldsFor180Days_AndOlderFactsCountAsUnknown(int daysAfter, bool isKnown)
    {
        var checkedOn = Example.Day.AddDays(-daysAfter);
        var snapshot = Example.With((Example.Registry, "training on our data: never, status: approved}\n  - {id: azure-eastus", FormattableString.Invariant(
            $"training on our data: never, status: approved,\n     evidence: {{checked on: {checkedOn:yyyy-MM-dd}, by: platform, source: inspection of the machine room}}}}\n  - {{id: azure-eastus")));

        Assert.Equal(isKnown, snapshot.Decide(Note).Allowed().Contains("local-llama"));
    }

    private static ScratchPack Tenants(string content) =>
        new ScratchPack(TestFolders.Example).Write("tenants/north.yaml", "format: policyrouter/tenant/v1\n" + content);
}
