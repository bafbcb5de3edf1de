using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using PolicyRouter.Gateway.Secrets;

namespace PolicyRouter.Gateway.Tests.Secrets;

public sealed class SecretResolverTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task VaultSecret_IsReadOnce_AndAgainWhenAskedTo()
    {
        await using var vault = await FakeVault.StartAsync();
        vault.Secrets["azure-eastus-key"] = "first";
        SecretResolver secrets = new(vault.Client, _time, NullLogger<SecretResolver>.Instance);

        Assert.Equal("first", await secrets.GetAsync("vault:azure-eastus-key", refresh: false, CancellationToken.None));
        vault.Secrets["azure-eastus-key"] = "second";
        Assert.Equal("first", await secrets.GetAsync("vault:azure-eastus-key", refresh: false, CancellationToken.None));
        Assert.Equal("second", await secrets.GetAsync("vault:azure-eastus-key", refresh: true, CancellationToken.None));
        Assert.Equal(2, vault.Reads);
    }

    [Fact]
    public async Task VaultThatFails_LeavesTheLastGoodValueInUse()
    {
        await using var vault = await FakeVault.StartAsync();
        vault.Secrets["key"] = "good";
        SecretResolver secrets = new(vault.Client, _time, NullLogger<SecretResolver>.Instance);
        _ = await secrets.GetAsync("vault:key", refresh: false, CancellationToken.None);

        vault.FailWith = 503;
        _time.Advance(TimeSpan.FromHours(1));

        Assert.Equal("good", await secrets.GetAsync("vault:key", refresh: true, CancellationToken.None));
        Assert.Equal(TimeSpan.FromHours(1), secrets.Ages["vault:key"]);
    }

    [Fact]
    public async Task ManyWhoAskAtOnce_CauseOneRead()
    {
        await using var vault = await FakeVault.StartAsync();
        vault.Secrets["key"] = "good";
        TaskCompletionSource release = new();
        vault.Hold = release.Task;
        SecretResolver secrets = new(vault.Client, _time, NullLogger<SecretResolver>.Instance);

        var asking = Enumerable.Range(0, 20).Select(_ => secrets.GetAsync("vault:key", refresh: true, CancellationToken.None).AsTask()).ToArray();
        release.SetResult();

        Assert.All(await Task.WhenAll(asking), static value => Assert.Equal("good", value));
        Assert.Equal(1, vault.Reads);
    }

    [Theory]
    [InlineData("vault:absent")]
    [InlineData("env:POLICYROUTER_TEST_ABSENT")]
    [InlineData("file:/nowhere/absent")]
    public async Task SecretThatCannotBeHad_IsAnErrorThatNamesTheReference(string reference)
    {
        await using var vault = await FakeVault.StartAsync();
        SecretResolver secrets = new(vault.Client, _time, NullLogger<SecretResolver>.Instance);

        var error = await Assert.ThrowsAsync<SecretUnavailableException>(
            async () => await secrets.GetAsync(reference, refresh: false, CancellationToken.None));

        Assert.StartsWith(reference, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sk-looks-like-a-key")]
    [InlineData("http:x")]
    [InlineData("env:")]
    public async Task SecretWhereAReferenceBelongs_IsRefusedWithoutEchoingIt(string text)
    {
        SecretResolver secrets = new(null, _time, NullLogger<SecretResolver>.Instance);

        var error = await Assert.ThrowsAsync<SecretUnavailableException>(
            async () => await secrets.GetAsync(text, refresh: false, CancellationToken.None));

        Assert.Equal("A credential is not vault:NAME, env:NAME or file:PATH.", error.Message);
    }

    [Fact]
    public async Task FileSecret_IsReadWithoutItsLineEnd_AndNothingPrintsIt()
    {
        var path = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(path, "canary-value\n");
            SecretResolver secrets = new(null, _time, NullLogger<SecretResolver>.Instance);

            Assert.Equal("canary-value", await secrets.GetAsync("file:" + path, refresh: false, CancellationToken.None));
            Assert.DoesNotContain("canary", secrets.ToString() + string.Join(",", secrets.Ages), StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
