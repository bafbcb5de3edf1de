using System.Net.Sockets;
using System.Text.Json;
using PolicyRouter.Gateway.Wire.Sse;

namespace PolicyRouter.Gateway.Providers;

/// <summary>What an exception of the network means for an attempt. Exceptions of other origin are bugs and stay exceptions.</summary>
internal static class FailureOf
{
    /// <summary>An exception before the answer's headers; null when it is no failure of the provider.</summary>
    public static ProviderFailure? Sending(Exception error, AttemptClock clock, CancellationToken caller)
    {
        for (var cause = error; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case DestinationBlockedException:
                    return new ProviderFailure(FailureKind.DestinationBlocked);
                case ConnectTimeoutException:
                    return new ProviderFailure(FailureKind.ConnectTimeout);
                case TimeoutException when error is OperationCanceledException:
                    // How SocketsHttpHandler reports its ConnectTimeout, which also covers the TLS handshake.
                    return new ProviderFailure(FailureKind.ConnectTimeout);
            }
        }

        // SocketsHttpHandler lets a SocketException through when the peer resets a connection just as it is made.
        if (error is SocketException or HttpRequestException
            {
                HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
                    or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError,
            })
        {
            return new ProviderFailure(FailureKind.ConnectFailed);
        }

        return Reading(error, clock, caller);
    }

    /// <summary>An exception after that; null when it is no failure of the provider.</summary>
    public static ProviderFailure? Reading(Exception error, AttemptClock clock, CancellationToken caller) => error switch
    {
        OperationCanceledException when caller.IsCancellationRequested => null,
        OperationCanceledException when clock.Passed is { } kind => new ProviderFailure(kind),
        SseFormatException or JsonException or MalformedAnswerException => new ProviderFailure(FailureKind.Malformed),
        HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded } =>
            new ProviderFailure(FailureKind.Malformed),
        HttpIOException { HttpRequestError: HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded } =>
            new ProviderFailure(FailureKind.Malformed),
        HttpRequestException or IOException or SocketException => new ProviderFailure(FailureKind.Cut),
        _ => null,
    };
}

/// <summary>An answer is not what its wire format says. The message is a fixed text.</summary>
internal sealed class MalformedAnswerException(string message) : Exception(message);

/// <summary>A destination's name resolved to an address it may not have.</summary>
internal sealed class DestinationBlockedException() : Exception("The destination's address is not allowed.");

/// <summary>No connection within the endpoint's connect timeout.</summary>
internal sealed class ConnectTimeoutException() : Exception("No connection within the connect timeout.");
