using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Sealing;
using PolicyRouter.Cli.Audit;
using PolicyRouter.Testing;

namespace PolicyRouter.Cli.Tests.Audit;

/// <summary><c>audit verify</c> and <c>audit export</c> as their users run them.</summary>
public sealed class AuditVerifyCommandTests : IAsyncLifetime
{
    private readonly string _folder = TestFolder.Create("audit-verify");
    private readonly CheckpointSigner _signer = CheckpointSigner.Create();
    private string _database = "";

    private string Key => Path.Combine(_folder, "key.pem");
    private string Kept => Path.Combine(_folder, "checkpoints");
    private string Export => Path.Combine(_folder, "export.ndjson");

    public async Task InitializeAsync()
    {
        _database = await PostgresFixture.CreateDatabaseAsync();
        await File.WriteAllTextAsync(Key, _signer.Key.ToPem());
        await using var log = await AuditLog.OpenAsync(
            new AuditLogOptions { ConnectionString = _database, Shard = "gateway", Deadline = TimeSpan.FromSeconds(30), Signer = _signer, CheckpointFolder = Kept },
            TimeProvider.System,
            NullLoggerFactory.Instance,
            CancellationToken.None);
        for (var i = 0; i < 6; i++)
        {
            var now = TimeProvider.System.GetUtcNow();
            await log.AppendAsync(
                new PolicyActivated { Id = Guid.CreateVersion7(now), At = now, PolicyVersion = $"sha256:{i}", PreviousVersion = null, Node = "n" }, CancellationToken.None);
        }
    }

    public Task DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task GoodLog_Verifies_AndAnAlteredEventIsNamed()
    {
        var (code, text, _) = await VerifyAsync("--database", _database, "--key", Key, "--checkpoint", Kept);
        Assert.Equal(ExitCodes.Good, code);
        Assert.Contains("shard gateway, epoch 1: 6 entries, all covered by the checkpoint of ", text, StringComparison.Ordinal);
        Assert.Contains("The log verifies: 6 entries in 1 logs recomputed", text, StringComparison.Ordinal);

        var id = await TamperAsync();
        (code, var json, _) = await VerifyAsync("--database", _database, "--key", Key, "--checkpoint", Kept, "--json");
        Assert.Equal(ExitCodes.AnswerIsNo, code);
        using var document = JsonDocument.Parse(json);
        var fault = Assert.Single(document.RootElement.GetProperty("faults").EnumerateArray());
        Assert.Equal(("gateway", 1, 4, id), (
            fault.GetProperty("shard").GetString(), fault.GetProperty("epoch").GetInt32(), fault.GetProperty("index").GetInt32(), fault.GetProperty("eventId").GetGuid()));

        (_, text, _) = await VerifyAsync("--database", _database, "--key", Key);
        Assert.Contains($"FAULT shard gateway, epoch 1, index 4, event {id}: The entry was altered", text, StringComparison.Ordinal);
        Assert.Contains("No kept checkpoints were compared", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Export_IsRecorded_AndVerifiesWithoutTheDatabase()
    {
        var export = await CommandLine.RunAsync(["audit", "export", "--format", "ndjson", "--database", _database, "--output", Export]);
        Assert.True(export.ExitCode == ExitCodes.Good, export.Error);

        var (code, json, _) = await VerifyAsync("--file", Export, "--key", Key, "--checkpoint", Kept, "--json");
        Assert.Equal(ExitCodes.Good, code);
        using var document = JsonDocument.Parse(json);
        Assert.Equal(7, document.RootElement.GetProperty("entries").GetInt32());
        Assert.Contains("\"type\":\"history_exported\"", await File.ReadAllTextAsync(Export), StringComparison.Ordinal);

        await File.WriteAllTextAsync(Export, (await File.ReadAllTextAsync(Export)).Replace("sha256:3", "sha256:4", StringComparison.Ordinal));
        (code, _, _) = await VerifyAsync("--file", Export, "--key", Key);
        Assert.Equal(ExitCodes.AnswerIsNo, code);
    }

    [Fact]
    public async Task ExportWithoutAnyCheckpoint_DoesNotVerify_UnlessTheOperatorAllowsIt()
    {
        Assert.Equal(ExitCodes.Good, (await CommandLine.RunAsync(["audit", "export", "--format", "ndjson", "--database", _database, "--output", Export])).ExitCode);
        var lines = (await File.ReadAllLinesAsync(Export))[..^1];
        for (var i = 0; i < lines.Length; i++)
        {
            // What forges every entry has no key, and leaves the checkpoints out.
            lines[i] = System.Text.RegularExpressions.Regex.Replace(lines[i], "\"checkpoint\":\"[^\"]*\"", "\"checkpoint\":null");
        }

        var body = string.Concat(lines.Select(static line => line + "\n"));
        var sum = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(body)));
        await File.WriteAllTextAsync(Export, $"{body}{{\"sum\":{{\"rows\":7,\"sha256\":\"{sum}\"}}}}\n");

        var (code, text, _) = await VerifyAsync("--file", Export, "--key", Key);
        Assert.Equal(ExitCodes.AnswerIsNo, code);
        Assert.Contains("FAULT shard gateway, epoch 1, index 0, event ", text, StringComparison.Ordinal);
        Assert.Contains("No signed checkpoint covers this entry", text, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Good, (await VerifyAsync("--file", Export, "--key", Key, "--allow-uncovered")).Code);
    }

    [Theory]
    [InlineData("csv", "shard,epoch,index,type")]
    [InlineData("parquet", "PAR1")]
    public async Task OtherFormats_GoToStandardOutput(string format, string start)
    {
        var export = await CommandLine.RunAsync(["audit", "export", "--format", format, "--database", _database]);

        Assert.True(export.ExitCode == ExitCodes.Good, export.Error);
        Assert.StartsWith(start, export.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatCannotBeLoaded_IsNotAnAnswer()
    {
        Assert.Equal(ExitCodes.InputNotLoaded, (await VerifyAsync("--database", _database, "--key", Path.Combine(_folder, "none"))).Code);
        Assert.Equal(ExitCodes.InputNotLoaded, (await VerifyAsync("--database", _database)).Code);
        Assert.Equal(ExitCodes.InputNotLoaded, (await VerifyAsync("--database", _database, "--key", Key, "--checkpoint", Key)).Code);
        Assert.Equal(ExitCodes.InputNotLoaded, (await VerifyAsync("--file", Key, "--key", Key)).Code);
        Assert.Equal(ExitCodes.ServiceUnavailable, (await VerifyAsync("--database", "Host=127.0.0.1;Port=1;Username=nobody;Timeout=2", "--key", Key)).Code);
        Assert.Equal(ExitCodes.ServiceUnavailable, (await VerifyAsync("--database", await PostgresFixture.CreateDatabaseAsync(), "--key", Key)).Code);

        var secret = Path.Combine(_folder, "secret.pem");
        await File.WriteAllTextAsync(secret, _signer.ToPem());
        var (code, _, error) = await VerifyAsync("--database", _database, "--key", secret);
        Assert.Equal(ExitCodes.InputNotLoaded, code);
        Assert.DoesNotContain(_signer.ToPem().Split('\n')[1], error, StringComparison.Ordinal);
    }

    [Fact]
    public void DatabaseAndFileTogether_AreWrongUsage() =>
        Assert.NotEmpty(AuditVerifyCommand.Create().Parse(["--database", "x", "--file", "y", "--key", "z"]).Errors);

    private Task<Guid> TamperAsync() => Sql.ScalarAsync<Guid>(
        _database, "UPDATE audit.mt_events SET bdata = convert_to(replace(convert_from(bdata, 'UTF8'), 'sha256:4', 'sha256:5'), 'UTF8') WHERE version = 5 RETURNING id");

    private static async Task<(int Code, string Output, string Error)> VerifyAsync(params string[] arguments)
    {
        using StringWriter output = new();
        using StringWriter error = new();
        var code = await AuditVerifyCommand.Create().Parse(arguments).InvokeAsync(new() { Output = output, Error = error });
        return (code, output.ToString(), error.ToString());
    }
}
