using PolicyRouter.Gateway.Pipeline;
using PolicyRouter.Gateway.Wire.Anthropic;

namespace PolicyRouter.Gateway.Providers;

/// <summary>The Anthropic Messages API. Requests and answers are translated; what cannot be is refused before anything is sent.</summary>
internal sealed class AnthropicAdapter(
    ProviderConnections connections, ProviderCredentials credentials, ProviderCall call, TimeProvider time) : IProviderAdapter
{
    private readonly AnthropicFormat _format = new(time);

    public async Task<ProviderReply> SendAsync(OutboundRequest outbound, CancellationToken cancellationToken)
    {
        var endpoint = outbound.Endpoint;
        var credential = await credentials.GetAsync(endpoint, cancellationToken);
        if (!credential.IsAvailable)
        {
            return new ProviderReply.Failed(new ProviderFailure(FailureKind.CredentialUnavailable));
        }

        // Translated again after redaction: a placeholder may have broken JSON that the caller carried in a string.
        if (AnthropicRequest.Translate(outbound.TakeBody(), out _) is not { } body)
        {
            return new ProviderReply.Failed(new ProviderFailure(FailureKind.NotCarried));
        }

        using var request = ProviderRequests.Build(endpoint, credential.Secret, body, outbound.IsStreaming);
        return await call.RunAsync(
            connections.For(endpoint, outbound.Deployment), request, _format, outbound.IsStreaming, endpoint.Timeouts, cancellationToken);
    }
}
