using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Testing;
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
    public async Task TheAgeIsAMetric_InSeconds_ByReference()
    {
        await using var vault = await FakeVault.StartAsync();
        vault.Secrets["key"] = "canary-value";
        SecretResolver secrets = new(vault.Client, _time, NullLogger<SecretResolver>.Instance);
        using ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        using SecretMetrics metrics = new(services.GetRequiredService<IMeterFactory>(), secrets);
        using MetricCollector<double> collector = new(services.GetRequiredService<IMeterFactory>(), SecretMetrics.MeterName, "policyrouter.secret.age");
        _ = await secrets.GetAsync("vault:key", refresh: false, CancellationToken.None);
        await Assert.ThrowsAsync<SecretUnavailableException>(async () => await secrets.GetAsync("vault:absent", refresh: false, CancellationToken.None));

        _time.Advance(TimeSpan.FromMinutes(7));
        collector.RecordObservableInstruments();

        var age = Assert.Single(collector.GetMeasurementSnapshot());
        Assert.Equal(420, age.Value);
        Assert.Equal("vault:key", Assert.Single(age.Tags).Value);
    }

    public static TheoryData<string> Faults() => ["denied", "throttled", "unavailable", "malformed", "empty", "disabled", "reset", "no tokens"];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task WhateverTheVaultDoes_TheLastGoodValueStays_TheFirstIsAnError_AndNoLogOrErrorHoldsASecret(string fault)
    {
        await using var vault = await FakeVault.StartAsync();
        vault.Secrets["key"] = "canary-good";
        FakeLogger<SecretResolver> log = new();
        SecretResolver secrets = new(vault.Client, _time, log);
        Assert.Equal("canary-good", await secrets.GetAsync("vault:key", refresh: false, CancellationToken.None));

        vault.HasNoTokens = fault == "no tokens";
        vault.Instead = fault switch
        {
            "denied" => static http => AnswerAsync(http, 403, """{"error":{"code":"Forbidden","message":"canary-body","innererror":{"code":"ForbiddenByRbac"}}}"""),
            "throttled" => static http =>
            {
                http.Response.Headers.RetryAfter = "1";
                return AnswerAsync(http, 429, """{"error":{"code":"Throttled","message":"canary-body"}}""");
            },
            "unavailable" => static http => AnswerAsync(http, 503, "canary-body"),
            "malformed" => static http => AnswerAsync(http, 200, """{"value":"canary-body" """),
            "empty" => static http => AnswerAsync(http, 200, """{"value":"","id":"https://x.vault.azure.net/secrets/key/1"}"""),
            "disabled" => static http => AnswerAsync(http, 403, """{"error":{"code":"Forbidden","message":"canary-body","innererror":{"code":"SecretDisabled"}}}"""),
            "reset" => static http =>
            {
                http.Abort();
                return Task.CompletedTask;
            },
            _ => null,
        };
        _time.Advance(TimeSpan.FromHours(1));

        Assert.Equal("canary-good", await secrets.GetAsync("vault:key", refresh: true, CancellationToken.None));
        Assert.False(await secrets.HasChangedAsync("vault:key", CancellationToken.None));
        var error = await Assert.ThrowsAsync<SecretUnavailableException>(async () => await secrets.GetAsync("vault:other", refresh: false, CancellationToken.None));

        var lines = log.Collector.GetSnapshot();
        Assert.NotEmpty(lines);
        Assert.All(lines, static line => Assert.DoesNotContain("canary", $"{line.Message} {string.Join(' ', line.StructuredState!)} {line.Exception}", StringComparison.Ordinal));
        Assert.DoesNotContain("canary", error.Message, StringComparison.Ordinal);

        // When it is well again a rotated secret is taken without a restart.
        (vault.Instead, vault.HasNoTokens) = (null, false);
        vault.Secrets["key"] = "canary-rotated";
        Assert.True(await secrets.HasChangedAsync("vault:key", CancellationToken.None));
        Assert.Equal("canary-rotated", await secrets.GetAsync("vault:key", refresh: false, CancellationToken.None));
        Assert.Equal(TimeSpan.Zero, secrets.Ages["vault:key"]);
    }

    private static Task AnswerAsync(HttpContext http, int status, string body)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        return http.Response.WriteAsync(body);
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
