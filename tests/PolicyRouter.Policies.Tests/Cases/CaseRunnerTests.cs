using PolicyRouter.Policies.Cases;

namespace PolicyRouter.Policies.Tests.Cases;

public class CaseRunnerTests
{
    [Fact]
    public void ACaseThatIsDecidedAsWritten_Passes()
    {
        var result = Run(SmallPack.Case("good", "permitted: [own, cloud], duties: {cloud: [D-AUDIT]}"));

        Assert.True(result.Passed);
    }

    [Fact]
    public void AFailedCase_SaysWhere_WhatWasExpected_WhatCame_AndWhy()
    {
        var result = Run(SmallPack.Case("after the BAA", "permitted: [own, cloud]", today: "2027-01-01"));

        Assert.Equal(("after the BAA", "policies/tests/core.tests.yaml", SmallPack.FirstCaseLine), (result.Name, result.File, result.Line));
        var failure = Assert.Single(result.Failures);
        Assert.Equal("permitted", failure.About);
        Assert.Equal(["own", "cloud"], failure.Expected);
        Assert.Equal(["own"], failure.Got);
        Assert.Equal("missing: cloud (denied by F-BAA)", failure.Difference);
    }

    [Fact]
    public void TheOrderOfThePermitted_IsExpectedToo()
    {
        var result = Run(SmallPack.Case("order", "permitted: [cloud, own]"));

        Assert.Equal("the same, in another order", Assert.Single(result.Failures).Difference);
    }

    [Fact]
    public void EveryReasonOfANamedDeployment_IsExpected()
    {
        var result = Run(SmallPack.Case("reasons", "denied: {cloud: [F-BAA]}", today: "2027-01-01", data: "[unclassified]"));

        var failure = Assert.Single(result.Failures);
        Assert.Equal("denied cloud", failure.About);
        Assert.Equal(["F-BAA", "no permit for unclassified"], failure.Got);
        Assert.Equal("not expected: no permit for unclassified", failure.Difference);
    }

    [Fact]
    public void ADeploymentThatIsNotDenied_FailsItsReasons()
    {
        var result = Run(SmallPack.Case("not denied", "denied: {cloud: [F-BAA]}"));

        Assert.Equal("cloud is permitted", Assert.Single(result.Failures).Difference);
    }

    [Theory]
    [InlineData("duties: {cloud: []}", "not expected: D-AUDIT")]
    [InlineData("permitted: [own, cloud], duties: {cloud: [D-AUDIT]}", null)]
    public void Duties_AreExpectedExactly(string expected, string? difference)
    {
        var result = Run(SmallPack.Case("duties", expected));

        Assert.Equal(difference, result.Failures.SingleOrDefault()?.Difference);
    }

    [Fact]
    public void DutiesOfADeniedDeployment_FailWithTheReasonForTheDenial()
    {
        var result = Run(SmallPack.Case("duties", "duties: {cloud: []}", today: "2027-01-01"));

        Assert.Equal("cloud is denied by F-BAA", Assert.Single(result.Failures).Difference);
    }

    [Fact]
    public void ADeploymentThatTheRouteLeavesOut_IsNotCalledDenied()
    {
        var result = Run("name: route, given: {data: [phi], subjects: [us], purpose: treatment, features: [chat], route: own}, permitted: [own, cloud]");

        Assert.Equal("missing: cloud (not offered by the route own, though no rule denies it)", Assert.Single(result.Failures).Difference);
    }

    [Fact]
    public void AWordThatNobodyDefined_IsDecidedAsUnclassified()
    {
        var result = Run(SmallPack.Case("bogus", "permitted: [], denied: {own: [no permit for unclassified]}", data: "[phii]"));

        Assert.True(result.Passed);
    }

    private static CaseResult Run(string line)
    {
        using var pack = SmallPack.Create(line);
        var snapshot = pack.Snapshot();
        return Assert.Single(CaseRunner.RunAll(snapshot, snapshot.Model.Suite.Cases));
    }
}
