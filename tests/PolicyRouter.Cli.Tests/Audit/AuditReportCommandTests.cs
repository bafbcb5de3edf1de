using System.Text.Json;
using System.Xml.Linq;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Tests.Reporting;
using PolicyRouter.Cli.Audit;
using PolicyRouter.Cli.Audit.Report;
using PolicyRouter.Reports.Incidents;
using PolicyRouter.Testing;

namespace PolicyRouter.Cli.Tests.Audit;

public sealed class AuditReportCommandTests
{
    private static readonly string[] Day = ["--from", "2026-04-28", "--to", "2026-04-29"];

    [Fact]
    public async Task Report_ComesInEveryForm_AndReadingItIsRecorded()
    {
        var database = await RecordedOutageAsync();

        var (code, markdown, error) = await RunAsync(database, Day);
        Assert.Equal((ExitCodes.Good, ""), (code, error));
        Assert.Contains("| 1 | claude | status\\_401 ", markdown, StringComparison.Ordinal);

        (code, var json, _) = await RunAsync(database, [.. Day, "--json"]);
        Assert.Equal(ExitCodes.Good, code);
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        var incident = Assert.Single(root.GetProperty("incidents").EnumerateArray());
        Assert.Equal(("claude", OutageStory.AuthenticationFailures), (incident.GetProperty("deployment").GetString(), incident.GetProperty("failures").GetInt32()));
        Assert.Equal("azure", incident.GetProperty("tookOver")[0].GetProperty("name").GetString());
        Assert.Equal(OutageStory.LeftWithNobody, root.GetProperty("requests").GetProperty("lost").GetInt32());

        var folder = TestFolder.Create("report");
        var file = Path.Combine(folder, "report.html");
        (code, var output, _) = await RunAsync(database, [.. Day, "--format", "html", "--output", file]);
        Assert.Equal((ExitCodes.Good, ""), (code, output));
        Assert.Equal("html", XDocument.Load(file).Root!.Name.LocalName);
        Directory.Delete(folder, recursive: true);

        Assert.Equal(3L, await ScalarAsync(database, "SELECT count(*) FROM audit.mt_events WHERE type = 'history_read'"));
        Assert.Equal(1L, await ScalarAsync(
            database, "SELECT count(*) FROM audit.mt_events WHERE type = 'history_read' AND convert_from(bdata, 'UTF8') LIKE '%audit report from=2026-04-28T00:00:00%\"rows\":248,%' AND id = (SELECT id FROM audit.mt_events WHERE type = 'history_read' ORDER BY seq_id LIMIT 1)"));
    }

    [Theory]
    [InlineData("99.9", ExitCodes.AnswerIsNo)]
    [InlineData("0.0001", ExitCodes.AnswerIsNo)]
    public async Task TargetThatIsNamedAndMissed_IsTheAnswerNo(string target, int expected)
    {
        var (code, markdown, _) = await RunAsync(await RecordedOutageAsync(), [.. Day, "--target", target]);

        Assert.Equal(expected, code);
        Assert.Contains($"target of {target} %", markdown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PeriodWithoutRequests_IsAReportThatSaysSo_AndMeetsEveryTarget()
    {
        var (code, markdown, _) = await RunAsync(await RecordedOutageAsync(), ["--from", "1999-01-01", "--to", "1999-02-01", "--target", "99.99"]);

        Assert.Equal(ExitCodes.Good, code);
        Assert.Contains("No request was decided in this period. The log holds decisions from 2026-04-28 13:00:00", markdown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RoleThatCanOnlyRead_SeesTheReport_AndIsToldThatNothingWasRecorded()
    {
        var database = await RecordedOutageAsync();
        await ScalarAsync(
            database,
            "DROP ROLE IF EXISTS report_reader; CREATE ROLE report_reader LOGIN PASSWORD 'r'; GRANT USAGE ON SCHEMA audit TO report_reader; GRANT SELECT ON ALL TABLES IN SCHEMA audit TO report_reader");

        var (code, markdown, error) = await RunAsync(new NpgsqlConnectionStringBuilder(database) { Username = "report_reader", Password = "r" }.ConnectionString, Day);

        Assert.Equal(ExitCodes.Good, code);
        Assert.Contains("claude", markdown, StringComparison.Ordinal);
        Assert.Contains("This reading is not recorded", error, StringComparison.Ordinal);
        Assert.Equal(0L, await ScalarAsync(database, "SELECT count(*) FROM audit.mt_events WHERE type = 'history_read'"));
    }

    [Fact]
    public async Task DatabaseThatCannotBeReached_IsAnUnavailableService()
    {
        var (code, output, error) = await RunAsync("Host=127.0.0.1;Port=1;Username=nobody;Password=hunter2", Day);

        Assert.Equal((ExitCodes.ServiceUnavailable, ""), (code, output));
        Assert.DoesNotContain("hunter2", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--from", "2026-04-28")]
    [InlineData("--to", "2026-04-28")]
    [InlineData("--from", "yesterday", "--to", "2026-04-28")]
    [InlineData("--from", "2026-04-28", "--to", "2026-04-29", "--target", "100")]
    [InlineData("--from", "2026-04-28", "--to", "2026-04-29", "--target", "0")]
    [InlineData("--from", "2026-04-28", "--to", "2026-04-29", "--target", "high")]
    [InlineData("--from", "2026-04-28", "--to", "2026-04-29", "--format", "pdf")]
    public void WrongValue_IsWrongUsage(params string[] arguments) => Assert.NotEmpty(AuditReportCommand.Create().Parse(arguments).Errors);

    [Theory]
    [InlineData("2026-04-29", "2026-04-28")]
    [InlineData("2026-04-28", "2026-04-28T00:00Z")]
    public async Task PeriodThatDoesNotEndAfterItBegins_IsWrongUsage(string from, string to)
    {
        var (code, output, error) = await RunAsync("Host=127.0.0.1;Port=1", ["--from", from, "--to", to]);

        Assert.Equal((ExitCodes.WrongUsage, ""), (code, output));
        Assert.Contains("--to must be later than --from", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FolderThatIsNotThere_IsWrongUsage_BeforeAnythingIsRead()
    {
        var (code, _, error) = await RunAsync("Host=127.0.0.1;Port=1", [.. Day, "--output", Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString(), "report.md")]);

        Assert.Equal(ExitCodes.WrongUsage, code);
        Assert.Contains("There is no folder", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Query_IsRecorded_WithItsFiltersAndWithoutTheDatabase()
    {
        var database = await RecordedOutageAsync();
        using StringWriter output = new();
        var code = await AuditQueryCommand.Create().Parse(["--database", database, "--class", "pii", "--json"]).InvokeAsync(new() { Output = output, Error = output });

        Assert.Equal(ExitCodes.Good, code);
        var recorded = (string)await ScalarAsync(database, "SELECT convert_from(bdata, 'UTF8') FROM audit.mt_events WHERE type = 'history_read'");
        Assert.Contains("\"query\":\"audit query --class=pii\"", recorded, StringComparison.Ordinal);
        Assert.Contains("\"rows\":30", recorded, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(string database, string[] arguments)
    {
        using StringWriter output = new();
        using StringWriter error = new();
        var code = await AuditReportCommand.Create().Parse(["--database", database, .. arguments]).InvokeAsync(new() { Output = output, Error = error });
        return (code, output.ToString(), error.ToString());
    }

    private static async Task<string> RecordedOutageAsync()
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        AuditLogOptions options = new() { ConnectionString = database, Shard = "node-1", Deadline = TimeSpan.FromSeconds(20) };
        await using var log = await AuditLog.OpenAsync(options, TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);
        foreach (var batch in OutageStory.Tell().Events.Chunk(100))
        {
            await Task.WhenAll(batch.Select(entry => log.AppendAsync(entry, CancellationToken.None)));
        }

        return database;
    }

    private static async Task<object> ScalarAsync(string database, string sql)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync() ?? "";
    }
}
