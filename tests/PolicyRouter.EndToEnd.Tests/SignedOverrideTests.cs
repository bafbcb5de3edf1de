using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using PolicyRouter.Gateway.Callers;
using PolicyRouter.Policies.Authorizing;

namespace PolicyRouter.EndToEnd.Tests;

/// <summary>Break-glass tokens, approvals, lowering, tenants and business units, as an app sees them over HTTP.</summary>
public sealed partial class SignedOverrideTests : IDisposable
{
    private const string Night = "  - {id: F-NIGHT, title: t, effect: forbid, strength: overridable, when all: [{data includes any of: [phi]}], reason: r, citation: Company AI policy 9}\n";
    private const string Review = "  - {id: D-REVIEW, title: t, effect: require, duty: {approval: privacy-office}, when all: [{data includes any of: [phi]}], reason: r, citation: Company AI policy 9}\n";

    private readonly Dictionary<string, ECDsa> _keys = new(StringComparer.Ordinal)
    {
        ["ana"] = ECDsa.Create(ECCurve.NamedCurves.nistP256),
        ["ben"] = ECDsa.Create(ECCurve.NamedCurves.nistP256),
    };

    [Fact]
    public async Task ATokenOfTwoPeople_SwitchesAForbidOff_AndItsUseIsRecordedAndRaisesAnAlert()
    {
        using CapturedLog log = new();
        await using var gateway = await StartAsync(Night, log);
        var refused = await AskAsync(gateway);
        var token = Token("ana", "ben");

        var reply = await AskAsync(gateway, ("X-Break-Glass", token));

        Assert.Equal("no_permitted_provider", refused.ErrorCode);
        Assert.Equal(HttpStatusCode.OK, reply.Status);
        var recorded = await DecidedAsync(gateway, reply);
        var use = recorded.GetProperty("breakGlass");
        Assert.Equal("INC-7", use.GetProperty("ticket").GetString());
        Assert.Equal(["ana", "ben"], use.GetProperty("signedBy").EnumerateArray().Select(static person => person.GetString()));
        Assert.Equal(recorded.GetProperty("at").GetDateTimeOffset().AddHours(72), use.GetProperty("reviewBy").GetDateTimeOffset());
        Assert.Contains("F-NIGHT", recorded.GetProperty("overridden")[0].GetProperty("rules").EnumerateArray().Select(static rule => rule.GetString()));
        // The alert says that it was used and when to review it; who signed and what the ticket says is in the record only.
        var alert = Assert.Single(log.Text.Split('\n'), static line => line.Contains("Break-glass used", StringComparison.Ordinal));
        Assert.Contains("F-NIGHT", alert, StringComparison.Ordinal);
        Assert.DoesNotContain("INC-7", alert, StringComparison.Ordinal);
        Assert.DoesNotContain("ben", alert, StringComparison.Ordinal);
        Assert.DoesNotContain(token, log.Text + recorded.GetRawText(), StringComparison.Ordinal);
        Assert.Equal(2, await Replay.ChangesNothingAsync(gateway));
    }

    [Theory]
    [InlineData("signed by one", "phi", "ana")]
    [InlineData("for other classes", "pii", "ana", "ben")]
    public async Task ATokenThatDoesNotHold_IsRefusedAndRecorded_AndNothingIsSent(string why, string classes, params string[] signers)
    {
        await using var gateway = await StartAsync(Night);

        var reply = await AskAsync(gateway, ("X-Break-Glass", Token(classes, signers)));

        Assert.True(reply.Status is HttpStatusCode.Forbidden, why);
        Assert.Equal("break_glass_invalid", reply.ErrorCode);
        Assert.Equal("break_glass_invalid", (await DecidedAsync(gateway, reply)).GetProperty("refusalCode").GetString());
        Assert.Empty(gateway.Fleet.Received);
    }

    [Fact]
    public async Task APolicyChangedWhileAProviderFails_EndsTheOverride_AndFailoverGoesNowhere()
    {
        await using var gateway = await StartAsync(Night);
        gateway.Fleet["claude-anthropic"].AnswerWith(_ =>
        {
            File.AppendAllText(Path.Combine(gateway.Stack.Policies, "routes.yaml"), "# changed\n");
            Assert.True(gateway.Stack.Gateway.ReloadPoliciesAsync(CancellationToken.None).GetAwaiter().GetResult());
            throw new InvalidOperationException("Now the provider is down.");
        });

        var reply = await AskAsync(gateway, ("X-Break-Glass", Token("ana", "ben")));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, reply.Status);
        Assert.Single(gateway.Fleet.Received);
    }

    [Fact]
    public async Task ARequestThatNeedsAnApproval_IsToldWhose_AndGoesThroughOnceWithIt()
    {
        await using var gateway = await StartAsync(Review);
        var refused = await AskAsync(gateway);
        var approval = Approve(refused, "D-REVIEW");

        var approved = await AskAsync(gateway, ("X-Approval", approval));
        var again = await AskAsync(gateway, ("X-Approval", approval));

        Assert.Equal((HttpStatusCode.Forbidden, "approval_required"), (refused.Status, refused.ErrorCode));
        Assert.Contains("D-REVIEW by privacy-office", refused.Body, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, approved.Status);
        Assert.Equal("approval_required", again.ErrorCode);
        Assert.Single(gateway.Fleet.Received);
        var used = (await DecidedAsync(gateway, approved)).GetProperty("approvals")[0];
        Assert.Equal(("ana", "D-REVIEW", "A-1"), (used.GetProperty("person").GetString(), used.GetProperty("rule").GetString(), used.GetProperty("id").GetString()));
        Assert.Equal(3, await Replay.ChangesNothingAsync(gateway));
    }

    [Fact]
    public async Task OneApproval_CarriedByManyRequestsAtOnce_CountsOnce()
    {
        await using var gateway = await StartAsync(Review);
        var approval = Approve(await AskAsync(gateway), "D-REVIEW");

        var replies = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => AskAsync(gateway, ("X-Approval", approval))));

        Assert.Single(replies, static reply => reply.Status is HttpStatusCode.OK);
        Assert.All(replies.Where(static reply => reply.Status is not HttpStatusCode.OK), static reply => Assert.Equal("approval_required", reply.ErrorCode));
        Assert.Single(gateway.Fleet.Received);
    }

    [Theory]
    [InlineData("Another text.", "treatment")]
    [InlineData("Summarise.", "payment")]
    public async Task AnApproval_IsForThatTextAndPurposeOnly(string text, string purpose)
    {
        await using var gateway = await StartAsync(Review);
        var approval = Approve(await AskAsync(gateway), "D-REVIEW");

        var reply = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", text), purpose: purpose, headers: ("X-Approval", approval));

        Assert.Equal("approval_required", reply.ErrorCode);
        Assert.Empty(gateway.Fleet.Received);
    }

    [Fact]
    public async Task ADryRun_UsesNoApprovalUp()
    {
        await using var gateway = await StartAsync(Review);
        var approval = Approve(await AskAsync(gateway), "D-REVIEW");

        var dry = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise."), headers: [("X-Approval", approval), ("X-Dry-Run", "true")]);
        var reply = await AskAsync(gateway, ("X-Approval", approval));

        Assert.Equal("permit", dry.Json.GetProperty("decision").GetString());
        Assert.Equal(HttpStatusCode.OK, reply.Status);
    }

    [Fact]
    public async Task AnApprovedLowering_SendsTheRedactedTextFurther_AndRestoresItInTheAnswer()
    {
        await using var gateway = await StartAsync("");
        var body = GatewayUnderTest.Chat("groq-llama", "Patient Anna Kowalski, SSN 536-22-1847, MRN 8841907, is well.");
        var refused = await gateway.AskAsync(body, purpose: "research");

        var reply = await gateway.AskAsync(body, purpose: "research", headers: ("X-Approval", Approve(refused, "lowering phi to internal")));

        Assert.Equal("no_permitted_provider", refused.ErrorCode);
        Assert.Contains("lowering phi to internal by privacy-office", refused.Body, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, reply.Status);
        var sent = Assert.Single(gateway.Fleet.Received);
        Assert.DoesNotContain("536-22-1847", sent.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Kowalski", sent.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("8841907", sent.Text, StringComparison.Ordinal);
        var recorded = await DecidedAsync(gateway, reply);
        Assert.Equal(["phi"], recorded.GetProperty("declaredClasses").EnumerateArray().Select(static c => c.GetString()));
        Assert.Equal(["internal"], recorded.GetProperty("finalClasses").EnumerateArray().Select(static c => c.GetString()));
        Assert.Equal("lowering phi to internal", recorded.GetProperty("duties")[0].GetProperty("rule").GetString());
        Assert.Equal(2, await Replay.ChangesNothingAsync(gateway));
    }

    [Fact]
    public async Task ATenantsOwnBounds_BindItsRequests_AndATenantWithoutAFileGetsNothing()
    {
        await using var gateway = await StartAsync("", edit: static policies =>
        {
            Directory.CreateDirectory(Path.Combine(policies, "tenants"));
            File.WriteAllText(
                Path.Combine(policies, "tenants", "north.yaml"),
                "format: policyrouter/tenant/v1\nrules:\n  - {id: T-OWN, title: t, effect: forbid, owner: o, in force: {from: 2026-01-01, until: further notice}, "
                + "when all: [{data includes any of: [phi]}], unless any: [{hosting is one of: [own-premises]}], reason: r, citation: c}\n");
        });

        var north = await AskAsAsync(gateway, new Caller { App = "ward", Roles = ["app"], Tenant = "north" });
        var south = await AskAsAsync(gateway, new Caller { App = "ward", Roles = ["app"], Tenant = "south" });
        var house = await AskAsync(gateway);

        Assert.Equal("local-llama", north.Deployment);
        Assert.Equal("no_permitted_provider", south.ErrorCode);
        Assert.Contains("unknown tenant", south.Body, StringComparison.Ordinal);
        Assert.Equal("claude-anthropic", house.Deployment);
        Assert.Equal(3, await Replay.ChangesNothingAsync(gateway));
    }

    [Fact]
    public async Task TheBusinessUnitOfTheToken_CountsAndIsRecorded()
    {
        await using var gateway = await StartAsync(
            "  - {id: F-UNIT, title: t, effect: forbid, when all: [{data includes any of: [phi]}], unless any: [{business unit is one of: [radiology]}], reason: r, citation: c}\n",
            edit: static policies => Replace(policies, "data-classes.yaml", "purposes:", "business units: [radiology, billing]\npurposes:"));

        var radiology = await AskAsAsync(gateway, new Caller { App = "ward", Roles = ["app"], BusinessUnit = "radiology" });
        var billing = await AskAsAsync(gateway, new Caller { App = "ward", Roles = ["app"], BusinessUnit = "billing" });
        var nobody = await AskAsync(gateway);

        Assert.Equal(HttpStatusCode.OK, radiology.Status);
        Assert.Equal("radiology", (await DecidedAsync(gateway, radiology)).GetProperty("businessUnit").GetString());
        Assert.Equal("no_permitted_provider", billing.ErrorCode);
        Assert.Equal("no_permitted_provider", nobody.ErrorCode);
        Assert.False((await DecidedAsync(gateway, nobody)).TryGetProperty("businessUnit", out _));
        Assert.Equal(3, await Replay.ChangesNothingAsync(gateway));
    }

    [Fact]
    public async Task RulesOnTrial_AndAdvisoryOnes_AreRecordedAndBlockNothing()
    {
        await using var gateway = await StartAsync("""
              - {id: F-TRIAL, title: t, effect: forbid, shadow: true, when all: [{data includes any of: [phi]}], reason: r, citation: c}
              - {id: F-HINT, title: t, effect: forbid, strength: advisory, when all: [{data includes any of: [phi]}], reason: r, citation: c}

            """);

        var reply = await AskAsync(gateway);

        Assert.Equal(HttpStatusCode.OK, reply.Status);
        var recorded = await DecidedAsync(gateway, reply);
        Assert.Equal("F-TRIAL", recorded.GetProperty("shadow")[0].GetProperty("rules")[0].GetString());
        Assert.Equal("F-HINT", recorded.GetProperty("advisory")[0].GetProperty("rules")[0].GetString());
    }

    public void Dispose()
    {
        foreach (var key in _keys.Values)
        {
            key.Dispose();
        }
    }

    private async Task<GatewayUnderTest> StartAsync(string rules, CapturedLog? log = null, Action<string>? edit = null) => await GatewayUnderTest.StartAsync(options =>
    {
        options.EditPolicies = policies =>
        {
            File.AppendAllText(
                Path.Combine(policies, "registry.yaml"),
                "people:\n" + string.Concat(_keys.Select(static pair =>
                    $"  - {{id: {pair.Key}, name: {pair.Key}, roles: [break-glass, privacy-office], public key: {Convert.ToBase64String(pair.Value.ExportSubjectPublicKeyInfo())}}}\n")));
            Replace(policies, "data-classes.yaml", "zones:", "lowering:\n  - {from: phi, to: internal, by: redact hipaa-safe-harbor-18, needs approval: privacy-office, citation: \"45 CFR 164.514(b)(2)\"}\nzones:");
            if (rules.Length > 0)
            {
                File.WriteAllText(
                    Path.Combine(policies, "rules", "more.yaml"),
                    "format: policyrouter/rules/v1\ndefaults: {owner: test, in force: {from: 2026-01-01, until: further notice}}\nrules:\n" + rules);
            }

            edit?.Invoke(policies);
        };
        options.ConfigureServices = log is null ? null : log.AddTo;
    });

    private static void Replace(string policies, string file, string old, string replacement)
    {
        var path = Path.Combine(policies, file);
        var text = File.ReadAllText(path);
        Assert.Contains(old, text, StringComparison.Ordinal);
        File.WriteAllText(path, text.Replace(old, replacement, StringComparison.Ordinal));
    }

    private static Task<Reply> AskAsync(GatewayUnderTest gateway, params (string Name, string Value)[] headers) =>
        gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise."), headers: headers);

    private static Task<Reply> AskAsAsync(GatewayUnderTest gateway, Caller caller) => AskAsync(gateway, ("Authorization", $"Bearer {gateway.Stack.Token(caller)}"));

    private static async Task<JsonElement> DecidedAsync(GatewayUnderTest gateway, Reply reply) =>
        JsonDocument.Parse((await gateway.EventsOfAsync(reply.DecisionId))[0].CanonicalJson).RootElement;

    private string Token(params string[] signers) => Token("phi", signers);

    private string Token(string classes, string[] signers) => Signed(
        signers, StatementWriter.BreakGlass(["F-NIGHT"], [classes], "end-to-end", "INC-7", DateTimeOffset.UtcNow, TimeSpan.FromHours(1)));

    private string Approve(Reply refused, string rule) => Signed(
        ["ana"], StatementWriter.Approval(rule, RequestHash().Match(refused.Body).Value, "A-1", DateTimeOffset.UtcNow, TimeSpan.FromHours(1)));

    private string Signed(string[] signers, string statement) =>
        signers.Aggregate(statement, (signed, person) => StatementWriter.Sign(signed, person, _keys[person]));

    [GeneratedRegex("hmac-sha256:[^:]+:[0-9a-f]{64}")]
    private static partial Regex RequestHash();
}
