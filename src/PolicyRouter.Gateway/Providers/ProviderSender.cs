using PolicyRouter.Gateway.Pipeline;
using PolicyRouter.Gateway.Providers.Adapters;
using PolicyRouter.Gateway.Wire;

namespace PolicyRouter.Gateway.Providers;

/// <summary>Sends an attempt in the wire of its endpoint.</summary>
internal sealed class ProviderSender(ProviderConnections connections, ProviderCredentials credentials, TimeProvider time)
{
    private readonly ProviderCall _call = new(time);

    /// <summary>Sends it once. Whether to try again, and where, is the caller's to decide and to record.</summary>
    /// <param name="most">How long a whole answer may take, if that is less than its endpoint's own total; null for no such bound. A stream has its first word's deadline.</param>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    /// <exception cref="InvalidOperationException">
    /// The wire does not carry the API: a bug, because <see cref="WireCompatibility"/> keeps such deployments out of every plan.
    /// </exception>
    public async Task<ProviderReply> SendAsync(OutboundRequest outbound, TimeSpan? most, CancellationToken cancellationToken)
    {
        var endpoint = outbound.Endpoint;
        var route = WireCompatibility.RouteOf(outbound.Api, endpoint, out var api) ?? throw new InvalidOperationException($"Wire {endpoint.Wire} does not carry this API.");
        var credential = await credentials.GetAsync(endpoint, cancellationToken);
        if (!credential.IsAvailable)
        {
            return new ProviderReply.Failed(new ProviderFailure(FailureKind.CredentialUnavailable));
        }

        // Translated again after redaction: a placeholder may have broken JSON that the caller carried in a string.
        var body = outbound.TakeBody();
        if (route.Translate is { } translate)
        {
            if (translate(body, out _) is not { } translated)
            {
                return new ProviderReply.Failed(new ProviderFailure(FailureKind.NotCarried));
            }

            body = translated;
        }

        using var request = ProviderRequests.Build(endpoint, api, credential, body, outbound.Betas, outbound.IsStreaming);
        var timeouts = most < endpoint.Timeouts.Total && !outbound.IsStreaming ? endpoint.Timeouts with { Total = most.Value } : endpoint.Timeouts;
        ExpectedAnswer expected = new(ProviderAdapter.For(endpoint.Wire), api, route.Format(time), outbound.IsStreaming);
        return await _call.RunAsync(connections.For(endpoint, outbound.Deployment), request, expected, timeouts, cancellationToken);
    }
}
