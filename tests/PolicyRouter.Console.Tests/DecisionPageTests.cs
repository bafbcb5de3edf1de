using System.Net;
using PolicyRouter.Audit.Events;

namespace PolicyRouter.WebConsole.Tests;

public class DecisionPageTests
{
    [Fact]
    public async Task Decision_IsToldFromItsBeginToItsEnd()
    {
        AttemptAuthorized second = new()
        {
            Id = Guid.CreateVersion7(), At = TimeProvider.System.GetUtcNow(), RequestId = Record.Permitted, Attempt = 2, AuthorizedDeployment = "azure-eastus", PolicyVersion = "v", AfterFailure = "status_529",
            Redactions = 5, SentHash = "hmac-sha256:k:02",
        };
        await using var console = await ConsoleUnderTest.SignedInAsync(
            policies: true, events: [Record.Permit(Record.Permitted) with { PolicyVersion = ConsoleUnderTest.ShippedVersion }, second, Record.End(Record.Permitted)]);

        var page = WebUtility.HtmlDecode(await console.PageAsync($"/decisions/{Record.Permitted}"));

        foreach (var expected in new[]
        {
            "Identified", "Where each class comes from", "1 × us-ssn", "permitted, place 1", "openai-gpt4o-direct", "45 CFR 164", "D-PHI-MINIMUM", "hipaa-direct-identifiers", "azure-eastus", "status_529",
            "1,310 in, 95 out", "0.0125 USD", "2,812 ms in all, 240 ms to the first byte", "claude-sonnet-5", "The rules in force then", "id=\"rule-F-HIPAA-BAA\"", "rule marked", "What would another policy say?",
            "Decided for today", "request_completed, entry 2",
        })
        {
            Assert.Contains(expected, page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task TextOfAnotherVersion_IsNotTakenForTheOneInForce()
    {
        await using var console = await ConsoleUnderTest.SignedInAsync(policies: true);

        var page = await console.PageAsync($"/decisions/{Record.Permitted}");

        Assert.Contains("as they are today", page, StringComparison.Ordinal);
        Assert.Contains("it may say something else", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task UnknownId_Is404_AndOperatorsSeeNoPolicyText()
    {
        await using var console = await ConsoleUnderTest.SignedInAsync("operator", policies: true);

        using var unknown = await console.GetAsync($"/decisions/{Guid.CreateVersion7()}");
        var one = await console.PageAsync($"/decisions/{Record.Permitted}");
        using var policies = await console.GetAsync("/policies");

        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        Assert.Contains("no request with this id", await unknown.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain("rule-F-HIPAA-BAA\"", one.Replace("#rule-F-HIPAA-BAA", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.StartsWith("/sign-in", policies.Headers.Location?.PathAndQuery, StringComparison.Ordinal);
    }
}
