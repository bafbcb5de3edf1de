using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Reading;
using PolicyRouter.Policies.Tests.Packs;

namespace PolicyRouter.Policies.Tests.Points;

/// <summary>Points 14, 15, 18, 20 and 22 to 27 of the semantics: duties, order, snapshots, reasons and replay.</summary>
public class DutiesAndOrderTests
{
    private static readonly PolicySnapshot Shipped = TestFolders.Load(TestFolders.Shipped);

    [Fact]
    public void Point14_YearsAreAsLongAsTheCalendarMakesThem()
    {
        DateOnly[] days = [.. Enumerable.Range(0, 4 * 366).Select(static i => new DateOnly(2024, 1, 1).AddDays(i))];
        Assert.All(Enumerable.Range(1, 50), years =>
        {
            var longest = days.Max(day => day.AddYears(years).DayNumber - day.DayNumber);
            Assert.True(Duties.Contradict(years, longest - 1));
            Assert.False(Duties.Contradict(years, longest));
        });
    }

    [Fact]
    public void Point14_Duties_AddUpAndMerge()
    {
        var duties = Example.WithRules("""
              - {id: D-A, title: t, effect: require, duty: {redact: secrets, audit: standard, keep years: 10}, when all: [{data includes any of: [phi]}], reason: r, citation: c}
              - {id: D-B, title: t, effect: require, duty: {redact: pci-pan, retention days: 9000}, when all: [{data includes any of: [phi]}], reason: r, citation: c}
              - {id: D-C, title: t, effect: require, duty: {redact: pci-pan, retention days: 8000}, when all: [{data includes any of: [phi]}], reason: r, citation: c}

            """).Decide(Example.Ask(["phi"], purpose: "payment")).DutiesOf("openai-zdr");

        Assert.Equal(["hipaa-direct-identifiers", "pci-pan", "secrets"], duties.RedactionProfiles);
        Assert.Equal("full", duties.Audit);
        Assert.Equal(10, duties.KeepYears);
        Assert.Equal(8000, duties.RetentionDays);
        Assert.Equal(["D-A", "D-B", "D-C", "D-PHI-AUDIT", "D-PHI-MINIMUM"], duties.Firing.Select(static d => d.Rule));
    }

    [Fact]
    public void Point14_DutiesThatContradict_Deny()
    {
        var decision = Example.WithRules(
            "  - {id: D-SHORT, title: t, effect: require, duty: {retention days: 30}, when all: [{data includes any of: [phi]}], reason: r, citation: c}\n")
            .Decide(Example.Ask(["phi"]));

        Assert.Empty(decision.Permitted);
        Assert.Equal(["contradictory duties"], decision.Against("local-llama"));
    }

    [Theory]
    [InlineData(2191, true)]
    [InlineData(2192, false)]
    public void Point14_DaysAndYearsThatMeet_DoNotContradict(int days, bool contradicts)
    {
        var decision = Example.WithRules(
            FormattableString.Invariant($$"""
              - {id: D-SIX, title: t, effect: require, duty: {keep years: 6}, when all: [{data includes any of: [public]}], reason: r, citation: c}
              - {id: D-DAYS, title: t, effect: require, duty: {retention days: {{days}}}, when all: [{data includes any of: [public]}], reason: r, citation: c}

            """))
            .Decide(Example.Ask(["public"]));

        Assert.Equal(contradicts, decision.Permitted.Count == 0);
    }

    [Fact]
    public void Point15_ADutyTheGatewayCannotPerform_IsRefusedWhenLoaded()
    {
        using ScratchPack pack = new(TestFolders.Example);

        var error = Assert.Single(pack.Errors(new() { RedactionProfiles = new HashSet<string> { "secrets" } }));

        Assert.Equal("PR021", error.Code);
        Assert.Contains("hipaa-direct-identifiers", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Point18_Prefer_SortsOnly()
    {
        var phi = Example.Snapshot.Decide(Example.Ask(["phi"]));

        Assert.Equal(["local-llama", "azure-eastus", "openai-zdr"], phi.Allowed());
        Assert.Equal([1, 0, 0], phi.Permitted.Select(static p => p.Preference));
    }

    [Fact]
    public void Point18_AListedRoute_KeepsTheOrderThatPeopleWrote() =>
        Assert.Equal(
            ["claude-anthropic", "claude-aws-us", "azure-gpt4o-eastus", "local-llama"],
            Shipped.Decide(Example.Ask(["phi"]) with { Route = "clinical-chat" }).Allowed());

    [Fact]
    public void Point18_ACheapestRoute_TakesPreferenceFirst_ThenPrice_ThenId() =>
        Assert.Equal(
            ["local-llama", "azure-gpt4o-eastus", "claude-anthropic", "claude-aws-us"],
            Shipped.Decide(Example.Ask(["phi"]) with { Route = "support-chat" }).Allowed());

    [Fact]
    public void Point18_AnUnknownPrice_ComesLast()
    {
        using ScratchPack pack = new(TestFolders.Shipped);
        pack.Replace("endpoints.yaml", "    price per million tokens: {input: 0.59, output: 0.79, currency: USD}\n", "");

        var decision = Assert.IsType<PolicyLoadResult.Loaded>(pack.Load()).Snapshot.Decide(Example.Ask(["public"]) with { Route = "public-chat" });

        Assert.Equal("groq-llama", decision.Allowed().Last());
    }

    [Fact]
    public void Point20_TheListHoldsWhatTheRouteOffers_AndNamesTheRest()
    {
        var decision = Shipped.Decide(Example.Ask(["public"]) with { Route = "eu-support" });

        Assert.Equal(["mistral-eu", "azure-gpt4o-eastus"], decision.Allowed());
        Assert.Equal(["claude-anthropic", "claude-aws-us", "groq-llama", "local-llama", "openai-gpt4o-direct"], decision.OutsideRoute);
        Assert.Empty(decision.Denied);
    }

    [Fact]
    public void Point20_EveryPermit_CarriesSnapshotAndDay()
    {
        var permitted = Shipped.Decide(Example.Ask(["public"]) with { Route = "mistral-eu" }).Permitted.Single();

        Assert.Equal(Shipped.Version, permitted.PolicyVersion);
        Assert.Equal(Example.Day, permitted.Day);
        Assert.Equal("https://api.mistral.ai/", permitted.Endpoint!.Url.ToString());
    }

    [Fact]
    public void Point20_OnlyTheEngine_CanMakeAPermittedDeployment() =>
        Assert.Empty(typeof(PermittedDeployment).GetConstructors());

    [Fact]
    public void Point22_WithoutASnapshot_NothingIsOfferedOrPermitted()
    {
        var decision = PolicySnapshot.DenyAll.Decide(Example.Ask(["public"]));

        Assert.False(decision.IsPermitted);
        Assert.False(PolicySnapshot.DenyAll.Offers("clinical-chat"));
    }

    [Fact]
    public void Point22_ABadFile_YieldsNoSnapshotAtAll()
    {
        using ScratchPack pack = new(TestFolders.Shipped);
        pack.Write("rules/broken.yaml", "rules: [");

        Assert.IsType<PolicyLoadResult.Refused>(pack.Load());
    }

    [Fact]
    public void Point23_RulesSplitOverOtherFiles_DecideTheSame()
    {
        using ScratchPack pack = new(TestFolders.Shipped);
        pack.Write("rules/zz.yaml", pack.Read("rules/core.yaml"));
        File.Delete(Path.Combine(pack.Folder, "rules", "core.yaml"));
        var moved = Assert.IsType<PolicyLoadResult.Loaded>(pack.Load()).Snapshot;

        foreach (var packCase in TestFolders.Load(TestFolders.Shipped).Model.Suite.Cases)
        {
            Assert.Equal(Shipped.Decide(packCase.Request).Allowed(), moved.Decide(packCase.Request).Allowed());
        }
    }

    [Fact]
    public void Point24_AllReasons_AreReturnedSorted() =>
        Assert.Equal(
            ["F-HIPAA-BAA", "F-PHI-RETENTION", "F-SUD", "no permit for pii", "no permit for sud-part2"],
            Example.Snapshot.Decide(Example.Ask(["sud-part2"])).Against("fastcloud-free"));

    [Fact]
    public void Point25_TheDecisionAsJson_HasTheShapeOfTheContract()
    {
        System.Buffers.ArrayBufferWriter<byte> buffer = new();
        using (System.Text.Json.Utf8JsonWriter writer = new(buffer))
        {
            Printing.DecisionJson.Write(writer, Example.Snapshot.Decide(
                Example.Ask(["phi"], purpose: "payment") with { FloorClasses = ["phi"], DetectedClasses = ["pii"], Route = "openai-zdr" }));
        }

        var json = System.Text.Json.Nodes.JsonNode.Parse(buffer.WrittenSpan)!.AsObject();
        Assert.Equal(
            ["decision", "policyVersion", "classes", "subjects", "purpose", "features", "route", "permitted", "denied", "duties", "outsideRoute"],
            json.Select(static property => property.Key));
        Assert.Equal("""{"floor":["phi"],"declared":["phi"],"detected":["pii"],"final":["internal","phi","pii"]}""", json["classes"]!.ToJsonString());
        Assert.Equal("""["openai-zdr"]""", json["permitted"]!.ToJsonString());
        Assert.Equal(
            """{"openai-zdr":[{"rule":"D-PHI-AUDIT","audit":"full","keepYears":6},{"rule":"D-PHI-MINIMUM","redact":"hipaa-direct-identifiers"}]}""",
            json["duties"]!.ToJsonString());
        Assert.Equal("F-HIPAA-BAA", json["denied"]!["mistral-eu"]![0]!["rule"]!.GetValue<string>());
    }

    [Fact]
    public void Point26_TheVersion_FollowsTheBytesAndNothingElse()
    {
        using ScratchPack pack = new(TestFolders.Shipped);
        var same = Assert.IsType<PolicyLoadResult.Loaded>(pack.Load()).Snapshot.Version;
        pack.Replace("routes.yaml", "order: cheapest", "order: balanced");
        var other = Assert.IsType<PolicyLoadResult.Loaded>(pack.Load()).Snapshot.Version;

        Assert.Equal(Shipped.Version, same);
        Assert.NotEqual(same, other);
        Assert.Matches("^sha256:[0-9a-f]{64}$", same);
    }

    [Theory]
    [InlineData("suspended")]
    [InlineData("pending")]
    public void Point27_ADeploymentThatIsNotApproved_MatchesNoPermit(string status) =>
        Assert.Equal(
            ["no permit for public"],
            Example.With((
                Example.Registry, "retention days: unknown, training on our data: unknown, status: approved",
                $"retention days: unknown, training on our data: unknown, status: {status}"))
                .Decide(Example.Ask(["public"])).Against("fastcloud-free"));
}
