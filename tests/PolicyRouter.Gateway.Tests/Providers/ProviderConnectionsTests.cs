using System.Net;
using PolicyRouter.Gateway.Providers;
using PolicyRouter.Gateway.Wire;
using PolicyRouter.Gateway.Wire.OpenAi;
using PolicyRouter.Policies.Facts;
using WireFormat = PolicyRouter.Policies.Facts.Wire;

namespace PolicyRouter.Gateway.Tests.Providers;

public sealed class ProviderConnectionsTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.8.8.8")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::127.0.0.1")]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    [InlineData("169.254.169.254")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("64:ff9b::169.254.169.254")]
    [InlineData("2002:a9fe:a9fe::1")]
    [InlineData("fe80::1")]
    [InlineData("fd00:ec2::254")]
    [InlineData("168.63.129.16")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("ff02::1")]
    public void AnAddressThatNoProviderHas_IsNeverAllowed(string address) =>
        Assert.False(AddressGuard.Allows(IPAddress.Parse(address), allowPrivate: true, allowLoopback: false));

    [Theory]
    [InlineData("10.1.2.3")]
    [InlineData("172.31.0.1")]
    [InlineData("192.168.1.1")]
    [InlineData("100.64.0.1")]
    [InlineData("fd12:3456::1")]
    [InlineData("::ffff:10.1.2.3")]
    public void APrivateAddress_IsForOurOwnPremisesOnly(string address)
    {
        Assert.True(AddressGuard.Allows(IPAddress.Parse(address), allowPrivate: true, allowLoopback: false));
        Assert.False(AddressGuard.Allows(IPAddress.Parse(address), allowPrivate: false, allowLoopback: true));
    }

    [Theory]
    [InlineData("52.1.2.3")]
    [InlineData("2600:1f00::1")]
    public void APublicAddress_IsAllowed(string address) =>
        Assert.True(AddressGuard.Allows(IPAddress.Parse(address), allowPrivate: false, allowLoopback: false));

    [Theory]
    [InlineData("https://provider.example/", "169.254.169.254")]
    [InlineData("https://provider.example/", "127.0.0.1")]
    [InlineData("https://provider.example/", "10.0.0.7")]
    [InlineData("https://provider.example/", "52.1.2.3,127.0.0.1")]
    [InlineData("http://provider.example/", "52.1.2.3")]
    [InlineData("https://127.1/", "52.1.2.3")]
    [InlineData("https://0x7f000001/", "52.1.2.3")]
    [InlineData("https://2130706433/", "52.1.2.3")]
    [InlineData("https://[::ffff:127.0.0.1]/", "52.1.2.3")]
    [InlineData("https://127\uff0e0\uff0e0\uff0e1/", "52.1.2.3")]
    [InlineData("https://127\u30020\uff610\u30021/", "52.1.2.3")]
    // Digits that .NET takes for a name: what a resolver that sees through them says is checked.
    [InlineData("https://\uff11\uff12\uff17.0.0.\uff11/", "127.0.0.1")]
    [InlineData("https://\u2460\u2461\u2466.0.0.1/", "127.0.0.1")]
    [InlineData("https://\uff11\uff16\uff19\uff0e\uff12\uff15\uff14\uff0e\uff11\uff16\uff19\uff0e\uff12\uff15\uff14/", "169.254.169.254")]
    public async Task ANameThatResolvesToAForbiddenAddress_IsBlocked(string url, string addresses)
    {
        using ProviderConnections connections = new(
            TimeProvider.System, allowLoopback: false, (_, _) => Task.FromResult(addresses.Split(',').Select(IPAddress.Parse).ToArray()));

        Assert.Equal(FailureKind.DestinationBlocked, (await SendAsync(connections, Endpoints.At(new Uri(url)))).Kind);
    }

    [Fact]
    public async Task TheCheckedAddress_IsTheOneConnectedTo()
    {
        await using var provider = await ScriptedProvider.StartAsync(static http =>
        {
            http.Response.StatusCode = 418;
            return Task.CompletedTask;
        });
        var lookups = 0;
        using ProviderConnections connections = new(TimeProvider.System, allowLoopback: true, (_, _) =>
        {
            lookups++;
            return Task.FromResult(new[] { IPAddress.Loopback });
        });

        var failure = await SendAsync(connections, Endpoints.At(new Uri($"http://provider.invalid:{provider.Url.Port}")));

        Assert.Equal(new ProviderFailure(FailureKind.Status, 418), failure);
        Assert.Equal(1, lookups);
    }

    [Fact]
    public async Task ANameNobodyKnows_IsAConnectFailure()
    {
        using ProviderConnections connections = new(TimeProvider.System, allowLoopback: false, static (_, _) => Task.FromResult(Array.Empty<IPAddress>()));

        Assert.Equal(FailureKind.ConnectFailed, (await SendAsync(connections, Endpoints.At(new Uri("https://provider.example")))).Kind);
    }

    [Fact]
    public async Task ALookupThatHangs_MissesTheConnectDeadline()
    {
        Microsoft.Extensions.Time.Testing.FakeTimeProvider time = new();
        TaskCompletionSource asked = new();
        using ProviderConnections connections = new(time, allowLoopback: false, async (_, cancellationToken) =>
        {
            asked.SetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return [];
        });

        // The total of a minute keeps the attempt's own deadline out of it.
        var sending = SendAsync(connections, Endpoints.At(
            new Uri("https://provider.example"),
            timeouts: EndpointTimeouts.Default with { Connect = TimeSpan.FromSeconds(30), Total = TimeSpan.FromMinutes(1) }), time);
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(20));
        time.Advance(TimeSpan.FromSeconds(31));

        Assert.Equal(FailureKind.ConnectTimeout, (await sending.WaitAsync(TimeSpan.FromSeconds(20))).Kind);
    }

    [Theory]
    [InlineData("retry-after", "7", 7_000.0)]
    [InlineData("retry-after-ms", "250", 250.0)]
    [InlineData("x-ms-retry-after-ms", "1500.5", 1_500.5)]
    [InlineData("retry-after", "Thu, 01 Jan 2026 00:00:30 GMT", 30_000.0)]
    [InlineData("retry-after", "Wed, 01 Jan 2020 00:00:30 GMT", 0.0)]
    [InlineData("retry-after", "soon", null)]
    [InlineData("retry-after-ms", "-5", null)]
    [InlineData("retry-after-ms", "1e400", null)]
    public async Task AllFormsOfRetryAfter_AreRead(string name, string value, double? milliseconds)
    {
        await using var provider = await ScriptedProvider.StartAsync(http =>
        {
            http.Response.StatusCode = 429;
            http.Response.Headers[name] = value;
            return Task.CompletedTask;
        });
        Microsoft.Extensions.Time.Testing.FakeTimeProvider time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        using ProviderConnections connections = new(time, allowLoopback: true);

        Assert.Equal(milliseconds, (await SendAsync(connections, Endpoints.At(provider.Url), time)).RetryAfter?.TotalMilliseconds);
    }

    private static async Task<ProviderFailure> SendAsync(ProviderConnections connections, Endpoint endpoint, TimeProvider? time = null) =>
        Assert.IsType<ProviderReply.Failed>(await Endpoints.SendAsync(endpoint, "{}"u8.ToArray(), isStreaming: false, connections, time)).Failure;
}
