using PolicyRouter.Audit.Sealing;
using PolicyRouter.Testing;

namespace PolicyRouter.Cli.Tests.Audit;

/// <summary>How verbs that need the audit log end without it.</summary>
public sealed class AuditVerbTests
{
    [Theory]
    [InlineData("audit prepare")]
    [InlineData("audit query")]
    [InlineData("audit verify")]
    [InlineData("audit export --format ndjson")]
    [InlineData("audit usage --from 2026-04-28 --to 2026-04-29")]
    [InlineData("audit policy --at 2026-04-28T12:00Z")]
    [InlineData("audit report --from 2026-04-28 --to 2026-04-29")]
    [InlineData("audit rebuild --all")]
    [InlineData("audit hold list")]
    [InlineData("policy replay policies")]
    public async Task ConnectionStringThatIsNone_IsWrongUsage_AndIsNotRepeated(string verb)
    {
        var (code, output, error) = await CommandLine.RunAsync([.. verb.Split(' '), "--database", "Host=db;Password=hunter2;Nonsense"]);

        Assert.Equal((ExitCodes.WrongUsage, ""), (code, output));
        Assert.Contains("Host=db;Database=audit", error, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CursorThatNoPageGave_IsWrongUsage()
    {
        var database = await PostgresFixture.CreateDatabaseAsync();
        await CommandLine.RunAsync(["audit", "prepare", "--database", database]);

        var (code, output, error) = await CommandLine.RunAsync(["audit", "query", "--database", database, "--cursor", "made-up"]);

        Assert.Equal((ExitCodes.WrongUsage, ""), (code, output));
        Assert.Contains("cursor", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not-there.ndjson")]
    [InlineData("not-a-log.ndjson")]
    public async Task ExportThatCannotBeRead_IsInputNotLoaded_AndIsNamed(string name)
    {
        var folder = TestFolder.Create("audit-verb");
        await File.WriteAllTextAsync(Path.Combine(folder, "not-a-log.ndjson"), "{\n");
        var key = Path.Combine(folder, "key.pem");
        await File.WriteAllTextAsync(key, CheckpointSigner.Create().Key.ToPem());

        var (code, output, error) = await CommandLine.RunAsync(["audit", "verify", "--file", Path.Combine(folder, name), "--key", key]);

        Assert.Equal((ExitCodes.InputNotLoaded, ""), (code, output));
        Assert.Contains(name, error, StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }
}
