using System.Net;
using System.Text.RegularExpressions;

namespace PolicyRouter.EndToEnd.Tests;

/// <summary>What a session, a person beside an illness, and a policy's own profile change in what leaves and what comes back.</summary>
public partial class ConversationTests
{
    [Fact]
    public async Task InASession_AValueHasOnePlaceholder_WhateverElseARequestHolds()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();

        var first = await SentAsync(gateway, "Write to ann@example.org", "s-1");
        var second = await SentAsync(gateway, "bob@example.org and ann@example.org", "s-1");
        var other = await SentAsync(gateway, "Write to ann@example.org", "s-2");
        var none = await SentAsync(gateway, "Write to ann@example.org", null);

        var placeholder = Placeholder().Match(first).Value;
        Assert.NotEmpty(placeholder);
        Assert.Equal(placeholder, Placeholder().Matches(second)[1].Value);
        Assert.NotEqual(Placeholder().Matches(second)[0].Value, placeholder);
        Assert.DoesNotContain(placeholder, other, StringComparison.Ordinal);
        Assert.DoesNotContain(placeholder, none, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ASession_MayAlsoStandInTheMetadata_AndNoneMayBeTooLong()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var inHeader = await SentAsync(gateway, "Write to ann@example.org", "s-1");
        var body = GatewayUnderTest.Chat("clinical-chat", "Write to ann@example.org");
        body["metadata"] = new System.Text.Json.Nodes.JsonObject { ["session"] = "s-1" };

        Assert.Equal(HttpStatusCode.OK, (await gateway.AskAsync(body, purpose: "payment")).Status);
        Assert.Equal(inHeader, gateway.Fleet.Received[^1].Text);

        var refused = await gateway.AskAsync(body, headers: ("X-Session-Id", "another"));
        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
        refused = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "x"), headers: ("X-Session-Id", new string('s', 300)));
        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
    }

    [Fact]
    public async Task APersonBesideAnIllness_IsHealthInformation_WhereAPersonAloneIsNot()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();

        var alone = await gateway.AskAsync(GatewayUnderTest.Chat("support-chat", "Angela Kreiger asks for an invoice."), "internal", purpose: "customer-service");
        var together = await gateway.AskAsync(GatewayUnderTest.Chat("support-chat", "Angela Kreiger asks for her metformin."), "internal", purpose: "customer-service");

        Assert.DoesNotContain("phi", alone.Headers["X-Data-Class"], StringComparison.Ordinal);
        Assert.Contains("phi", together.Headers["X-Data-Class"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task AProfileOfThePolicy_DecidesWhatStandsInThePlaceOfAValue()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(static options => options.EditPolicies = static policies =>
        {
            var rules = Path.Combine(policies, "rules", "hipaa.yaml");
            File.WriteAllText(rules, File.ReadAllText(rules).Replace("redact: hipaa-direct-identifiers", "redact: research-deidentified", StringComparison.Ordinal));
        });

        var reply = await gateway.AskAsync(
            GatewayUnderTest.Chat("clinical-chat", "Patient: Angela Kreiger, seen 2026-03-15, ann@example.org, Project Nightingale."), purpose: "payment");

        Assert.Equal(HttpStatusCode.OK, reply.Status);
        var sent = gateway.Fleet.Received[^1].Text;
        Assert.Matches("Patient: NAME-[A-Za-z0-9]+-[b-z]{16}, seen 2026, EMAIL_[A-Z0-9]+_[0-9]+, ID_[A-Z0-9]+_[0-9]+\\.", sent);
        Assert.Contains("ann@example.org", reply.Content, StringComparison.Ordinal);
        Assert.DoesNotContain("Kreiger", reply.Content, StringComparison.Ordinal);
    }

    private static async Task<string> SentAsync(GatewayUnderTest gateway, string text, string? session)
    {
        (string, string)[] headers = session is null ? [] : [("X-Session-Id", session)];
        var reply = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", text), purpose: "payment", headers: headers);
        Assert.Equal(HttpStatusCode.OK, reply.Status);
        Assert.Contains("ann@example.org", reply.Content, StringComparison.Ordinal);
        return gateway.Fleet.Received[^1].Text;
    }

    [GeneratedRegex("EMAIL_[A-Z0-9]+_[0-9]+")]
    private static partial Regex Placeholder();
}
