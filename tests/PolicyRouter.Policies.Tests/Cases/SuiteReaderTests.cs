using PolicyRouter.Policies.Cases;
using PolicyRouter.Policies.Printing;
using PolicyRouter.Policies.Reading;
using PolicyRouter.Policies.Rules;
using PolicyRouter.Policies.Tests.Packs;

namespace PolicyRouter.Policies.Tests.Cases;

public class SuiteReaderTests
{
    private const string Good = "name: a, given: {data: [phi], subjects: [us], purpose: treatment, features: [chat]}, permitted: [own, cloud]";

    [Theory]
    [InlineData("PR012", "permitted: [own, cloud]", "permitted: [own, clod]")]
    [InlineData("PR012", "permitted: [own, cloud]", "denied: {clod: [F-BAA]}")]
    [InlineData("PR012", "permitted: [own, cloud]", "denied: {cloud: [F-BA]}")]
    [InlineData("PR012", "permitted: [own, cloud]", "denied: {cloud: [D-AUDIT]}")]
    [InlineData("PR012", "permitted: [own, cloud]", "denied: {cloud: [no permit for phii]}")]
    [InlineData("PR012", "permitted: [own, cloud]", "denied: {cloud: ['feature not offered: chatt']}")]
    [InlineData("PR012", "permitted: [own, cloud]", "duties: {cloud: [F-BAA]}")]
    [InlineData("PR012", "subjects: [us]", "subjects: [usa]")]
    [InlineData("PR012", "purpose: treatment", "purpose: treatments")]
    [InlineData("PR012", "features: [chat]", "features: [chats]")]
    [InlineData("PR012", "data: [phi]", "data: [phi], route: clinical")]
    [InlineData("PR009", "purpose: treatment", "purpos: treatment")]
    [InlineData("PR009", "permitted: [own, cloud]", "permited: [own], permitted: [own, cloud]")]
    [InlineData("PR010", "name: a, ", "")]
    [InlineData("PR010", ", permitted: [own, cloud]", "")]
    [InlineData("PR010", "data: [phi], ", "")]
    [InlineData("PR010", ", features: [chat]", "")]
    [InlineData("PR010", "given: {data: [phi], subjects: [us], purpose: treatment, features: [chat]}, ", "")]
    [InlineData("PR011", "permitted: [own, cloud]", "permitted: own")]
    [InlineData("PR011", "permitted: [own, cloud]", "denied: [cloud]")]
    [InlineData("PR011", "permitted: [own, cloud]", "denied: {cloud: []}")]
    [InlineData("PR011", "data: [phi]", "data: phi")]
    [InlineData("PR013", "data: [phi]", "data: [phi, phi]")]
    [InlineData("PR014", "name: a", "name: a, today: tomorrow")]
    [InlineData("PR022", "permitted: [own, cloud]", "permitted: [own, cloud], denied: {cloud: [F-BAA]}")]
    [InlineData("PR022", "permitted: [own, cloud]", "permitted: [own], duties: {cloud: [D-AUDIT]}")]
    public void ACase_IsRefused(string code, string old, string replacement)
    {
        using var pack = SmallPack.Create(Good.Replace(old, replacement, StringComparison.Ordinal));

        var error = Assert.Single(pack.Errors());
        Assert.Equal((code, "policies/tests/core.tests.yaml", SmallPack.FirstCaseLine), (error.Code, error.File, error.Line));
    }

    [Fact]
    public void AMisspeltDeployment_IsUnderlinedWithASuggestion()
    {
        using var pack = SmallPack.Create(Good.Replace("cloud]", "clod]", StringComparison.Ordinal));

        Assert.Equal(
            $$"""
            policies/tests/core.tests.yaml:4:{{Good.LastIndexOf("cloud", StringComparison.Ordinal) + 6}}  error PR012  unknown deployment "clod" in case "a"
              4 |   - {{{Good.Replace("cloud]", "clod]", StringComparison.Ordinal)}}}
                | {{new string(' ', Good.LastIndexOf("cloud", StringComparison.Ordinal) + 5)}}^^^^  did you mean "cloud"?  known: cloud, own
              effect if shipped: case "a" would be left out, and hold nothing in place.
            """,
            ProblemPrinter.Print(Assert.Single(pack.Errors())));
    }

    [Fact]
    public void AReasonNearAForbid_IsSuggested()
    {
        using var pack = SmallPack.Create(SmallPack.Case("a", "denied: {cloud: [F-BA]}"));

        Assert.Equal("F-BAA", Assert.Single(pack.Errors()).Suggestion);
    }

    [Theory]
    [InlineData("contradictory duties")]
    [InlineData("approval needed: privacy-office")]
    [InlineData("no permit for phi")]
    [InlineData("no permit for unclassified")]
    [InlineData("feature not offered: chat")]
    [InlineData("F-BAA")]
    public void ReasonsOfTheEngine_MayBeExpected(string reason)
    {
        using var pack = SmallPack.Create(SmallPack.Case("a", $"denied: {{cloud: ['{reason}']}}"));

        Assert.Equal([reason], Assert.Single(pack.Snapshot().Model.Suite.Cases).Denied["cloud"]);
    }

    [Fact]
    public void AClassThatNobodyDefined_IsAWarningWithASuggestion_AndLoads()
    {
        using var pack = SmallPack.Create(SmallPack.Case("a", "permitted: []", data: "[phii]"));

        var result = Assert.IsType<PolicyLoadResult.Loaded>(pack.Load());

        var warning = Assert.Single(result.Problems, static problem => problem.Code == "PR106");
        Assert.Equal((Severity.Warning, "did you mean \"phi\"?"), (warning.Severity, warning.Suggestion));
    }

    [Fact]
    public void EveryFactOfGiven_IsRead_AndTheDayOfTheCaseReplacesThatOfTheFile()
    {
        using var pack = SmallPack.Create(
            "name: a, today: 2026-07-02, given: {data: [phi], floor: [public], detected: [phi], subjects: [unknown], purpose: marketing, features: [chat], route: auto, "
            + "caller: app, business unit: radiology}, permitted: []",
            SmallPack.Case("b", "permitted: []"));

        var cases = pack.Snapshot().Model.Suite.Cases;

        var request = cases[0].Request;
        Assert.Equal(new DateOnly(2026, 7, 2), request.Day);
        Assert.Equal(["phi"], request.DeclaredClasses);
        Assert.Equal(["public"], request.FloorClasses);
        Assert.Equal(["phi"], request.DetectedClasses);
        Assert.Equal(["unknown"], request.Subjects);
        Assert.Equal(["chat"], request.Features);
        Assert.Equal(("marketing", "auto", "app", "radiology"), (request.Purpose, request.Route, request.Caller, request.BusinessUnit));
        Assert.Equal(new DateOnly(2026, 6, 1), cases[1].Request.Day);
        Assert.Equal(new SourcePlace("policies/tests/core.tests.yaml", SmallPack.FirstCaseLine + 1, 5), cases[1].At);
    }

    [Fact]
    public void NamesOfCasesAndIdsOfClaims_AreUniqueAcrossFiles()
    {
        const string More = "format: policyrouter/tests/v1\ntoday: 2026-06-01\ncases: [{NAME}]\nnever:\n  - {id: N-1, claim: c, when all: [{data includes any of: [phi]}]}\n";
        using var pack = SmallPack.Create(Good);
        pack.Write("tests/more.yaml", More.Replace("NAME", Good.Replace("name: a", "name: A", StringComparison.Ordinal), StringComparison.Ordinal))
            .Write("tests/other.yaml", More.Replace("NAME", Good.Replace("name: a", "name: c", StringComparison.Ordinal), StringComparison.Ordinal));

        Assert.Equal(
            [("PR013", "policies/tests/more.yaml"), ("PR013", "policies/tests/other.yaml")],
            pack.Errors().Select(static error => (error.Code, error.File)));
    }

    [Fact]
    public void NeverClaims_AreRead()
    {
        using var pack = SmallPack.Create();
        pack.Write(SmallPack.Tests, pack.Read(SmallPack.Tests) + """
            never:
              - {id: N-1, claim: c, when all: [{data includes any of: [phi]}, {processing includes unknown place: true}], unless any: [{agreement in force: baa}]}

            """);

        var claim = Assert.Single(pack.Snapshot().Model.Suite.Never);

        Assert.Equal(("N-1", "c", 5), (claim.Id, claim.Claim, claim.At.Line));
        Assert.Equal(["data includes any of", "processing includes unknown place"], claim.WhenAll.Select(static c => c.Phrase.Name).Order(StringComparer.Ordinal));
        Assert.Equal(new AgreementInForce("baa"), Assert.Single(claim.UnlessAny));
    }

    [Fact]
    public void AlwaysClaims_AreRead()
    {
        using var pack = SmallPack.Create();
        pack.Write(SmallPack.Tests, pack.Read(SmallPack.Tests) + """
            always:
              - {id: A-1, claim: c, route: auto, given: {data: [phi], subjects: [us], purpose: treatment, features: [chat]}, survives: any one failure domain}

            """);

        var claim = Assert.Single(pack.Snapshot().Model.Suite.Always);

        Assert.Equal(("A-1", "c", new DateOnly(2026, 6, 1), "auto"), (claim.Id, claim.Claim, claim.Today, claim.Given.Route));
    }

    [Theory]
    [InlineData("never", "PR012", "when all: [{data includes any off: [phi]}]")]
    [InlineData("never", "PR012", "when all: [{data includes any of: [phii]}]")]
    [InlineData("never", "PR010", "unless any: [{agreement in force: baa}]")]
    [InlineData("never", "PR011", "when all: [{processing includes unknown place: false}]")]
    [InlineData("never", "PR009", "when all: [{data includes any of: [phi]}], unles any: []")]
    [InlineData("always", "PR010", "given: {data: [phi], features: [chat]}")]
    [InlineData("always", "PR012", "given: {data: [phi], features: [chat]}, survives: everything")]
    [InlineData("always", "PR012", "route: nowhere, given: {data: [phi], features: [chat]}, survives: any one failure domain")]
    [InlineData("always", "PR022", "route: auto, given: {data: [phi], features: [chat], route: own}, survives: any one failure domain")]
    public void AClaim_IsRefused(string kind, string code, string rest)
    {
        using var pack = SmallPack.Create();
        pack.Write(SmallPack.Tests, $"{pack.Read(SmallPack.Tests)}{kind}:\n  - {{id: X-1, claim: c, {rest}}}\n");

        Assert.Equal((code, 5), pack.Errors().Select(static error => (error.Code, error.Line)).Single());
    }

    [Theory]
    [InlineData("tests/more.yml")]
    [InlineData("tests/more.json")]
    [InlineData("tests/nested/more.yaml")]
    public void AStrayFileBesideTheCases_IsRefused(string file)
    {
        using var pack = SmallPack.Create(Good);
        pack.Write(file, "format: policyrouter/tests/v1\n");

        Assert.Equal("PR024", Assert.Single(pack.Errors()).Code);
    }

    [Fact]
    public void ABrokenRule_DoesNotBuryItselfUnderCasesThatNameIt()
    {
        using var pack = SmallPack.Create(SmallPack.Case("a", "denied: {cloud: [F-BAA]}"));
        pack.Replace("rules/core.yaml", "effect: forbid", "effect: forbit");

        Assert.Equal("policies/rules/core.yaml", Assert.Single(pack.Errors()).File);
    }

    [Fact]
    public void TheCases_ArePartOfTheVersion()
    {
        using var pack = SmallPack.Create(Good);
        var version = pack.Snapshot().Version;
        pack.Replace(SmallPack.Tests, "name: a", "name: b");

        Assert.NotEqual(version, pack.Snapshot().Version);
    }

    [Fact]
    public void APackWithoutTests_Loads()
    {
        using var pack = SmallPack.Create();
        Directory.Delete(Path.Combine(pack.Folder, "tests"), recursive: true);

        Assert.Empty(pack.Snapshot().Model.Suite.Cases);
    }
}
