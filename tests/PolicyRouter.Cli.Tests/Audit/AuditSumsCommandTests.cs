using System.CommandLine;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Projecting;
using PolicyRouter.Audit.Reading;
using PolicyRouter.Cli.Audit;
using PolicyRouter.Cli.Audit.Sums;
using PolicyRouter.Testing;

namespace PolicyRouter.Cli.Tests.Audit;

/// <summary>The sums on the command line: made again, shown in each form, and recorded as read.</summary>
public sealed class AuditSumsCommandTests
{
    private static readonly string[] Period = ["--from", "2026-04-28", "--to", "2026-04-29"];

    [Fact]
    public async Task Sums_AreMadeOfTheEvents_AndShownAsTableJsonAndCsv()
    {
        var database = await RecordedAsync();
        var (_, _, before) = await RunAsync(AuditUsageCommand.Create(), ["--database", database, .. Period]);
        Assert.Contains("1 recorded events are not counted yet", before, StringComparison.Ordinal);

        var (code, made, _) = await RunAsync(AuditRebuildCommand.Create(), ["--database", database, "--all"]);
        Assert.Equal(ExitCodes.Good, code);
        Assert.Equal(3, made.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);

        var (_, json, _) = await RunAsync(AuditUsageCommand.Create(), ["--database", database, .. Period, "--json"]);
        using var usage = JsonDocument.Parse(json);
        var row = Assert.Single(usage.RootElement.GetProperty("rows").EnumerateArray());
        Assert.Equal(("=triage", 1, 310, 0), (row.GetProperty("app").GetString(), row.GetProperty("completed").GetInt32(), row.GetProperty("inputTokens").GetInt32(), usage.RootElement.GetProperty("eventsBehind").GetInt32()));

        var (_, csv, standing) = await RunAsync(AuditDisclosuresCommand.Create(), ["--database", database, .. Period, "--class", "phi", "--csv"]);
        Assert.Equal(
            ["day,tenant,app,deployment,class,sends,firstAt,lastAt", "2026-04-28,st-mary,'=triage,azure-eastus,phi,1,2026-04-28T12:00:00.000Z,2026-04-28T12:00:00.000Z"], csv.TrimEnd().Split('\n'));
        Assert.Contains("is counted", standing, StringComparison.Ordinal);

        var (_, table, _) = await RunAsync(AuditDisclosuresCommand.Create(), ["--database", database, .. Period, "--tenant", "other"]);
        Assert.Equal("Nothing is counted for this.", table.TrimEnd());
        var (_, byProvider, _) = await RunAsync(AuditDisclosuresCommand.Create(), ["--database", database, .. Period, "--policies", ShippedPack.Folder, "--json"]);
        Assert.Contains("\"provider\"", byProvider, StringComparison.Ordinal);

        await using var history = AuditHistory.Open(database);
        var reads = await history.NoticesAsync([EventTypes.HistoryRead], 50, CancellationToken.None);
        Assert.Equal(5, reads.Count);
        Assert.Contains(reads.OfType<HistoryRead>(), static read => read.Query.StartsWith("audit disclosures from=2026-04-28&to=2026-04-29", StringComparison.Ordinal));
    }

    [Fact]
    public async Task RebuildBesideAGateway_IsRefused()
    {
        var database = await RecordedAsync();
        await using var gateway = await AuditProjections.StartAsync(database, "gateway", TimeProvider.System, NullLoggerFactory.Instance);
        await Eventually.HoldsAsync(() => gateway.Leads);

        var (code, _, error) = await RunAsync(AuditRebuildCommand.Create(), ["--database", database, "--usage"]);

        Assert.Equal(ExitCodes.ServiceUnavailable, code);
        Assert.Contains("Audit:Projections=false", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PolicyOfATime_IsShownByGateway()
    {
        var database = await RecordedAsync();

        var (code, output, _) = await RunAsync(AuditPolicyCommand.Create(), ["--database", database, "--at", "2026-04-28T12:00Z"]);

        Assert.Equal(ExitCodes.Good, code);
        Assert.Equal("gateway: sha256:11 since 2026-04-28T12:00:00.000Z (node-1)", output.TrimEnd());
    }

    [Theory]
    [InlineData("--from", "2026-04-28")]
    [InlineData("--from", "2026-04-28", "--to", "soon")]
    [InlineData("--from", "2026-04-28", "--to", "2026-04-29", "--json", "--csv")]
    public void WrongUsage_IsSaid(params string[] arguments) => Assert.NotEmpty(AuditUsageCommand.Create().Parse(arguments).Errors);

    [Fact]
    public void RebuildOfNothing_AndAProviderWithoutARegistry_AreWrongUsage()
    {
        Assert.NotEmpty(AuditRebuildCommand.Create().Parse([]).Errors);
        Assert.NotEmpty(AuditDisclosuresCommand.Create().Parse([.. Period, "--provider", "azure"]).Errors);
    }

    private static async Task<string> RecordedAsync()
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        var decided = AuditQueryCommandTests.Decided("=triage", new DateTimeOffset(2026, 4, 28, 12, 0, 0, TimeSpan.Zero));
        AuditLogOptions options = new() { ConnectionString = database, Shard = "gateway", Deadline = TimeSpan.FromSeconds(30) };
        await using var log = await AuditLog.OpenAsync(options, TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);
        await log.AppendAsync(new PolicyActivated { Id = Guid.CreateVersion7(), At = decided.At, PolicyVersion = "sha256:11", PreviousVersion = null, Node = "node-1" }, CancellationToken.None);
        await log.AppendAsync(decided, CancellationToken.None);
        await log.AppendAsync(
            new RequestCompleted
            {
                Id = Guid.CreateVersion7(),
                At = decided.At,
                RequestId = decided.Id,
                Outcome = "completed",
                Deployment = "azure-eastus",
                Attempts = 1,
                Failures = [],
                HttpStatus = 200,
                InputTokens = 310,
                OutputTokens = 95,
                DurationMs = 812,
                FirstByteMs = 240,
                ResponseModel = "gpt-5.2",
            },
            CancellationToken.None);
        return database;
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(Command command, string[] arguments)
    {
        using StringWriter output = new();
        using StringWriter error = new();
        var code = await command.Parse(arguments).InvokeAsync(new() { Output = output, Error = error });
        return (code, output.ToString(), error.ToString());
    }
}
