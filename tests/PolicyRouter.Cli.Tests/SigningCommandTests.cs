using System.Security.Cryptography;
using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Reading;
using PolicyRouter.Redaction;
using PolicyRouter.Testing;

namespace PolicyRouter.Cli.Tests;

/// <summary>What people sign on the command line holds under a policy that names them.</summary>
public sealed class SigningCommandTests : IDisposable
{
    private readonly string _folder = TestFolder.Create("signing");
    private readonly PolicySnapshot _policy;

    public SigningCommandTests()
    {
        var people = "people:\n" + Person("ana", "break-glass, privacy-office") + Person("ben", "break-glass");
        var policies = Path.Combine(_folder, "policies");
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "policies"), "*.yaml", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(policies, Path.GetRelativePath(Path.Combine(Repository.Root, "policies"), file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        File.AppendAllText(Path.Combine(policies, "registry.yaml"), people);
        _policy = Assert.IsType<PolicyLoadResult.Loaded>(PolicyFolder.Load(policies, new() { RedactionProfiles = RedactionProfile.Names })).Snapshot;
    }

    [Fact]
    public async Task TwoPeople_MakeABreakGlassToken_OneAfterTheOther()
    {
        var first = await CommandLine.RunAsync(["break-glass", "--rule", "F-PHI-RETENTION", "--class", "phi", "--app", "ward", "--ticket", "INC-7", "--as", "ana", "--key", Key("ana")]);
        var half = Path.Combine(_folder, "token");
        await File.WriteAllTextAsync(half, first.Output);
        var second = await CommandLine.RunAsync(["break-glass", "--add", half, "--as", "ben", "--key", Key("ben")]);

        Assert.Equal((0, 0), (first.ExitCode, second.ExitCode));
        Assert.NotNull(_policy.CheckBreakGlass(first.Output.Trim(), "ward", DateTimeOffset.UtcNow, out _));
        Assert.Null(_policy.CheckBreakGlass(second.Output.Trim(), "ward", DateTimeOffset.UtcNow, out var token));
        Assert.Equal(["ana", "ben"], token!.SignedBy);
        Assert.Contains("F-PHI-RETENTION", second.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task APerson_ApprovesARequest()
    {
        var run = await CommandLine.RunAsync(["approve", "--rule", "P-RESEARCH", "--request", "hmac-sha256:k1:00", "--as", "ana", "--key", Key("ana")]);

        Assert.Equal(0, run.ExitCode);
        Assert.Null(_policy.CheckApproval(run.Output.Trim(), "hmac-sha256:k1:00", DateTimeOffset.UtcNow, out var approvals));
        Assert.Contains(approvals, static approval => approval is { Rule: "P-RESEARCH", Role: "privacy-office", Person: "ana" });
    }

    [Theory]
    [InlineData(2, "--rule", "R", "--class", "phi", "--app", "a")]
    [InlineData(2, "--rule", "R", "--class", "phi", "--app", "a", "--ticket", "t", "--add", "file")]
    [InlineData(2, "--rule", "R", "--class", "phi", "--app", "a", "--ticket", "t", "--minutes", "241")]
    [InlineData(3, "--add", "/nowhere/token")]
    public async Task ATokenThatCannotBeMade_IsRefused(int exit, params string[] options) =>
        Assert.Equal(exit, (await CommandLine.RunAsync(["break-glass", .. options, "--as", "ana", "--key", Key("ana")])).ExitCode);

    [Fact]
    public async Task AFileThatIsNoKey_IsNamed_AndNotQuoted()
    {
        var file = Path.Combine(_folder, "not-a-key");
        await File.WriteAllTextAsync(file, "hunter2-is-in-here");

        var run = await CommandLine.RunAsync(["approve", "--rule", "R", "--request", "h", "--as", "ana", "--key", file]);

        Assert.Equal(3, run.ExitCode);
        Assert.DoesNotContain("hunter2", run.Output + run.Error, StringComparison.Ordinal);
        Assert.Contains("not-a-key", run.Error, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Key(string person) => Path.Combine(_folder, $"{person}.pem");

    private string Person(string id, string roles)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        File.WriteAllText(Key(id), key.ExportPkcs8PrivateKeyPem());
        return $"  - {{id: {id}, name: {id}, roles: [{roles}], public key: {Convert.ToBase64String(key.ExportSubjectPublicKeyInfo())}}}\n";
    }
}
