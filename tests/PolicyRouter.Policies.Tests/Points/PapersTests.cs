using PolicyRouter.Policies.Deciding;

namespace PolicyRouter.Policies.Tests.Points;

/// <summary>Points 7 to 13 of the semantics: dates, papers, places and features.</summary>
public class PapersTests
{
    [Theory]
    [InlineData("2027-01-01T04:59:59Z", "2026-12-31")]
    [InlineData("2027-01-01T05:00:00Z", "2027-01-01")]
    [InlineData("2026-07-01T03:59:59Z", "2026-06-30")]
    [InlineData("2026-07-01T04:00:00Z", "2026-07-01")]
    public void Point07_TheDay_IsTheOneInTheLegalTimeZone(string instant, string day) =>
        Assert.Equal(
            day,
            Example.Snapshot.DayOf(DateTimeOffset.Parse(instant, System.Globalization.CultureInfo.InvariantCulture))
                .ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture));

    [Theory]
    [InlineData(2026, 2, 28, false)]
    [InlineData(2026, 3, 1, true)]
    [InlineData(2026, 12, 31, true)]
    [InlineData(2027, 1, 1, false)]
    public void Point07_BothEndsOfAPaper_AreIncluded(int year, int month, int day, bool inForce) =>
        Assert.Equal(inForce, Example.Snapshot.Decide(Example.Ask(["phi"], on: new(year, month, day))).Allowed().Contains("openai-zdr"));

    [Theory]
    [InlineData("with: openai, in force", "with: mistral, in force")]
    [InlineData("covers: {services: [openai-api]", "covers: {services: [vllm]")]
    [InlineData("covers: {services: [openai-api], models: any", "covers: {services: [openai-api], models: [llama-70b]")]
    [InlineData("models: any, features: [chat], regions: [us]}", "models: any, features: [batch], regions: [us]}")]
    [InlineData("models: any, features: [chat], regions: [us]}", "models: any, features: [chat], regions: [eea]}")]
    [InlineData("signed on: 2026-02-20", "signed on: 2026-11-03")]
    [InlineData("review by: 2026-10-01", "review by: 2026-10-01, terminated on: 2026-11-02")]
    public void Point08_APaperThatMissesOneThing_IsNotInForce(string old, string replacement) =>
        Assert.Contains("F-HIPAA-BAA", Example.With((Example.Registry, old, replacement)).Decide(Example.Ask(["phi"])).Against("openai-zdr"));

    [Fact]
    public void Point08_APaperThatHoldsOnlyWithoutRetention_IsNotInForceForADeploymentThatKeeps() =>
        Assert.Equal(
            ["F-HIPAA-BAA", "F-PHI-RETENTION"],
            Example.With((Example.Registry, """
                {id: openai-zdr, provider: openai, service: openai-api, model: gpt-large, hosting: vendor, features: [chat, vision],
                     processing regions: [us], storage regions: [us], retention days: 0
                """, """
                {id: openai-zdr, provider: openai, service: openai-api, model: gpt-large, hosting: vendor, features: [chat, vision],
                     processing regions: [us], storage regions: [us], retention days: 30
                """)).Decide(Example.Ask(["phi"])).Against("openai-zdr"));

    [Fact]
    public void Point08_TwoHalfPapers_DoNotAddUp()
    {
        const string half = "covers: {services: [azure-openai], models: any, features: [chat, embeddings], regions: [us]}";
        var snapshot = Example.With(
            (Example.Registry, half, "covers: {services: [azure-openai], models: any, features: [chat], regions: [us]}"),
            (Example.Registry, "agreements:\n", """
                agreements:
                  - {id: BAA-MSFT-OTHER, type: baa, with: microsoft, in force: {from: 2026-01-01, until: further notice},
                     covers: {services: [azure-openai], models: any, features: [embeddings], regions: [us]},
                     document: {path: p, sha256: "0000000000000000000000000000000000000000000000000000000000000000", signed on: 2026-01-01}}

                """));

        Assert.Contains("azure-eastus", snapshot.Decide(Example.Ask(["phi"], features: ["chat"])).Allowed());
        Assert.Contains("azure-eastus", snapshot.Decide(Example.Ask(["phi"], features: ["embeddings"])).Allowed());
        Assert.Contains("F-HIPAA-BAA", snapshot.Decide(Example.Ask(["phi"], features: ["chat", "embeddings"])).Against("azure-eastus"));
    }

    [Fact]
    public void Point09_AnExpiredPaper_IsNamedWithItsDateInTheReason()
    {
        var denied = Example.Snapshot.Decide(Example.Ask(["phi"], on: new(2027, 1, 1))).Denied.Single(static d => d.DeploymentId == "openai-zdr");

        Assert.Equal(
            "PHI may be given to a vendor only under a written business associate contract that covers this service. BAA-OPENAI-2026 ended 2026-12-31.",
            denied.Reasons.Single(static r => r.Rule == "F-HIPAA-BAA").Reason);
    }

    [Theory]
    [InlineData("review by: 2026-10-01", "review by: 2026-10-01", "2026-02-28", "BAA-OPENAI-2026 starts 2026-03-01.")]
    [InlineData("signed on: 2026-02-20", "signed on: 2026-11-04", "2026-11-03", "BAA-OPENAI-2026 starts 2026-11-04.")]
    [InlineData("review by: 2026-10-01", "review by: 2026-10-01, terminated on: 2026-11-02", "2026-11-02", "BAA-OPENAI-2026 was terminated on 2026-11-02.")]
    [InlineData("review by: 2026-10-01", "review by: 2026-10-01, terminated on: 2026-11-02", "2027-11-02", "BAA-OPENAI-2026 was terminated on 2026-11-02.")]
    [InlineData("review by: 2026-10-01", "review by: 2026-10-01, terminated on: 2026-11-02", "2026-02-28", "BAA-OPENAI-2026 starts 2026-03-01.")]
    public void Point09_APaperOfAnotherDay_IsNamedWithWhatItLacks(string old, string replacement, string day, string note)
    {
        var denied = Example.With((Example.Registry, old, replacement))
            .Decide(Example.Ask(["phi"], on: DateOnly.Parse(day, System.Globalization.CultureInfo.InvariantCulture))).Denied.Single(static d => d.DeploymentId == "openai-zdr");

        Assert.Equal(
            "PHI may be given to a vendor only under a written business associate contract that covers this service. " + note,
            denied.Reasons.Single(static r => r.Rule == "F-HIPAA-BAA").Reason);
    }

    [Fact]
    public void Point10_PersonalDataWithoutAZone_HasUnknownSubjects()
    {
        var decision = Example.Snapshot.Decide(Example.Ask(["pii"], subjects: []));

        Assert.Equal(["unknown"], decision.Subjects);
        Assert.Empty(decision.Permitted);
    }

    [Fact]
    public void Point10_PublicDataWithoutAZone_HasNoSubjects() =>
        Assert.Empty(Example.Snapshot.Decide(Example.Ask(["public"], subjects: [])).Subjects);

    [Fact]
    public void Point10_AZoneNobodyKnows_IsUnknown() =>
        Assert.Equal(["unknown"], Example.Snapshot.Decide(Example.Ask(["pii"], subjects: ["mars"])).Subjects);

    [Fact]
    public void Point11_OwnZoneAdequacyOrOnePaper_CoverATransfer()
    {
        var snapshot = Example.With((Example.Registry, "processing regions: [eea], storage regions: [eea]", "processing regions: [eea], storage regions: [uk]"));

        Assert.Equal(["azure-eastus", "mistral-eu"], snapshot.Decide(Example.Ask(["pii"], ["eea"], "customer-service")).Allowed());
    }

    [Fact]
    public void Point11_EverySubjectZoneAndEveryPlace_NeedsItsOwnGround() =>
        Assert.Equal(["azure-eastus"], Example.Snapshot.Decide(Example.Ask(["pii"], ["eea", "us"], "customer-service")).Allowed());

    [Fact]
    public void Point11_AdequacyWorksOneWayOnly() =>
        Assert.Contains("F-TRANSFER", Example.Snapshot.Decide(Example.Ask(["pii"], ["uk"], "customer-service")).Against("mistral-eu"));

    [Fact]
    public void Point11_ATransferPaper_MustCoverTheFeaturesUsed() =>
        Assert.Contains("F-TRANSFER", Example.With((
            Example.Registry, "features: [chat, embeddings], transfers", "features: [embeddings], transfers"))
            .Decide(Example.Ask(["pii"], ["eea"], "customer-service")).Against("azure-eastus"));

    [Fact]
    public void Point12_AnUnknownPlace_FailsEveryPaperAndTransfer()
    {
        Assert.Contains("F-HIPAA-BAA", Example.Snapshot.Decide(Example.Ask(["phi"])).Against("azure-global"));
        Assert.Contains("F-TRANSFER", Example.Snapshot.Decide(Example.Ask(["pii"], ["eea"])).Against("azure-global"));
        Assert.Contains("azure-global", Example.Snapshot.Decide(Example.Ask(["public"])).Allowed());
    }

    [Theory]
    [InlineData("vision")]
    [InlineData("teleport")]
    public void Point13_AFeatureThatIsNotOffered_IsAReason(string feature) =>
        Assert.Equal([$"feature not offered: {feature}"], Example.Snapshot.Decide(Example.Ask(["public"], features: [feature])).Against("local-llama"));
}
