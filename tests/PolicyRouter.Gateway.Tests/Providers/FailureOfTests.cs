using System.Net.Sockets;
using PolicyRouter.Gateway.Providers;
using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Gateway.Tests.Providers;

public sealed class FailureOfTests : IDisposable
{
    private readonly AttemptClock _clock = new(EndpointTimeouts.Default, TimeProvider.System);

    public void Dispose() => _clock.Dispose();

    /// <summary>SocketsHttpHandler does not wrap it when the connection is reset just as it is made.</summary>
    [Fact]
    public void ABareSocketException_IsAFailureOfTheProvider_AndMovesOn()
    {
        SocketException reset = new((int)SocketError.NotConnected);

        Assert.Equal(FailureKind.ConnectFailed, FailureOf.Sending(reset, _clock, CancellationToken.None)?.Kind);
        Assert.Equal(FailureKind.Cut, FailureOf.Reading(reset, _clock, CancellationToken.None)?.Kind);
    }

    [Fact]
    public void AnExceptionOfOtherOrigin_StaysABug() =>
        Assert.Null(FailureOf.Sending(new InvalidOperationException(), _clock, CancellationToken.None));
}
