using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Events;
using PolicyRouter.Cli.Audit;
using PolicyRouter.Testing;

namespace PolicyRouter.Cli.Tests.Audit;

public sealed class AuditQueryCommandTests
{
    private static readonly DateTimeOffset Noon = new(2026, 4, 28, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Filters_FindTheRequests_AsATableOrAsJson()
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        var permitted = Decided("triage", Noon);
        var denied = Decided("billing", Noon.AddHours(1)) with { Outcome = "deny", RefusalCode = "no_permitted_provider", AuthorizedDeployment = null };
        await RecordAsync(database, permitted, denied);

        var (code, table, _) = await RunAsync("--database", database, "--app", "triage");
        Assert.Equal(ExitCodes.Good, code);
        Assert.Contains(permitted.Id.ToString(), table, StringComparison.Ordinal);
        Assert.DoesNotContain(denied.Id.ToString(), table, StringComparison.Ordinal);

        (code, table, _) = await RunAsync("--database", database, "--text", "-app:triage outcome:d*");
        Assert.Equal(ExitCodes.Good, code);
        Assert.Contains(denied.Id.ToString(), table, StringComparison.Ordinal);
        Assert.DoesNotContain(permitted.Id.ToString(), table, StringComparison.Ordinal);

        (code, var json, _) = await RunAsync("--database", database, "--from", "2026-04-28T12:30Z", "--outcome", "deny", "--json");
        Assert.Equal(ExitCodes.Good, code);
        using var document = JsonDocument.Parse(json);
        var found = Assert.Single(document.RootElement.GetProperty("decisions").EnumerateArray());
        Assert.Equal(denied.Id, found.GetProperty("id").GetGuid());
        Assert.Equal("no_permitted_provider", found.GetProperty("refusalCode").GetString());
        Assert.Equal(JsonValueKind.Null, document.RootElement.GetProperty("nextCursor").ValueKind);
    }

    [Fact]
    public async Task NextPage_IsWhereTheCursorSays()
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        RequestDecided[] decisions = [Decided("a", Noon), Decided("b", Noon.AddHours(1))];
        await RecordAsync(database, decisions);

        var (_, first, _) = await RunAsync("--database", database, "--limit", "1", "--json");
        using var document = JsonDocument.Parse(first);
        var cursor = document.RootElement.GetProperty("nextCursor").GetString()!;
        var (_, second, _) = await RunAsync("--database", database, "--limit", "1", "--cursor", cursor);

        Assert.Contains(decisions[1].Id.ToString(), first, StringComparison.Ordinal);
        Assert.Contains(decisions[0].Id.ToString(), second, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DatabaseThatCannotBeReached_IsAnUnavailableService()
    {
        var (code, output, error) = await RunAsync("--database", "Host=127.0.0.1;Port=1;Username=nobody;Password=hunter2");

        Assert.Equal(ExitCodes.ServiceUnavailable, code);
        Assert.Empty(output);
        Assert.DoesNotContain("hunter2", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--limit", "501")]
    [InlineData("--from", "yesterday")]
    [InlineData("--text", "outcom:deny")]
    public void WrongValue_IsWrongUsage(string option, string value) => Assert.NotEmpty(AuditQueryCommand.Create().Parse([option, value]).Errors);

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using StringWriter output = new();
        using StringWriter error = new();
        var code = await AuditQueryCommand.Create().Parse(arguments).InvokeAsync(new() { Output = output, Error = error });
        return (code, output.ToString(), error.ToString());
    }

    private static async Task RecordAsync(string database, params RequestDecided[] decisions)
    {
        AuditLogOptions options = new() { ConnectionString = database, Shard = "test", Deadline = TimeSpan.FromSeconds(30) };
        await using var log = await AuditLog.OpenAsync(options, TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);
        foreach (var decided in decisions)
        {
            await log.AppendAsync(decided, CancellationToken.None);
        }
    }

    internal static RequestDecided Decided(string app, DateTimeOffset at) => new()
    {
        Id = Guid.CreateVersion7(),
        At = at,
        Outcome = "permit",
        RefusalCode = null,
        App = app,
        Tenant = "st-mary",
        PolicyVersion = "sha256:11",
        Day = "2026-04-28",
        Route = "clinical-chat",
        Wire = "openai",
        Streaming = false,
        FloorClasses = ["phi"],
        DeclaredClasses = [],
        DetectedClasses = [],
        FinalClasses = ["phi"],
        Subjects = ["us"],
        Purpose = "treatment",
        Features = ["chat"],
        FindingCounts = new Dictionary<string, int>(),
        Plan = [],
        PlanReason = "listed",
        Denied = [],
        Duties = [],
        AuthorizedDeployment = "azure-eastus",
        Redactions = 0,
        PromptBytes = 10,
        PromptHash = "hmac-sha256:k1:aa",
        SentHash = "hmac-sha256:k1:bb",
        Node = "node-1",
    };
}
