using System.Security.Cryptography;
using System.Text.Json;
using PolicyRouter.Testing;

namespace PolicyRouter.Cli.Tests;

/// <summary><c>policy sign</c> and <c>policy verify</c> as their users run them.</summary>
public sealed class PolicySignCommandTests : IDisposable
{
    private readonly string _folder = TestFolder.Create("policy-sign");
    private readonly string _policies;

    public PolicySignCommandTests()
    {
        _policies = Path.Combine(_folder, "policies");
        ShippedPack.CopyTo(_policies);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        File.WriteAllText(Private, key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(Public, key.ExportSubjectPublicKeyInfoPem());
    }

    [Fact]
    public async Task ASignedFolder_Verifies_UntilSomethingChanges()
    {
        var unsigned = await RunAsync("verify", Public);
        var signed = await RunAsync("sign", Private);
        var verified = await RunAsync("verify", Public);
        File.AppendAllText(Path.Combine(_policies, "registry.yaml"), "# changed\n");
        var changed = await RunAsync("verify", Public);
        var signedAgain = await RunAsync("sign", Private);

        Assert.Equal((1, 0, 0, 1, 0), (unsigned.ExitCode, signed.ExitCode, verified.ExitCode, changed.ExitCode, signedAgain.ExitCode));
        Assert.Contains("the folder is not signed", unsigned.Output, StringComparison.Ordinal);
        Assert.Contains("it was made for other content", changed.Output, StringComparison.Ordinal);
        Assert.Equal(["policy.sig"], Directory.EnumerateFiles(_policies, "policy.*").Select(Path.GetFileName));
    }

    [Fact]
    public async Task TheAnswerForScripts_SaysVersionAndFault()
    {
        await RunAsync("sign", Private);

        var verified = JsonDocument.Parse((await RunAsync("verify", Public, "--json")).Output).RootElement;

        Assert.True(verified.GetProperty("verified").GetBoolean());
        Assert.StartsWith("sha256:", verified.GetProperty("policyVersion").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AFolderThatDoesNotLoad_IsNotSigned()
    {
        File.WriteAllText(Path.Combine(_policies, "registry.yaml"), "format: nonsense\n");

        Assert.Equal(3, (await RunAsync("sign", Private)).ExitCode);
        Assert.False(File.Exists(Path.Combine(_policies, "policy.sig")));
    }

    [Fact]
    public async Task APublicKey_SignsNothing()
    {
        Assert.Equal(3, (await RunAsync("sign", Public)).ExitCode);
        Assert.False(File.Exists(Path.Combine(_policies, "policy.sig")));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Private => Path.Combine(_folder, "key.pem");

    private string Public => Path.Combine(_folder, "public.pem");

    private Task<CommandResult> RunAsync(string verb, string key, params string[] options) => CommandLine.RunAsync(["policy", verb, _policies, "--key", key, .. options]);
}
