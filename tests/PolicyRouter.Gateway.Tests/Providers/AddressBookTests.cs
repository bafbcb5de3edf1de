using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using PolicyRouter.Gateway.Providers;

namespace PolicyRouter.Gateway.Tests.Providers;

/// <summary>Names of providers that vanish, come back wrong, or are never answered.</summary>
public sealed class AddressBookTests
{
    private static readonly IPAddress[] Good = [IPAddress.Parse("52.1.2.3")];

    private readonly FakeTimeProvider _time = new();

    public static TheoryData<string> Failures() => ["no such host", "empty", "hang", "deaf"];

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task AResolverThatFails_LeavesTheLastAddressesInUse_ForTenMinutes(string failure)
    {
        var fails = false;
        AddressBook book = new((_, cancellationToken) => fails ? FailAsync(failure, cancellationToken) : Task.FromResult(Good), _time);
        Assert.Equal(Good, await book.LookUpAsync("provider.example", CancellationToken.None));

        fails = true;
        _time.Advance(AddressBook.LastGoodFor - TimeSpan.FromSeconds(30));
        var serving = book.LookUpAsync("Provider.example", CancellationToken.None);
        _time.Advance(AddressBook.Patience);
        Assert.Equal(Good, await serving.WaitAsync(TimeSpan.FromSeconds(20)));

        _time.Advance(TimeSpan.FromSeconds(30));
        using CancellationTokenSource leaving = new();
        var ended = book.LookUpAsync("provider.example", leaving.Token);
        await leaving.CancelAsync();
        Assert.True(
            await Record.ExceptionAsync(() => ended.WaitAsync(TimeSpan.FromSeconds(20))) is SocketException or OperationCanceledException, "Addresses of ten minutes ago still served.");
    }

    [Fact]
    public async Task NewAddresses_TakeThePlaceOfOldOnes()
    {
        var addresses = Good;
        AddressBook book = new((_, _) => Task.FromResult(addresses), _time);
        Assert.Equal(Good, await book.LookUpAsync("provider.example", CancellationToken.None));

        addresses = [IPAddress.Parse("52.9.9.9")];

        Assert.Equal(addresses, await book.LookUpAsync("provider.example", CancellationToken.None));
    }

    [Fact]
    public async Task AnotherHost_HasNoPartInThem()
    {
        AddressBook book = new((host, _) => host == "provider.example" ? Task.FromResult(Good) : throw new SocketException((int)SocketError.HostNotFound), _time);
        await book.LookUpAsync("provider.example", CancellationToken.None);

        await Assert.ThrowsAsync<SocketException>(() => book.LookUpAsync("other.example", CancellationToken.None));
    }

    [Fact]
    public async Task OldAddresses_AreCheckedLikeFreshOnes()
    {
        // The first answer is good for a connection attempt; the second and all later ones are the metadata service's.
        Queue<IPAddress[]> answers = new([[IPAddress.Parse("169.254.169.254")], []]);
        using ProviderConnections connections = new(_time, allowLoopback: false, (_, _) => Task.FromResult(answers.Dequeue()));

        for (var attempt = 0; attempt < 2; attempt++)
        {
            using HttpRequestMessage request = new(HttpMethod.Get, "https://provider.example/");
            var error = await Assert.ThrowsAnyAsync<HttpRequestException>(() => connections.For(
                Endpoints.At(new Uri("https://provider.example")), ShippedPolicies.ClinicalTargets()[0].Deployment).SendAsync(request, CancellationToken.None));
            Assert.IsType<DestinationBlockedException>(error.InnerException);
        }
    }

    private static async Task<IPAddress[]> FailAsync(string failure, CancellationToken cancellationToken)
    {
        switch (failure)
        {
            case "no such host":
                throw new SocketException((int)SocketError.HostNotFound);
            case "hang":
                await Task.Delay(Timeout.Infinite, cancellationToken);
                break;
            case "deaf":
                await new TaskCompletionSource().Task;
                break;
        }

        return [];
    }
}
