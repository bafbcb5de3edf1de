using PolicyRouter.Policies.Reading;
using PolicyRouter.Policies.Tests.Packs;
using PolicyRouter.Policies.Tests.Points;

namespace PolicyRouter.Policies.Tests.Reading;

/// <summary>What only the whole policy shows.</summary>
public class ReviewTests
{
    private const string ClaimsFile = "tests/core.tests.yaml";

    // Noon of the example's day in the legal time zone.
    private static readonly DateTimeOffset Now = new(2026, 11, 2, 17, 0, 0, TimeSpan.Zero);

    [Fact]
    public void TheExamplePack_HasNoErrors_AndItsGuardRailsAreNoted()
    {
        var problems = Review(static _ => { });

        Assert.DoesNotContain(problems, static problem => problem.Severity is Severity.Error);
        Assert.Equal(
            ["F-PHI-RETENTION", "F-SUD", "F-CARD-SECRET"],
            problems.Where(static problem => problem.Severity is Severity.Note).Select(static problem => problem.Message.Split(' ')[0]));
    }

    [Theory]
    [InlineData("PR020", "F-LATE", "{id: F-LATE, title: t, effect: forbid, when all: [{data includes any of: [phi]}, {deployment status is: retired}], reason: r, citation: c}")]
    [InlineData("PR025", "P-TWICE", "{id: P-TWICE, title: t, effect: permit, covers data: [public], when all: [{deployment status is: approved}], reason: r, citation: c}")]
    [InlineData("PR022", "D-PHI-AUDIT", "{id: D-SHORT, title: t, effect: require, duty: {retention days: 30}, when all: [{data includes any of: [phi]}], reason: r, citation: c}")]
    public void ARuleThatMakesNoSense_IsAnErrorAtItsId(string code, string rule, string text)
    {
        var error = Assert.Single(Review(pack => pack.Write("rules/more.yaml", Example.More($"  - {text}\n"))), static problem => problem.Severity is Severity.Error);

        Assert.Equal(code, error.Code);
        Assert.Contains(rule, error.SourceLine, StringComparison.Ordinal);
        Assert.NotNull(error.IfShipped);
    }

    [Fact]
    public void AFalseClaim_IsAnErrorAtTheClaim_WithTheCounterexample()
    {
        var error = Assert.Single(Review(static pack => pack.Replace(Example.Rules, "  - id: F-HIPAA-BAA\n", "  - id: F-HIPAA-BAA\n    shadow: true\n")), static problem => problem.Code == "PR026");

        Assert.Contains("N-1", error.SourceLine, StringComparison.Ordinal);
        Assert.Contains("would be sent to", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AFailingCase_IsAnErrorWhereCasesAreRun()
    {
        void Change(ScratchPack pack) => pack.Replace(ClaimsFile, "permitted: [local-llama, azure-eastus, openai-zdr]      # the exact list, in preference order", "permitted: [azure-eastus, local-llama, openai-zdr]");

        Assert.Contains(Review(Change, runsCases: true), static problem => problem is { Code: "PR027", Severity: Severity.Error });
        Assert.DoesNotContain(Review(Change), static problem => problem.Code == "PR027");
    }

    [Fact]
    public void ASuspendedDeployment_FailsNoCaseAndNoAvailabilityClaim_ForItMustWorkAtOnce()
    {
        using ScratchPack pack = new(TestFolders.Shipped);
        foreach (var deployment in (string[])["claude-anthropic", "claude-aws-us", "azure-gpt4o-eastus"])
        {
            var registry = pack.Read(Example.Registry);
            var at = registry.IndexOf("status: approved", registry.IndexOf($"id: {deployment}", StringComparison.Ordinal), StringComparison.Ordinal);
            pack.Write(Example.Registry, registry[..at] + "status: suspended" + registry[(at + "status: approved".Length)..]);
        }

        Assert.DoesNotContain(Review(pack, runsCases: true), static problem => problem.Severity is Severity.Error);
    }

    [Fact]
    public void ARetiredDeployment_FailsTheCasesThatExpectIt()
    {
        using ScratchPack pack = new(TestFolders.Shipped);
        pack.Write(Example.Registry, pack.Read(Example.Registry).Replace("status: approved", "status: retired", StringComparison.Ordinal));

        Assert.Contains(Review(pack, runsCases: true), static problem => problem.Code is "PR026");
        Assert.Contains(Review(pack, runsCases: true), static problem => problem.Code is "PR027");
    }

    [Fact]
    public void FlowsThatHangOnOneDeployment_AndPapersThatEnd_AreWarnings()
    {
        var problems = Review(static pack => pack.Write(
            "routes.yaml", "format: policyrouter/routes/v1\nroutes:\n  - {model: letters, candidates: [openai-zdr], order: listed, when exhausted: refuse}\n").Write(
            "endpoints.yaml",
            "format: policyrouter/endpoints/v1\nendpoints:\n  openai-zdr: {url: https://openai.example, wire: openai, upstream model: m, credential: env:KEY, fails with: [openai]}\n"));

        Assert.Contains(problems, static p => p is { Code: "PR111", Severity: Severity.Warning } && p.Message.Contains("phi has exactly one way to go, openai-zdr, on letters", StringComparison.Ordinal));
        Assert.Contains(problems, static p => p.Code == "PR112" && p.Message.Contains("on 2027-01-01 phi on letters loses openai-zdr; nobody remains", StringComparison.Ordinal));
        Assert.Contains(problems, static p => p.Code == "PR113" && p.Message == "BAA-OPENAI-2026 with openai ends on 2026-12-31, 59 days from now");
        Assert.Contains(problems, static p => p.Code == "PR114" && p.Message == "BAA-OPENAI-2026 with openai was to be reviewed by 2026-10-01");
    }

    [Fact]
    public void ClassesThatNoCaseHasTogether_AreNamed() =>
        Assert.Contains("internal + public", Assert.Single(Review(static _ => { }), static problem => problem.Code == "PR110").Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("PR107", "phi", "rules/core.yaml", "    unless any: [{retention days at most: 0}]\n", "")]
    [InlineData("PR109", "azure-global", "registry.yaml", "processing regions: [unknown], storage regions: [us], retention days: 30, training on our data: never, status: approved", "processing regions: [unknown], storage regions: [us], retention days: 30, training on our data: never, status: retired")]
    public void WhatNothingCanReach_IsAWarning(string code, string what, string file, string old, string replacement)
    {
        var problem = Assert.Single(Review(pack => pack.Replace(file, old, replacement)), problem => problem.Code == code);

        Assert.Equal(Severity.Warning, problem.Severity);
        Assert.Contains(what, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AZoneThatOnlyAPaperNames_IsAWarning()
    {
        var problem = Assert.Single(Review(static pack => pack.Replace("registry.yaml", "features: [chat], regions: [eea]}", "features: [chat], regions: [eea, other]}")), static problem => problem.Code == "PR116");

        Assert.Equal("DPA-MISTRAL-2026 names the zone other, where no deployment is and of which no rule or case speaks", problem.Message);
    }

    [Fact]
    public void AGuardRail_SaysWhatDeniesTheSame()
    {
        var notes = Review(static _ => { }).Where(static problem => problem.Code == "PR201").ToDictionary(static note => note.Message.Split(' ')[0], static note => note.Message);

        Assert.EndsWith("denied anyway, by F-HIPAA-BAA and F-TRANSFER or for want of a permit", notes["F-PHI-RETENTION"], StringComparison.Ordinal);
        Assert.EndsWith("denied anyway, for want of a permit", notes["F-SUD"], StringComparison.Ordinal);
    }

    [Fact]
    public void UnchangedFiles_AreTheSnapshotInForce()
    {
        using ScratchPack pack = new(TestFolders.Example);
        var before = pack.Snapshot();

        Assert.Same(before, Assert.IsType<PolicyLoadResult.Loaded>(pack.Load(TestFolders.Options with { InForce = before })).Snapshot);
        pack.Write(Example.Rules, pack.Read(Example.Rules) + "\n");
        Assert.NotSame(before, Assert.IsType<PolicyLoadResult.Loaded>(pack.Load(TestFolders.Options with { InForce = before })).Snapshot);
    }

    private static IReadOnlyList<Problem> Review(Action<ScratchPack> change, bool runsCases = false)
    {
        using ScratchPack pack = new(TestFolders.Example);
        change(pack);
        return Review(pack, runsCases);
    }

    private static IReadOnlyList<Problem> Review(ScratchPack pack, bool runsCases) =>
        pack.Load(TestFolders.Options with { Review = new(Now, runsCases) }).Problems;
}
