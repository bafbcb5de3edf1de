using PolicyRouter.Policies.Deciding;

namespace PolicyRouter.Policies.Tests.Points;

/// <summary>Points 1 to 6 of the semantics: classes, permits, forbids, and what is unknown.</summary>
public class DecidingTests
{
    [Fact]
    public void Point01_EveryDeployment_IsEitherPermittedOrDeniedWithReasons()
    {
        var decision = Example.Snapshot.Decide(Example.Ask(["phi"]));

        Assert.Equal(
            Example.Snapshot.Deployments.Select(static d => d.Id),
            decision.Allowed().Concat(decision.Denied.Select(static d => d.DeploymentId)).Order(StringComparer.Ordinal));
        Assert.All(decision.Denied, static denied => Assert.NotEmpty(denied.Reasons));
    }

    [Fact]
    public void Point02_FloorDeclaredAndDetected_AddUpAndCloseUnderIsAlso()
    {
        var decision = Example.Snapshot.Decide(Example.Ask(["public"]) with { FloorClasses = ["internal"], DetectedClasses = ["phi"] });

        Assert.Equal(["internal", "phi", "pii", "public"], decision.Classes.Final);
        Assert.Equal(["internal"], decision.Classes.Floor);
        Assert.Equal(["public"], decision.Classes.Declared);
        Assert.Equal(["phi"], decision.Classes.Detected);
    }

    [Theory]
    [InlineData]
    [InlineData("bogus")]
    public void Point02_NoLabelOrAnUnknownOne_IsUnclassified_AndGoesNowhere(params string[] data)
    {
        var decision = Example.Snapshot.Decide(Example.Ask(data));

        Assert.Equal(["unclassified"], decision.Classes.Final);
        Assert.Empty(decision.Permitted);
        Assert.Contains("no permit for unclassified", decision.Against("local-llama"));
    }

    [Fact]
    public void Point02_AnUnknownLabelBesideAKnownOne_DoesNotHideIt() =>
        Assert.Equal(["internal", "phi", "pii", "unclassified"], Example.Snapshot.Decide(Example.Ask(["phi", "bogus"])).Classes.Final);

    [Fact]
    public void Point02_WhatIsSaidTwice_CountsOnce()
    {
        var once = Example.Snapshot.Decide(Example.Ask(["phi"], ["us", "mars"], features: ["chat", "vision"]));

        var twice = Example.Snapshot.Decide(Example.Ask(["phi", "phi"], ["us", "mars", "us", "venus"], features: ["vision", "chat", "chat", "vision"]));

        Assert.Equal(once.Classes.Final, twice.Classes.Final);
        Assert.Equal(["unknown", "us"], twice.Subjects);
        Assert.Equal(once.Subjects, twice.Subjects);
        Assert.Equal(once.Allowed(), twice.Allowed());
        Assert.Equal(once.Denied.SelectMany(static denied => denied.Reasons), twice.Denied.SelectMany(static denied => denied.Reasons));
    }

    [Fact]
    public void ARoute_IsOfferedByItsName_AsADeployment_AndAsAnyOfThem()
    {
        Assert.All((string[])["auto", .. Example.Snapshot.Routes.Keys, "local-llama"], static model => Assert.True(Example.Snapshot.Offers(model)));
        Assert.False(Example.Snapshot.Offers("nobody"));
    }

    [Fact]
    public void Point03_EachClassNeedsItsOwnPermit() =>
        Assert.Equal(
            ["no permit for npi"],
            Example.Snapshot.Decide(Example.Ask(["npi"], purpose: "payment")).Against("local-llama"));

    [Fact]
    public void Point04_AForbid_BeatsEveryPermit() =>
        Assert.Equal(["F-HIPAA-BAA", "F-PHI-RETENTION"], Example.Snapshot.Decide(Example.Ask(["phi"])).Against("mistral-eu"));

    [Fact]
    public void Point04_AnAdvisoryForbid_WarnsAndNeverBlocks()
    {
        var decision = Example.With((Example.Rules, "strength: overridable", "strength: advisory")).Decide(Example.Ask(["phi"]));

        Assert.Equal(["F-HIPAA-BAA"], decision.Against("mistral-eu"));
        Assert.Contains(decision.Warnings, static w => w.DeploymentId == "mistral-eu" && w.Reasons.Single().Rule == "F-PHI-RETENTION");
    }

    [Theory]
    [InlineData("2026-11-02", true)]
    [InlineData("2027-05-01", true)]
    [InlineData("2027-05-02", false)]
    public void Point05_ARule_FiresOnlyWhileInForce(string on, bool fires)
    {
        var snapshot = Example.WithRules(
            "  - {id: F-NEW, title: t, effect: forbid, in force: {from: 2026-06-01, until: 2027-05-01}, when all: [{hosting is one of: [vendor]}], reason: r, citation: c}\n");

        var decision = snapshot.Decide(Example.Ask(["public"], on: DateOnly.Parse(on, System.Globalization.CultureInfo.InvariantCulture)));

        Assert.Equal(fires, !decision.Allowed().Contains("mistral-eu"));
    }

    [Fact]
    public void Point05_OneExceptionThatHolds_IsEnough() =>
        Assert.Contains("local-llama", Example.Snapshot.Decide(Example.Ask(["phi"])).Allowed());

    [Fact]
    public void Point06_UnknownTraining_DoesNotHelpAPermit() =>
        Assert.Equal(["no permit for pii"], Example.Snapshot.Decide(Example.Ask(["pii"])).Against("fastcloud-free"));

    [Fact]
    public void Point06_UnknownRetention_DoesNotHelpAnException() =>
        Assert.Contains("F-PHI-RETENTION", Example.Snapshot.Decide(Example.Ask(["phi"])).Against("fastcloud-free"));

    [Fact]
    public void Point06_UnknownRetention_MatchesAForbid()
    {
        var snapshot = Example.WithRules("  - {id: F-SHORT, title: t, effect: forbid, when all: [{retention days at most: 5}], reason: r, citation: c}\n");

        Assert.Contains("F-SHORT", snapshot.Decide(Example.Ask(["public"])).Against("fastcloud-free"));
    }

    [Fact]
    public void Point06_AMissingPurpose_NeverPermitsAndAlwaysForbids()
    {
        var snapshot = Example.WithRules("  - {id: F-AD, title: t, effect: forbid, when all: [{purpose is one of: [marketing]}], reason: r, citation: c}\n");

        Assert.Equal(["F-AD", "no permit for phi"], snapshot.Decide(Example.Ask(["phi"], purpose: null)).Against("local-llama"));
    }

    [Fact]
    public void Point06_AnUnknownPurpose_DoesNotEscapeTheExceptionToAPermit()
    {
        var snapshot = Example.With((
            Example.Rules, "    when all: [{deployment status is: approved}]\n",
            "    when all: [{deployment status is: approved}]\n    unless any: [{purpose is one of: [marketing]}]\n"));

        Assert.Empty(snapshot.Decide(Example.Ask(["public"], purpose: null)).Permitted);
        Assert.NotEmpty(snapshot.Decide(Example.Ask(["public"])).Permitted);
    }

    [Fact]
    public void Point06_UnclassifiedData_MatchesEveryForbidAboutData() =>
        Assert.Contains("F-CARD-SECRET", Example.Snapshot.Decide(Example.Ask([])).Against("local-llama"));

    [Fact]
    public void ARequestForAnUnknownRoute_IsTheCallersMistake() =>
        Assert.Throws<ArgumentException>(() => Example.Snapshot.Decide(Example.Ask(["public"]) with { Route = "no-such-route" }));
}
