using System.Globalization;
using System.Net;
using System.Text.Json;
using PolicyRouter.Cli.Audit.Report;
using PolicyRouter.Reports.Incidents;
using PolicyRouter.Simulator.Faults;

namespace PolicyRouter.EndToEnd.Tests;

/// <summary>The report of a real history: requests over HTTP, providers that fail on command, the log they leave.</summary>
public class ReportTests
{
    [Fact]
    public async Task Outage_IsReportedAsTheCallersSawIt()
    {
        var from = TimeProvider.System.GetUtcNow();
        await using var gateway = await GatewayUnderTest.StartAsync();
        List<Reply> replies = [];
        await AskAsync(2, "clinical-chat", "phi", "us", "treatment");
        gateway.Fleet["claude-anthropic"].Behave(Fault.Unauthorized);
        gateway.Fleet["mistral-eu"].Behave(Fault.Unauthorized);
        gateway.Fleet["azure-gpt4o-eastus"].Behave(Fault.Unauthorized);
        await AskAsync(5, "clinical-chat", "phi", "us", "treatment");
        await AskAsync(6, "eu-support", "pii", "eea", "customer-service");
        await AskAsync(2, "clinical-chat", "phi", "us", "marketing");
        foreach (var reply in replies.Where(static reply => reply.Status != HttpStatusCode.Forbidden))
        {
            await gateway.OutcomeOfAsync(reply.DecisionId);
        }

        var report = await ReportAsync(gateway.Stack.ConnectionString, from);

        var requests = report.GetProperty("requests");
        Assert.Equal(replies.Count, requests.GetProperty("decided").GetInt32());
        Assert.Equal(Count(HttpStatusCode.OK), requests.GetProperty("answered").GetInt32());
        Assert.Equal((6, 6), (Count(HttpStatusCode.ServiceUnavailable), requests.GetProperty("lost").GetInt32()));
        Assert.Equal((2, 2), (Count(HttpStatusCode.Forbidden), requests.GetProperty("refused").GetInt32()));
        Assert.Equal(replies.Count(static reply => reply.Status == HttpStatusCode.OK && reply.Attempts > 1), report.GetProperty("failedOver").GetInt32());

        var incidents = report.GetProperty("incidents").EnumerateArray().ToDictionary(static incident => incident.GetProperty("deployment").GetString()!);
        Assert.Equal(["azure-gpt4o-eastus", "claude-anthropic", "mistral-eu"], incidents.Keys.Order());
        Assert.All(incidents.Values, static incident => Assert.Equal("status_401", incident.GetProperty("code").GetString()));
        Assert.Equal("us", Assert.Single(incidents["claude-anthropic"].GetProperty("subjects").EnumerateArray()).GetProperty("name").GetString());
        Assert.Equal(0, incidents["claude-anthropic"].GetProperty("lost").GetInt32());
        Assert.Equal(("eea", 6), Assert.Single(incidents["mistral-eu"].GetProperty("lostSubjects").EnumerateArray().Select(Named)));
        var tookOver = incidents["claude-anthropic"].GetProperty("tookOver").EnumerateArray().Select(Named);
        Assert.Equal(
            replies.Where(static reply => reply.Status == HttpStatusCode.OK && reply.Attempts > 1).CountBy(static reply => reply.Deployment!).Select(static pair => (pair.Key, pair.Value)).Order(),
            tookOver.Order());
        Assert.Contains("F-PHI-MARKETING", report.GetProperty("refusals").GetProperty("rules").EnumerateArray().Select(static rule => Named(rule).Name));
        Assert.Equal(0, report.GetProperty("source").GetProperty("eventsMissing").GetInt32());

        int Count(HttpStatusCode status) => replies.Count(reply => reply.Status == status);

        async Task AskAsync(int times, string route, string label, string subjects, string purpose)
        {
            for (var i = 0; i < times; i++)
            {
                replies.Add(await gateway.AskAsync(GatewayUnderTest.Chat(route, "Summarise."), label, subjects, purpose));
            }
        }
    }

    private static async Task<JsonElement> ReportAsync(string database, DateTimeOffset from)
    {
        using StringWriter output = new();
        using StringWriter error = new();
        var code = await AuditReportCommand.Create()
            .Parse(["--database", database, "--from", Text(from), "--to", Text(TimeProvider.System.GetUtcNow()), "--json"])
            .InvokeAsync(new() { Output = output, Error = error });
        Assert.True(code == 0, error.ToString());
        return JsonDocument.Parse(output.ToString()).RootElement;
    }

    private static (string Name, int Count) Named(JsonElement count) => (count.GetProperty("name").GetString()!, count.GetProperty("count").GetInt32());

    private static string Text(DateTimeOffset time) => time.ToString("O", CultureInfo.InvariantCulture);
}
