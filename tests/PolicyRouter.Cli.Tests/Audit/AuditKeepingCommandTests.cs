using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Sealing;
using PolicyRouter.Testing;

namespace PolicyRouter.Cli.Tests.Audit;

/// <summary><c>audit retire</c>, <c>audit hold</c> and <c>audit erase</c> as their users run them.</summary>
public sealed class AuditKeepingCommandTests : IAsyncLifetime
{
    private readonly string _folder = TestFolder.Create("audit-keeping");
    private readonly CheckpointSigner _signer = CheckpointSigner.Create();
    private string _database = "";

    private Dictionary<string, string> Development => new()
    {
        ["DOTNET_ENVIRONMENT"] = "Development", ["POLICYROUTER__Audit__RetentionYears"] = "0",
        ["POLICYROUTER__Audit__SigningKey"] = $"file:{Path.Combine(_folder, "secret.pem")}",
    };

    private string Key => Path.Combine(_folder, "key.pem");
    private string Kept => Path.Combine(_folder, "checkpoints");
    private string Archives => Path.Combine(_folder, "archives");

    public async Task InitializeAsync()
    {
        _database = await PostgresFixture.CreateDatabaseAsync();
        await File.WriteAllTextAsync(Key, _signer.Key.ToPem());
        await File.WriteAllTextAsync(Path.Combine(_folder, "secret.pem"), _signer.ToPem());
        await RecordAsync(5);
        await RecordAsync(2);
    }

    public Task DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task HeldEpoch_StaysUntilTheHoldIsLifted_AndTheSumsHaveCountedIt_ThenGoesToAnArchiveThatVerifies()
    {
        Assert.Equal((ExitCodes.Good, "The hold `case-117` is in force."), await RunAsync("hold", "place", "--name", "case-117", "--reason", "Case 117"));
        Assert.Equal(ExitCodes.AnswerIsNo, (await RunAsync("hold", "place", "--name", "case-117", "--reason", "again")).Code);
        using (var listed = JsonDocument.Parse((await RunAsync("hold", "list", "--json")).Text))
        {
            var hold = Assert.Single(listed.RootElement.GetProperty("holds").EnumerateArray());
            Assert.Equal(("case-117", "Case 117"), (hold.GetProperty("name").GetString(), hold.GetProperty("reason").GetString()));
        }

        var (code, text) = await RetireAsync();
        Assert.Equal(ExitCodes.AnswerIsNo, code);
        Assert.Contains("shard gateway, epoch 1: 5 events", text, StringComparison.Ordinal);
        Assert.Contains("The legal hold `case-117`", text, StringComparison.Ordinal);

        Assert.Equal((ExitCodes.Good, "The hold `case-117` is lifted."), await RunAsync("hold", "lift", "--name", "case-117", "--reason", "Closed"));
        Assert.Equal(ExitCodes.AnswerIsNo, (await RunAsync("hold", "lift", "--name", "case-117", "--reason", "again")).Code);

        // No gateway has counted it, so the sums would lack it for ever.
        (code, text) = await RetireAsync();
        Assert.Equal(ExitCodes.AnswerIsNo, code);
        Assert.Contains("have yet to count it", text, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Good, (await RunAsync("rebuild", "--usage", "--disclosures")).Code);

        (code, text) = await RetireAsync("--dry-run");
        Assert.Equal(ExitCodes.Good, code);
        Assert.Contains("would go to gateway-00000001.ndjson", text, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Archives));

        // What nobody signs would not count.
        var unsigned = await CommandLine.RunAsync(
            ["audit", "retire", "--before", Time(TimeProvider.System.GetUtcNow()), "--archive", Archives, "--database", _database, "--key", Key],
            environment: new Dictionary<string, string> { ["DOTNET_ENVIRONMENT"] = "Development", ["POLICYROUTER__Audit__RetentionYears"] = "0" });
        Assert.Equal(ExitCodes.InputNotLoaded, unsigned.ExitCode);
        Assert.Contains("Name the key that signs checkpoints", unsigned.Error, StringComparison.Ordinal);

        (code, text) = await RetireAsync();
        Assert.Equal(ExitCodes.Good, code);
        Assert.Contains("in gateway-00000001.ndjson, SHA-256 ", text, StringComparison.Ordinal);
        Assert.Equal((ExitCodes.Good, "No finished epoch is that old."), await RetireAsync());

        string[] verify = ["audit", "verify", "--database", _database, "--key", Key, "--checkpoint", Kept, "--archive", Archives];
        var verified = await CommandLine.RunAsync(verify);
        Assert.True(verified.ExitCode == ExitCodes.Good, verified.Output + verified.Error);
        Assert.Contains("shard gateway, epoch 1: 5 entries, retired to an archive", verified.Output, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Good, (await CommandLine.RunAsync(["audit", "verify", "--file", Path.Combine(Archives, "gateway-00000001.ndjson"), "--key", Key, "--checkpoint", Kept])).ExitCode);

        Assert.DoesNotContain("were not looked at", verified.Output, StringComparison.Ordinal);
        Assert.Contains("1 retired logs were not looked at", (await CommandLine.RunAsync(verify[..^2])).Output, StringComparison.Ordinal);

        File.Delete(Path.Combine(Archives, "gateway-00000001.ndjson"));
        Assert.Equal(ExitCodes.AnswerIsNo, (await CommandLine.RunAsync(verify)).ExitCode);
    }

    [Fact]
    public async Task YoungerThanSixYears_IsNotRetired_OutsideOfDevelopment()
    {
        string[] retire = ["audit", "retire", "--before", Time(TimeProvider.System.GetUtcNow()), "--archive", Archives, "--database", _database, "--key", Key];
        var result = await CommandLine.RunAsync(retire);
        Assert.Equal(ExitCodes.WrongUsage, result.ExitCode);
        Assert.Contains("Events are kept for 6 years", result.Error, StringComparison.Ordinal);

        result = await CommandLine.RunAsync(retire, environment: new Dictionary<string, string> { ["POLICYROUTER__Audit__RetentionYears"] = "5" });
        Assert.Equal(ExitCodes.ConfigurationInvalid, result.ExitCode);
        Assert.Contains("must be from 6 to 100", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RoleThatMayOnlyAdd_IsToldSo()
    {
        await Sql.ExecuteAsync(_database, "DROP ROLE IF EXISTS adder; CREATE ROLE adder LOGIN PASSWORD 'of-the-test'; GRANT USAGE ON SCHEMA audit TO adder; GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA audit TO adder;");
        try
        {
            var role = new NpgsqlConnectionStringBuilder(_database) { Username = "adder", Password = "of-the-test" }.ConnectionString;
            var result = await CommandLine.RunAsync(
                ["audit", "retire", "--before", Time(TimeProvider.System.GetUtcNow()), "--archive", Archives, "--database", role, "--key", Key], environment: Development);
            Assert.Equal(ExitCodes.ServiceUnavailable, result.ExitCode);
            Assert.Contains("may not delete", result.Error, StringComparison.Ordinal);
            Assert.False(Directory.Exists(Archives));
        }
        finally
        {
            await Sql.ExecuteAsync(_database, "DROP OWNED BY adder; DROP ROLE adder;");
        }
    }

    [Fact]
    public async Task Erasure_IsRecorded_AndSaysHowTheKeyIsDestroyed()
    {
        var (code, text) = await RunAsync("erase", "--key-id", "2025", "--reason", "Request 9");
        Assert.Equal(ExitCodes.Good, code);
        Assert.Contains("the key `2025` is given up. 0 events have a hash under it", text, StringComparison.Ordinal);
        Assert.Contains("az keyvault secret purge", text, StringComparison.Ordinal);
        Assert.Equal(1L, await Sql.ScalarAsync<long>(_database, "SELECT count(*) FROM audit.mt_events WHERE type = 'erasure_executed'"));

        await Sql.ExecuteAsync(_database, "INSERT INTO audit.key_in_use VALUES ('prompt-hash', '2026')");
        Assert.Equal(ExitCodes.AnswerIsNo, (await RunAsync("erase", "--key-id", "2026", "--reason", "Request 9")).Code);
    }

    [Fact]
    public async Task Prepare_MakesTheTables()
    {
        var empty = await PostgresFixture.CreateDatabaseAsync();
        Assert.Equal(ExitCodes.Good, (await CommandLine.RunAsync(["audit", "prepare", "--database", empty])).ExitCode);
        Assert.Equal(ExitCodes.Good, (await CommandLine.RunAsync(["audit", "hold", "list", "--database", empty])).ExitCode);
        Assert.Equal(ExitCodes.ServiceUnavailable, (await CommandLine.RunAsync(["audit", "prepare", "--database", "Host=127.0.0.1;Port=1;Username=nobody;Timeout=2"])).ExitCode);
        Assert.Equal(ExitCodes.ServiceUnavailable, (await CommandLine.RunAsync(["audit", "hold", "list", "--database", await PostgresFixture.CreateDatabaseAsync()])).ExitCode);
    }

    private async Task<(int Code, string Text)> RetireAsync(params string[] more)
    {
        var result = await CommandLine.RunAsync(
            ["audit", "retire", "--before", Time(TimeProvider.System.GetUtcNow()), "--archive", Archives, "--database", _database, "--key", Key, "--checkpoint", Kept, .. more], environment: Development);
        return (result.ExitCode, result.Output.Trim() + result.Error);
    }

    private async Task<(int Code, string Text)> RunAsync(params string[] arguments)
    {
        var result = await CommandLine.RunAsync(["audit", .. arguments, "--database", _database]);
        return (result.ExitCode, result.Output.Trim() + result.Error);
    }

    private static string Time(DateTimeOffset time) => time.ToString("O");

    private async Task RecordAsync(int events)
    {
        await using var log = await AuditLog.OpenAsync(
            new AuditLogOptions { ConnectionString = _database, Shard = "gateway", Deadline = TimeSpan.FromSeconds(30), Signer = _signer, CheckpointFolder = Kept },
            TimeProvider.System,
            NullLoggerFactory.Instance,
            CancellationToken.None);

        // As a gateway does: first what is in force, then what is decided by it. Only the last one is counted in the sums.
        for (var i = 1; i < events; i++)
        {
            var now = TimeProvider.System.GetUtcNow();
            await log.AppendAsync(
                new PolicyActivated { Id = Guid.CreateVersion7(now), At = now, PolicyVersion = $"sha256:{i}", PreviousVersion = null, Node = "n" }, CancellationToken.None);
        }

        await log.AppendAsync(AuditQueryCommandTests.Decided("a", TimeProvider.System.GetUtcNow()) with { Outcome = "dry-run", AuthorizedDeployment = null }, CancellationToken.None);
    }
}
